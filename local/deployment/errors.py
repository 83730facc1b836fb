"""What can go wrong with a deployment, each with a stable code and what to do about it."""

from __future__ import annotations

from chalicelib.core.errors import InvalidInputError, PastdueError, RefusedError


class StageFileError(InvalidInputError):
    """A stage's file under `infra/stages` is not complete, or says what cannot be."""

    code = "invalid_stage_file"


class LintError(PastdueError):
    """cfn-lint found something in the template, be it a warning."""

    code = "template_lint"


class TooLargeError(PastdueError):
    """The package is larger than AWS takes."""

    code = "package_too_large"


class WrongAccountError(RefusedError):
    """The credentials belong to another AWS account than the stage's (R13.4)."""

    code = "wrong_account"


class StackStateError(RefusedError):
    """The stack is in a state in which it takes no deployment; the message says what to do."""

    code = "stack_state"


class DataAtRiskError(RefusedError):
    """The change set would replace or remove what holds data."""

    code = "data_at_risk"


class NotConfirmedError(RefusedError):
    """Nobody said yes; nothing was changed."""

    code = "not_confirmed"


class DeploymentError(PastdueError):
    """CloudFormation or AWS refused the deployment, or a resource failed; the message says why."""

    code = "deployment_failed"

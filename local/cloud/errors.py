"""What can go wrong with the local cloud, each with a stable code and what to do about it."""

from __future__ import annotations

from chalicelib.core.errors import InvalidInputError, PastdueError


class LocalCloudError(PastdueError):
    """The local cloud could not do what was asked."""

    code = "local_cloud"


class PortTakenError(LocalCloudError):
    """The port asked for is in use by another program."""

    code = "port_taken"


class FolderError(LocalCloudError):
    """The output folder cannot be made or written."""

    code = "folder_not_writable"


class EmulatorStartError(LocalCloudError):
    """The emulator did not come up; its log says why."""

    code = "emulator_not_started"


class EmulatorDiedError(LocalCloudError):
    """The emulator ended while it was needed; what it held is lost, its log says why."""

    code = "emulator_died"


class PackageError(LocalCloudError):
    """The app could not be packaged."""

    code = "package_failed"


class WrongPythonError(LocalCloudError, InvalidInputError):
    """Functions would run under another version of Python than packages for them."""

    code = "wrong_python"


class DeployError(LocalCloudError):
    """CloudFormation refused the packaged template."""

    code = "deploy_failed"


class FunctionError(LocalCloudError):
    """A function that was invoked failed; its log is in the emulator's log."""

    code = "function_failed"


class WorkerFailingError(LocalCloudError):
    """A worker keeps failing, or a queue gave up on a message; the message says which."""

    code = "worker_failing"


class NotQuietError(LocalCloudError):
    """The queues did not run empty in time; the message says what is left."""

    code = "not_quiet"

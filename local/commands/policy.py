"""`pastdue policy`: check a policy, say it in plain sentences, print the reference of its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from chalicelib.core.errors import Fault, PastdueError, PolicyError
from local.cli_errors import DONE, WRONG_INPUT
from local.cli_output import Output
from local.cli_policies import load_policy

if TYPE_CHECKING:
    from chalicelib.core.policy import Policy

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


@click.group("policy")
def command() -> None:
    """Check policies and read them.

    A policy is a TOML file; `standard`, `rapid`, `eom-twice-weekly`, `uk-statutory` and
    `eu-statutory` come with Pastdue and are named by their ids.
    """


@command.command("check")
@click.argument("names", nargs=-1, required=True, metavar="FILE|ID...")
@JSON
@click.pass_obj
def check(output: Output, *, names: tuple[str, ...], as_json: bool) -> int:
    """List everything that is wrong with policies, at once.

    Exit code 0 when nothing is, 2 when something is.
    """
    del as_json
    results: list[dict[str, Any]] = []
    for named in names:
        policy, faults = _checked(named)
        results.append(
            {
                "policy": named,
                "id": policy.id if policy else None,
                "version": policy.version if policy else None,
                "faults": [
                    {"where": fault.where, "code": fault.code, "detail": fault.detail}
                    for fault in faults
                ],
            }
        )
        if policy is not None:
            output.show(f'{named}: sound (id "{policy.id}", version {policy.version})')
        else:
            output.show(f"{named}: {len(faults)} fault(s)")
            output.show(*(f"  {fault}" for fault in faults))
    output.document({"policies": results})
    return WRONG_INPUT if any(result["faults"] for result in results) else DONE


def _checked(named: str) -> tuple[Policy | None, list[Fault]]:
    """Return the policy, or everything that is wrong with it."""
    try:
        return load_policy(named), []
    except PolicyError as error:
        faults = list(error.faults) or [Fault("", error.code, str(error))]
    except PastdueError as error:
        faults = [Fault("", error.code, str(error))]
    prefix = f"{named}: "
    return None, [
        Fault(fault.where.removeprefix(prefix), fault.code, fault.detail.removeprefix(prefix))
        for fault in faults
    ]


@command.command("explain")
@click.argument("named", metavar="FILE|ID")
@JSON
@click.pass_obj
def explain_policy(output: Output, *, named: str, as_json: bool) -> int:
    """Say what a policy does in plain sentences, each charge with a worked example."""
    del as_json
    from chalicelib.flows.policy_explain import explain  # noqa: PLC0415 - the others need it not

    policy = load_policy(named)
    parts = explain(policy)
    for part in parts:
        output.show(part.title, *(f"  {sentence}" for sentence in part.sentences), "")
    output.document(
        {
            "id": policy.id,
            "version": policy.version,
            "parts": [{"title": part.title, "sentences": list(part.sentences)} for part in parts],
        }
    )
    return DONE


@command.command("reference")
def reference_of_keys() -> int:
    """Print the reference of every key with type, default and rule, as Markdown."""
    from chalicelib.flows.policy_reference import reference  # noqa: PLC0415 - as above

    click.echo(reference(), nl=False)
    return DONE

"""`pastdue token`: tokens for the local stage, and the API keys of a stage that is running."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.api_keys import LIFE_MAX as KEY_LIFE_MAX
from chalicelib.flows.api_keys import SCOPES, ApiKey, ApiKeys
from chalicelib.flows.auth_grant import names_a_person
from chalicelib.flows.principal import ADMIN, APPROVER, ROLES, VIEWER
from local.cli_errors import DONE
from local.cli_output import Output
from local.cli_spans import SpanType

if TYPE_CHECKING:
    from local.ops.opened import OpenedStage
    from local.token_signer import Signer

TOKEN_LIFE_MAX = timedelta(days=7)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


@click.group("token")
def command() -> None:
    """Get a token for the API, or make a key for a system.

    `issue` signs a token that only a local stage of this folder takes. In AWS people bring tokens of
    the company's own identity provider, and systems may bring keys.
    """


@command.command("issue", epilog='curl -H "Authorization: Bearer $(pastdue token issue)" URL')
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role for role in ROLES if role != "agency"]),
    default=[VIEWER],
    show_default=True,
    help="What its holder may do; may be given more than once.",
)
@click.option("--name", default="local", show_default=True, help="Who its holder is.")
@click.option(
    "--expires-in",
    "life",
    type=SpanType(TOKEN_LIFE_MAX),
    default="8h",
    show_default=True,
    metavar="SPAN",
    help="How long it holds, such as 30m, 8h or 7d.",
)
@JSON
@click.pass_obj
def issue(
    output: Output, *, roles: tuple[str, ...], name: str, life: timedelta, as_json: bool
) -> int:
    """Print an access token for the local stage.

    A stage takes the tokens of the folder that it was started in; the key that signs them is made
    there once, and only its owner can read it.
    """
    if not names_a_person(name):
        fault = Fault("--name", "not_a_name", "must be 1 to 128 printable characters, no spaces")
        raise InvalidInputError("no token can be issued", [fault])
    now = datetime.now(UTC).replace(microsecond=0)
    token = _signer().issue(name, roles, now, life)
    if not as_json:
        click.echo(token)
    output.document(
        {
            "token": token,
            "name": name,
            "roles": sorted(set(roles)),
            "expires_at": _instant(now + life),
        }
    )
    return DONE


@command.group("key")
def key_group() -> None:
    """Make, list and revoke the keys of the stage that runs in this folder.

    For a stage in AWS: `pastdue ops --stage NAME keys`.
    """


@key_group.command("create")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.option("--owner", required=True, help="The person who answers for what is done with it.")
@click.option("--label", default="", help="What it is for, such as the system's name.")
@click.option("--agency", "agency_id", default="", metavar="ID", help="Of an agency's key: whose.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="Of an agency's key: what it may; may be given more than once.",
)
@click.option(
    "--expires-in",
    "life",
    type=SpanType(KEY_LIFE_MAX),
    default="90d",
    show_default=True,
    metavar="SPAN",
    help="How long it holds, such as 12h or 365d.",
)
@JSON
@click.pass_obj
def create(  # noqa: PLR0913 - one argument for each option
    output: Output,
    *,
    roles: tuple[str, ...],
    owner: str,
    label: str,
    agency_id: str,
    scopes: tuple[str, ...],
    life: timedelta,
    as_json: bool,
) -> int:
    """Make a key and print it, once: what is kept of it is a hash.

    Under `pastdue ops` none for approvers or admins: approvals are given by people, with tokens of
    the identity provider.
    """
    stage = _operated()
    if stage is not None:
        _refuse_approvers(roles)
    token, key = _keys().create(
        roles=roles,
        owner=owner,
        now=datetime.now(UTC).replace(microsecond=0) if stage is None else stage.now(),
        life=life,
        agency_id=agency_id,
        label=label,
        scopes=scopes,
    )
    if stage is not None:
        from local.ops.acts import log_act  # noqa: PLC0415 - AWS clients are slow to import

        log_act(stage, "key_created", key.id, roles=" ".join(key.roles))
    output.say(f"Key {key.id}, until {_instant(key.expires_at)}. It is not shown again.")
    if not as_json:
        click.echo(token)
    output.document({"token": token, **key_document(key)})
    return DONE


@key_group.command("list")
@JSON
@click.pass_obj
def list_keys(output: Output, *, as_json: bool) -> int:
    """List every key, the newest first, without their secrets."""
    del as_json
    from local.tables import table  # noqa: PLC0415 - tables are slow to import

    keys = _keys().all()
    columns = ("Key", "Ends in", "Status", "Roles", "Owner", "Until", "Label")
    rows = [
        (
            key.id,
            key.last_characters,
            key.status,
            " ".join(key.roles),
            key.owner,
            _instant(key.expires_at),
            key.label,
        )
        for key in keys
    ]
    output.show(table("API keys", columns, rows) if rows else "There are no keys.")
    output.document({"keys": [key_document(key) for key in keys]})
    return DONE


@key_group.command("revoke")
@click.argument("key_id", metavar="KEY")
@click.option("--by", required=True, help="Who revokes it.")
@JSON
@click.pass_obj
def revoke(output: Output, *, key_id: str, by: str, as_json: bool) -> int:
    """End a key for good. The API may take it for one more minute."""
    del as_json
    key = _keys().revoke(key_id, by=by, now=datetime.now(UTC).replace(microsecond=0))
    output.show(f"Key {key.id} is revoked.")
    output.document(key_document(key))
    return DONE


def _signer() -> Signer:
    from local.token_signer import open_signer  # noqa: PLC0415 - help needs no cryptography

    return open_signer()


def _operated() -> OpenedStage | None:
    """Return the stage that `pastdue ops` names, None for a command outside it."""
    from local.ops.opened import META, opened  # noqa: PLC0415 - AWS clients are slow

    ctx = click.get_current_context()
    return opened(ctx) if META in ctx.meta else None


def _refuse_approvers(roles: tuple[str, ...]) -> None:
    """Refuse keys by which one person could act as two (four eyes)."""
    detail = "approvals are given by people, with tokens of the identity provider; no key has it"
    faults = [
        Fault("--role", "people_only", f"{role}: {detail}")
        for role in roles
        if role in (APPROVER, ADMIN)
    ]
    if faults:
        raise InvalidInputError("the key cannot be made", faults)


def _keys() -> ApiKeys:
    operated = _operated()
    if operated is not None:
        return operated.ports.api_keys
    from chalicelib.store.keys_shelf import DynamoKeys  # noqa: PLC0415
    from local.cloud.machine import STAGE  # noqa: PLC0415
    from local.stage import open_stage, read_address  # noqa: PLC0415

    stage = open_stage(read_address())
    return ApiKeys(DynamoKeys(stage.table), STAGE, secrets.token_bytes)


def key_document(key: ApiKey) -> dict[str, Any]:
    """Return a key as a program reads it, without its secret."""
    return {
        "id": key.id,
        "last_characters": key.last_characters,
        "status": key.status,
        "roles": list(key.roles),
        "owner": key.owner,
        "agency_id": key.agency_id,
        "scopes": list(key.scopes),
        "label": key.label,
        "created_at": _instant(key.created_at),
        "expires_at": _instant(key.expires_at),
        "revoked_at": None if key.revoked_at is None else _instant(key.revoked_at),
        "revoked_by": key.revoked_by,
    }


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")

"""`pastdue ops keys` and `rotate-secret`: API keys, and the secret that signs cursors."""

from __future__ import annotations

import secrets
from datetime import timedelta

import click

from chalicelib.flows.api_keys import OVERLAP_MAX
from local.cli_errors import DONE
from local.cli_spans import SpanType
from local.commands.ops_status import JSON
from local.commands.token import create, key_document, list_keys
from local.ops.opened import opened

SECRET_BYTES = 32


@click.group("keys")
def keys() -> None:
    """Make, list, rotate and revoke the API keys of the stage."""


keys.add_command(create)
keys.add_command(list_keys)


@keys.command("rotate")
@click.argument("key_id", metavar="KEY")
@click.option(
    "--overlap",
    type=SpanType(OVERLAP_MAX),
    default="1d",
    show_default=True,
    metavar="SPAN",
    help="How long the old key goes on beside the new one.",
)
@JSON
@click.pass_context
def rotate(ctx: click.Context, *, key_id: str, overlap: timedelta, as_json: bool) -> int:
    """Make a key that follows another, and print it, once; the old one ends after the overlap.

    Its owner stays who it was; that you rotated it is in the log of operations.
    """
    from local.ops.acts import log_act  # noqa: PLC0415 - AWS clients are slow to import

    stage = opened(ctx)
    token, key = stage.ports.api_keys.rotate(key_id, now=stage.now(), overlap=overlap)
    log_act(stage, "key_rotated", key_id, followed_by=key.id)
    ctx.obj.say(f"Key {key.id} follows {key_id}. It is not shown again.")
    if not as_json:
        click.echo(token)
    ctx.obj.document({"token": token, **key_document(key)})
    return DONE


@keys.command("revoke")
@click.argument("key_id", metavar="KEY")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def revoke(ctx: click.Context, *, key_id: str, yes: bool, as_json: bool) -> int:
    """End a key for good. The API may take it for one more minute."""
    del as_json
    from local.ops.acts import log_act  # noqa: PLC0415 - AWS clients are slow to import

    stage = opened(ctx)
    if not yes:
        click.confirm(f"Revoke key {key_id} of {stage.name}? Whoever uses it stops.", abort=True)
    key = stage.ports.api_keys.revoke(key_id, by=stage.actor, now=stage.now())
    log_act(stage, "key_revoked", key.id)
    ctx.obj.show(f"Key {key.id} is revoked.")
    ctx.obj.document(key_document(key))
    return DONE


@click.command("rotate-secret")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def rotate_secret(ctx: click.Context, *, yes: bool, as_json: bool) -> int:
    """Make a new secret to sign the API's cursors with; one in flight keeps working.

    The secret before it is taken until the next rotation, so leave a day between two. The stage's
    encryption key is not rotated here: AWS does that every year by itself (EnableKeyRotation).
    """
    del as_json
    from chalicelib.store.secrets import rotate_secret as put_new  # noqa: PLC0415
    from local.ops.acts import log_act  # noqa: PLC0415

    stage = opened(ctx)
    if not yes:
        click.confirm(f"Rotate the secret of {stage.name}?", abort=True)
    client = stage.client("secretsmanager")
    version = put_new(client, stage.settings.secret_arn, secrets.token_hex(SECRET_BYTES))
    log_act(stage, "secret_rotated", version)
    ctx.obj.show(
        f"The secret of {stage.name} is rotated: version {version} signs within 5 minutes, and "
        "the one before it is taken until the next rotation."
    )
    ctx.obj.document({"stage": stage.name, "version_id": version})
    return DONE

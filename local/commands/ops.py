"""`pastdue ops`: what an operator does to a deployed stage. Each command has its own module."""

from __future__ import annotations

import importlib

import click

from local.ops.opened import META, Where

# Name of each command, its module under `local.commands`, its object there, and its line in the
# list of commands (kept here, so that the list needs no module).
COMMANDS = {
    "status": ("ops_status", "status", "Whether it sends, what waits, what has stopped."),
    "log": ("ops_log", "log", "What operators did: who, when, what."),
    "dead-letters": ("ops_dead_letters", "dead_letters", "Look at what a queue gave up on."),
    "replay": ("ops_dead_letters", "replay", "Put dead letters back into their queue."),
    "pause": ("ops_sending", "pause", "Stop runs and letters (the kill switch)."),
    "resume": ("ops_sending", "resume", "Let runs and letters go again."),
    "run": ("ops_run", "run", "Run a day again, or try it."),
    "keys": ("ops_keys", "keys", "Make, list, rotate and revoke API keys."),
    "export-account": ("ops_export", "export_account", "All about an account, as evidence."),
    "verify-export": ("ops_export", "verify_export", "Check such an archive, offline."),
    "erase-contact": ("ops_erase", "erase_contact", "Erase a person; the books stay."),
    "restore": ("ops_restore", "restore", "Bring the ledger back to an instant, from backup."),
    "rotate-secret": ("ops_keys", "rotate_secret", "Sign the API's cursors with a new secret."),
}


class OpsGroup(click.Group):
    """Loads a command's module when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which an operator meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"local.commands.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group("ops", cls=OpsGroup)
@click.option(
    "--stage",
    default="",
    metavar="NAME",
    help="Which stage, such as prod.  [default: the local one that runs in this folder]",
)
@click.option("--region", default="", metavar="NAME", help="The AWS region, if not your default.")
@click.option("--profile", default="", metavar="NAME", help="Your AWS profile, if not the default.")
@click.pass_context
def command(ctx: click.Context, *, stage: str, region: str, profile: str) -> None:
    """Look at a deployed stage, and operate it.

    A stage in AWS is opened with your own AWS credentials, and what you do is logged under your
    name there. A stage that runs on this machine (`pastdue serve`) needs none.
    """
    ctx.meta[META] = Where(stage, region, profile)

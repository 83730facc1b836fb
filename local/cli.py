"""`pastdue`: the command line. Commands are imported when they are asked for, so help is quick.

Exit codes (design, "The command line"): 0 done; 1 the command's work failed in part, and what
failed is listed; 2 the input or the arguments are wrong, every fault is listed, and nothing was
changed.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import click

from local.cli_output import Output

# Name of each command, its module under `local.commands`, and its line in the list of commands
# (kept here, so that the list needs no module).
COMMANDS = {
    "run": ("run", "The main job, once, on this machine: from a ledger to letters."),
    "serve": ("serve", "The same, left running: API and the page of what was sent."),
    "simulate": ("simulate", "What a policy would do with a ledger over a span of days."),
    "import": ("import_ledger", "Bring a ledger into a stage that is running."),
    "token": ("token", "Get a token for the API; make, list and revoke API keys."),
    "policy": ("policy", "Check a policy, or say it in plain sentences."),
    "letter": ("letter", "See letters of a policy, and check texts of your own."),
    "interest": ("interest", "What interest and compensation on a sum come to, with segments."),
    "agency-demo": ("agency_demo", "An account goes to a sandbox agency and comes back."),
    "ops": ("ops", "Look at a deployed stage, and operate it."),
    "bench": ("bench", "Measure speed and cost against baselines."),
}


class LazyGroup(click.Group):
    """The root: loads a command's module when it is named, and turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"local.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Run a command and end the process with its exit code.

        Every expected error is said in words, without a traceback; with `--json` it is the one
        document on standard output too.
        """
        given = list(sys.argv[1:] if args is None else args)
        output = Output(as_json="--json" in given)
        extra |= {"standalone_mode": False, "obj": output}
        try:
            code = super().main(given, *more, **extra)
        except Exception as error:  # only what is known is turned into words; the rest is raised
            from local.cli_errors import report  # noqa: PLC0415 - only a failure needs it

            code = report(error, output)
        except KeyboardInterrupt:
            output.say("Interrupted; what was started has been ended.")
            code = 1
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with `pastdue run`: it needs no AWS account, and ends by itself. "
    "`pastdue COMMAND --help` says more about each.",
)
@click.version_option(version("pastdue"), message="pastdue %(version)s")
def main() -> None:
    """Give every account with overdue invoices its right next step, every day, exactly once.

    Exit codes: 0 done; 1 a part of the work failed and is listed; 2 the input or the arguments are
    wrong, every fault is listed, and nothing was changed.
    """

"""`pastdue agency-demo`: an account goes to an agency and comes back, by the public API alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from local.cli_errors import DONE
from local.cli_ledger import PATH
from local.cli_output import Output
from local.commands.run import DEFAULT_OUT

TOKEN_LIFE = timedelta(hours=1)


@click.command("agency-demo", epilog="Example: pastdue agency-demo --json > agency-demo.json")
@click.option(
    "--out",
    type=PATH,
    default=DEFAULT_OUT,
    show_default=True,
    metavar="DIR",
    help="Where the local cloud's log is written.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Port of the local cloud.  [default: any free one]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def command(output: Output, *, out: Path, port: int | None, as_json: bool) -> int:
    """Place an account of the sample with an agency, and let it work, collect and remit.

    Starts a local cloud as `pastdue run` does, and runs the sample's days until the answer to its
    final demand is overdue. Then finance and a sandbox agency talk to the deployed API over HTTP,
    each with tokens of its own: a checklist, a proposal and its approval by a second person, a key;
    the feed, the dossier, an acceptance with the collection fee, a payment to the agency and one to
    the seller, a remittance that is confirmed, a reconciliation; a recall, after which the dossier
    answers 410. Shows what each side sees at every step.

    No letter leaves this machine, and nobody is called.
    """
    del as_json
    from local.agency_client import AgencyClient  # noqa: PLC0415 - AWS clients are slow to import
    from local.agency_demo import AgencyDemo, as_document  # noqa: PLC0415
    from local.agency_demo_days import demo_job, people  # noqa: PLC0415
    from local.agency_steps import Step  # noqa: PLC0415
    from local.day_runs import run_days  # noqa: PLC0415
    from local.http_json import Caller, over_http  # noqa: PLC0415
    from local.main_job import started_machine  # noqa: PLC0415
    from local.token_signer import open_signer  # noqa: PLC0415

    steps: list[Step] = []

    def tell(step: Step) -> None:
        steps.append(step)
        output.show(step.heading(), step.table())

    def begin(day: date) -> None:
        output.say(f"{day:%a %d %b %Y} ...")

    job = demo_job()
    with started_machine(output, job, out, port) as machine:
        run_days(machine, job.ledger, job.days, begin)
        machine.report(job.days[-1])
        send = over_http(machine.cloud.stack.api_url)
        now = datetime.now(UTC).replace(microsecond=0)
        signer = open_signer()

        def person(name: str, role: str) -> Caller:
            return Caller(send, signer.issue(name, [role], now, TOKEN_LIFE))

        demo = AgencyDemo(
            people(person), lambda key: AgencyClient(Caller(send, key)), machine.settle, tell
        )
        demo.play()
    output.document(as_document(steps))
    return DONE

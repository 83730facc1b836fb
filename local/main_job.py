"""The main job on one machine: a local cloud, a ledger in it, and days run on it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from chalicelib.core.errors import Fault, PolicyError
from chalicelib.core.policy import Policy
from chalicelib.flows import letterhead
from chalicelib.flows.ledger_read import Ledger
from chalicelib.flows.letter_parts import NoticeKind
from chalicelib.flows.policy_terms import one_policys
from chalicelib.store.agencies import DynamoAgencies
from local.cli_files import claimed
from local.cli_ledger import LedgerFiles, say_ledger
from local.cli_output import Output
from local.cli_policies import load_policy, policy_document
from local.cli_signals import terminable
from local.cloud.emulator import HOST
from local.cloud.errors import PortTakenError
from local.cloud.machine import LocalCloud, local_cloud
from local.cloud.package import package
from local.cloud_machine import CloudMachine, open_machine
from local.day_runs import DayDone, run_again, run_days
from local.outbox import outbox_entries
from local.run_report import Aging, RunReport, aging_of, notices_of
from local.sample import DAYS, FIRST_DAY, sample_files
from local.sample.letterhead import LETTERHEAD
from local.sandbox_agency import open_sandbox
from local.token_signer import open_signer

LOOK_S = 0.5  # between two looks at whether a cloud that is left up still lives


@dataclass(slots=True)
class Job:
    """What is to be run, read and checked. `seconds` is how long each step took."""

    ledger: Ledger
    policy: Policy
    document: bytes
    days: tuple[date, ...]
    is_sample: bool
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step takes."""
        started = time.monotonic()
        yield
        self.seconds[step] = time.monotonic() - started


def prepare(
    output: Output, files: LedgerFiles, policy_name: str, as_of: date | None, days: int | None
) -> Job:
    """Read and check everything that was named, before anything is started.

    Raises:
        InvalidInputError: every fault of the policy, or of a ledger that cannot be read.
        click.UsageError: options that do not go together.
    """
    is_sample = not any(files.named())
    if is_sample and files.map:
        raise click.UsageError("--map is for files of your own; name them with --invoices.")
    if not is_sample and not files.invoices:
        raise click.UsageError("--invoices is needed beside the other files of a ledger.")
    document = policy_document(policy_name)
    policy = load_policy(policy_name)
    _check_letters(policy_name, policy)
    ledger = (sample_files() if is_sample else files).read(one_policys(policy.terms))
    if is_sample:
        accounts = len(ledger.accounts)
        output.say(f"The shipped sample: {accounts} accounts (name your own with --invoices)")
    else:
        say_ledger(output, ledger)
    first = as_of or (FIRST_DAY if is_sample else datetime.now(UTC).astimezone().date())
    count = days or (DAYS if is_sample and as_of is None else 1)
    span = tuple(first + timedelta(days=number) for number in range(count))
    return Job(ledger, policy, document, span, is_sample)


def _check_letters(policy_name: str, policy: Policy) -> None:
    """Refuse a policy that asks for letters which nobody has written.

    Raises:
        PolicyError: every stage whose `notice` names none there is.
    """
    written = ", ".join(NoticeKind)
    faults = [
        Fault(
            f'{policy_name}: stage "{stage.id}": notice',
            "no_such_letter",
            f'there is no letter "{stage.notice}"; there are {written}',
        )
        for stage in policy.stages
        if stage.notice is not None and stage.notice not in set(NoticeKind)
    ]
    if faults:
        raise PolicyError(f"{policy_name}: {len(faults)} stage(s) ask for letters unknown", faults)


@contextmanager
def started_machine(
    output: Output, job: Job, out: Path, port: int | None, ledger_kind: str = "own"
) -> Iterator[CloudMachine]:
    """Run the packaged app, with the job's policy in force, while the context lasts.

    Raises:
        FolderInUseError, OutputFolderError: `out` is another command's, or cannot be written.
        LocalCloudError: it cannot be packaged or deployed, or ended in the middle.
    """
    with claimed(out):
        check_port(port)
        with _up(output, job, out, port, ledger_kind) as machine:
            yield machine


@contextmanager
def _up(
    output: Output, job: Job, out: Path, port: int | None, ledger_kind: str
) -> Iterator[CloudMachine]:
    with output.status("Packaging the app (a minute, the first time)"), job.timed("package"):
        packaged = package()
    output.say("Starting the local cloud and deploying the app ...")
    started = time.monotonic()
    issuers = open_signer().issuers()  # of the tokens of `pastdue token issue`
    parameters = {"OidcIssuers": issuers, "LedgerKind": ledger_kind}
    with terminable(), local_cloud(packaged, out, port, parameters) as cloud:
        machine = open_machine(cloud)
        registry = machine.stage.registry
        registry.put_policy(job.policy.id, job.document)
        registry.set_default_policy_id(job.policy.id)
        open_sandbox(DynamoAgencies(machine.stage.table), datetime.now(UTC))
        if job.is_sample:
            machine.stage.archive.put(letterhead.KEY, LETTERHEAD, "application/json")
        job.seconds["start and deploy"] = time.monotonic() - started
        yield machine


def check_port(port: int | None) -> None:
    """Say at once what the local cloud would say only after the app is packaged.

    Raises:
        PortTakenError: another program uses the port.
    """
    if port is None:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTakenError(
                f"port {port} is in use or not allowed; name another with --port, or leave it out"
            ) from error


def run_job(output: Output, job: Job, machine: CloudMachine) -> RunReport:
    """Run the job's days, the last one once more, and its report; return what they brought.

    Raises:
        RunError: a gate kept a day's run from starting.
        LocalCloudError: a function failed, work was left, or the emulator ended.
    """
    before: list[Aging] = []

    def look(day: date) -> None:
        if not before:
            before.append(aging_of(machine.stage.every_account(), job.policy, day))

    with job.timed("days"):
        done = run_days(
            machine, job.ledger, job.days, lambda day: output.say(f"{day:%a %d %b %Y} ..."), look
        )
    last = job.days[-1]
    output.say(f"{last:%a %d %b %Y} once more ...")
    with job.timed("the last day again"):
        again = run_again(machine, last)
    with job.timed("the last day's report"):
        machine.report(last)
    with job.timed("collect results"):
        return _report(job, machine, done, again, before[0])


def _report(
    job: Job, machine: CloudMachine, done: list[DayDone], again: DayDone, before: Aging
) -> RunReport:
    accounts = {account.id: account for account in machine.stage.every_account()}
    notices = notices_of(effect for day in done for effect in day.effects)
    return RunReport(
        policy=job.policy,
        days=done,
        again=again,
        before=before,
        after=aging_of(accounts.values(), job.policy, job.days[-1]),
        accounts=accounts,
        letters=outbox_entries(machine.stage.archive, accounts, notices),
        dead_letters=machine.cloud.dead_letters(),
        seconds=job.seconds,
    )


def wait_while_it_lives(cloud: LocalCloud, told: Callable[[], None] = lambda: None) -> None:
    """Wait until Ctrl-C, which ends quietly; `told` hears that it came.

    Raises:
        EmulatorDiedError: the emulator ended meanwhile.
    """
    try:
        while True:
            cloud.emulator.check()
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        told()

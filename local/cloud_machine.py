"""The local cloud as a machine that days can be run on (`local.day_runs`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.effects import Effect
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.import_ledger import ImportLedger, ImportResult
from chalicelib.flows.ledger_map import TermsOf
from chalicelib.flows.ledger_read import Ledger
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.policy_terms import PolicyTerms
from chalicelib.mail.tags import NOTICE_TAG, decode_tag
from chalicelib.store.records import DynamoRecords
from local.cloud.errors import WorkerFailingError
from local.cloud.failures import FailureWatch
from local.cloud.machine import LocalCloud
from local.day_runs import Counts, RunError
from local.full_import import FullImporter
from local.stage import Address, Stage, open_stage

SETTLE_TIMEOUT_S = 300.0
# One message for each shard of each day: on one machine one is enough, and quicker than 16.
SHARDS = 1
# Each worker more starts cold, and two cores are busy with one: seconds on each queue.
WORKERS = 1
NAMED_OTHERWISE = {"webhook": "webhooks"}  # functions whose queue has another name


def address_of(
    cloud: LocalCloud, outbox_url: str = "", process_id: int = 0, last_day: str = ""
) -> Address:
    """Return where a local cloud's stage can be reached from other processes."""
    return Address(
        emulator_url=cloud.emulator.url,
        table_name=cloud.stack.table_name,
        bucket_name=cloud.stack.bucket_name,
        api_url=cloud.stack.api_url,
        outbox_url=outbox_url,
        process_id=process_id,
        last_day=last_day,
        ledger_kind=cloud.stack.ledger_kind,
    )


def importer(stage: Stage) -> ImportLedger:
    """Return what imports ledgers into a stage."""
    policies = PolicyShelf(stage.registry)
    return ImportLedger(stage.accounts, stage.registry, policies, stage.address.ledger_kind)


def terms_of(stage: Stage, day: date) -> TermsOf:
    """Return what gives the terms of the accounts of a stage, as their policies say on a day."""
    return PolicyTerms(stage.accounts, PolicyShelf(stage.registry), day)


def full_importer(stage: Stage) -> FullImporter:
    """Return what takes statements of all that is open into a stage (R7.6)."""
    return FullImporter(
        stage.accounts,
        stage.registry,
        DynamoRecords(stage.table),
        stage.archive,
        stage.address.ledger_kind,
    )


@dataclass(frozen=True, slots=True)
class CloudMachine:
    """Runs days on a local cloud by invoking its deployed functions."""

    cloud: LocalCloud
    stage: Stage

    def begin_day(self, day: date) -> None:
        """Make it that day for the stage, and say that its ledger is complete until then."""
        self.stage.registry.beat(day - ONE_DAY)

    def book(self, facts: Ledger, on: date) -> ImportResult:
        """Import what the ledger's files say of the days through `on`."""
        return importer(self.stage).import_ledger(facts, on)

    def sweep(self, day: date) -> Counts:
        """Invoke the sweep for a day."""
        counts: Counts = self.cloud.invoke("sweep", {"run_on": day.isoformat()})
        return counts

    def approve(self, day: date) -> Counts:
        """Approve the day's waiting run with exactly its count, and start it."""
        state = self.stage.registry.run_state(day)
        if state is None or state.state != "waiting":
            raise RunError(f"the run of {day} does not wait for an approval")
        count = state.accounts_due
        self.stage.registry.put_run(
            replace(state, state="running", reason="", approved_count=count)
        )
        return self.sweep(day)

    def report(self, day: date) -> Counts:
        """Invoke the report, which keeps the snapshot that the API's aging is read from.

        A large ledger's is waited for: it is made in portions.
        """
        counts: Counts = self.cloud.invoke("report", {"run_on": day.isoformat()})
        if "report_portions_asked" in counts:
            self.settle()
        return counts

    def settle(self) -> float:
        """Wait until queues, post office and outbox are empty; return seconds.

        Raises:
            WorkerFailingError: a worker keeps failing, or a queue gave up on a message.
            NotQuietError, EmulatorDiedError: as `LocalCloud.wait_until_quiet`.
        """
        watch = FailureWatch(self.cloud.emulator.log)

        def left() -> int:
            watch.check()
            return self._undelivered()

        seconds = self.cloud.wait_until_quiet(SETTLE_TIMEOUT_S, left)
        if dead := self.cloud.dead_letters():
            first = dead[0]
            raise WorkerFailingError(
                f"queues gave up on {len(dead)} message(s), the first in {first.queue}: "
                f"{first.body}; see {self.cloud.emulator.log}"
            )
        return seconds

    def effects(self, first_day: date, last_day: date) -> list[Effect]:
        """Return what happened on some days, from the accounts' logs."""
        return self.stage.effects(first_day, last_day)

    def letters_sent(self) -> int:
        """Return how many letters to customers SES took so far, news for customer service not."""
        tags = (letter.tags.get(NOTICE_TAG) for letter in self.cloud.letters())
        return sum(not tag or account_of_news(decode_tag(tag)) is None for tag in tags)

    def _undelivered(self) -> int:
        later = datetime.now(UTC) + timedelta(days=1)
        return sum(1 for _ in self.stage.accounts.outbox_before(later))


def open_machine(cloud: LocalCloud) -> CloudMachine:
    """Return a local cloud, which nothing was imported into yet, as a machine for days."""
    functions = cloud.client("lambda")
    for queue in cloud.stack.queue_urls:  # each is worked by the function of its name
        name = cloud.stack.functions[NAMED_OTHERWISE.get(queue, queue)]
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=WORKERS)
    return CloudMachine(cloud, open_stage(address_of(cloud), new_shards=SHARDS))

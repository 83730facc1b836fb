"""The use cases over fakes: one machine, with accounts that a story starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.core.account import Account, AccountDetails, Notice
from chalicelib.core.apply import apply_all
from chalicelib.core.facts import Fact, InvoiceIssued
from chalicelib.flows.agency_offers import takes_offers
from chalicelib.flows.deliver import Deliver
from chalicelib.flows.departures import Departures
from chalicelib.flows.kept_letters import KeptLetters
from chalicelib.flows.letter_parts import Collector, PaymentInstruction, Seller
from chalicelib.flows.letter_text_shelf import TextShelf
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.mail_events import MailEvents
from chalicelib.flows.notice_endings import Endings
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.pace import Pacing, Unpaced
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Change, RunState
from chalicelib.flows.reconcile import Reconcile
from chalicelib.flows.restored import fence_before, open_lost_day
from chalicelib.flows.sending_times import SendingTimes
from chalicelib.flows.sweep import Sweep
from chalicelib.flows.tell_news import TellNews
from chalicelib.flows.work import Work
from chalicelib.mail.own_letters import OwnLetters
from tests.fakes_agency import MemoryAgencies, MemoryAgencyQueue
from tests.fakes_export import MemoryExportFeed
from tests.fakes_keys import MemoryKeys
from tests.fakes_mail import FakeMailer
from tests.fakes_registry import MemoryJobQueue, MemoryRecords
from tests.fakes_report import MemoryReportQueue
from tests.fakes_store import (
    MemoryAccounts,
    MemoryArchive,
    MemoryQueues,
    MemoryRegistry,
)
from tests.fakes_webhooks import FakeReceiver, FakeResolver, MemoryDeliveries, MemoryWebhookQueue

TODAY = date(2024, 3, 18)  # a Monday
FRIDAY = date(2024, 3, 15)
LETTERHEAD = Letterhead(
    seller=Seller(name="Harbor & Pine Supply Co."),
    address="billing@seller.example",
    payment=(PaymentInstruction(label="Account number", value="0045 7711 02"),),
    people={"junior": Collector(name="Dana Reyes", email="dana.reyes@seller.example")},
)
NOW = datetime(2024, 3, 18, 5, 0, tzinfo=UTC)


@dataclass
class FixedClock:
    """The present, as a story says it is."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@dataclass
class Machine:
    """Fakes behind every port, and the use cases over them."""

    accounts: MemoryAccounts = field(default_factory=lambda: MemoryAccounts(shard_count=4))
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    archive: MemoryArchive = field(default_factory=MemoryArchive)
    job_queue: MemoryJobQueue = field(default_factory=MemoryJobQueue)
    report_queue: MemoryReportQueue = field(default_factory=MemoryReportQueue)
    deliveries: MemoryDeliveries = field(default_factory=MemoryDeliveries)
    webhook_queue: MemoryWebhookQueue = field(default_factory=MemoryWebhookQueue)
    resolver: FakeResolver = field(default_factory=FakeResolver)
    receiver: FakeReceiver = field(default_factory=FakeReceiver)
    clock: FixedClock = field(default_factory=FixedClock)
    mailer: FakeMailer = field(default_factory=FakeMailer)
    times: SendingTimes = field(default_factory=SendingTimes)
    pace: Pacing = field(default_factory=Unpaced)
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    agency_queue: MemoryAgencyQueue = field(default_factory=MemoryAgencyQueue)

    def __post_init__(self) -> None:
        self.records: MemoryRecords = self.registry.records
        self.failed_texts: list[tuple[str, str]] = []
        for policy_id in ("standard", "rapid"):
            self.registry.put_policy(policy_id, shipped_document(policy_id))
        self.registry.beat(FRIDAY)
        self.export_feed = MemoryExportFeed(self.accounts)
        self.agencies = MemoryAgencies(self.accounts)
        self.accounts.handed = self.agency_queue.send_agency
        self.policies = PolicyShelf(self.registry)
        lost_day = partial(open_lost_day, self.records)
        self.sweep = Sweep(self.accounts, self.registry, self.queues, self.policies, lost_day)
        self.bookings = Bookings(self.accounts, self.policies, lambda at: at.date())
        self.deliver = Deliver(
            Endings(self.bookings, KeptLetters(self.archive), self.clock),
            Departures(
                self.bookings, self.registry, self.queues, self.clock, self.times, self.pace
            ),
            self.queues,
            self.mailer,
            OwnLetters(
                TextShelf(self.records, lambda: self.clock.now().timestamp()),
                lambda text, code: self.failed_texts.append((text, code)),
            ),
            lambda: LETTERHEAD,
            "billing@seller.example",
            fence=partial(fence_before, self.records),
        )
        self.tell_news = TellNews(
            self.bookings,
            self.registry,
            self.mailer,
            self.clock,
            "billing@seller.example",
            self.pace,
        )
        self.mail_events = MailEvents(self.bookings)
        self.reconcile = Reconcile(self.bookings, self.registry, self.queues)
        self.work = Work(
            self.accounts,
            self.registry,
            self.queues,
            self.policies,
            self.clock,
            self.times,
            takes_offers(self.agencies),
        )

    def take_in(self, account_id: str, *facts: Fact, wake_on: date = TODAY, **details: Any) -> None:
        """Book facts on an account, which is then due from `wake_on`."""
        loaded = self.accounts.load(account_id, facts)
        account = loaded.account
        if loaded.version == 0:
            known = {"name": f"Customer {account_id}", "email": "ap@customer.example"}
            account = Account(account_id, AccountDetails(**(known | details)))
        booked = apply_all(account, facts, self.policies.of(account.details))
        self.accounts.commit(
            Change(loaded, booked.account, wake_on, booked.entries, booked.effects)
        )

    def let_run(self, run_on: date = TODAY) -> None:
        """Let the run of a day go, as the sweep does after its gates."""
        self.registry.put_run(RunState(run_on, "running", 1))

    def decide(self, account_id: str, run_on: date = TODAY) -> dict[str, int]:
        """Let the day's run go and decide one account."""
        self.let_run(run_on)
        return dict(self.work.decide_account(run_on, account_id))

    def notice(self, notice_id: str) -> Notice:
        """Return a live notice."""
        account_id = notice_id.partition(":")[0]
        return self.account(account_id).notices[notice_id]

    def tasks(self, account_id: str) -> set[str]:
        """Return the ids of an account's open tasks."""
        return set(self.account(account_id).tasks)

    def account(self, account_id: str) -> Account:
        """Return an account as it now stands, closed invoices included."""
        return self.accounts.kept[account_id].account

    def shard_of(self, account_id: str) -> int:
        return self.accounts.shard_of(account_id)


def invoice(
    invoice_id: str, days_past_due: int, amount_minor: int = 100_000, **changes: Any
) -> InvoiceIssued:
    """An invoice on net 30 terms, taken in on its issue, that is now so many days late."""
    due_on = TODAY - timedelta(days=days_past_due)
    issued_on = due_on - timedelta(days=30)
    values: dict[str, Any] = {
        "on": issued_on, "invoice_id": invoice_id, "currency": "USD", "amount_minor": amount_minor,
        "open_minor": amount_minor, "issued_on": issued_on, "due_on": due_on,
        "seen_on": issued_on, "delivered_on": issued_on,
    }  # fmt: skip
    return InvoiceIssued(**(values | changes))


NOTICE = "A1:USD:2024-03-18"


def with_notice(machine: Machine | None = None, **details: Any) -> Machine:
    """A reminder for one invoice of 1,000.00, 15 days past due, waits to be sent."""
    machine = machine or Machine()
    machine.take_in("A1", invoice("I1", 15), **details)
    machine.decide("A1")
    return machine

"""The working copy of one account while facts are booked or a decision is taken.

Values go in and values come out; in between, the rules change this copy in place. What is not
written stays shared with the value it came from.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from chalicelib.core.account import (
    Account,
    AccountDetails,
    Case,
    ContactPerson,
    Hold,
    Mark,
    Money,
    Notice,
    NoticeDates,
    PausedSpan,
    Settlement,
    Task,
)
from chalicelib.core.agreements import Plan, Promise
from chalicelib.core.disputes import Dispute
from chalicelib.core.effects import Effect, Entry, TaskEnded, TaskMade
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.money import add
from chalicelib.core.placements import Placement

# R8.1 looks at no more than the last 50 settled invoices; a few more survive a bounced payment.
SETTLEMENTS_MAX = 100


class Book:
    """A mutable copy of an account, with the effects and entries that were made on it."""

    __slots__ = (
        "_account",
        "_own_closed",
        "_own_disputes",
        "_own_invoices",
        "_own_money",
        "_paid_on",
        "calls_wanted",
        "case",
        "case_opened_on",
        "cases_opened",
        "closed",
        "collector_known",
        "contact_people",
        "contacts",
        "credit_news",
        "credit_told",
        "details",
        "dispute_outcomes",
        "disputes",
        "disputes_moved",
        "effects",
        "entries",
        "first_decided_on",
        "hold_reviews",
        "holds",
        "interest_rests",
        "invoices",
        "last_decided_on",
        "marks",
        "money",
        "notice_counts",
        "notice_dates",
        "notices",
        "opened_tasks",
        "overruled_holds",
        "past_notices",
        "past_promises",
        "pauses",
        "placements",
        "plans",
        "policy_version",
        "promises",
        "release_requests",
        "risk_score",
        "settlements",
        "statement_on",
        "tasks",
        "thanks",
        "totals",
        "unapplied",
        "unreached_calls",
        "voided_charges",
    )

    def __init__(self, account: Account) -> None:
        self._account = account
        self._own_invoices = self._own_closed = self._own_money = self._own_disputes = False
        self.details: AccountDetails = account.details
        self.contact_people: dict[str, ContactPerson] = account.contact_people  # never in place
        self.release_requests = account.release_requests  # never in place
        self.credit_news = account.credit_news  # never in place
        self.invoices: dict[str, Invoice] = account.invoices  # copied on the first write
        self.closed: dict[str, Invoice] = account.closed  # copied on the first write
        self.money: dict[str, Money] = account.money  # copied on the first write
        # What each payment paid on each charge; None: somebody has to look again.
        self._paid_on: dict[str, dict[str, int]] | None = None
        self.unapplied: dict[str, int] = dict(account.unapplied)
        self.pauses: tuple[PausedSpan, ...] = account.pauses
        self.promises: tuple[Promise, ...] = account.promises
        self.marks: tuple[Mark, ...] = account.marks
        self.holds: dict[str, Hold] = dict(account.holds)
        self.hold_reviews = account.hold_reviews
        self.overruled_holds = account.overruled_holds
        self.settlements: tuple[Settlement, ...] = account.settlements
        self.notices: dict[str, Notice] = dict(account.notices)
        self.past_notices: dict[str, Notice] = account.past_notices  # replaced, never in place
        self.notice_dates: dict[str, NoticeDates] = dict(account.notice_dates)
        self.contacts: tuple[date, ...] = account.contacts
        self.tasks: dict[str, Task] = dict(account.tasks)
        self.policy_version = account.policy_version
        self.first_decided_on = account.first_decided_on
        self.last_decided_on = account.last_decided_on
        self.voided_charges: dict[str, int] = dict(account.voided_charges)
        self.notice_counts = account.notice_counts  # replaced, never changed in place
        self.dispute_outcomes: dict[str, int] = dict(account.dispute_outcomes)
        self.past_promises = account.past_promises  # replaced, never changed in place
        self.plans: dict[str, Plan] = account.plans  # replaced, never changed in place
        self.disputes: dict[str, Dispute] = account.disputes  # copied on the first write
        # Invoices of which what is disputed came to nothing or came back, and what did it.
        self.disputes_moved: dict[str, str] = {}
        self.case: Case | None = account.case
        self.cases_opened = account.cases_opened
        self.case_opened_on = account.case_opened_on
        self.unreached_calls = account.unreached_calls
        self.risk_score = account.risk_score
        self.interest_rests = account.interest_rests  # replaced, never changed in place
        self.statement_on = account.statement_on
        self.credit_told = account.credit_told
        self.thanks = account.thanks
        self.placements: dict[str, Placement] = account.placements  # replaced, never in place
        self.totals: dict[str, dict[str, int]] | None = None  # copied on the first entry
        # Who the tiers say collects on a day, as long as no invoice changes.
        self.collector_known: tuple[date, str] | None = None
        self.effects: list[Effect] = []
        self.entries: list[Entry] = []
        self.opened_tasks: list[Task] = []
        self.calls_wanted: list[str] = []  # why a call falls due at once today, one per reason

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self._account.id

    @property
    def account(self) -> Account:
        """The value this copy was made from."""
        return self._account

    def freeze(self) -> Account:
        """Return the account as it now stands."""
        return Account(
            id=self._account.id,
            details=self.details,
            invoices=self.invoices,
            closed=self.closed,
            money=self.money,
            unapplied=self.unapplied,
            pauses=self.pauses,
            promises=self.promises,
            marks=self.marks,
            holds=self.holds,
            hold_reviews=self.hold_reviews,
            overruled_holds=self.overruled_holds,
            settlements=self.settlements,
            notices=self.notices,
            past_notices=self.past_notices,
            notice_dates=self.notice_dates,
            contacts=self.contacts,
            tasks=self.tasks,
            policy_version=self.policy_version,
            first_decided_on=self.first_decided_on,
            last_decided_on=self.last_decided_on,
            totals=self._account.totals if self.totals is None else self.totals,
            voided_charges=self.voided_charges,
            notice_counts=self.notice_counts,
            dispute_outcomes=self.dispute_outcomes,
            past_promises=self.past_promises,
            contact_people=self.contact_people,
            release_requests=self.release_requests,
            credit_news=self.credit_news,
            plans=self.plans,
            disputes=self.disputes,
            case=self.case,
            cases_opened=self.cases_opened,
            case_opened_on=self.case_opened_on,
            unreached_calls=self.unreached_calls,
            risk_score=self.risk_score,
            interest_rests=self.interest_rests,
            statement_on=self.statement_on,
            credit_told=self.credit_told,
            thanks=self.thanks,
            placements=self.placements,
        )

    def find(self, invoice_id: str) -> Invoice | None:
        """Return an invoice, live or closed, or None when it is not there."""
        return self.invoices.get(invoice_id) or self.closed.get(invoice_id)

    def is_in_plan(self, invoice_id: str) -> bool:
        """Whether an active payment plan covers an invoice (R9.3)."""
        return any(
            plan.is_active and invoice_id in plan.invoice_ids for plan in self.plans.values()
        )

    def put(self, invoice: Invoice) -> Invoice:
        """Store an invoice in its place: live while anything is open, else closed. Return it."""
        self.collector_known = None
        if not self._own_invoices:
            self.invoices, self._own_invoices = dict(self.invoices), True
        if invoice.is_settled:
            self._own_the_closed()
            self.invoices.pop(invoice.id, None)
            self.closed[invoice.id] = invoice
        else:
            if invoice.id in self.closed:
                self._own_the_closed()
                del self.closed[invoice.id]
            self.invoices[invoice.id] = invoice
        return invoice

    def put_charge(self, invoice: Invoice, charge: Charge) -> Invoice:
        """Store one charge of an invoice, new or changed. Return the invoice as it now stands."""
        charges = tuple(charge if old.id == charge.id else old for old in invoice.charges)
        if charge not in charges:
            charges = (*charges, charge)
        return self.put(invoice.having(charges=charges))

    def put_money(self, money: Money) -> None:
        """Store a payment or credit note and move the account's unapplied total with it (R7.2)."""
        if not self._own_money:
            self.money, self._own_money = dict(self.money), True
        self._paid_on = None
        before = self.money.get(money.key)
        moved = money.unapplied_minor - (before.unapplied_minor if before else 0)
        self.money[money.key] = money
        if moved:
            add(self.unapplied, money.currency, moved)

    def paid_on(self, charge_id: str) -> Mapping[str, int]:
        """Return what was paid on a charge and stayed, by the key of the money, in minor units.

        All money is looked through once, whatever number of charges is asked for.
        """
        if self._paid_on is None:
            self._paid_on = {}
            for key, money in self.money.items():
                for part in money.allocations:
                    if part.charge_id is not None:
                        add(self._paid_on.setdefault(part.charge_id, {}), key, part.amount_minor)
        return self._paid_on.get(charge_id, {})

    def enter(self, entry: Entry) -> None:
        """Write one line of the ledger and its running total (R7.5)."""
        if self.totals is None:
            self.totals = {cur: dict(kinds) for cur, kinds in self._account.totals.items()}
        self.entries.append(entry)
        add(self.totals.setdefault(entry.currency, {}), entry.kind, entry.amount_minor)

    def open_task(self, task: Task, on: date) -> None:
        """Open a task on a day unless one of the same meaning is open."""
        if task.id in self.tasks:
            return
        opened = replace(task, opened_on=on)
        self.tasks[task.id] = opened
        self.opened_tasks.append(opened)
        self.effects.append(
            TaskMade(on, self.account_id, task.id, task.kind, task.due_on, task.assignee, task.part)
        )

    def close_task(self, task_id: str, on: date, because: str) -> None:
        """Close a task for a reason; one that is not open changes nothing."""
        task = self.tasks.pop(task_id, None)
        if task is not None:
            self.effects.append(TaskEnded(on, self.account_id, task_id, task.kind, because))

    def put_plan(self, plan: Plan) -> None:
        """Store a payment plan in its place."""
        self.plans = {**self.plans, plan.id: plan}

    def put_placement(self, placement: Placement) -> None:
        """Store a placement in its place."""
        self.placements = {**self.placements, placement.id: placement}

    def put_dispute(self, dispute: Dispute) -> None:
        """Store a dispute in its place."""
        if not self._own_disputes:
            self.disputes, self._own_disputes = dict(self.disputes), True
        self.disputes[dispute.id] = dispute

    def end_notice(self, notice: Notice, state: str) -> None:
        """Take a notice out of live state, as `counted`, `posted` or `cancelled` (R11.3)."""
        self.notices.pop(notice.id, None)
        self.put_past_notice(replace(notice, state=state, lease_until=None))
        self.count_notice(notice.notice, "cancelled" if state == "cancelled" else "counted")

    def put_past_notice(self, notice: Notice) -> None:
        """Store a notice that counts as sent or was cancelled."""
        self.past_notices = {**self.past_notices, notice.id: notice}

    def revive_notice(self, notice: Notice) -> None:
        """Put a notice that counted back into live state: it came back after all (R11.4)."""
        self.past_notices = {k: v for k, v in self.past_notices.items() if k != notice.id}
        self.notices[notice.id] = notice
        self.count_notice(notice.notice, "counted", -1)

    def count_notice(self, kind: str, what: str, by: int = 1) -> None:
        """Count a notice of a kind that was "created", "counted" as sent, or "cancelled" (R11.3)."""
        counts = self.notice_counts.get(kind, {})
        counts = {**counts, what: counts.get(what, 0) + by}
        counts = {name: count for name, count in counts.items() if count}
        self.notice_counts = {**self.notice_counts, kind: counts}

    def count_dispute(self, outcome: str, by: int = 1) -> None:
        """Count a dispute that was resolved: "won", "lost" or "partly" won by the customer (R12.1)."""
        self.dispute_outcomes[outcome] = self.dispute_outcomes.get(outcome, 0) + by

    def settle(self, settlement: Settlement) -> None:
        """Remember how an invoice was closed (R8.1 `late_of_last`)."""
        kept = [s for s in self.settlements if s.invoice_id != settlement.invoice_id]
        insort(kept, settlement, key=settlement_order)
        self.settlements = tuple(kept[-SETTLEMENTS_MAX:])

    def move_due_date(self, invoice: Invoice) -> None:
        """Store an invoice whose effective due date moved; one that is settled moves there too."""
        self.put(invoice)
        for settlement in self.settlements:
            if settlement.invoice_id == invoice.id:
                self.settle(replace(settlement, due_on=invoice.effective_due_on))

    def unsettle(self, invoice_id: str) -> None:
        """Forget a settlement: the invoice is open again (R7.4)."""
        self.settlements = tuple(s for s in self.settlements if s.invoice_id != invoice_id)

    def _own_the_closed(self) -> None:
        if not self._own_closed:
            self.closed, self._own_closed = dict(self.closed), True


def settlement_order(settlement: Settlement) -> tuple[date, date, str]:
    """Return the order of R8.1: value date of the last entry, effective due date, id."""
    return (settlement.value_on, settlement.due_on, settlement.invoice_id)

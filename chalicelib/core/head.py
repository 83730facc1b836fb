"""The head of an account: what one read tells, and from which any later day's figures follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from chalicelib.core.account import (
    Account,
    AccountDetails,
    Case,
    CreditTold,
    Hold,
    NoticeDates,
    Thanks,
)
from chalicelib.core.holds import credit_status
from chalicelib.core.money import add

RUNGS_MAX = 100

Rung = tuple[date, int]  # an effective due date, and the open principal that fell due on it
Promised = tuple[date, str, int]  # by when, the currency, and how much


@dataclass(frozen=True, slots=True)
class Head:
    """What the head item holds beside the version. Amounts in minor units, per currency.

    From `ladder` and `open_charges` the past-due totals and the oldest age of any later day follow
    without reading invoices (R3.2, R8.7).
    """

    details: AccountDetails = field(default_factory=AccountDetails)
    wake_on: date | None = None
    unapplied: dict[str, int] = field(default_factory=dict)
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    voided_charges: dict[str, int] = field(default_factory=dict)
    notice_counts: dict[str, dict[str, int]] = field(default_factory=dict)
    dispute_outcomes: dict[str, int] = field(default_factory=dict)
    past_promises: dict[str, dict[str, int]] = field(default_factory=dict)
    notice_dates: dict[str, NoticeDates] = field(default_factory=dict)
    contacts: tuple[date, ...] = ()
    hold_reviews: frozenset[str] = frozenset()
    overruled_holds: frozenset[str] = frozenset()
    policy_version: str = ""
    first_decided_on: date | None = None
    last_decided_on: date | None = None
    credit_status: str = "open"
    holds: tuple[Hold, ...] = ()  # in order of their reasons; they lie beside the head as well
    open_invoices: int = 0
    open_charges: dict[str, int] = field(default_factory=dict)
    ladder: dict[str, tuple[Rung, ...]] = field(default_factory=dict)
    case: Case | None = None
    cases_opened: int = 0
    case_opened_on: date | None = None
    unreached_calls: int = 0
    risk_score: int | None = None
    broken_promises: int = 0  # since ever (R6.6)
    next_promise: Promised | None = None  # of those in force the first to fall due
    credit_told: CreditTold | None = None
    thanks: Thanks | None = None

    def past_due(self, on: date) -> dict[str, int]:
        """Return the past-due totals of a day: open principal past due plus open charges (R3.2)."""
        totals = self.past_due_principal(on)
        for currency, amount in self.open_charges.items():
            add(totals, currency, amount)
        return totals

    def past_due_principal(self, on: date) -> dict[str, int]:
        """Return the open principal that is past due on a day, per currency, without charges."""
        totals: dict[str, int] = {}
        for currency, rungs in self.ladder.items():
            for due_on, amount in rungs:
                if due_on < on:
                    add(totals, currency, amount)
        return totals

    def oldest_days_past_due(self, on: date) -> int:
        """Return the days past due of the oldest open principal, 0 when nothing is past due."""
        firsts = [rungs[0][0] for rungs in self.ladder.values() if rungs]
        return max(0, (on - min(firsts)).days) if firsts else 0


def head_of(account: Account, wake_on: date | None) -> Head:
    """Return the head of an account as it stands."""
    charges: dict[str, int] = {}
    for invoice in account.invoices.values():
        if invoice.open_charges_minor:
            add(charges, invoice.currency, invoice.open_charges_minor)
    return Head(
        details=account.details,
        wake_on=wake_on,
        unapplied=account.unapplied,
        totals=account.totals,
        voided_charges=account.voided_charges,
        notice_counts=account.notice_counts,
        dispute_outcomes=account.dispute_outcomes,
        past_promises=account.past_promises,
        notice_dates=account.notice_dates,
        contacts=account.contacts,
        hold_reviews=account.hold_reviews,
        overruled_holds=account.overruled_holds,
        policy_version=account.policy_version,
        first_decided_on=account.first_decided_on,
        last_decided_on=account.last_decided_on,
        credit_status=credit_status(account),
        holds=tuple(hold for _, hold in sorted(account.holds.items())),
        open_invoices=len(account.invoices),
        open_charges=charges,
        ladder=ladder_of(account),
        case=account.case,
        cases_opened=account.cases_opened,
        case_opened_on=account.case_opened_on,
        unreached_calls=account.unreached_calls,
        risk_score=account.risk_score,
        broken_promises=_broken_promises(account),
        next_promise=_next_promise(account),
        credit_told=account.credit_told,
        thanks=account.thanks,
    )


def _broken_promises(account: Account) -> int:
    """Return how many promises were broken, those that are no longer kept included."""
    past = sum(counts.get("broken", 0) for counts in account.past_promises.values())
    return past + sum(promise.broken_on is not None for promise in account.promises)


def _next_promise(account: Account) -> Promised | None:
    """Return the promise that is neither over nor waiting for approval and falls due first."""
    waiting = [
        (promise.by, promise.currency, promise.amount_minor)
        for promise in account.promises
        if promise.kept_on is None
        and promise.broken_on is None
        and promise.withdrawn_on is None
        and not promise.needs_approval
    ]
    return min(waiting, default=None)


def ladder_of(account: Account) -> dict[str, tuple[Rung, ...]]:
    """Return the open principal by effective due date and currency, oldest first.

    At most 100 rungs each. If there are more dates, what was past due when the account was last
    decided lies under its oldest date: it is past due on every later day too. Of the later dates
    the next 98 are kept as they are, and the rest lies under the first of it. So every look-up
    until 98 due dates have passed is exact; an account is decided again long before.
    """
    by_day: dict[str, dict[date, int]] = {}
    for invoice in account.invoices.values():
        if invoice.open_minor:
            days = by_day.setdefault(invoice.currency, {})
            days[invoice.effective_due_on] = (
                days.get(invoice.effective_due_on, 0) + invoice.open_minor
            )
    known = _last_known_day(account)
    return {currency: _rungs(days, known) for currency, days in sorted(by_day.items())}


def _last_known_day(account: Account) -> date:
    """Return a day that no look-up lies before: of the last decision, or the last invoice seen."""
    seen = (invoice.seen_on for invoice in account.invoices.values())
    return (
        max(seen, default=date.min) if account.last_decided_on is None else account.last_decided_on
    )


def _rungs(days: dict[date, int], known: date) -> tuple[Rung, ...]:
    rungs = sorted(days.items())
    if len(rungs) > RUNGS_MAX:
        late = [rung for rung in rungs if rung[0] < known]
        rungs = [*_as_one(late), *rungs[len(late) :]]
    if len(rungs) > RUNGS_MAX:
        rungs = [*rungs[: RUNGS_MAX - 1], *_as_one(rungs[RUNGS_MAX - 1 :])]
    return tuple(rungs)


def _as_one(rungs: list[Rung]) -> list[Rung]:
    return [(rungs[0][0], sum(amount for _, amount in rungs))] if rungs else []

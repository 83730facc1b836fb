"""Simulation: the decision code over a ledger and a span of days, changing nothing (R13.2).

Accounts do not touch each other, so each is run through all its days alone; only days with facts,
days of the wake list and days of statements are decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.aging import AgingRow, age_account
from chalicelib.core.apply import apply_all
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.decide import decide, next_look
from chalicelib.core.effects import DUNNING_KINDS, Effect
from chalicelib.core.facts import Fact, InvoiceIssued, NoticeCounted, day_order
from chalicelib.core.policy import Policy
from chalicelib.core.statements import STATEMENT

SPAN_DAYS_MAX = 3_660


@dataclass(slots=True)
class Simulation:
    """What a policy would have done: effects in file order, aging at the end, and counts."""

    policy: Policy
    first_day: date
    last_day: date
    effects: list[Effect] = field(default_factory=list)
    aging: list[AgingRow] = field(default_factory=list)
    decisions: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)

    def take_in(self, part: Simulation) -> None:
        """Add what another part of the same simulation came to."""
        self.effects.extend(part.effects)
        self.aging.extend(part.aging)
        self.decisions += part.decisions
        self.failed.extend(part.failed)


def effect_order(effect: Effect) -> tuple[date, str, str, str, str, str, str, str, str]:
    """Return the order of `effects.jsonl`: day, account, kind, id, invoice, stage, block, reason.

    What is the same in all of these, such as two instalments of a plan that are missed on one day,
    goes by the rest of what it says.
    """
    return (
        effect.on,
        effect.account_id,
        effect.kind,
        getattr(effect, "id", ""),
        getattr(effect, "invoice_id", ""),
        getattr(effect, "stage", ""),
        getattr(effect, "block", ""),
        getattr(effect, "reason", ""),
        "" if effect.kind in DUNNING_KINDS else _rest(effect),
    )


def _rest(effect: Effect) -> str:
    """Return what else an effect of collections work says, numbers in their order."""
    values = (getattr(effect, name) for name in effect.__dataclass_fields__)
    return "|".join(f"{v:06d}" if isinstance(v, int) else str(v) for v in values)


def simulate(
    accounts: Mapping[str, tuple[AccountDetails, Sequence[Fact]]],
    policy: Policy,
    first_day: date,
    last_day: date,
    *,
    every_day: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Simulation:
    """Run a ledger through a span of days under one policy; nothing is changed anywhere.

    `every_day` decides each account on each day and not only when the wake list names it: slower,
    with the same effects, which is what it is for. One account that fails is listed in `failed`
    and stops no other (R13.1).
    """
    result = Simulation(policy, first_day, last_day)
    for done, account_id in enumerate(sorted(accounts), start=1):
        details, facts = accounts[account_id]
        alone = Simulation(policy, first_day, last_day)
        run = AccountRun(Account(account_id, details), policy, alone)
        try:
            run.run(facts, every_day=every_day)
        except Exception as error:
            result.failed.append((account_id, f"{type(error).__name__}: {error}"))
            continue
        result.take_in(alone)
        result.aging.extend(age_account(run.account, policy.aging, last_day))
        if progress is not None:
            progress(done)
    result.effects.sort(key=effect_order)
    return result


class AccountRun:
    """One account on its way through the days of a simulation."""

    def __init__(
        self,
        account: Account,
        policy: Policy,
        result: Simulation,
        wake_on: date | None = None,
    ) -> None:
        self.account = account
        self._policy = policy
        self._result = result
        self._wake_on = wake_on
        self._statement_on: date | None = None  # it is not on the wake list, and named beside it

    def run(self, facts: Sequence[Fact], *, every_day: bool = False) -> None:
        """Book what lies before the first day without decisions, then take each day (R5.10)."""
        first, last = self._result.first_day, self._result.last_day
        ordered = sorted((first_seen(fact, first) for fact in facts), key=day_order)
        before = [fact for fact in ordered if fact.on < first]
        self.account = apply_all(self.account, before, self._policy).account
        if before:
            self._wake_on = first
        by_day = _by_day(fact for fact in ordered if first <= fact.on <= last)
        days = iter(sorted(by_day))
        next_fact = next(days, None)
        while (day := self._next_day(next_fact, last)) is not None:
            self._take_day(day, by_day.get(day, ()))
            if every_day:
                self._wake_on = day + ONE_DAY
            if day == next_fact:
                next_fact = next(days, None)

    def _next_day(self, next_fact: date | None, last: date) -> date | None:
        look_on = (next_fact, self._wake_on, self._statement_on)
        day = min((day for day in look_on if day is not None), default=None)
        return day if day is not None and day <= last else None

    def _take_day(self, day: date, facts: Sequence[Fact]) -> None:
        """Book the day's facts, decide, and count the notices as sent (R5.10)."""
        if facts:
            booked = apply_all(self.account, facts, self._policy)
            self.account = booked.account
            self._result.effects.extend(booked.effects)
        decision = decide(self.account, self._policy, day)
        self.account = decision.account
        self._wake_on, statement_on = decision.wake_on, decision.account.statement_on
        self._statement_on = None if statement_on is None else max(statement_on, day + ONE_DAY)
        self._result.decisions += 1
        self._result.effects.extend(decision.effects)
        if decision.notices:
            sent = [NoticeCounted(day, notice.id) for notice in decision.notices]
            self.account = apply_all(self.account, sent, self._policy).account
            if any(notice.notice != STATEMENT for notice in decision.notices):
                self._wake_on = next_look(self.account, self._policy, day)


def first_seen(fact: Fact, first_day: date) -> Fact:
    """Return a fact as a ledger taken in on `first_day` has it: first seen no earlier (R5.7)."""
    if isinstance(fact, InvoiceIssued) and fact.seen_on < first_day:
        return replace(fact, seen_on=first_day)
    return fact


def _by_day(facts: Iterable[Fact]) -> dict[date, list[Fact]]:
    days: dict[date, list[Fact]] = {}
    for fact in facts:
        days.setdefault(fact.on, []).append(fact)
    return days

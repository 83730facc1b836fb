"""Works out what a policy charges on example invoices, with the code that charges (R4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.book import Book
from chalicelib.core.charges import post_charges
from chalicelib.core.effects import ChargePosted, ChargeStopped
from chalicelib.core.interest import half_year_start
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy, Stage, Step

DUE_ON = date(2025, 12, 31)  # of the example invoices, where no table of rates asks for another
BEFORE_HALF_YEAR = timedelta(days=20)  # so that a rate that changes with it is seen to change
HALF_YEAR = timedelta(days=180)
_OF_CHARGES = (ChargePosted, ChargeStopped)
STEPS_MAX = 400  # of a ladder that repeats a stage every day or so, no more is worked out
NAME = "EXAMPLE"


@dataclass(frozen=True, slots=True)
class Example:
    """What a charge comes to on an example invoice.

    `line` is its arithmetic, "" where nothing is charged; `stopped` why it could not be worked out.
    `before_minor` is what the caps count of the charges before it; `sources` where its rates are
    from.
    """

    before_minor: int
    line: str = ""
    capped_by: str | None = None
    stopped: str = ""
    sources: tuple[str, ...] = ()


def due_on(policy: Policy) -> date:
    """Return when the example invoices are due: such that a table of rates reaches all stages."""
    rates = policy.interest.rates if policy.interest is not None else None
    if rates is None:
        return DUE_ON
    half_year = half_year_start(rates.known_through)
    last = half_year + HALF_YEAR - timedelta(days=policy.stages[-1].days)
    return min(half_year - BEFORE_HALF_YEAR, last)


def example_invoice(policy: Policy, owed_minor: int) -> Invoice:
    """Return the example: an invoice in the policy's first currency on which nothing is paid."""
    due = due_on(policy)
    issued = due - timedelta(days=30)
    return Invoice(
        NAME, policy.currencies[0], owed_minor, owed_minor, owed_minor, issued, due, issued, due
    )


class Examples:
    """The charges of a policy on example invoices, each ladder worked out once."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._ladder = cache(self._climb)

    def of(self, stage: Stage, kind: str, owed_minor: int, debtor_kind: str) -> Example | None:
        """Return what a stage's charge comes to the first time; None beyond `STEPS_MAX` steps."""
        return self._ladder(owed_minor, debtor_kind).get((stage.id, kind))

    def _climb(self, owed_minor: int, debtor_kind: str) -> dict[tuple[str, str], Example]:
        """Return the examples of every charge, by stage and kind, of an invoice that stays open."""
        policy = self.policy
        book = Book(Account(NAME, AccountDetails(debtor_kind=debtor_kind or "company")))
        invoice = book.put(example_invoice(policy, owed_minor))
        found: dict[tuple[str, str], Example] = {}
        step = policy.step_after(0)
        for _ in range(STEPS_MAX):
            if step is None or (step.period > 1 and step.stage is policy.stages[-1]):
                break
            before_minor = sum(charge.counts_for_caps_minor for charge in invoice.charges)
            seen = len(book.effects)
            on = invoice.effective_due_on + timedelta(days=step.days)
            invoice = post_charges(book, invoice, step, policy, on)
            if step.period == 1:
                said = {e.charge: e for e in book.effects[seen:] if isinstance(e, _OF_CHARGES)}
                for kind, example in _examples(step, said, invoice, before_minor):
                    found[step.stage.id, kind] = example
            step = policy.step_after(step.days)
        return found


def _examples(
    step: Step,
    said: Mapping[str, ChargePosted | ChargeStopped],
    invoice: Invoice,
    before_minor: int,
) -> Iterator[tuple[str, Example]]:
    """Yield the example of each charge of a step, from its effect; one comes after the other."""
    workings = {charge.id: charge.working for charge in invoice.charges}
    for rule in step.stage.charges:
        effect = said.get(rule.kind)
        if isinstance(effect, ChargePosted):
            working = workings.get(effect.id)
            sources = dict.fromkeys(s.source for s in working.segments) if working else {}
            yield (
                rule.kind,
                Example(before_minor, effect.basis, effect.capped_by, sources=tuple(sources)),
            )
            if rule.kind != "compensation":
                before_minor += effect.amount_minor
        else:
            stopped = effect.detail if effect is not None else ""
            yield rule.kind, Example(before_minor, stopped=stopped)

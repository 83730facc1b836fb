"""Charges that should not have been: taken back by value date, and put back by a bounce (R4.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.core.account import Allocated, Money
from chalicelib.core.book import Book
from chalicelib.core.charges import owe_again, stop_charge
from chalicelib.core.effects import ChargeReversed, Entry
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.interest import accrue, terms_of
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.policy import InterestRules, Policy
from chalicelib.core.suspensions import Span, suspended

TAKEN_AS_A_WHOLE = frozenset({"flat", "percent", "tiered", "compensation"})


def reverse_on_value_date(
    book: Book, money: Money, allocated: tuple[Allocated, ...], policy: Policy, today: date
) -> None:
    """Take back charges that, by value date, a payment shows to have been too much (R4.9).

    Late fees and compensation as a whole, where the invoice had no open principal on their day;
    interest by what exceeds the corrected running total of its day.
    """
    back = _Back()
    for name in dict.fromkeys(a.invoice_id for a in allocated if a.charge_id is None):
        invoice = book.find(name)
        if invoice is None:
            continue
        for charge, amount in fees_too_much(book, invoice, money.value_on):
            _take_back(book, back, invoice, charge, amount, today)
        try:
            for charge, amount in interest_excess(book, invoice, money.value_on, policy, today):
                _take_back(book, back, invoice, charge, amount, today)
        except RateUnknownError as error:
            postings = [one for one in invoice.charges if one.kind == "interest"]
            stop_charge(book, invoice, postings[-1].id, postings[-1].stage, today, error)
    back.settle(book, money)


def fees_too_much(book: Book, invoice: Invoice, since: date) -> list[tuple[Charge, int]]:
    """Return the late fees and compensation that value dates undo, each by what can be taken back.

    Those that were posted on `since` or later, on a day on which by value date no principal was open.
    """
    return [
        (charge, _there(book, charge))
        for charge in invoice.charges
        if charge.kind in TAKEN_AS_A_WHOLE
        and charge.posted_on >= since
        and open_by_value_date(invoice, charge.posted_on) <= 0
    ]


def open_by_value_date(invoice: Invoice, day: date) -> int:
    """Return the principal that was open at the end of a day, by value dates (R4.9)."""
    paid = sum(cut.amount_minor for cut in invoice.reductions if cut.value_on <= day)
    return invoice.opened_minor - paid


def interest_excess(
    book: Book, invoice: Invoice, since: date, policy: Policy, today: date
) -> list[tuple[Charge, int]]:
    """Return by how much postings of interest are too much, each by what can be taken back of it.

    Posting by posting, in their order: what was posted through it, net, less the corrected running
    total of its day, by the rate it was posted at. Only those of `since` or later; what was waived
    of them cannot be taken back, nor what nobody knows the rate of.

    Raises:
        RateUnknownError: the policy's table does not reach a day that is needed (R4.4).
    """
    found: list[tuple[Charge, int]] = []
    posted = 0
    postings = (charge for charge in invoice.charges if charge.kind == "interest")
    for charge in sorted(postings, key=lambda one: one.posted_on):
        posted += charge.counts_for_caps_minor
        if charge.posted_on < since or not charge.counts_for_caps_minor:
            continue
        rules = terms_of(charge.working, policy.interest, invoice.effective_due_on)
        if rules is None:
            continue
        rests = suspended(book, invoice.id, policy, charge.posted_on, today)
        excess = posted - _corrected(invoice, rules, rests, charge.posted_on)
        amount = min(excess, _there(book, charge)) if excess > 0 else 0
        if amount > 0:
            found.append((charge, amount))
            posted -= amount
    return found


def repost(book: Book, taken: Allocated, today: date, policy: Policy) -> None:
    """Post a charge again, as its next revision, because the payment that undid it bounced (R4.9)."""
    invoice = book.find(taken.invoice_id)
    if invoice is None or invoice.voided or taken.charge_id is None:
        return
    old = next(c for c in invoice.charges if c.id == taken.charge_id)
    owe_again(book, invoice, old, taken.amount_minor, today, "payment_reversed", policy)


def _corrected(invoice: Invoice, rules: InterestRules, rests: tuple[Span, ...], day: date) -> int:
    """Return the running total of an earlier day, in minor units, by the value dates known today.

    None where the principal was paid within the days of grace: then none was ever charged (R4.3).
    """
    if open_by_value_date(invoice, day) <= 0:
        paid_on = max(cut.value_on for cut in invoice.reductions if cut.value_on <= day)
        if invoice.days_past_due(paid_on) <= rules.grace_days:
            return 0
    return accrue(invoice, rules, rests, day).running_minor


def _there(book: Book, charge: Charge) -> int:
    """Return what can be taken back of a charge: what is open of it and what money here paid.

    What an ERP says was settled elsewhere is not undone (R7.6).
    """
    return charge.open_minor + sum(book.paid_on(charge.id).values())


def _take_back(
    book: Book, back: _Back, before: Invoice, charge: Charge, amount_minor: int, today: date
) -> None:
    """Take an amount of a charge back, for a payment that will remember it (R4.9).

    First what is open of it; then what had been paid on it, which will be unapplied cash.
    """
    if amount_minor <= 0:
        return
    from_open = min(charge.open_minor, amount_minor)
    back.take(book, charge, amount_minor - from_open)
    invoice = book.find(before.id) or before
    left = replace(
        charge,
        open_minor=charge.open_minor - from_open,
        reversed_minor=charge.reversed_minor + amount_minor,
    )
    book.put_charge(invoice, left)
    earlier = f":{charge.reversed_minor}" if charge.reversed_minor else ""
    entry = Entry(
        "charge_reversal", today, today, invoice.currency, amount_minor,
        f"{charge.id}:reversal{earlier}", invoice.id, charge.id, "value_date",
    )  # fmt: skip
    book.enter(entry)
    told = ChargeReversed(
        today, book.account_id, charge.id, invoice.id, amount_minor, invoice.currency
    )
    _tell(book, told, again=charge.reversed_minor > 0)
    back.reversals.append(Allocated(invoice.id, amount_minor, charge.id))


@dataclass(slots=True)
class _Back:
    """What a payment takes back, which the money is told of at once: there may be thousands."""

    reversals: list[Allocated] = field(default_factory=list)
    # By the key of the money that had paid them, then by charge.
    unpaid: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, book: Book, charge: Charge, amount_minor: int) -> None:
        """Take an amount that was paid on a charge from the money, what was booked last first."""
        if amount_minor == 0:
            return
        paid = book.paid_on(charge.id)
        for key in sorted(paid, key=lambda k: (book.money[k].booked_on, k), reverse=True):
            cut = min(paid[key], amount_minor)
            if cut:
                self.unpaid.setdefault(key, {})[charge.id] = cut
                amount_minor -= cut

    def settle(self, book: Book, money: Money) -> None:
        """Make it unapplied cash of the money that had paid it; let the payment remember it all."""
        for key, cuts in self.unpaid.items():
            book.put_money(_without(book.money[key], cuts))
        if self.reversals:
            current = book.money[money.key]
            book.put_money(replace(current, reversals=(*current.reversals, *self.reversals)))


def _without(money: Money, cuts: Mapping[str, int]) -> Money:
    """Return money of which so much of each charge is unapplied again, its last parts first."""
    left, kept = dict(cuts), list[Allocated]()
    for part in reversed(money.allocations):
        cut = min(part.amount_minor, left.get(part.charge_id or "", 0))
        if cut and part.charge_id is not None:
            left[part.charge_id] -= cut
        if part.amount_minor > cut:
            kept.append(replace(part, amount_minor=part.amount_minor - cut) if cut else part)
    unapplied = money.unapplied_minor + sum(cuts.values())
    return replace(money, allocations=tuple(reversed(kept)), unapplied_minor=unapplied)


def _tell(book: Book, effect: ChargeReversed, *, again: bool) -> None:
    """Say what was taken back: one line per charge and day, its amounts added up (R5.10).

    `again`: something of the charge was taken back before, maybe today.
    """
    for place, told in enumerate(book.effects) if again else ():
        if isinstance(told, ChargeReversed) and (told.on, told.id) == (effect.on, effect.id):
            amount = told.amount_minor + effect.amount_minor
            book.effects[place] = replace(told, amount_minor=amount)
            return
    book.effects.append(effect)

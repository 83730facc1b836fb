"""Where money goes (R7.1-R7.4): named invoices first, then the waterfall; the rest is unapplied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from chalicelib.core.account import Allocated, Money
from chalicelib.core.book import Book
from chalicelib.core.final_interest import post_finals
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.money import add
from chalicelib.core.policy import Policy
from chalicelib.core.principal import reduce_principal

COLLECTION_FEE = "collection_fee"


def allocate_payment(book: Book, money: Money, policy: Policy, today: date) -> Money:
    """Allocate what is unapplied of a payment as R7.1 says; return it as it now stands.

    Named invoices first, in the order named; then their own charges in the waterfall's order; the
    rest to payment plans (R9.4), then by the waterfall. While a named invoice is not there, the
    rest waits for it. What an agency received goes to what was placed with it (R10.6).
    """
    if money.placement_id:
        return _allocate_collected(book, money, policy, today)
    waits_for = frozenset(name for name in money.invoice_ids if book.find(name) is None)
    money = _to_named(book, money, money.invoice_ids, policy, today)
    if not waits_for:
        money = _where_nobody_said(book, money, policy, today)
    money = replace(money, waits_for=waits_for)
    book.put_money(money)
    return money


def is_collectable(book: Book, placement_id: str, currency: str) -> bool:
    """Whether an agency can have received money in a currency for a placement (R10.6, R10.8)."""
    placement = book.placements.get(placement_id)
    return (
        placement is not None
        and placement.offered_on is not None
        and placement.currency == currency
    )


def _allocate_collected(book: Book, money: Money, policy: Policy, today: date) -> Money:
    """Allocate what an agency received to what was placed with it, and to nothing else (R10.6).

    The placement's collection fee first, whatever the policy's waterfall says; then those of its
    invoices that are named, in that order, with their charges; then by the rest of the waterfall.
    """
    placed = book.placements[money.placement_id].invoice_ids
    money = _down_the_waterfall(book, money, policy, placed, (COLLECTION_FEE,))
    names = tuple(name for name in money.invoice_ids if name in placed)
    money = _to_named(book, money, names, policy, today)
    money = _by_the_waterfall(book, money, policy, today, placed)
    book.put_money(money)
    return money


def allocate_unapplied(
    book: Book, money: Money, invoice_ids: tuple[str, ...], policy: Policy, today: date
) -> Money:
    """Apply what is unapplied of money as a person says; return it as it now stands (R7.2).

    To the named invoices and their charges only, in the order named; none named: to payment plans
    (R9.4), then by the waterfall.
    """
    if invoice_ids:
        money = _to_named(book, money, invoice_ids, policy, today)
    else:
        money = _where_nobody_said(book, money, policy, today)
    book.put_money(money)
    return money


def allocate_to_arrived(book: Book, money: Money, invoice_id: str) -> Money:
    """Apply waiting money to an invoice it named that now came in (R7.1).

    Only that invoice's principal: nobody told us where else the rest should go, so it stays unapplied.
    """
    money = _to_principal(book, money, invoice_id)
    money = replace(money, waits_for=money.waits_for - {invoice_id})
    book.put_money(money)
    return money


def allocate_credit(book: Book, money: Money) -> Money:
    """Reduce the invoice a credit note names; what exceeds it is unapplied credit (R7.4)."""
    waits_for = frozenset(name for name in money.invoice_ids if book.find(name) is None)
    for name in money.invoice_ids:
        money = _to_principal(book, money, name)
    money = replace(money, waits_for=waits_for)
    book.put_money(money)
    return money


def _to_named(
    book: Book, money: Money, names: tuple[str, ...], policy: Policy, today: date
) -> Money:
    """Pay the named invoices' principal in that order, then their charges in the waterfall's.

    What is left to post of the interest of those that it closes is posted in between (R4.3).
    """
    before = len(money.allocations)
    for name in names:
        money = _to_principal(book, money, name)
    money = _post_finals(book, money, closed_since(book, money, before), policy, today)
    if money.unapplied_minor and names:
        named = frozenset(names)
        for part in policy.cash.waterfall:
            if part not in ("advanced", "principal"):
                money = _to_charges(book, money, part, _open_of(book, money.currency, named))
    return money


def _where_nobody_said(book: Book, money: Money, policy: Policy, today: date) -> Money:
    """Pay the instalments of active plans, and with the rest whatever is open (R9.4, R7.1)."""
    if book.plans and money.unapplied_minor:
        money = _to_plans(book, money, policy)
    return _by_the_waterfall(book, money, policy, today)


def _by_the_waterfall(
    book: Book, money: Money, policy: Policy, today: date, named: frozenset[str] | None = None
) -> Money:
    """Pay what is open by the waterfall; `named`: only of these invoices (R7.1).

    What is left to post of the interest of invoices that it closes is posted before the step of
    interest, or at the end where that came before (R4.3).
    """
    steps, before = policy.cash.waterfall, len(money.allocations)
    if policy.interest is None or not policy.interest.post_final:
        return _down_the_waterfall(book, money, policy, named)
    first = steps.index("interest") if "interest" in steps else len(steps)
    money = _down_the_waterfall(book, money, policy, named, steps[:first])
    done = closed_since(book, money, before)
    money = _post_finals(book, money, done, policy, today)
    money = _down_the_waterfall(book, money, policy, named, steps[first:])
    late = {k: v for k, v in closed_since(book, money, before).items() if k not in done}
    if not late:
        return money
    money = _post_finals(book, money, late, policy, today)
    return _down_the_waterfall(book, money, policy, named, steps[first : first + 1])


def _post_finals(
    book: Book, money: Money, closed: dict[str, int], policy: Policy, today: date
) -> Money:
    """Post the final interest of invoices that a payment closed; return the payment (R4.3)."""
    if not closed or money.kind != "payment":
        return money
    book.put_money(money)  # what it paid so far counts
    post_finals(book, closed, money.value_on, policy, today)
    return money


def closed_since(book: Book, money: Money, before: int) -> dict[str, int]:
    """Return the invoices that money left without open principal after `before` allocations.

    With each what was open and undisputed of it before them, in minor units.
    """
    took: dict[str, int] = {}
    for part in money.allocations[before:]:
        if part.charge_id is None:
            add(took, part.invoice_id, part.amount_minor - part.disputed_minor)
    found = ((name, book.find(name)) for name in took)
    return {name: took[name] for name, one in found if one is not None and one.open_minor == 0}


def _to_plans(book: Book, money: Money, policy: Policy) -> Money:
    """Pay the oldest unpaid instalment, then the next, while money is left (R9.4).

    Of several plans too: what each of them gets goes over its own invoices by the waterfall.
    """
    plans = [p for p in book.plans.values() if p.is_active and p.currency == money.currency]
    unpaid = [(one.due_on, plan.id, one.open_minor) for plan in plans for one in plan.instalments]
    left, gets = money.unapplied_minor, dict[str, int]()
    for _, plan_id, open_minor in sorted(unpaid):
        amount = min(left, open_minor)
        left -= amount
        gets[plan_id] = gets.get(plan_id, 0) + amount
    for plan_id, amount in gets.items():
        rest = money.unapplied_minor - amount
        part = replace(money, unapplied_minor=amount)
        part = _down_the_waterfall(book, part, policy, book.plans[plan_id].invoice_ids)
        money = replace(part, unapplied_minor=part.unapplied_minor + rest)
    return money


def _down_the_waterfall(
    book: Book,
    money: Money,
    policy: Policy,
    named: frozenset[str] | None = None,
    steps: tuple[str, ...] | None = None,
) -> Money:
    """Pay what is open in the money's currency, step by step, while any of it is left.

    `named`: only of these invoices. `steps`: only these of the waterfall.
    """
    for part in policy.cash.waterfall if steps is None else steps:
        if money.unapplied_minor == 0:
            break
        whole = part == "principal" and "advanced" not in policy.cash.waterfall
        money = _one_step(book, money, "whole" if whole else part, named)
    return money


def _open_of(book: Book, currency: str, named: frozenset[str] | None = None) -> list[Invoice]:
    """Return the live invoices of a currency, oldest effective due date first, then id (R7.1)."""
    found = [
        invoice
        for invoice in book.invoices.values()
        if invoice.currency == currency and (named is None or invoice.id in named)
    ]
    found.sort(key=lambda invoice: (invoice.effective_due_on, invoice.id))
    return found


def _one_step(book: Book, money: Money, part: str, named: frozenset[str] | None) -> Money:
    """Pay one step of the waterfall over the open invoices of the payment's currency."""
    invoices = _open_of(book, money.currency, named)
    if part not in ("advanced", "principal", "whole"):
        return _to_charges(book, money, part, invoices)
    for invoice in invoices:
        if money.unapplied_minor == 0:
            break
        money = _to_principal(book, money, invoice.id, part)
    return money


def _to_principal(book: Book, money: Money, invoice_id: str, part: str = "whole") -> Money:
    """Move money to an invoice's open principal: the `whole`, the `advanced` part, or the other one.

    `principal` as a step of the waterfall is the part that is not advanced (R7.1).
    """
    invoice = book.invoices.get(invoice_id)
    if invoice is None or invoice.currency != money.currency:
        return money
    other = invoice.open_minor - invoice.advanced_minor
    most = {"advanced": invoice.advanced_minor, "principal": other}.get(part, invoice.open_minor)
    amount = min(money.unapplied_minor, most)
    if amount <= 0:
        return money
    advanced = min(amount, invoice.advanced_minor)
    if part == "principal":
        advanced = 0
    elif money.kind == "credit_note":
        advanced = max(0, amount - other)
    taken = reduce_principal(
        book, invoice, amount, money.value_on, kind=money.kind, advanced_minor=advanced
    )
    return replace(
        money,
        unapplied_minor=money.unapplied_minor - amount,
        allocations=(*money.allocations, taken),
    )


def _charges_of(part: str, invoice: Invoice) -> Iterator[Charge]:
    for charge in invoice.charges:
        step = "late_fee" if charge.is_late_fee else charge.kind
        if step == part and charge.open_minor > 0:
            yield charge


def _to_charges(book: Book, money: Money, part: str, invoices: Iterable[Invoice]) -> Money:
    """Move money to the open charges of one step: by invoice, then by date of posting (R7.1)."""
    left, parts = money.unapplied_minor, list[Allocated]()
    for invoice in invoices:
        if left == 0:
            break
        current = book.invoices.get(invoice.id, invoice)
        for charge in sorted(_charges_of(part, current), key=lambda c: (c.posted_on, c.id)):
            amount = min(left, charge.open_minor)
            if amount == 0:
                break
            current = book.put_charge(
                current, replace(charge, open_minor=charge.open_minor - amount)
            )
            left -= amount
            parts.append(Allocated(invoice.id, amount, charge.id))
    return replace(money, unapplied_minor=left, allocations=(*money.allocations, *parts))

"""How money moves a placement: balance, commission, and what ends with it (R10.4-R10.6).

Every change of what is open of what is placed is told, by what made it, so that what was placed and
the changes that were told always add up to the balance that was told last. After the agency's work
ended, it is told of money only: of what it received itself for good, of what was paid to the seller
and of what bounced until the placement is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.core.account import Money
from chalicelib.core.book import Book
from chalicelib.core.charges import first_id
from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.core.effects_placements import PlacedInvoiceEnded, PlacementBalance
from chalicelib.core.facts import Fact, InvoiceVoided
from chalicelib.core.placement_settlements import (
    SETTLED,
    ask_about_remitted,
    count_for_settlement,
    give_up_rest,
    is_fulfilled,
)
from chalicelib.core.placement_steps import ask_owner, balance_of, move
from chalicelib.core.placement_suspension import judge_suspension
from chalicelib.core.placement_takings import take
from chalicelib.core.placements import CLOSED, CLOSING, OFFERED, Placement
from chalicelib.core.policy import Policy

CORRECTION = "correction"
BECAUSE = {
    "charge": "charge",
    "charge_reversal": "charge",
    "waiver": "waiver",
    "void": "void",
    "write_off": "write_off",
    "write_off_reversal": "write_off",
    "external": "external",
    "external_decrease": "external",
}  # of entries that name an invoice


@dataclass(frozen=True, slots=True)
class Before:
    """What a fact or a decision found: money, how many entries, and what was with an agency."""

    money: dict[str, Money]
    entries: int
    with_agency: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """What moved a balance by an amount: money, or an entry. Amounts are minor units."""

    because: str
    ref: str
    amount_minor: int
    money: Money | None = None


def watch_placements(book: Book) -> Before:
    """Return what there is before a fact is booked, for `follow_placements`."""
    return Before(dict(book.money), len(book.entries), _with_agency(book.placements.values()))


def follow_placements(book: Book, fact: Fact, policy: Policy, before: Before) -> None:
    """Let placements follow what a fact did to the balance of what is placed (R10.4, R10.5)."""
    _follow_all(book, policy, fact.on, before, fact)


def follow_blocks(book: Book, fact: Fact, policy: Policy) -> None:
    """Let placements rest, or go on, as the blocks say after a fact (R5.5, R10.4)."""
    for placement in list(book.placements.values()):
        judge_suspension(book, placement, policy, fact.on)


def follow_decision(book: Book, policy: Policy, today: date) -> None:
    """Let placements follow what a decision itself changed (R10.4)."""
    if book.placements:
        account = book.account
        before = Before(account.money, 0, _with_agency(account.placements.values()))
        _follow_all(book, policy, today, before, None)


def _with_agency(placements: Iterable[Placement]) -> frozenset[str]:
    return frozenset(one.id for one in placements if one.is_with_agency)


def _follow_all(book: Book, policy: Policy, on: date, before: Before, fact: Fact | None) -> None:
    found = [one for one in book.placements.values() if one.offered_on is not None]
    if not found:
        return
    moved = [money for key, money in book.money.items() if before.money.get(key) is not money]
    # A balance changes by entries and allocations only (R7.5); what is open is not read for others:
    # an agency may dispute thousands of invoices in one report, and each is a fact.
    is_same = not moved and len(book.entries) == before.entries
    for placement in found:
        if is_same and placement.id in before.with_agency:
            _end_if_done(book, placement, [], on)
        elif placement.is_with_agency or placement.id in before.with_agency:
            parts = list(_parts(book, placement, before, moved))
            gap = balance_of(book, placement) - placement.balance_minor
            gap -= sum(part.amount_minor for part in parts)
            if gap:
                parts.append(Part(CORRECTION, "", gap))
            if isinstance(fact, InvoiceVoided) and fact.invoice_id in placement.invoice_ids:
                parts = [replace(part, because="void", ref=fact.invoice_id) for part in parts]
            _go_on(book, placement, parts, policy, on)
        else:
            _trail(book, placement, before, moved, policy, on)


def _go_on(book: Book, placement: Placement, parts: list[Part], policy: Policy, on: date) -> None:
    """Tell what moved a placement that goes on, or ended just now; end it where nothing is left."""
    was, placement = placement, _tell(book, placement, parts, on)
    _ask_finance(book, was, placement, parts, policy, on)
    _tell_ended_invoices(book, placement, on)
    _end_if_done(book, book.placements[placement.id], parts, on)


def _end_if_done(book: Book, placement: Placement, parts: list[Part], on: date) -> None:
    """End a placement of which nothing is open any more, or whose settlement is fulfilled."""
    if not placement.is_with_agency:
        return
    if placement.balance_minor == 0 and placement.placed_minor:
        because = parts[-1].because if parts else CORRECTION
        is_offered = placement.state == OFFERED
        reason = "paid" if is_offered else because
        move(book, placement, "withdraw" if is_offered else "paid", on, reason=reason)
    elif is_fulfilled(placement):
        before = watch_placements(book)
        give_up_rest(book, placement, on)
        _tell(book, placement, list(_parts(book, placement, before, [])), on)
        _tell_ended_invoices(book, book.placements[placement.id], on)
        move(book, book.placements[placement.id], SETTLED, on, reason=SETTLED)


def _trail(
    book: Book,
    placement: Placement,
    before: Before,
    moved: Iterable[Money],
    policy: Policy,
    on: date,
) -> None:
    """Take and tell money for what the agency works no more (R10.8).

    What it received itself always; what was paid to the seller while the placement is closing,
    unless the invoice is with an agency again.
    """
    again = {
        name
        for other in book.placements.values()
        if other.is_with_agency
        for name in other.invoice_ids
    }
    parts: list[Part] = []
    told = placement.balance_minor
    for money in moved:
        is_own = money.placement_id == placement.id
        if not is_own and (placement.state != CLOSING or money.kind != "payment"):
            continue
        names = placement.invoice_ids if is_own else placement.invoice_ids - again
        for part in _of_money(placement, before, money, names):
            # Charges that came since are nothing to it, and are not taken off either.
            amount = max(part.amount_minor, -told)
            told += amount
            parts.append(replace(part, amount_minor=amount))
            if money.bounced and placement.outcome == SETTLED:
                why = f"Money of a settlement bounced ({money.id}): what was given up stays so."
                ask_owner(book, placement, policy, on, "settlement_bounced", why)
    _ask_finance(book, placement, _tell(book, placement, parts, on), parts, policy, on)


def _ask_finance(
    book: Book,
    was: Placement,
    placement: Placement,
    parts: Iterable[Part],
    policy: Policy,
    on: date,
) -> None:
    """Ask somebody to settle with the agency what no remittance of this placement will.

    That is what changed of what was remitted: what bounced, and of direct money the commission.
    """
    remitted = {one.payment_id: one for one in was.takings if one.remittance_id}
    for one in placement.takings if remitted else ():
        if remitted.get(one.payment_id, one) != one:
            ask_about_remitted(book, placement, one, policy, on)
    for part in parts:
        is_own = part.money is not None and part.money.placement_id == placement.id
        if is_own and part.because == "payment_agency" and placement.state == CLOSED:
            why = f"Payment {part.ref} came after placement {placement.id} was closed: await it."
            ask_owner(book, placement, policy, on, "trailing_money", why)


def _parts(
    book: Book, placement: Placement, before: Before, moved: Iterable[Money]
) -> Iterator[Part]:
    """Yield what moved the balance of a placement: money, then entries, each by its amount."""
    for money in moved:
        yield from _of_money(placement, before, money, placement.invoice_ids)
    for entry in book.entries[before.entries :]:
        if entry.invoice_id in placement.invoice_ids and entry.kind in BECAUSE:
            is_fee = entry.kind == "charge" and first_id(entry.charge_id) == placement.fee_id
            because = "fee" if is_fee else BECAUSE[entry.kind]
            amount = ENTRY_SIGN[entry.kind] * entry.amount_minor
            yield Part(because, entry.invoice_id, amount)


def _of_money(
    placement: Placement, before: Before, money: Money, names: frozenset[str]
) -> Iterator[Part]:
    """Yield by how much money is more, or less, on what is placed than it was before.

    What the agency received is told even where none of it was; what a void freed of direct money
    before it bounced is only known as bounced.
    """
    if money.currency != placement.currency:
        return
    old = before.money.get(money.key)
    has_bounced = money.bounced and (old is None or not old.bounced)
    amount = _went_to(money, names) - (_went_to(old, names) if old is not None else 0)
    is_own = money.placement_id == placement.id
    is_known = is_own or any(one.payment_id == money.id for one in placement.takings)
    if not amount and not (is_own and old is None) and not (is_known and has_bounced):
        return
    because = "payment_agency" if is_own else "payment_direct"
    if money.kind == "credit_note":
        because = "credit_note"
    elif money.bounced:
        because = "payment_reversed"
    yield Part(because, money.id, -amount, money)


def _went_to(money: Money, names: frozenset[str]) -> int:
    return sum(part.amount_minor for part in money.allocations if part.invoice_id in names)


def _tell(book: Book, placement: Placement, parts: list[Part], on: date) -> Placement:
    """Tell what moved a balance, what raises it first; count it, and store the placement."""
    lines: dict[tuple[str, str], list[int]] = {}
    told = {part.money.id for part in parts if part.money and part.money.placement_id}
    for part in parts:
        line = lines.setdefault((part.because, part.ref), [0, 0])
        line[0] += part.amount_minor
        if part.money is not None:
            placement, earned = take(placement, part.money, -part.amount_minor)
            line[1] += earned
    balance = placement.balance_minor
    ordered = sorted(lines.items(), key=lambda line: line[1][0] < 0)
    for (because, ref), (amount, earned) in ordered:
        if not (amount or earned or ref in told):
            continue
        balance += amount
        book.effects.append(
            PlacementBalance(
                on,
                book.account_id,
                placement.id,
                placement.agency,
                because,
                ref,
                amount,
                balance,
                placement.currency,
                earned,
            )
        )
    came = [
        (part.money, -part.amount_minor)
        for part in parts
        if part.money is not None and part.money.kind == "payment"
    ]
    placement = replace(
        placement, balance_minor=balance, settlement=count_for_settlement(placement, came)
    )
    if placement != book.placements[placement.id]:
        book.put_placement(placement)
    return placement


def _tell_ended_invoices(book: Book, placement: Placement, on: date) -> None:
    """Tell of the invoices of which nothing is open any more; a bounce may open one again."""
    gone = frozenset(name for name in placement.invoice_ids if name not in book.invoices)
    for name in sorted(gone - placement.withdrawn_ids):
        ended = PlacedInvoiceEnded(on, book.account_id, placement.id, placement.agency, name)
        book.effects.append(ended)
    if gone != placement.withdrawn_ids:
        book.put_placement(replace(placement, withdrawn_ids=gone))

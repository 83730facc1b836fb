"""What an agency earns: its commission, per payment (R10.6)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.account import Money
from chalicelib.core.money import round_half_up, share
from chalicelib.core.placements import AGENCY, DIRECT, Placement, Taking


def take(placement: Placement, money: Money, amount_minor: int) -> tuple[Placement, int]:
    """Return a placement that knows of money, and what more the agency earns by it, minor units.

    `amount_minor`: how much more of the money than before is on what is placed. Of what the agency
    received it earns on the whole, whatever it was applied to; of what was paid to the seller, where
    the terms say so, on what it took off the balance while the agency worked it. The commission of a
    payment is rounded once, half-up; a bounce takes it back. What another agency received for
    another placement earns nothing here.
    """
    if money.kind != "payment" or money.placement_id not in ("", placement.id):
        return placement, 0
    old = next((one for one in placement.takings if one.payment_id == money.id), None)
    new = _after(placement, money, amount_minor, old)
    if new is None or new == old:
        return placement, 0
    kept = tuple(new if one is old else one for one in placement.takings)
    takings = kept if old is not None else (*kept, new)
    earned = new.commission_minor - (old.commission_minor if old is not None else 0)
    return replace(placement, takings=takings), earned


def commission_minor(placement: Placement, by: str, amount_minor: int) -> int:
    """Return the commission on an amount that the agency, or the seller, received (R10.6)."""
    terms = placement.terms
    if terms is None or (by == DIRECT and not terms.commission_on_direct):
        return 0
    return round_half_up(share(amount_minor, terms.commission))


def _after(
    placement: Placement, money: Money, amount_minor: int, old: Taking | None
) -> Taking | None:
    """Return what is known of a payment from now on; None: nothing."""
    if money.bounced:
        return None if old is None else replace(old, bounced=True, commission_minor=0)
    if money.placement_id:
        if old is not None:
            return old
        earned = commission_minor(placement, AGENCY, money.amount_minor)
        return Taking(money.id, AGENCY, money.value_on, money.amount_minor, earned)
    total = max((old.amount_minor if old is not None else 0) + amount_minor, 0)
    if not placement.is_worked and (old is None or total > old.amount_minor):
        return old
    if old is None:
        if total == 0:
            return None
        old = Taking(money.id, DIRECT, money.value_on, 0)
    earned = commission_minor(placement, DIRECT, total)
    return replace(old, amount_minor=total, commission_minor=earned)

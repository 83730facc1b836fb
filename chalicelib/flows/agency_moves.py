"""What agencies answer and decide of placements: offers, recalls, returns, settlements (R10.4)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.errors import BlockedError, Blocker, Fault
from chalicelib.core.facts_placements import PlacementAct, SettlementProposed
from chalicelib.core.placements import Placement
from chalicelib.core.policy import Policy
from chalicelib.flows.agency_told import (
    Said,
    Told,
    ahead_faults,
    amount_figures,
    currency_faults,
    refuse,
)


def accept(told: Told, account: Account, placement: Placement, _: Policy, today: date) -> Said:
    """Take an offer, if the agency said so in time, whenever the worker comes to it (R10.3).

    Raises:
        BlockedError: it came after the offer's last day.
    """
    until = placement.offered_until
    if until is not None and told.received_on > until:
        said = f"the offer ended on {until}"
        raise BlockedError(f"placement {placement.id} is over", [Blocker("offer_over", said)])
    on = today if until is None else min(today, until)  # it counts from when it was said
    reference = told.body["agency_reference"]
    act = PlacementAct(on, placement.id, "accept", by=told.caller.principal.id, reference=reference)
    return Said((act,), figures={"agency_reference": reference}, must_change=True)


def reject(told: Told, account: Account, placement: Placement, _: Policy, today: date) -> Said:
    """Let an offer go."""
    return _moved(told, placement, today, "reject", told.body["reason_code"])


def give_back(told: Told, account: Account, placement: Placement, _: Policy, today: date) -> Said:
    """Return a placement with the agency's close code."""
    return _moved(told, placement, today, "return", told.body["close_code"])


def answer_recall(
    told: Told, account: Account, placement: Placement, _: Policy, today: date
) -> Said:
    """Confirm a recall, which then takes effect at once, or object to it."""
    if told.body["answer"] == "confirm":
        return _moved(told, placement, today, "recalled", "")
    return _moved(told, placement, today, "object", told.body["reason_code"])


def propose_settlement(
    told: Told, account: Account, placement: Placement, _: Policy, today: date
) -> Said:
    """Propose that with less the rest is given up (R10.7); its id is the report's.

    Raises:
        UnfitInputError: it is about more than the balance, or by a day that cannot be.
    """
    value, pay_by = told.body["amount"], date.fromisoformat(told.body["pay_by"])
    faults = [
        *currency_faults(value, placement),
        *ahead_faults("/pay_by", pay_by, today),
    ]
    if value["amount_minor"] >= placement.balance_minor:
        said = "is not less than the balance: nothing would be given up"
        faults.append(Fault("/amount/amount_minor", "above_balance", said))
    refuse("the settlement cannot be so", iter(faults))
    fact = SettlementProposed(today, placement.id, told.report.id, value["amount_minor"], pay_by)
    figures = amount_figures(value) | {"pay_by": pay_by.isoformat()}
    return Said((fact,), note=told.body["note"], figures=figures, must_change=True)


def _moved(told: Told, placement: Placement, today: date, move: str, reason: str) -> Said:
    by = told.caller.principal.id
    match move:
        case "reject" | "return" | "recalled" | "object":
            act = PlacementAct(today, placement.id, move, by=by, reason=reason)
        case _:
            raise AssertionError(move)
    return Said((act,), reason, told.body["note"], must_change=True)

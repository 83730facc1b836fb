"""What agencies did and learned: activities, promises, disputes, contacts (R10.4, R5.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain

from chalicelib.core.account import Account
from chalicelib.core.errors import BlockedError, Blocker
from chalicelib.core.facts import DisputeOpened, TaskOpened
from chalicelib.core.invoice import Invoice
from chalicelib.core.placements import Placement
from chalicelib.core.policy import Policy
from chalicelib.flows.agency_told import (
    Said,
    Told,
    ahead_faults,
    amount_figures,
    currency_faults,
    named,
    past_faults,
    placed_faults,
    refuse,
)
from chalicelib.flows.dossier_money import placed_invoices
from chalicelib.flows.invoice_rules import check_dispute


def activity(told: Told, account: Account, placement: Placement, _: Policy, today: date) -> Said:
    """Tell of what the agency did. It is no contact of ours: no guard and no attempt counts it.

    Raises:
        UnfitInputError: it lies in the future, or over a year back.
    """
    done_on = told.happened_on
    refuse("the activity cannot be so", past_faults("/on", done_on, today))
    figures = {"done_on": done_on.isoformat()}
    figures |= {name: told.body[name] for name in ("channel", "contact_id") if told.body[name]}
    return Said((), told.body["code"], told.body["note"], figures)


def promise(told: Told, account: Account, placement: Placement, _: Policy, today: date) -> Said:
    """Tell what the customer promised the agency. No promise of ours: no call of ours follows.

    Raises:
        UnfitInputError: it cannot be so; every fault is named.
    """
    value, pay_by = told.body["amount"], date.fromisoformat(told.body["pay_by"])
    names = told.body["invoice_ids"]
    refuse(
        "the promise cannot be so",
        chain(
            currency_faults(value, placement),
            ahead_faults("/pay_by", pay_by, told.received_on),
            placed_faults(names, placement),
        ),
    )
    figures = amount_figures(value) | {"pay_by": pay_by.isoformat()} | named(names)
    return Said((), note=told.body["note"], figures=figures)


def dispute(told: Told, account: Account, placement: Placement, _: Policy, today: date) -> Said:
    """Open what the customer objects to as a dispute, as if they had told us (R5.5).

    No invoices named: all that are placed and not disputed yet, whole.

    Raises:
        UnfitInputError: it names what is not placed, or another currency.
        BlockedError: nothing of it can be disputed.
    """
    value, names = told.body["amount"], told.body["invoice_ids"]
    faults = [*placed_faults(names, placement)]
    if value is not None:
        faults.extend(currency_faults(value, placement))
    refuse("the dispute cannot be so", iter(faults))
    amount = None if value is None else value["amount_minor"]
    chosen = _disputable(account, placement, names, amount)
    code, by = told.body["reason_code"], told.caller.principal.id
    facts = [DisputeOpened(today, one.id, amount, code, opened_by=by) for one in chosen]
    figures = named([one.id for one in chosen]) | (amount_figures(value) if value else {})
    return Said(facts, code, told.body["note"], figures)


def _disputable(
    account: Account, placement: Placement, names: Sequence[str], amount: int | None
) -> list[Invoice]:
    """Return the invoices that a dispute is about; named ones must all be disputable."""
    placed = {one.id: one for one in placed_invoices(account, placement)}
    if not names:
        names = [
            one.id for one in placed.values() if one.undisputed_minor > 0 and not one.dispute_won
        ]
    blockers = list(_blockers(placed, names))
    if blockers or not names:
        none = Blocker("not_open", "nothing of what is placed is open and undisputed")
        raise BlockedError(f"placement {placement.id} takes no such dispute", blockers or [none])
    chosen = [placed[name] for name in names]
    for one in chosen:
        check_dispute(one, amount, placement.currency)
    return chosen


def _blockers(placed: dict[str, Invoice], names: Sequence[str]) -> Iterator[Blocker]:
    for name in names:
        one = placed.get(name)
        if one is None or not one.open_minor:
            yield Blocker("not_open", f"nothing of invoice {name} is open")
        elif one.disputed_minor == one.open_minor:
            yield Blocker("disputed", f"invoice {name} is disputed already")


def contact(
    told: Told, account: Account, placement: Placement, policy: Policy, today: date
) -> Said:
    """Ask a person to take a contact that the agency found; until then it is a proposal (R10.5).

    Who it is stays in the report: neither the timeline nor the task names anybody.
    """
    report = told.report.id
    task = TaskOpened(
        today,
        f"{account.id}:review_account:contact_proposal:{told.agency.id}:{report}",
        "review_account",
        policy.calendar.business_day_from(today),
        f"Agency {told.agency.id} proposes a contact (report {report}): take it or leave it.",
    )
    known = told.body["contact_id"]
    return Said((task,), figures={"contact_id": known} if known else {})

"""Builders of letters about payment plans: six monthly instalments after a down payment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.flows.letter_plan import CoveredLine, InstalmentLine, PlanLetter, PlanLetterKind
from tests.mail.build_letters import COLLECTOR, PAYMENT, SELLER

TODAY = date(2026, 3, 18)
DUE = tuple(date(2026, month, 1) for month in range(4, 10))
LATER = date(2026, 5, 5)  # when something was missed


def schedule(down_open: int = 50_000, *opens: int, missed: tuple[int, ...] = ()) -> Any:
    """Return 500.00 down and six instalments of 416.67 or 416.66, with what is open of each."""
    amounts = (50_000, *(41_667,) * 4, *(41_666,) * 2)
    opened = (down_open, *opens, *amounts[1 + len(opens) :])
    return tuple(
        InstalmentLine(
            number=number,
            due_on=(TODAY, *DUE)[number],
            amount_minor=amounts[number],
            open_minor=opened[number],
            is_missed=number in missed,
        )
        for number in range(7)
    )


COVERS = (
    CoveredLine(
        invoice_id="INV-19002",
        due_on=date(2026, 1, 2),
        open_minor=200_000,
        charges_minor=3_000,
        is_past_due=True,
        po_number="88-0961",
    ),
    CoveredLine(
        invoice_id="INV-19310",
        due_on=date(2026, 2, 2),
        open_minor=97_000,
        charges_minor=0,
        is_past_due=True,
    ),
)


def covers(open_minor: int = 300_000) -> tuple[CoveredLine, ...]:
    """Return two invoices with so much open in all; what was paid came off the first one."""
    paid = 300_000 - open_minor
    return (replace(COVERS[0], open_minor=200_000 - paid), COVERS[1])


def plan_letter(kind: PlanLetterKind = PlanLetterKind.AGREED, **changes: Any) -> PlanLetter:
    """Return a letter about a plan over USD 3,000.00; agreed, its down payment is due."""
    values: dict[str, Any] = {
        "kind": kind,
        "reference": "4711-C2",
        "account_id": "4711",
        "account_name": "Brightline Interiors, Inc.",
        "contact_name": "Dana Whitfield",
        "seller": SELLER,
        "collector": COLLECTOR,
        "notice_on": TODAY,
        "currency": "USD",
        "digits": 2,
        "asked_minor": 50_000,
        "made_on": TODAY,
        "instalments": schedule(),
        "covers": covers(),
        "grace_days": 3,
        "payment": PAYMENT,
    }
    return PlanLetter(**(values | changes))


def missed_letter(**changes: Any) -> PlanLetter:
    """Return a letter about the second instalment, of which 100.00 came; one more may be missed."""
    values: dict[str, Any] = {
        "notice_on": LATER,
        "instalments": schedule(0, 0, 31_667, missed=(2,)),
        "covers": covers(198_333),
        "asked_minor": 31_667,
        "missed_max": 2,
    }
    return plan_letter(PlanLetterKind.MISSED, **(values | changes))


def broken_letter(**changes: Any) -> PlanLetter:
    """Return a letter about the end of a plan whose second instalment was missed."""
    values: dict[str, Any] = {
        "notice_on": LATER,
        "instalments": schedule(0, 0, 31_667, missed=(2,)),
        "covers": covers(198_333),
        "asked_minor": 198_333,
    }
    return plan_letter(PlanLetterKind.BROKEN, **(values | changes))


def completed_letter(**changes: Any) -> PlanLetter:
    """Return the thanks for a plan that was paid in full."""
    values: dict[str, Any] = {
        "notice_on": DUE[-1],
        "instalments": schedule(0, 0, 0, 0, 0, 0, 0),
        "covers": (),
        "asked_minor": 0,
        "payment": (),
    }
    return plan_letter(PlanLetterKind.COMPLETED, **(values | changes))


def cancelled_letter(**changes: Any) -> PlanLetter:
    """Return a letter about a plan that a person ended, with one invoice not yet past due."""
    later = replace(COVERS[1], is_past_due=False, due_on=date(2026, 6, 1))
    values: dict[str, Any] = {
        "notice_on": LATER,
        "instalments": schedule(0, 0),
        "covers": (replace(COVERS[0], open_minor=108_333), later),
        "asked_minor": 111_333,
    }
    return plan_letter(PlanLetterKind.CANCELLED, **(values | changes))


PLAN_SAMPLES = {
    "agreed": plan_letter(),
    "missed": missed_letter(),
    "broken": broken_letter(),
    "completed": completed_letter(),
    "cancelled": cancelled_letter(),
}

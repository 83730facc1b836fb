"""The lines of the facts file about promises to pay (R6.6) and payment plans (R9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import cast

from chalicelib.core.agreements import Frequency, PlanTerms
from chalicelib.core.facts import PromiseMade
from chalicelib.core.facts_collections import (
    PlanApproved,
    PlanCancelled,
    PlanMade,
    PromiseApproved,
    PromiseWithdrawn,
)
from chalicelib.core.plan_schedule import faults_of_terms
from chalicelib.flows.ledger_columns import (
    AMOUNT,
    DAY,
    NEEDED_AMOUNT,
    NEEDED_DAY,
    NEEDED_TEXT,
    TEXT,
    Column,
)
from chalicelib.flows.ledger_fact_line import FactLine
from chalicelib.flows.ledger_faults import shown

EVERY = ("weekly", "two_weeks", "monthly")
PROMISE_FIELDS: Mapping[str, Column] = {
    "amount": NEEDED_AMOUNT,
    "currency": NEEDED_TEXT,
    "by": NEEDED_DAY,
    "invoice_ids": Column("ids"),
}
PLAN_FIELDS: Mapping[str, Column] = {
    "currency": NEEDED_TEXT,
    "every": NEEDED_TEXT,
    "first_on": NEEDED_DAY,
    "count": TEXT,
    "instalment": AMOUNT,
    "down_payment": AMOUNT,
    "down_payment_on": DAY,
    "invoice_ids": Column("ids"),
    "interest_due": Column("flag"),
}
PROMISE_ID: Mapping[str, Column] = {"promise_id": NEEDED_TEXT}
PLAN_ID: Mapping[str, Column] = {"plan_id": NEEDED_TEXT}
PLAN_END: Mapping[str, Column] = {**PLAN_ID, "reason": TEXT}
_COUNT = re.compile(r"[0-9]{1,4}")
_MADE = re.compile(r"(?:ptp|pln)_([0-9]{4}-[0-9]{2}-[0-9]{2})_[0-9]{2,4}")


def read_promise(line: FactLine) -> PromiseMade | None:
    """Return the promise of a line; without invoices, of all that is past due in its currency."""
    currency = line.cells.currency()
    amount = line.cells.needed_amount("amount", currency, above_zero=True)
    by = line.not_before("by", line.cells.needed_day("by"))
    invoice_ids = _covered(line, currency)
    if currency is None or amount is None or by is None:
        return None
    return PromiseMade(line.on, currency, amount, by, invoice_ids)


def read_promise_withdrawn(line: FactLine) -> PromiseWithdrawn:
    """Return which promise is taken back. One that has ended stays as it is."""
    return PromiseWithdrawn(line.on, _made_before(line, "promise_id", "ptp"))


def read_promise_approved(line: FactLine) -> PromiseApproved:
    """Return which promise is approved. One that does not wait stays as it is."""
    return PromiseApproved(line.on, _made_before(line, "promise_id", "ptp"))


def read_plan(line: FactLine) -> PlanMade | None:
    """Return the plan of a line; without invoices, of all past due that can be covered (R9.1).

    What cannot be known before its day, such as an invoice that is disputed by then, lets it make
    no plan.
    """
    cells = line.cells
    currency, every = cells.currency(), cells.one_of("every", EVERY)
    first_on = cells.needed_day("first_on")
    terms = PlanTerms(
        currency or "",
        cast(Frequency, every or EVERY[0]),
        first_on or line.on,
        count=_count(line),
        instalment_minor=cells.amount("instalment", currency, above_zero=True),
        down_payment_minor=cells.amount("down_payment", currency, above_zero=True) or 0,
        down_payment_on=cells.day("down_payment_on"),
        invoice_ids=_covered(line, currency),
        interest_due=bool(cells.flag("interest_due")),
    )
    wrong = {fault.column for fault in cells.faults}
    if wrong.isdisjoint(("currency", "count", "instalment", "down_payment", "first_on")):
        for fault in faults_of_terms(terms, line.on):
            cells.refuse(fault.where.removeprefix("/"), fault.code, fault.detail)
    return PlanMade(line.on, terms)


def read_plan_approved(line: FactLine) -> PlanApproved:
    """Return which plan is approved. One that does not wait stays as it is."""
    return PlanApproved(line.on, _made_before(line, "plan_id", "pln"))


def read_plan_cancelled(line: FactLine) -> PlanCancelled:
    """Return which plan is cancelled, and why. One that has ended stays as it is."""
    plan_id = _made_before(line, "plan_id", "pln")
    return PlanCancelled(line.on, plan_id, line.cells.text("reason"))


def _covered(line: FactLine, currency: str | None) -> tuple[str, ...]:
    """Return the invoices that an agreement names: of its currency, and issued by its day."""
    names = line.invoice_ids()
    for name in names:
        found = line.known.invoice(name)
        if found is None or found[0] != line.account_id:
            continue
        issued = found[1]
        if currency is not None and issued.currency != currency:
            detail = f"invoice {shown(name)} is in {issued.currency}, not in {currency}"
            line.cells.refuse("invoice_ids", "other_currency", detail)
        if issued.issued_on > line.on:
            detail = f"invoice {shown(name)} is issued on {issued.issued_on}, after {line.on}"
            line.cells.refuse("invoice_ids", "before_issue", detail)
    return names


def _count(line: FactLine) -> int | None:
    said = line.cells.text("count")
    if not said or _COUNT.fullmatch(said):
        return int(said) if said else None
    line.cells.refuse("count", "bad_count", f"{shown(said)} is no number of instalments")
    return None


def _made_before(line: FactLine, column: str, prefix: str) -> str:
    """Return the id of what was agreed before; it says on which day, and the how manieth of it."""
    said = line.cells.id(column)
    if said is None:
        return ""
    found = _MADE.fullmatch(said)
    made_on = _day(found[1]) if found and said.startswith(prefix) else None
    if made_on is None:
        example = f"{prefix}_{line.on}_01"
        detail = f"{shown(said)} is no id such as {example}, the first one made on {line.on}"
        line.cells.refuse(column, "bad_id", detail)
    elif made_on > line.on:
        detail = f"{shown(said)} is made on {made_on}, after the fact's own day, {line.on}"
        line.cells.refuse(column, "before_making", detail)
    return said


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

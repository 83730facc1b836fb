"""Remittances: what an agency hands over must be what it reported, to the cent (R10.6). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from chalicelib.core.errors import Fault
from chalicelib.flows.ports_agency import PaymentRow, Remit, Remittance, RemittanceLine

LINES_MAX = 500  # of one remittance


def remittance_of(body: Mapping[str, Any], received_at: datetime) -> Remittance:
    """Return the remittance that a validated request says, as `AgencyReport.body` keeps it."""
    totals = body["totals"]
    return Remittance(
        id=body["id"],
        kind=body["kind"],
        period_from=date.fromisoformat(body["period_from"]),
        period_until=date.fromisoformat(body["period_until"]),
        currency=body["currency"],
        lines=tuple(
            RemittanceLine(
                placement_id=line["placement_id"],
                payment_id=line["payment_id"],
                amount_minor=line["amount"]["amount_minor"],
                commission_minor=line["commission"]["amount_minor"],
            )
            for line in body["lines"]
        ),
        collected_minor=totals["collected"]["amount_minor"],
        commission_minor=totals["commission"]["amount_minor"],
        paid_minor=totals["paid"]["amount_minor"],
        received_at=received_at,
    )


def payment_ids_of(body: Mapping[str, Any]) -> list[str]:
    """Return the payments that a remittance names, each once."""
    return list(dict.fromkeys(line["payment_id"] for line in body["lines"]))


def remittance_faults(
    body: Mapping[str, Any], payments: Sequence[PaymentRow], remit: Remit
) -> list[Fault]:
    """Return every fault of a remittance, line by line, then of its totals; none: it may be taken.

    `payments`: those of the agency that the lines name, as they stand; `remit`: as was agreed with
    the agency. Money that reached the seller directly is there with an amount of 0, for its
    commission alone. A payment that `body["id"]` itself holds already is no fault, so that applying it
    again finds none.
    """
    faults = []
    if body["kind"] != remit:
        detail = f"this agency remits {remit}, and the type never changes silently"
        faults.append(Fault("/kind", "not_agreed", detail))
    if body["period_from"] > body["period_until"]:
        faults.append(Fault("/period_until", "out_of_range", "is before period_from"))
    known = {one.payment_id: one for one in payments}
    seen: set[str] = set()
    for place, line in enumerate(body["lines"]):
        faults.extend(_line_faults(f"/lines/{place}", line, body, known))
        if line["payment_id"] in seen:
            faults.append(Fault(f"/lines/{place}/payment_id", "named_twice", "is named twice"))
        seen.add(line["payment_id"])
    faults.extend(_total_faults(body))
    return faults


def _line_faults(
    where: str,
    line: Mapping[str, Any],
    body: Mapping[str, Any],
    known: Mapping[str, PaymentRow],
) -> Iterator[Fault]:
    """Yield what is wrong with a line. Of what another agency has it says what it says of nothing."""
    amount, commission = line["amount"], line["commission"]
    for name, money in (("amount", amount), ("commission", commission)):
        if money["currency"] != body["currency"]:
            said = f"is in {money['currency']}, the remittance in {body['currency']}"
            yield Fault(f"{where}/{name}/currency", "other_currency", said)
    row = known.get(line["payment_id"])
    if row is None:
        said = "is no payment that was reported and applied"
        yield Fault(f"{where}/payment_id", "unknown_payment", said)
        return
    yield from _row_faults(where, line, row, body["id"])
    yield from _amount_faults(where, line, row)


def _row_faults(
    where: str, line: Mapping[str, Any], row: PaymentRow, remittance_id: str
) -> Iterator[Fault]:
    if row.placement_id != line["placement_id"]:
        yield Fault(f"{where}/placement_id", "other_placement", "is not what it was reported for")
    if row.bounced:
        yield Fault(f"{where}/payment_id", "bounced", "has bounced")
    if row.remittance_id not in ("", remittance_id):
        said = f"is in remittance {row.remittance_id} already"
        yield Fault(f"{where}/payment_id", "remitted_before", said)


def _amount_faults(where: str, line: Mapping[str, Any], row: PaymentRow) -> Iterator[Fault]:
    amount, commission = line["amount"], line["commission"]
    if row.currency != amount["currency"]:
        said = f"was reported in {row.currency}"
        yield Fault(f"{where}/amount/currency", "other_currency", said)
        return
    if row.amount_minor != amount["amount_minor"]:
        said = f"was reported as {row.amount_minor}, here it is {amount['amount_minor']}"
        yield Fault(f"{where}/amount", "amount_differs", said)
    if row.commission_minor != commission["amount_minor"]:
        said = f"is {row.commission_minor}, here it is {commission['amount_minor']}"
        yield Fault(f"{where}/commission", "commission_differs", said)


def _total_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    lines, totals = body["lines"], body["totals"]
    collected = sum(line["amount"]["amount_minor"] for line in lines)
    commission = sum(line["commission"]["amount_minor"] for line in lines)
    if totals["count"] != len(lines):
        said = f"is {totals['count']}, there are {len(lines)} lines"
        yield Fault("/totals/count", "total_differs", said)
    paid = collected - commission if body["kind"] == "net" else collected
    for name, sum_minor in (("collected", collected), ("commission", commission), ("paid", paid)):
        money = totals[name]
        if money["currency"] != body["currency"]:
            said = f"is in {money['currency']}, the remittance in {body['currency']}"
            yield Fault(f"/totals/{name}/currency", "other_currency", said)
        elif money["amount_minor"] != sum_minor:
            said = f"is {money['amount_minor']}, the lines make {sum_minor}"
            yield Fault(f"/totals/{name}", "total_differs", said)

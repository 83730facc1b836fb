"""Reports over all accounts, answered from the runs' snapshots (R3)."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.csv_answers import CSV, JSON, Cell, CsvReply
from chalicelib.api.operation import operation
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.reports import (
    AgingAnswer,
    AgingQuery,
    CollectionsAnswer,
    CollectionsQuery,
    NoticesAnswer,
    PeriodQuery,
)
from chalicelib.flows import aging_report
from chalicelib.flows.aging_report import AgingReport
from chalicelib.flows.collections_report import CollectionsReport
from chalicelib.flows.desk import Reply
from chalicelib.flows.report_notices import NoticesReport
from chalicelib.flows.snapshots import Snapshots

blueprint = Blueprint(__name__)
MEDIA = (JSON, CSV)


def snapshots(call: Call) -> Snapshots:
    """Return what reads the runs' snapshots."""
    return Snapshots(call.ports.recent, call.ports.archive)


@operation(
    blueprint,
    "GET",
    "/v1/reports/aging",
    summary="What is open, by age",
    roles=READERS,
    answers={200: AgingAnswer},
    query=AgingQuery,
    problems=(404,),
    media_types=MEDIA,
)
def aging(call: Call) -> Reply:
    """Answers what is open by age, as of a run (R3.1-R3.3).

    Open charges and unapplied cash are beside the buckets, never in them. The buckets' edges are
    those of the default policy. Money that is received later does not change a past day's report.
    Reads one file; by account up to 4 more, so that a page may be short and not be the last;
    without `as_of` up to 8 files and one query to find the newest. In CSV, amounts are columns of
    minor units beside one of the currency.
    """
    query = call.query(AgingQuery)
    asked = aging_report.AgingAsked(
        by=query.by, as_of=query.as_of, base=query.base, currency=query.currency or ""
    )
    about, rows, mark = AgingReport(snapshots(call)).aging(asked, call.mark(), query.limit)
    listed = call.listed(rows, mark)
    if call.wants_csv:
        return _csv([{"as_of": about["as_of"], "base": about["base"], **_aging_cells(row)}
                     for row in rows], _aging_columns(about), listed["next_cursor"])  # fmt: skip
    return Reply(200, {**about, **listed})


@operation(
    blueprint,
    "GET",
    "/v1/reports/collections",
    summary="How collecting went in a period",
    roles=READERS,
    answers={200: CollectionsAnswer},
    query=CollectionsQuery,
    problems=(404,),
    media_types=MEDIA,
)
def collections(call: Call) -> Reply:
    """Answers DSO, CEI, average days delinquent, promises kept, and charges, per currency (R3.4).

    The period runs from the snapshot of `from` to that of `to`; of a day without one, the nearest
    earlier one is taken, and the answer says which. Receivables are open principal, sales the
    invoices booked in the period; unapplied cash and charges are in neither. Reads up to 8 files
    and one query for each of the two days. In CSV, amounts are columns of minor units.
    """
    query = call.query(CollectionsQuery)
    body = CollectionsReport(snapshots(call)).collections(
        query.from_on, query.to_on, query.currency or ""
    )
    if call.wants_csv:
        return _csv([{**_about(body), **_flat(row)} for row in body["data"]], _COLLECTIONS)
    return Reply(200, body)


@operation(
    blueprint,
    "GET",
    "/v1/reports/notices",
    summary="What became of notices",
    roles=READERS,
    answers={200: NoticesAnswer},
    query=PeriodQuery,
    problems=(404,),
    media_types=MEDIA,
)
def notices(call: Call) -> Reply:
    """Answers, per kind of notice, how many were created, counted as sent, and cancelled (R11.3).

    The period runs from the snapshot of `from` to that of `to`; of a day without one, the nearest
    earlier one is taken, and the answer says which. What counted or was cancelled may have been
    created before. The states are those of the notices that were left at the period's end. Reads up
    to 8 files and one query for each of the two days.
    """
    query = call.query(PeriodQuery)
    body = NoticesReport(snapshots(call)).notices(query.from_on, query.to_on)
    if call.wants_csv:
        return _csv([{**_about(body), **row} for row in body["data"]], _NOTICES)
    return Reply(200, body)


_ENDS = ("from_on", "to_on", "opening_snapshot_on", "closing_snapshot_on", "days")
_COLLECTIONS = (
    *_ENDS, "currency", "opening_receivables_minor", "sales_minor", "closing_receivables_minor",
    "closing_current_minor", "days_sales_outstanding", "best_possible_days_sales_outstanding",
    "average_days_delinquent", "collection_effectiveness_percent", "promises_ended",
    "promises_kept", "promise_kept_rate", "charges_billed_minor", "charges_collected_minor",
    "charges_waived_minor", "charges_reversed_minor", "charges_voided_minor",
    "charges_closing_open_minor",
)  # fmt: skip
_NOTICES = (
    *_ENDS, "notice", "created", "counted", "cancelled", "pending", "sending", "sent", "unknown",
    "failed",
)  # fmt: skip


def _csv(
    rows: list[dict[str, Cell]], columns: tuple[str, ...], next_cursor: str | None = None
) -> CsvReply:
    return CsvReply(columns=columns, rows=rows, next_cursor=next_cursor)


def _about(body: dict[str, Any]) -> dict[str, Cell]:
    return {name: body[name] for name in _ENDS}


def _aging_columns(about: dict[str, Any]) -> tuple[str, ...]:
    group = aging_report.NAMES.get(about["by"])
    buckets = (f"{bucket}_minor" for bucket in about["buckets"])
    sums = ("principal_minor", "charges_minor", "unapplied_minor")
    return ("as_of", "base", *((group,) if group else ()), "currency", *buckets, *sums)


def _aging_cells(row: dict[str, Any]) -> dict[str, Cell]:
    cells = _flat({name: value for name, value in row.items() if name != "buckets"})
    buckets = {f"{one['bucket']}_minor": one["amount_minor"] for one in row["buckets"]}
    return {**cells, **buckets}


def _flat(row: dict[str, Any], prefix: str = "") -> dict[str, Cell]:
    """Return a row's cells: an amount as its minor units, what is inside under both names."""
    cells: dict[str, Cell] = {}
    for name, value in row.items():
        if not isinstance(value, dict):
            cells[f"{prefix}{name}"] = value
        elif "amount_minor" in value:
            cells[f"{prefix}{name}_minor"] = value["amount_minor"]
        else:
            cells |= _flat(value, f"{name}_")
    return cells

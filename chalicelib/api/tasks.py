"""Worklists: what each person is to do, ranked, with why (R6.1, R12.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.csv_answers import CSV, JSON, Cell, CsvReply
from chalicelib.api.operation import operation
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.tasks import NOBODY, WorklistAnswer, WorklistQuery
from chalicelib.core.calls import half_of
from chalicelib.flows.currencies import amount_in_words
from chalicelib.flows.desk import Reply
from chalicelib.flows.worklist import Asked, Worklist
from chalicelib.flows.worklist_rank import Moment

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/tasks",
    summary="Whom to call today, and why",
    roles=READERS,
    answers={200: WorklistAnswer},
    query=WorklistQuery,
    media_types=(JSON, CSV),
)
def worklist(call: Call) -> Reply:
    """Lists what a person is to do today over all accounts, ranked, each with why now (R6.1, R12.1).

    It has what they own, and what passes to them today because its owner is away. What they own
    stays in their own list while they are away, with `passed_to`. Tasks of an account are together.
    First come calls agreed for a time of this half of the day, in order of their time; then what
    can be done now; then calls for the afternoon. In each, accounts of the highest tier come first
    (R3.3), then the highest expected loss: in the reporting currency where every currency has a
    rate, else among accounts of one currency, in the order of the default policy's currencies.

    At most 2,000 tasks are ranked, the first to fall due; a warning says so when there are more.
    Each part of the list is ranked anew as of the day and half of the day in which the list began:
    a task that is done meanwhile moves no other, one whose account changed may be missing or come
    twice. Reads one query for the person and each of those whom they act for, and one for each 100
    accounts. What happened within the last second may not show yet. In CSV, amounts are texts in
    whole units, `expected_loss_minor` is in minor units.
    """
    query, ports = call.query(WorklistQuery), call.ports
    names = {"me": call.principal.person, NOBODY: ""}
    assignee = names.get(query.assignee, query.assignee)
    asked = Asked(assignee=assignee, kind=query.kind or "", due_by=query.due_by)
    stores = ports.task_reads, ports.accounts, ports.recent, ports.policies, ports.archive
    page = Worklist(*stores).page(asked, call.mark(), query.limit, _moment(call))
    listed = call.listed(page.rows, page.mark)
    if call.wants_csv:
        rows = [_cells(row) for row in page.rows]
        return CsvReply(columns=_COLUMNS, rows=rows, next_cursor=listed["next_cursor"])
    about = {
        "as_of": page.moment.today.isoformat(),
        "part": page.moment.part,
        "assignee": assignee or None,
        "is_away": page.is_away,
        "waiting": page.waiting,
        "warnings": page.warnings,
    }
    return Reply(200, {**about, **listed})


def _moment(call: Call) -> Moment:
    """Return the day and the half of it in the seller's zone."""
    here: datetime = call.caller.at.astimezone(call.ports.settings.seller_zone)
    return Moment(call.ports.today(), half_of(f"{here:%H:%M}"))


_COLUMNS = (
    "rank", "account_id", "account_name", "task_id", "kind", "due_on", "overdue_days", "part",
    "at_time", "why", "past_due", "oldest_days_past_due", "credit_status", "case_number",
    "risk_score", "tier", "expected_loss_minor", "expected_loss_currency", "reasons", "assignee",
    "passed_to", "nobody_in", "subject",
)  # fmt: skip


def _cells(row: dict[str, Any]) -> dict[str, Cell]:
    """Return a row of the list as cells: its lists as texts."""
    loss = row["expected_loss"] or {}
    return {
        **{name: value for name, value in row.items() if name in _COLUMNS},
        **{name: value for name, value in row["task"].items() if name in _COLUMNS},
        "why": " ".join(row["why"]),
        "reasons": " ".join(one["detail"] for one in row["reasons"]),
        "past_due": "; ".join(
            amount_in_words(one["amount_minor"], one["currency"]) for one in row["past_due"]
        ),
        "expected_loss_minor": loss.get("amount_minor"),
        "expected_loss_currency": loss.get("currency"),
        "nobody_in": "yes" if row["nobody_in"] else "",
    }

"""What happened to an account, in order: decided, booked, done by people; and every contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.core.effects import Event
from chalicelib.flows.evidence_files import Cell, major
from chalicelib.flows.evidence_gather import Gathered
from chalicelib.flows.timeline import rows_of

ALL = 1_000_000  # invoices of a row
TIMELINE_COLUMNS = (
    "on", "at", "source", "kind", "subject", "invoice_id", "currency", "amount", "actor",
    "reason_code", "sentence", "note", "figures", "rules", "policy", "change",
)  # fmt: skip
CONTACT_COLUMNS = (
    "on", "at", "direction", "channel", "outcome", "who", "subject", "contact_id", "note",
)  # fmt: skip
# Events of letters that say something of their way to the customer.
LETTER_EVENTS: Mapping[str, str] = {
    "notice_sent": "sent",
    "notice_posted": "posted",
    "notice_delivered": "delivered",
    "notice_delayed": "delayed",
    "notice_returned": "returned",
    "notice_rejected": "rejected",
    "notice_complained_of": "complained_of",
    "notice_failed": "failed",
    "notice_unknown": "unknown",
}


def timeline_values(found: Gathered) -> Iterator[dict[str, Any]]:
    """Yield every line of the account's log, the oldest first, with the change that wrote it.

    Of one change: what a person did, then what was booked, then what was decided, as the account's
    timeline has it the other way round.
    """
    for lines in found.log:
        for row in reversed(list(rows_of(lines, ALL))):
            yield {**row, "change": lines.key}


def timeline_rows(found: Gathered) -> Iterator[dict[str, Cell]]:
    """Yield the same as rows of a table."""
    for values in timeline_values(found):
        row: dict[str, Cell] = {
            name: values.get(name)
            for name in TIMELINE_COLUMNS
            if name not in ("amount", "currency", "figures", "rules", "sentence")
        }
        amount = values.get("amount")
        if amount:
            row["currency"] = amount["currency"]
            row["amount"] = major(amount["amount_minor"], amount["currency"])
        row["sentence"] = values.get("sentence") or values.get("basis")
        figures = dict(values.get("figures", {}))
        row["figures"] = "; ".join(f"{name}: {value}" for name, value in figures.items())
        row["rules"] = " ".join(values.get("rules", ()))
        yield row


def contact_rows(found: Gathered) -> Iterator[dict[str, Cell]]:
    """Yield every contact with the customer, in or out, on any channel (R6.2), letters among them."""
    for event in found.events:
        row = _contact(event)
        if row is not None:
            yield {"on": event.on, "at": event.at, "who": event.actor, "note": event.note, **row}


def _contact(event: Event) -> dict[str, Cell] | None:
    said = event.figures
    if event.kind == "activity":
        return {
            "direction": said.get("direction"),
            "channel": said.get("channel"),
            "outcome": said.get("outcome"),
            "contact_id": event.subject,
        }
    if event.kind in LETTER_EVENTS:
        posted = event.kind == "notice_posted"
        return {
            "direction": "out",
            "channel": "letter" if posted else "email",
            "outcome": LETTER_EVENTS[event.kind],
            "subject": event.subject,
            "contact_id": said.get("contact_id", said.get("contact_ids", "")),
        }
    return None

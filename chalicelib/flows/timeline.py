"""An account's timeline: what was booked, what was decided and what people did, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date
from typing import Any

from chalicelib.core.effects import Effect, Entry, Event
from chalicelib.core.errors import NotFoundError
from chalicelib.flows.effect_rules import rules_of
from chalicelib.flows.explain_words import in_words
from chalicelib.flows.ports import Accounts, LogLines

CHANGES_PER_READ = 25
READS_MAX = 8  # of one answer, two requests each
INVOICES_SHOWN = 100  # of a row
_ALL = 1_000_000  # more rows than a change has: the change is done with
_AFTER = "~"  # above everything that may follow in a key: the change itself is read again
_NAMES = {  # the fields of effects and entries under the names that rows have for them
    "id": "subject",
    "ref": "subject",
    "reason": "reason_code",
    "because": "reason_code",
    "evidence": "basis",
    "past_due_minor": "amount_minor",
}
_KNOWN = frozenset(
    {
        "on", "value_on", "subject", "invoice_id", "charge_id", "stage", "charge", "notice", "block",
        "reason_code", "basis", "capped_by",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timeline:
    """Reads timelines, page by page."""

    accounts: Accounts

    def page(
        self, account_id: str, mark: str, limit: int, *, source: str = "", kind: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return rows from a mark on, and the mark where the next page begins, None at the end.

        At most 8 reads of 25 changes: with filters a page may be short, or empty, and not be the
        last. A mark is a change's key and how many of its rows were gone through.

        Raises:
            NotFoundError: there is no such account.
        """
        key, _, gone = mark.rpartition("|")
        before = f"{key}{_AFTER}" if key else ""
        found: list[dict[str, Any]] = []
        for _ in range(READS_MAX):
            page = self.accounts.timeline(account_id, before, CHANGES_PER_READ)
            if not (page.rows or mark or self.accounts.heads([account_id])):
                raise NotFoundError(f"there is no account {account_id[:64]!r}")
            for lines in page.rows:
                first = int(gone) if lines.key == key else 0
                for index, row in enumerate(rows_of(lines)):
                    if index < first or not _is_asked(row, source, kind):
                        continue
                    if len(found) == limit:
                        return found, f"{lines.key}|{index}"
                    found.append(row)
            if page.mark is None:
                return found, None
            before = page.mark
        return found, f"{before}|{_ALL}"


def _is_asked(row: dict[str, Any], source: str, kind: str) -> bool:
    return source in ("", row["source"]) and kind in ("", row["kind"])


def rows_of(lines: LogLines, invoices_shown: int = INVOICES_SHOWN) -> Iterator[dict[str, Any]]:
    """Yield a change's rows, the last thing first: decided, then booked, then what a person did."""
    policy = {"policy": lines.policy} if lines.policy else {}
    for effect in reversed(lines.effects):
        why = {"rules": list(rules_of(effect)), "sentence": in_words(effect)}
        said = _values(effect, invoices_shown)
        yield {"source": "decision", "kind": effect.kind, **said, **why, **policy}
    for entry in reversed(lines.entries):
        yield {"source": "ledger", "kind": entry.kind, **_values(entry, invoices_shown), **policy}
    for event in reversed(lines.events):
        yield {"source": "action", "kind": event.kind, **_event_values(event), **policy}


def _values(line: Effect | Entry, invoices_shown: int) -> dict[str, Any]:
    """Return the values of an effect or entry; what rows have no field for is a figure, as text."""
    raw = {_NAMES.get(name, name): value for name, value in asdict(line).items()}
    for name in ("kind", "account_id"):
        raw.pop(name, None)
    values: dict[str, Any] = {}
    if "amount_minor" in raw and raw.get("currency"):
        amount = {"amount_minor": raw.pop("amount_minor"), "currency": raw.pop("currency")}
        values["amount"] = amount
    names = raw.pop("invoice_ids", ())
    if names:
        values |= {"invoice_ids": list(names[:invoices_shown]), "invoices": len(names)}
    figures = {}
    for name, value in raw.items():
        if value in (None, ""):
            continue
        if name in _KNOWN:
            values[name] = value.isoformat() if isinstance(value, date) else value
        else:
            figures[name] = str(value)
    return values | ({"figures": figures} if figures else {})


def _event_values(event: Event) -> dict[str, Any]:
    values = {
        "on": event.on.isoformat(),
        "at": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "actor": event.actor,
        "subject": event.subject,
        "reason_code": event.reason_code,
        "note": event.note,
        "figures": dict(event.figures),
    }
    return {name: value for name, value in values.items() if value}

"""One line of the facts file, as the fact it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from chalicelib.core import facts
from chalicelib.core.facts import Fact
from chalicelib.core.holds import PREPAID, RULES
from chalicelib.flows.ledger_columns import (
    DAY,
    NEEDED_DAY,
    NEEDED_TEXT,
    TEXT,
    Column,
)
from chalicelib.flows.ledger_fact_agreements import (
    PLAN_END,
    PLAN_FIELDS,
    PLAN_ID,
    PROMISE_FIELDS,
    PROMISE_ID,
    read_plan,
    read_plan_approved,
    read_plan_cancelled,
    read_promise,
    read_promise_approved,
    read_promise_withdrawn,
)
from chalicelib.flows.ledger_fact_disputes import (
    DISPUTE_FIELDS,
    RESOLUTION_FIELDS,
    read_dispute,
    read_resolution,
)
from chalicelib.flows.ledger_fact_line import FactLine
from chalicelib.flows.ledger_fact_tasks import TASK_FIELDS, read_completed
from chalicelib.flows.ledger_faults import shown, suggestion

CHANNELS = (
    "phone",
    "call",
    "email",
    "letter",
    "sms",
    "post",
    "portal",
    "visit",
    "other",
    "fax",
    "chat",
)
HOLD_REASONS = (*RULES, PREPAID)
BLOCKS = ("in_plan", "placed", "reply_waiting", "allocating", "legal_stop")
COMMON_FIELDS: Mapping[str, Column] = {
    "on": NEEDED_DAY,
    "account_id": NEEDED_TEXT,
    "kind": NEEDED_TEXT,
}


def read_fact(kind: str, line: FactLine) -> Fact | None:
    """Return the fact of a line of this kind, or None when it has faults (the cells hold them)."""
    fact = KINDS[kind].read(line)
    return None if line.cells.faults else fact


def unknown_kind(kind: str) -> str:
    """Return the sentence for a kind of fact that does not exist."""
    return f"{shown(kind)} is no kind of fact{suggestion(kind, KINDS) or '; known are ' + _KNOWN}"


def _pause(line: FactLine) -> Fact | None:
    until = line.not_before("until", line.cells.needed_day("until"))
    invoice_id, reason = line.optional_invoice_id(), line.cells.text("reason")
    return facts.Pause(line.on, until, invoice_id, reason) if until else None


def _extension(line: FactLine) -> Fact | None:
    invoice, due_on = line.invoice(), line.cells.needed_day("due_on")
    if invoice is None or due_on is None:
        return None
    present = line.known.due_on(invoice.invoice_id, line.on)
    if present and due_on < present:
        detail = (
            f"{due_on} is before the present due date, {present}: the invoice falls due earlier"
        )
        line.cells.note("due_on", "due_earlier", detail)
    return facts.Extension(line.on, invoice.invoice_id, due_on)


def _delivery(line: FactLine) -> Fact | None:
    invoice = line.invoice(before_issue=True)
    if invoice is None:
        return None
    # What went out before its issue date counts from there, as in the column `delivered_on`.
    return facts.Delivery(max(line.on, invoice.issued_on), invoice.invoice_id)


def _contact(line: FactLine) -> Fact | None:
    said = line.cells.one_of("direction", ("in", "out", "inbound", "outbound"))
    direction: Literal["in", "out"] = "in" if said in ("in", "inbound") else "out"
    channel = line.cells.text("channel")
    if channel and channel not in CHANNELS:
        detail = f"{shown(channel)} is no channel that is known{_nearest(channel, CHANNELS)}"
        line.cells.note("channel", "unknown_channel", detail)
    return facts.Contact(line.on, direction, channel, line.cells.text("outcome"))


def _block(line: FactLine) -> Fact | None:
    block, invoice_ids = line.cells.one_of("block", BLOCKS), line.invoice_ids()
    currency = line.cells.optional_currency()
    until = line.not_before("until", line.cells.day("until"))
    return facts.BlockSet(line.on, block, invoice_ids, currency, until) if block else None


def _block_ended(line: FactLine) -> Fact | None:
    block, invoice_ids = line.cells.one_of("block", BLOCKS), line.invoice_ids()
    return facts.BlockEnded(line.on, block, invoice_ids) if block else None


def _payment_reversed(line: FactLine) -> Fact | None:
    payment_id = line.cells.id("payment_id")
    if payment_id is None:
        return None
    found = line.known.payment(payment_id)
    if found is None or found[0] != line.account_id:
        detail = f"payment {shown(payment_id)} is not in the ledger of this account"
        line.cells.refuse("payment_id", "unknown_payment", detail)
    elif line.on < found[1].on:
        detail = f"{line.on} is before the payment was booked, {found[1].on}"
        line.cells.refuse("on", "before_booking", detail)
    return facts.PaymentReversed(line.on, payment_id)


def _void(line: FactLine) -> Fact | None:
    invoice = line.invoice()
    return facts.InvoiceVoided(line.on, invoice.invoice_id) if invoice else None


def _write_off(line: FactLine) -> Fact | None:
    invoice, reason = line.invoice(), _reason(line)
    return facts.InvoiceWrittenOff(line.on, invoice.invoice_id, reason) if invoice else None


def _waiver(line: FactLine) -> Fact | None:
    invoice, reason = line.invoice(), _reason(line)
    charge_id = line.cells.text("charge_id") if line.cells.needed("charge_id") else ""
    return facts.ChargeWaived(line.on, invoice.invoice_id, charge_id, reason) if invoice else None


def _hold_released(line: FactLine) -> Fact | None:
    reason = _reason(line)
    if reason and reason not in HOLD_REASONS:
        detail = f"{shown(reason)} is no reason of a hold{_nearest(reason, HOLD_REASONS)}"
        line.cells.note("reason", "unknown_reason", detail)
    return facts.HoldReleased(line.on, reason)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    return suggestion(word, known) or f"; known are {', '.join(known)}"


def _reason(line: FactLine) -> str:
    return line.cells.text("reason") if line.cells.needed("reason") else ""


@dataclass(frozen=True, slots=True)
class FactKind:
    """The fields of a kind of fact beside the common ones, and how it is read."""

    read: Callable[[FactLine], Fact | None]
    fields: Mapping[str, Column]

    @property
    def all_fields(self) -> Mapping[str, Column]:
        """Every field that a line of this kind may have."""
        return {**COMMON_FIELDS, **self.fields}


_IDS = Column("ids")
KINDS: Mapping[str, FactKind] = {
    "dispute": FactKind(read_dispute, DISPUTE_FIELDS),
    "dispute_resolved": FactKind(read_resolution, RESOLUTION_FIELDS),
    "pause": FactKind(_pause, {"invoice_id": TEXT, "until": NEEDED_DAY, "reason": TEXT}),
    "promise": FactKind(read_promise, PROMISE_FIELDS),
    "promise_withdrawn": FactKind(read_promise_withdrawn, PROMISE_ID),
    "promise_approved": FactKind(read_promise_approved, PROMISE_ID),
    "plan": FactKind(read_plan, PLAN_FIELDS),
    "plan_approved": FactKind(read_plan_approved, PLAN_ID),
    "plan_cancelled": FactKind(read_plan_cancelled, PLAN_END),
    "extension": FactKind(_extension, {"invoice_id": NEEDED_TEXT, "due_on": NEEDED_DAY}),
    "delivery": FactKind(_delivery, {"invoice_id": NEEDED_TEXT}),
    "contact": FactKind(_contact, {"direction": NEEDED_TEXT, "channel": TEXT, "outcome": TEXT}),
    "block": FactKind(
        _block, {"block": NEEDED_TEXT, "invoice_ids": _IDS, "currency": TEXT, "until": DAY}
    ),
    "block_ended": FactKind(_block_ended, {"block": NEEDED_TEXT, "invoice_ids": _IDS}),
    "payment_reversed": FactKind(_payment_reversed, {"payment_id": NEEDED_TEXT}),
    "void": FactKind(_void, {"invoice_id": NEEDED_TEXT}),
    "write_off": FactKind(_write_off, {"invoice_id": NEEDED_TEXT, "reason": NEEDED_TEXT}),
    "waiver": FactKind(
        _waiver, {"invoice_id": NEEDED_TEXT, "charge_id": NEEDED_TEXT, "reason": NEEDED_TEXT}
    ),
    "hold_released": FactKind(_hold_released, {"reason": NEEDED_TEXT}),
    "task_completed": FactKind(read_completed, TASK_FIELDS),
}
_KNOWN = ", ".join(KINDS)

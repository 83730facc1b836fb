"""The tables of an account's evidence: invoices, money, agreements, holds, tasks, one row each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.core.account import Account, Allocated
from chalicelib.core.invoice import Invoice
from chalicelib.flows.evidence_files import Cell, major
from chalicelib.flows.evidence_gather import Gathered
from chalicelib.flows.invoice_view import status_of

Row = dict[str, Cell]
IDS_SHOWN = 400  # of 64 characters each they fill a spreadsheet's cell


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: its columns and rows."""

    columns: Sequence[str]
    rows: Iterator[Row]


def tables_of(found: Gathered) -> Mapping[str, Table]:
    """Return the tables of what an account holds, by their files' names without the ending."""
    account = found.account
    return {
        "invoices": Table(_INVOICE, _invoices(found)),
        "payments": Table(_MONEY, _payments(found)),
        "allocations": Table(_PART, _allocations(found)),
        "contacts": Table(_CONTACT, _contacts(found)),
        "promises": Table(_PROMISE, _promises(account)),
        "plan_instalments": Table(_INSTALMENT, _instalments(account)),
        "disputes": Table(_DISPUTE, _disputes(account)),
        "holds": Table(_HOLD, _holds(account)),
        "tasks_open": Table(_TASK, _tasks(account)),
        "placements": Table(_PLACEMENT, _placements(account)),
    }


_INVOICE = (
    "invoice_id", "status", "currency", "amount", "opened", "open", "disputed", "open_charges",
    "issued_on", "delivered_on", "due_on", "extended_due_on", "effective_due_on", "first_seen_on",
    "po_number", "stages", "last_notice_on",
)  # fmt: skip
_MONEY = (
    "id", "kind", "received_on", "booked_on", "currency", "amount", "applied", "unapplied",
    "bounced", "reference", "reason", "named_invoices", "placement_id",
)  # fmt: skip
_PART = ("id", "kind", "what", "invoice_id", "charge_id", "currency", "amount")
_CONTACT = (
    "contact_id", "name", "email", "phone", "roles", "locale", "opted_out", "mark", "marked_on",
)  # fmt: skip
_PROMISE = (
    "promise_id", "made_on", "made_by", "by", "currency", "amount", "received", "outcome",
    "ended_on", "invoices",
)  # fmt: skip
_INSTALMENT = (
    "plan_id", "plan_state", "made_on", "number", "due_on", "currency", "amount", "paid", "paid_on",
    "missed_on",
)  # fmt: skip
_DISPUTE = (
    "dispute_id", "invoice_id", "opened_on", "opened_by", "reason", "currency", "amount", "owner",
    "due_on", "reference", "outcome", "resolved_on", "closed_on", "closed_because",
)  # fmt: skip
_HOLD = (
    "hold_id", "held_as", "reason", "since", "by", "evidence", "invoices", "released_until",
    "released_by",
)  # fmt: skip
_TASK = ("task_id", "kind", "opened_on", "due_on", "assignee", "why", "subject", "invoices")
_PLACEMENT = (
    "placement_id", "agency", "state", "outcome", "currency", "placed", "balance", "made_on",
    "offered_on", "accepted_on", "ended_on", "closed_on", "agency_reference", "invoices",
)  # fmt: skip


def _invoices(found: Gathered) -> Iterator[Row]:
    for one in found.invoices:
        yield {
            "invoice_id": one.id,
            "status": status_of(one),
            "currency": one.currency,
            "amount": major(one.amount_minor, one.currency),
            "opened": major(one.opened_minor, one.currency),
            "open": major(one.open_minor, one.currency),
            "disputed": major(one.disputed_minor, one.currency),
            "open_charges": major(one.open_charges_minor, one.currency),
            "issued_on": one.issued_on,
            "delivered_on": one.delivered_on,
            "due_on": one.due_on,
            "extended_due_on": one.extended_due_on,
            "effective_due_on": one.effective_due_on,
            "first_seen_on": one.seen_on,
            "po_number": one.po_number,
            "stages": _stages(one),
            "last_notice_on": one.noticed_on,
        }


def _ids(names: Sequence[str]) -> str:
    """Return ids in one cell, as many as a spreadsheet's cell takes; JSON has them all."""
    said = " ".join(names[:IDS_SHOWN])
    more = len(names) - IDS_SHOWN
    return f"{said} and {more} more (see the .json files)" if more > 0 else said


def _stages(invoice: Invoice) -> str:
    return ", ".join(f"{one.stage} on {one.on.isoformat()}" for one in invoice.applied)


def _payments(found: Gathered) -> Iterator[Row]:
    for one in found.money:
        applied = sum(part.amount_minor for part in one.allocations)
        yield {
            "id": one.id,
            "kind": one.kind,
            "received_on": one.value_on,
            "booked_on": one.booked_on,
            "currency": one.currency,
            "amount": major(one.amount_minor, one.currency),
            "applied": major(applied, one.currency),
            "unapplied": major(one.unapplied_minor, one.currency),
            "bounced": one.bounced,
            "reference": one.reference,
            "reason": one.reason,
            "named_invoices": _ids(one.invoice_ids),
            "placement_id": one.placement_id,
        }


def _allocations(found: Gathered) -> Iterator[Row]:
    """Yield where each payment and credit note went, part by part, and what it led to (R7.1-R7.4)."""
    for one in found.money:
        kinds: tuple[tuple[str, tuple[Allocated, ...]], ...] = (
            ("", one.allocations),
            ("written_off_with_it", one.written_off),
            ("charge_taken_back_by_it", one.reversals),
        )
        for said, parts in kinds:
            for part in parts:
                what = said or ("principal" if part.charge_id is None else "charge")
                yield {
                    "id": one.id,
                    "kind": one.kind,
                    "what": what,
                    "invoice_id": part.invoice_id,
                    "charge_id": part.charge_id,
                    "currency": one.currency,
                    "amount": major(part.amount_minor, one.currency),
                }


def _contacts(found: Gathered) -> Iterator[Row]:
    for one in found.contacts:
        yield {
            "contact_id": one.id,
            "name": one.name,
            "email": one.email,
            "phone": one.phone,
            "roles": " ".join(sorted(one.roles)),
            "locale": one.locale,
            "opted_out": one.opted_out,
            "mark": one.mark,
            "marked_on": one.marked_on,
        }


def _promises(account: Account) -> Iterator[Row]:
    for one in account.promises:
        outcome = "waits for approval" if one.needs_approval else "in force"
        if one.kept_on is not None:
            outcome = "kept"
        elif one.broken_on is not None:
            outcome = "broken"
        elif one.withdrawn_on is not None:
            outcome = one.ended_because or "withdrawn"
        yield {
            "promise_id": one.id,
            "made_on": one.made_on,
            "made_by": one.made_by,
            "by": one.by,
            "currency": one.currency,
            "amount": major(one.amount_minor, one.currency),
            "received": major(one.received_minor, one.currency),
            "outcome": outcome,
            "ended_on": one.ended_on,
            "invoices": _ids(sorted(one.invoice_ids)),
        }


def _instalments(account: Account) -> Iterator[Row]:
    for plan in account.plans.values():
        for one in plan.instalments:
            yield {
                "plan_id": plan.id,
                "plan_state": plan.state,
                "made_on": plan.made_on,
                "number": one.number,
                "due_on": one.due_on,
                "currency": plan.currency,
                "amount": major(one.amount_minor, plan.currency),
                "paid": major(one.paid_minor, plan.currency),
                "paid_on": one.paid_on,
                "missed_on": one.missed_on,
            }


def _disputes(account: Account) -> Iterator[Row]:
    for one in sorted(account.disputes.values(), key=lambda one: (one.opened_on, one.id)):
        yield {
            "dispute_id": one.id,
            "invoice_id": one.invoice_id,
            "opened_on": one.opened_on,
            "opened_by": one.opened_by,
            "reason": one.reason_code,
            "currency": one.currency,
            "amount": major(one.amount_minor, one.currency),
            "owner": one.owner,
            "due_on": one.due_on,
            "reference": one.reference,
            "outcome": one.outcome,
            "resolved_on": one.resolved_on,
            "closed_on": one.closed_on,
            "closed_because": one.closed_because,
        }


def _holds(account: Account) -> Iterator[Row]:
    for one in sorted(account.holds.values(), key=lambda one: (one.since, one.reason)):
        yield {
            "hold_id": one.id,
            "held_as": one.held_as,
            "reason": one.reason,
            "since": one.since,
            "by": one.by,
            "evidence": one.evidence,
            "invoices": _ids(one.invoice_ids),
            "released_until": None if one.release is None else one.release.until,
            "released_by": None if one.release is None else one.release.by,
        }


def _tasks(account: Account) -> Iterator[Row]:
    for one in sorted(account.tasks.values(), key=lambda one: (one.due_on, one.id)):
        yield {
            "task_id": one.id,
            "kind": one.kind,
            "opened_on": one.opened_on,
            "due_on": one.due_on,
            "assignee": one.assignee,
            "why": one.why,
            "subject": one.subject,
            "invoices": _ids(one.invoice_ids),
        }


def _placements(account: Account) -> Iterator[Row]:
    for one in sorted(account.placements.values(), key=lambda one: (one.made_on, one.id)):
        yield {
            "placement_id": one.id,
            "agency": one.agency,
            "state": one.state,
            "outcome": one.outcome,
            "currency": one.currency,
            "placed": major(one.placed_minor, one.currency),
            "balance": major(one.balance_minor, one.currency),
            "made_on": one.made_on,
            "offered_on": one.offered_on,
            "accepted_on": one.accepted_on,
            "ended_on": one.ended_on,
            "closed_on": one.closed_on,
            "agency_reference": one.agency_reference,
            "invoices": _ids(sorted(one.invoice_ids)),
        }

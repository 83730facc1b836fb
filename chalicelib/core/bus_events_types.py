"""The catalogue of events: every type that the bus may carry, when it is told, and what it holds.

The JSON Schema, the reference page and the checks all derive from it. Types are only ever added,
and optional fields; what a type means never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of events: when it is told, the fields that its data has, and those it may have."""

    name: str
    when: str
    has: tuple[str, ...]
    may_have: tuple[str, ...] = ()


def _type(name: str, when: str, has: str, may_have: str = "") -> EventType:
    return EventType(name, when, tuple(has.split()), tuple(may_have.split()))


_ENTRY = "amount entry ref value_on"
_CHARGE = f"charge_id invoice_id {_ENTRY}"
_TOLD_OF_CHARGE = "charge stage reason_code"
_PLACEMENT = "placement_id state"
_TOLD_OF_PLACEMENT = "agency_id balance outcome reason_code effective_on"
_SETTLEMENT = "placement_id agency_id amount"
_TOLD_OF_SETTLEMENT = "settlement_id effective_on reason_code"
_NOTICE = "notice_id notice"
_PLAN = "plan_id state amount_open"
_PROMISE = "promise_id amount due_on"

LEDGER_TYPES = (
    _type(
        "invoice.opened",
        "An invoice was taken in; `amount`: what was open of it then.",
        f"invoice_id {_ENTRY}",
        "due_on issued_on",
    ),
    _type(
        "invoice.adjusted",
        "The ERP states that more or less of an invoice is open.",
        f"invoice_id direction {_ENTRY}",
        "reason_code",
    ),
    _type(
        "invoice.voided",
        "An invoice was cancelled; `amount`: what was cancelled, its charges with it.",
        f"invoice_id {_ENTRY}",
        "reason_code",
    ),
    _type(
        "invoice.written_off",
        "Open principal of an invoice was given up.",
        f"invoice_id {_ENTRY}",
        "reason_code",
    ),
    _type(
        "invoice.write_off_reversed",
        "What was given up is owed again, because a payment bounced.",
        f"invoice_id {_ENTRY}",
        "reason_code",
    ),
    _type(
        "charge.posted",
        "A late fee, interest or another charge was posted, or what was waived is owed again.",
        _CHARGE,
        _TOLD_OF_CHARGE,
    ),
    _type(
        "charge.reversed",
        "A charge was taken back: the money had come in by value date.",
        _CHARGE,
        _TOLD_OF_CHARGE,
    ),
    _type("charge.waived", "What was open of a charge was waived.", _CHARGE, _TOLD_OF_CHARGE),
    _type(
        "charge.voided",
        "What a bounced payment had paid of a charge was cancelled: its invoice was.",
        _CHARGE,
        _TOLD_OF_CHARGE,
    ),
    _type(
        "charge.adjusted",
        "The ERP states that more or less of a charge is open.",
        f"direction {_CHARGE}",
        _TOLD_OF_CHARGE,
    ),
    _type(
        "payment.booked",
        "A payment was booked, whatever it was applied to.",
        f"payment_id {_ENTRY}",
        "placement_id",
    ),
    _type("payment.reversed", "A payment bounced.", f"payment_id {_ENTRY}", "placement_id"),
    _type(
        "credit_note.booked",
        "A credit note was booked.",
        f"credit_note_id {_ENTRY}",
        "invoice_id",
    ),
)

INVOICE_TYPES = (
    _type("invoice.closed", "Nothing of an invoice is open any more.", "invoice_id", "value_on"),
    _type("invoice.reopened", "Something of a closed invoice is open again.", "invoice_id"),
    _type("invoice.delivered", "An invoice was sent to the customer.", "invoice_id"),
    _type(
        "invoice.due_date_moved",
        "The effective due date of an invoice moved.",
        "invoice_id due_on was_due_on",
    ),
)

DUNNING_TYPES = (
    _type("stage.applied", "A stage of the policy was applied to an invoice.", "invoice_id stage"),
    _type(
        "charge.stopped",
        "A charge could not be worked out and was not posted.",
        "charge_id invoice_id stage charge reason_code",
    ),
    _type(
        "notice.created",
        "A notice was created and will be sent.",
        f"{_NOTICE} amount_past_due invoice_ids invoice_count",
        "stage",
    ),
    _type("notice.sent", "The mail service took a notice.", f"{_NOTICE} attempt"),
    _type(
        "notice.delivered",
        "A notice arrived with an addressee.",
        f"{_NOTICE} attempt",
        "contact_id",
    ),
    _type(
        "notice.delayed",
        "The delivery of a notice takes longer.",
        f"{_NOTICE} attempt",
        "contact_id",
    ),
    _type(
        "notice.bounced",
        "A notice came back from an addressee; `reason_code`: `bounced` or `suppressed` (for good), "
        "or `soft`.",
        f"{_NOTICE} attempt reason_code",
        "contact_id",
    ),
    _type(
        "notice.complained_of",
        "An addressee complained about a notice.",
        f"{_NOTICE} attempt",
        "contact_id",
    ),
    _type(
        "notice.rejected",
        "The mail service refused a notice.",
        f"{_NOTICE} attempt",
        "contact_id",
    ),
    _type("notice.unknown", "Nobody can say whether a notice was sent.", f"{_NOTICE} attempt"),
    _type("notice.failed", "A notice could not be sent: a person has it.", f"{_NOTICE} attempt"),
    _type("notice.counted", "A notice counts as sent.", _NOTICE),
    _type("notice.posted", "A person posted a notice; it counts as sent.", _NOTICE),
    _type("notice.cancelled", "A notice was cancelled before it was sent.", _NOTICE),
    _type("notice.revived", "A notice that counted came back after all.", _NOTICE),
    _type(
        "statement.created",
        "A statement of account was created and will be sent.",
        "statement_id amount_open amount_past_due",
    ),
    _type("dunning.paused", "Dunning rests, for an invoice or the account.", "until invoice_ids"),
    _type(
        "dunning.resumed",
        "A pause ended before its last day.",
        "until invoice_ids",
    ),
    _type(
        "block.set",
        "Something that keeps invoices out of dunning was said from outside.",
        "block invoice_ids invoice_count",
        "until reason_code",
    ),
    _type(
        "block.ended",
        "Such a block ended.",
        "block invoice_ids invoice_count",
        "until reason_code",
    ),
)

HOLD_TYPES = (
    _type(
        "hold.placed",
        "A credit hold was placed, by a rule or a person.",
        "hold_id status",
        "reason_code",
    ),
    _type("hold.released", "A credit hold ended or was released.", "hold_id", "reason_code"),
    _type(
        "hold.released_until",
        "A hold was released through a day.",
        "hold_id until",
        "reason_code",
    ),
    _type(
        "credit_status.changed",
        "The credit status of the account changed.",
        "status status_before may_ship",
    ),
    _type(
        "release_request.opened",
        "Somebody asks to let an order through.",
        "request_id amount",
        "assignee",
    ),
    _type(
        "release_request.approved",
        "A request was approved.",
        "request_id amount",
        "until reason_code",
    ),
    _type(
        "release_request.declined", "A request was declined.", "request_id amount", "reason_code"
    ),
)

AGREEMENT_TYPES = (
    _type(
        "promise.made",
        "A promise to pay was taken; `state`: `in_force` or `pending_approval`.",
        f"{_PROMISE} state invoice_ids invoice_count",
    ),
    _type("promise.approved", "A promise that needed it was approved.", _PROMISE),
    _type("promise.kept", "A promise was kept.", "promise_id amount amount_received"),
    _type("promise.broken", "A promise was broken.", "promise_id amount amount_received"),
    _type("promise.withdrawn", "A promise was taken back.", "promise_id amount amount_received"),
    _type(
        "promise.lapsed",
        "A promise ended by itself; `reason_code`: `not_approved` or `nothing_open`.",
        "promise_id amount amount_received reason_code",
    ),
    _type("promise.reopened", "A promise that had ended goes on: a payment bounced.", _PROMISE),
    _type("payment_plan.proposed", "A payment plan waits for an approval.", _PLAN),
    _type("payment_plan.started", "A payment plan is in force, or is so again.", _PLAN),
    _type("payment_plan.completed", "A payment plan is paid.", _PLAN),
    _type("payment_plan.broken", "A payment plan is broken: dunning resumes.", _PLAN),
    _type("payment_plan.cancelled", "A payment plan was ended, or not approved.", _PLAN),
    _type(
        "payment_plan.instalment_missed",
        "An instalment was not paid in time; `amount`: what is open of it.",
        "plan_id instalment due_on amount",
    ),
    _type(
        "dispute.opened",
        "The customer objects to an invoice, or to a part of it.",
        "dispute_id invoice_id amount",
        "assignee due_on reason_code",
    ),
    _type(
        "dispute.reassigned",
        "A dispute has another owner or date.",
        "dispute_id invoice_id",
        "assignee due_on",
    ),
    _type(
        "dispute.resolved",
        "It was said who is right: the customer `won`, `lost`, or `partly` won.",
        "dispute_id invoice_id outcome",
        "amount",
    ),
    _type(
        "dispute.closed",
        "Nothing of the invoice is out of dunning for it any more.",
        "dispute_id invoice_id",
        "reason_code",
    ),
    _type("dispute.reopened", "A dispute that was closed stands again.", "dispute_id invoice_id"),
)

WORK_TYPES = (
    _type("task.opened", "A person is asked to do something.", "task_id task due_on", "assignee"),
    _type(
        "task.closed", "A task is done, or there is nothing left to do.", "task_id task reason_code"
    ),
    _type("case.opened", "A case was opened: the first stage.", "case_id"),
    _type("case.closed", "Nothing is past due any more.", "case_id"),
    _type(
        "activity.recorded",
        "A contact with the customer was recorded.",
        "channel direction outcome effective_on",
        "contact_id",
    ),
)

# What a placement's move is told as (R10.4), with when.
PLACEMENT_MOVES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "propose": ("proposed", "Invoices are to be placed: a draft."),
        "submit": ("submitted", "A draft waits for an approval."),
        "lapse": ("lapsed", "Nothing of what was to be placed is left."),
        "approve": ("offered", "A placement was approved and is offered to the agency."),
        "decline": ("declined", "A placement was not approved."),
        "accept": ("accepted", "The agency accepted."),
        "reject": ("rejected", "The agency rejected."),
        "expire": ("expired", "The agency did not answer in time."),
        "withdraw": ("withdrawn", "The offer was withdrawn."),
        "suspend": ("suspended", "The agency is to rest."),
        "resume": ("resumed", "The agency may go on."),
        "recall": ("recall_requested", "The placement was recalled; `effective_on`: from when."),
        "object": ("recall_objected", "The agency objected to the recall."),
        "move_recall": ("recall_moved", "The recall counts from another day."),
        "cancel_recall": ("recall_cancelled", "The recall was taken back."),
        "recalled": ("recalled", "The recall counts."),
        "return": ("returned", "The agency gave it back."),
        "paid": ("paid", "All of it is paid."),
        "settled": ("settled", "A settlement was paid; the rest is given up."),
        "close": ("closed", "The placement is closed, its money settled."),
        "settlement_proposed": ("settlement_proposed", "The agency proposes a settlement."),
        "settlement_agreed": ("settlement_agreed", "A settlement was agreed to."),
        "settlement_declined": ("settlement_declined", "A settlement was declined."),
        "settlement_lapsed": ("settlement_lapsed", "A settlement was not paid in time."),
    }
)
PLACEMENT_TYPES = (
    *(
        _type(f"placement.{name}", when, _SETTLEMENT, _TOLD_OF_SETTLEMENT)
        if move.startswith("settlement")
        else _type(f"placement.{name}", when, _PLACEMENT, _TOLD_OF_PLACEMENT)
        for move, (name, when) in PLACEMENT_MOVES.items()
    ),
    _type(
        "placement.balance_changed",
        "What is open of what is placed went up or down by `amount`; `reason_code`: by what.",
        "placement_id agency_id amount balance reason_code",
        "commission ref",
    ),
    _type(
        "placement.invoice_withdrawn",
        "Nothing is open any more of an invoice that is placed.",
        "placement_id invoice_id",
        "agency_id",
    ),
)

ACCOUNT_TYPES = (
    _type("account.created", "The account was seen for the first time.", ""),
    _type("account.updated", "Who the account is changed.", "changed"),
    _type("contact.saved", "A contact is new or changed.", "contact_id"),
    _type("contact.removed", "A contact is no longer one.", "contact_id"),
    _type(
        "address.marked",
        "Nothing more is written to an address of the account or a contact.",
        "mark",
        "contact_id",
    ),
    _type("address.cleared", "An address may be written to again.", "", "contact_id"),
)

CATALOGUE: Mapping[str, EventType] = MappingProxyType(
    {
        one.name: one
        for one in (
            *ACCOUNT_TYPES,
            *LEDGER_TYPES,
            *INVOICE_TYPES,
            *DUNNING_TYPES,
            *HOLD_TYPES,
            *AGREEMENT_TYPES,
            *WORK_TYPES,
            *PLACEMENT_TYPES,
        )
    }
)

# Effects that are told by something else that a change holds, or not at all: by their kind, why.
UNTOLD_EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "charge": "told by its ledger entry, as charge.posted; of nothing when a cap left nothing",
        "charge_reversed": "told by its ledger entry, as charge.reversed",
        "hold_placed": "told by the hold itself, whoever placed it, as hold.placed",
        "hold_released": "told by the hold itself, whoever released it, as hold.released",
        "skip": "nothing happened: why not is for whoever asks (explain)",
    }
)

# What people and systems did, as the timeline has it: told by what it changed, or not at all.
TOLD_TIMELINE = frozenset({"activity"})

"""What an agency sees of a placement: the dossier with least data (`practice.md` 3.3, R10.5).

`flows.dossier` writes a dossier of this shape as JSON; no internal notes, no risk score, no other
invoices, no bank data, nobody of the seller's house.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.shapes.base import Answer, MoneyAnswer

WorkedState = Literal["offered", "active", "suspended", "recall_pending"]
PlacementStatus = Literal["offered", "active", "suspended", "recall_pending", "closing", "closed"]
Action = Literal[
    "accept",
    "reject",
    "log_activity",
    "report_promise",
    "report_dispute",
    "propose_contact",
    "report_payment",
    "reverse_payment",
    "propose_settlement",
    "respond_to_recall",
    "return",
]


class DossierCreditor(Answer):
    """Who is owed. `reference`: what the creditor calls the account; quote it in every question."""

    name: str
    reference: str
    reply_email: str


class DossierContact(Answer):
    """Someone at the debtor.

    `do_not_email`: the address bounced, or its owner wants no mail; so it is
    left out.
    """

    contact_id: str
    name: str
    roles: list[str]
    email: str
    phone: str
    do_not_email: bool


class DossierDebtor(Answer):
    """Who owes. Empty texts are unknown; `country`: ISO 3166-1 alpha-2; `address`: line by line."""

    type: Literal["company", "natural_person"]
    name: str
    registration_no: str
    country: str
    language: str
    email: str
    address: list[str]
    contacts: list[DossierContact]


class DossierAmounts(Answer):
    """What is open of what is placed, by kind; they add up to `balance`.

    `placed`: the balance when it was offered. `paid`: what the agency collected since,
    and what was paid to the seller from its acceptance on.
    `as_of`: when the dossier was written, in UTC.
    """

    principal: MoneyAnswer
    interest: MoneyAnswer
    late_fees: MoneyAnswer
    compensation: MoneyAnswer
    collection_fee: MoneyAnswer
    balance: MoneyAnswer
    placed: MoneyAnswer
    paid: MoneyAnswer
    as_of: datetime


class DossierInvoice(Answer):
    """An invoice that is placed. `due_on`: as it stands, extensions included.

    `open`: of its principal, `charges`: open on it beside, `disputed`: of its principal; what is
    disputed is not to be collected.
    """

    invoice_id: str
    po_number: str
    issued_on: date
    due_on: date
    delivered_on: date | None
    amount: MoneyAnswer
    open: MoneyAnswer
    charges: MoneyAnswer
    disputed: MoneyAnswer


class DossierNotice(Answer):
    """A final demand that listed something of what is placed, and counts as sent."""

    sent_on: date
    respond_by: date


class DossierHistory(Answer):
    """What was tried before: final demands, attempts by channel, and what the debtor broke."""

    final_demands: Annotated[list[DossierNotice], Field(description="Oldest first.")]
    attempts: dict[str, int]
    promises_broken: int
    plans_broken: int
    disputes_resolved: int


class DossierPayment(Answer):
    """The last money that came for what is placed, and who received it."""

    received_on: date
    amount: MoneyAnswer
    received_by: Literal["agency", "direct"]


class DossierTerms(Answer):
    """What was agreed when it was offered. Percents are decimal strings, such as `15.0`.

    `commission_on_direct`: the agency earns on what the seller received as well.
    `settlement_floor_percent`: the share of the balance from which a settlement needs no approval;
    null: each needs one. `remit`: with (`gross`) or without (`net`) the commission.
    """

    commission_percent: str
    commission_on_direct: bool
    settlement_floor_percent: str | None
    remit: Literal["net", "gross"]


class DossierDates(Answer):
    """Days of its life. After `offered_until` an offer ends; on `auto_recall_on` it is recalled."""

    offered_on: date
    offered_until: date | None
    accepted_on: date | None
    auto_recall_on: date | None


class DossierRecall(Answer):
    """A recall that was asked for; it takes effect on `effective_on`, whatever was objected."""

    requested_on: date
    effective_on: date
    reason: str
    objection: str


class DossierSettlement(Answer):
    """A settlement for less: with `amount` paid by `pay_by` the rest is given up (R10.7)."""

    proposal_id: str
    amount: MoneyAnswer
    paid: MoneyAnswer
    pay_by: date
    state: Literal["pending", "agreed"]


class DossierAnswer(Answer):
    """A placement with all that an agency needs to work it, and no more.

    `suspended_for`: why it rests; while it does, nobody is to be contacted. `allowed_actions`: what
    can be done now.
    """

    id: str
    status: WorkedState
    agency_reference: str
    creditor: DossierCreditor
    debtor: DossierDebtor
    currency: str
    amounts: DossierAmounts
    invoices: Annotated[list[DossierInvoice], Field(description="Still open; oldest first.")]
    more_invoices: Annotated[int, Field(description="Open ones beyond the 10,000 oldest.")]
    withdrawn_invoice_ids: list[str]
    history: DossierHistory
    last_payment: DossierPayment | None
    terms: DossierTerms
    dates: DossierDates
    suspended_for: list[str]
    recall: DossierRecall | None
    settlement: DossierSettlement | None
    allowed_actions: list[Action]


class TombstoneAnswer(Answer):
    """What is left of a placement that has ended: no personal data (R10.8)."""

    id: str
    status: Literal["closing", "closed"]
    outcome: str
    ended_on: date | None


class PlacementSummary(Answer):
    """A placement in a list. Of one that has ended `balance` is what was open when it did."""

    id: str
    status: PlacementStatus
    balance: MoneyAnswer
    outcome: str
    ended_on: date | None

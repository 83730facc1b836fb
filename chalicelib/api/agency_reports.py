"""What an agency reports of its placements; applied within a minute, then told in the feed."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.agency_taking import report_of_placement, take
from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.shapes.agency_reports import (
    AcceptBody,
    AgencyActivityBody,
    AgencyDisputeBody,
    AgencyPaymentBody,
    AgencyPromiseBody,
    ContactProposalBody,
    RecallResponseBody,
    RejectBody,
    ReportAnswer,
    ReturnBody,
    ReversalBody,
    SettlementProposalBody,
)
from chalicelib.flows.agency_side_reads import report_values
from chalicelib.flows.api_keys import READ
from chalicelib.flows.desk import Reply
from chalicelib.flows.principal import AGENCY

blueprint = Blueprint(__name__)


@report_of_placement(blueprint, "accept", "Accept an offer", AcceptBody)
def accept_placement(call: Call) -> Reply:
    """Takes an offered placement on. Until the feed says `placement.accepted` nobody is contacted."""
    return take(call, "accept")


@report_of_placement(blueprint, "reject", "Reject an offer", RejectBody)
def reject_placement(call: Call) -> Reply:
    """Does not take an offered placement on; it ends for the agency."""
    return take(call, "reject")


@report_of_placement(blueprint, "activities", "Log an activity", AgencyActivityBody)
def log_activity(call: Call) -> Reply:
    """Puts what the agency did or heard into the account's timeline."""
    return take(call, "activity")


@report_of_placement(blueprint, "promises", "Report a promise", AgencyPromiseBody)
def report_promise(call: Call) -> Reply:
    """Tells of a promise that the debtor made to the agency; watching it is the agency's."""
    return take(call, "promise")


@report_of_placement(blueprint, "disputes", "Report a dispute", AgencyDisputeBody)
def report_dispute(call: Call) -> Reply:
    """Opens a dispute, as if the customer had told the seller; the placement rests while it lasts."""
    return take(call, "dispute")


@report_of_placement(blueprint, "contacts", "Propose a contact", ContactProposalBody)
def propose_contact(call: Call) -> Reply:
    """Proposes whom to reach, and where; the dossier shows it once finance took it."""
    return take(call, "contact")


@report_of_placement(blueprint, "payments", "Report money that was taken", AgencyPaymentBody)
def report_payment(call: Call) -> Reply:
    """Tells of money that the agency took, once by its own id; also of what has ended (R10.8).

    It is booked on the placement's invoices, and earns its commission by the agreed rate (R10.6).
    """
    return take(call, "payment")


@report_of_placement(
    blueprint, "payments/{payment_id}/reverse", "Report money that bounced", ReversalBody
)
def reverse_payment(call: Call) -> Reply:
    """Tells that money which the agency had reported has bounced: all that it did is undone."""
    return take(call, "payment_reversal", {"payment_id": call.path("payment_id")})


@report_of_placement(
    blueprint, "settlement_proposals", "Propose a settlement", SettlementProposalBody
)
def propose_settlement(call: Call) -> Reply:
    """Proposes to give up the rest when so much more is paid by a day (R10.7).

    Within the agreed floor it is agreed at once, else a person answers; the feed tells. One at a
    time.
    """
    return take(call, "settlement_proposal")


@report_of_placement(blueprint, "recall_response", "Answer a recall", RecallResponseBody)
def answer_recall(call: Call) -> Reply:
    """Confirms a recall, which then takes effect at once, or objects; it stands meanwhile."""
    return take(call, "recall_response")


@report_of_placement(blueprint, "return", "Return a placement", ReturnBody)
def return_placement(call: Call) -> Reply:
    """Gives an active placement back, and says why."""
    return take(call, "return")


@operation(
    blueprint,
    "GET",
    "/agency/v1/reports/{kind}/{report_id}",
    summary="Read what became of a report",
    roles={AGENCY},
    scope=READ,
    answers={200: ReportAnswer},
    problems=(404,),
)
def read_report(call: Call) -> Reply:
    """Answers whether a report was applied or refused, and why. `kind` and id as the 202 said."""
    return Reply(200, report_values(call.shelf, call.path("kind"), call.path("report_id")))

"""What becomes of placements: submitted, approved, suspended, recalled, settled (R10.2, R10.4)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, COLLECTORS
from chalicelib.api.shapes.base import Override
from chalicelib.api.shapes.placements import (
    ApprovalBody,
    MoveRecallBody,
    PlacementAnswer,
    RecallBody,
    SubmitBody,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.placement_desk import PlacementDesk
from chalicelib.flows.placement_recall_desk import RecallDesk
from chalicelib.flows.placement_view import GUARDED

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/submit",
    summary="Submit a draft for approval",
    roles=COLLECTORS,
    answers={200: PlacementAnswer},
    body=SubmitBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def submit_placement(call: Call) -> Reply:
    """Lets a draft wait for an approval, if all of the checklist still holds (R10.1, R10.2)."""
    return _desk(call).submit(*_ids(call), call.body(SubmitBody).note, call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/approve",
    summary="Approve a placement",
    roles=APPROVERS,
    answers={200: PlacementAnswer},
    body=ApprovalBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def approve_placement(call: Call) -> Reply:
    """Offers it to its agency, or to the one that is named: dunning of what is placed stops (R10.3).

    It needs another person than who proposed it, and all of the checklist must still hold.
    """
    body = call.body(ApprovalBody)
    why = Why(body.reason_code, body.note)
    return _desk(call).approve(*_ids(call), why, call.caller, body.agency or "")


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/decline",
    summary="Decline a placement",
    roles=APPROVERS,
    answers={200: PlacementAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def decline_placement(call: Call) -> Reply:
    """Makes it a draft again; while it is there, no rule proposes another of the currency (R10.4)."""
    return _desk(call).decline(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/suspend",
    summary="Let a placement rest",
    roles=COLLECTORS,
    answers={200: PlacementAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def suspend_placement(call: Call) -> Reply:
    """Asks the agency to rest until somebody lets it go on (R10.4)."""
    return _recalls(call).suspend(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/resume",
    summary="Let a placement go on",
    roles=COLLECTORS,
    answers={200: PlacementAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def resume_placement(call: Call) -> Reply:
    """Lets the agency go on. What rests for another reason, such as a dispute, ends by itself (R10.4)."""
    return _recalls(call).resume(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/recall",
    summary="Recall a placement",
    roles=APPROVERS,
    answers={200: PlacementAnswer},
    body=RecallBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def recall_placement(call: Call) -> Reply:
    """Asks for it back from a day on; what is only offered is withdrawn at once (R10.4).

    What is closing is refused.
    """
    body = call.body(RecallBody)
    why = Why(body.reason_code, body.note)
    return _recalls(call).recall(*_ids(call), why, call.caller, body.effective_on)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/move_recall",
    summary="Let a recall take effect on another day",
    roles=APPROVERS,
    answers={200: PlacementAnswer},
    body=MoveRecallBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def move_recall(call: Call) -> Reply:
    """Moves the day on which a recall takes effect; today: at once (R10.4)."""
    body = call.body(MoveRecallBody)
    why = Why(body.reason_code, body.note)
    return _recalls(call).move_recall(*_ids(call), why, call.caller, body.effective_on)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/cancel_recall",
    summary="Take a recall back",
    roles=APPROVERS,
    answers={200: PlacementAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def cancel_recall(call: Call) -> Reply:
    """Leaves it with the agency after all, within 7 days of the request (R10.4)."""
    return _recalls(call).cancel_recall(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/settlements/{proposal_id}/approve",
    summary="Approve a settlement",
    roles=APPROVERS,
    answers={200: PlacementAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def approve_settlement(call: Call) -> Reply:
    """Agrees to a settlement for less: once so much is paid, the rest is written off (R10.7)."""
    return _recalls(call).answer_settlement(
        *_ids(call), call.path("proposal_id"), _why(call), call.caller, is_agreed=True
    )


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements/{placement_id}/settlements/{proposal_id}/decline",
    summary="Decline a settlement",
    roles=APPROVERS,
    answers={200: PlacementAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def decline_settlement(call: Call) -> Reply:
    """Declines a settlement for less; the agency is told (R10.7)."""
    return _recalls(call).answer_settlement(
        *_ids(call), call.path("proposal_id"), _why(call), call.caller, is_agreed=False
    )


def _desk(call: Call) -> PlacementDesk:
    return PlacementDesk(call.ports.desk, call.ports.agencies)


def _recalls(call: Call) -> RecallDesk:
    return RecallDesk(call.ports.desk)


def _ids(call: Call) -> tuple[str, str]:
    return call.path("account_id"), call.path("placement_id")


def _why(call: Call) -> Why:
    body = call.body(Override)
    return Why(body.reason_code, body.note)

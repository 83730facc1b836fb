"""Placements with external agencies: what could be placed, proposed, listed, read (R10)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import COLLECTORS, READERS
from chalicelib.api.shapes.base import Listed
from chalicelib.api.shapes.placements import (
    AllPlacementsQuery,
    CandidatesAnswer,
    PlacementAnswer,
    PlacementBody,
    PlacementRow,
    PlacementsQuery,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.placement_desk import Asked, PlacementDesk
from chalicelib.flows.placement_lists import AllPlacements, PlacementLists
from chalicelib.flows.placement_view import GUARDED

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/placement_candidates",
    summary="What could be placed with an agency, and what is missing",
    roles=READERS,
    answers={200: CandidatesAnswer},
    etag=("account_id", "policy", "candidates"),
    problems=(404,),
)
def read_candidates(call: Call) -> Reply:
    """Answers the checklist item by item for every currency in which something is past due (R10.1).

    With what would be placed, what is left out and why, and which agency the rules choose. All items
    must hold; nobody can override one. Reads the account as a whole.
    """
    return Reply(200, _lists(call).candidates(call.path("account_id"), call.ports.today()))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/placements",
    summary="Propose a placement",
    roles=COLLECTORS,
    answers={201: PlacementAnswer},
    body=PlacementBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def propose_placement(call: Call) -> Reply:
    """Makes a placement that waits for the approval of a second person, or a draft (R10.2).

    Refused while an item of the checklist is missing: every one is named. A draft of the currency
    that is there gives way. Reads the account as a whole.
    """
    body = call.body(PlacementBody)
    asked = Asked(body.currency, tuple(body.invoice_ids), body.agency or "", submit=body.submit)
    desk = PlacementDesk(call.ports.desk, call.ports.agencies)
    return desk.propose(call.path("account_id"), asked, body.note, call.caller)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/placements",
    summary="List an account's placements",
    roles=READERS,
    answers={200: Listed[PlacementAnswer]},
    query=PlacementsQuery,
    problems=(404,),
)
def list_placements(call: Call) -> Reply:
    """Lists the placements that have not ended, oldest first, then the latest that have.

    At least the last 20 that ended are kept. Reads the account as a whole.
    """
    query = call.query(PlacementsQuery)
    rows, mark = _lists(call).page(
        call.path("account_id"),
        call.ports.today(),
        (call.mark(), query.limit),
        state=query.state or "",
        currency=query.currency or "",
    )
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/placements/{placement_id}",
    summary="Read a placement",
    roles=READERS,
    answers={200: PlacementAnswer},
    etag=GUARDED,
    problems=(404,),
)
def read_placement(call: Call) -> Reply:
    """Answers a placement: what is open of it, what came in, and what can be done.

    Reads the account as a whole.
    """
    found = _lists(call).one(call.path("account_id"), call.path("placement_id"), call.ports.today())
    return Reply(200, found)


@operation(
    blueprint,
    "GET",
    "/v1/placements",
    summary="List the placements of all accounts",
    roles=READERS,
    answers={200: Listed[PlacementRow]},
    query=AllPlacementsQuery,
)
def list_all_placements(call: Call) -> Reply:
    """Lists the placements in a state, the first made first: those that wait for an approval by default.

    From an index that may be a moment old. With filters a page may be short, or empty, and not be
    the last. What is closed is listed with its account only.
    """
    query = call.query(AllPlacementsQuery)
    rows, mark = AllPlacements(call.ports.placement_reads).page(
        query.state,
        call.mark(),
        query.limit,
        agency=query.agency or "",
        currency=query.currency or "",
    )
    return Reply(200, call.listed(rows, mark))


def _lists(call: Call) -> PlacementLists:
    return PlacementLists(call.ports.accounts, call.ports.policies)

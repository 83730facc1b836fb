"""Pauses, legal stops, and every block of an account (R5.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, COLLECTORS, READERS
from chalicelib.api.shapes.base import Listed, Override
from chalicelib.api.shapes.pauses import (
    Block,
    BlocksQuery,
    LegalStopAnswer,
    LegalStopBody,
    LegalStopEnd,
    LegalStopEnded,
    PauseAnswer,
    PauseBody,
    ResumeAnswer,
    ResumeBody,
)
from chalicelib.flows.block_list import BlockList
from chalicelib.flows.desk import Reply
from chalicelib.flows.legal_stops import LegalStops
from chalicelib.flows.pauses import Pauses
from chalicelib.wiring import deps

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/pause",
    summary="Let dunning rest",
    roles=COLLECTORS,
    answers={200: PauseAnswer},
    body=PauseBody,
    needs_key=True,
    problems=(404,),
)
def pause(call: Call) -> Reply:
    """Lets dunning of an account, or of one open invoice, rest through a day.

    A pause of the same that is in force is replaced. Reads the account as a whole.
    """
    said = call.body(PauseBody)
    account_id = call.path("account_id")
    return _pauses(call).pause(account_id, call.caller, said.until_on, said.invoice_id, _why(said))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/resume",
    summary="Let dunning go on, at the next run or now",
    roles=COLLECTORS,
    answers={200: ResumeAnswer},
    body=ResumeBody,
    needs_key=True,
    problems=(404,),
)
def resume(call: Call) -> Reply:
    """Ends the pause of an account, or that of one invoice.

    `now` decides the account before the answer, by the code and under the gates of the day's run;
    one with more than 1,000 open invoices goes to its queue (`soon`). Reads the account as a whole,
    twice when it is decided.
    """
    said = call.body(ResumeBody)
    account_id = call.path("account_id")
    return _pauses(call).resume(account_id, call.caller, said.when, said.invoice_id, _why(said))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/legal_stops",
    summary="Stop everything for the law's sake",
    roles=COLLECTORS,
    answers={201: LegalStopAnswer},
    body=LegalStopBody,
    needs_key=True,
    problems=(404,),
)
def set_legal_stop(call: Call) -> Reply:
    """Puts a legal stop on the account, one of each kind. Reads the account as a whole."""
    said = call.body(LegalStopBody)
    stops, account_id = LegalStops(call.ports.desk), call.path("account_id")
    return stops.set(account_id, call.caller, said.kind, said.reference, _why(said))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/legal_stops/end",
    summary="End a legal stop",
    roles=APPROVERS,
    answers={200: LegalStopEnded},
    body=LegalStopEnd,
    needs_key=True,
    problems=(404,),
)
def end_legal_stop(call: Call) -> Reply:
    """Ends the legal stop of a kind, or every one in force. Reads the account as a whole."""
    said = call.body(LegalStopEnd)
    stops, account_id = LegalStops(call.ports.desk), call.path("account_id")
    return stops.end(account_id, call.caller, said.kind or "", _why(said))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/blocks",
    summary="Every reason for not dunning, and what would end it",
    roles=READERS,
    answers={200: Listed[Block]},
    query=BlocksQuery,
    problems=(404,),
)
def blocks(call: Call) -> Reply:
    """Answers every block in force today on the account, its currencies and its invoices (R5.5).

    Reads the account as a whole.
    """
    query = call.query(BlocksQuery)
    ports = call.ports
    rows, mark = BlockList(ports.accounts, ports.policies).page(
        call.path("account_id"), ports.today(), call.mark(), query.limit, code=query.code or ""
    )
    return Reply(200, call.listed(rows, mark))


def _pauses(call: Call) -> Pauses:
    ports = call.ports
    return Pauses(ports.desk, ports.recent, ports.queues, deps().work)


def _why(said: Override) -> dict[str, str]:
    return {"reason_code": said.reason_code, "note": said.note}

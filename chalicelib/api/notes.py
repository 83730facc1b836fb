"""Notes of people about an account."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import COLLECTORS
from chalicelib.api.shapes.notes import NoteAnswer, NoteBody
from chalicelib.flows.desk import Reply
from chalicelib.flows.notes import Notes

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/notes",
    summary="Write a note into the timeline",
    roles=COLLECTORS,
    answers={201: NoteAnswer},
    body=NoteBody,
    needs_key=True,
    problems=(404,),
)
def write_note(call: Call) -> Reply:
    """Writes a note into the account's timeline; it changes nothing else.

    Reads the account as a whole.
    """
    text = call.body(NoteBody).text
    return Notes(call.ports.desk).write(call.path("account_id"), call.caller, text)

"""The keys of agencies: made, rotated, listed, revoked; the secret is shown once (R10.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import ADMINS
from chalicelib.api.shapes.agencies import KeyAnswer, KeyBody, KeysQuery, NewKeyAnswer, RotateBody
from chalicelib.api.shapes.base import Listed
from chalicelib.flows.agency_key_desk import AgencyKeyDesk
from chalicelib.flows.desk import Reply
from chalicelib.flows.registry_desk import RegistryDesk

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/agencies/{agency_id}/keys",
    summary="Make a key of an agency",
    roles=ADMINS,
    answers={201: NewKeyAnswer},
    body=KeyBody,
    needs_key=True,
    problems=(404,),
)
def make_agency_key(call: Call) -> Reply:
    """Makes a key; its token is in this answer and nowhere else.

    The answer to the same call again has no token: whoever lost it revokes the key and makes another.
    """
    body = call.body(KeyBody)
    return _desk(call).create(
        call.caller, call.path("agency_id"), body.scopes, body.expires_in_days, body.label
    )


@operation(
    blueprint,
    "GET",
    "/v1/agencies/{agency_id}/keys",
    summary="List an agency's keys",
    roles=ADMINS,
    answers={200: Listed[KeyAnswer]},
    query=KeysQuery,
    problems=(404,),
)
def list_agency_keys(call: Call) -> Reply:
    """Answers the agency's keys without their secrets, the newest first, also those that are over."""
    rows, mark = _desk(call).page(
        call.path("agency_id"), call.mark(), call.query(KeysQuery).limit, call.caller.at
    )
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "POST",
    "/v1/agencies/{agency_id}/keys/{key_id}/rotate",
    summary="Rotate a key",
    roles=ADMINS,
    answers={201: NewKeyAnswer},
    body=RotateBody,
    needs_key=True,
    problems=(404,),
)
def rotate_agency_key(call: Call) -> Reply:
    """Makes the key that follows another, with its scopes and length of life; shown once.

    The old one ends after the overlap, or when it would have ended anyway.
    """
    hours = call.body(RotateBody).overlap_hours
    return _desk(call).rotate(call.caller, *_ids(call), hours)


@operation(
    blueprint,
    "POST",
    "/v1/agencies/{agency_id}/keys/{key_id}/revoke",
    summary="Revoke a key",
    roles=ADMINS,
    answers={200: KeyAnswer},
    needs_key=True,
    problems=(404,),
)
def revoke_agency_key(call: Call) -> Reply:
    """Ends a key at once, for good. One that was ended before stays as it is."""
    return _desk(call).revoke(call.caller, *_ids(call))


def _desk(call: Call) -> AgencyKeyDesk:
    ports = call.ports
    return AgencyKeyDesk(ports.agencies, ports.api_keys, RegistryDesk(ports.records))


def _ids(call: Call) -> tuple[str, str]:
    return call.path("agency_id"), call.path("key_id")

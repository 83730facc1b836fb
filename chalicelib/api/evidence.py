"""Evidence archives: everything about an account, for a lawyer, a court or the customer (R13.3)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS
from chalicelib.api.shapes.evidence import EvidenceAnswer, EvidenceAsked, EvidenceBody
from chalicelib.flows.desk import Reply
from chalicelib.flows.evidence_job import EvidenceRequests
from chalicelib.flows.registry_desk import RegistryDesk

blueprint = Blueprint(__name__)
_AT = "/v1/accounts/{account_id}/evidence"


@operation(
    blueprint,
    "POST",
    _AT,
    summary="Export an account as an evidence archive",
    roles=APPROVERS,
    answers={202: EvidenceAsked},
    body=EvidenceBody,
    needs_key=True,
    problems=(404,),
)
def export_evidence(call: Call) -> Reply:
    """Asks for everything about an account as one ZIP file; a job makes it, usually in seconds.

    Invoices, ledger, letters as sent with proof of delivery, calls, the arithmetic of each charge,
    policies, digests. It holds personal data: who asked for it and why lands in the account's
    timeline with the archive's SHA-256.
    """
    body = call.body(EvidenceBody)
    why = {
        "reason_code": body.reason_code,
        "note": body.note,
        "recipient": body.recipient,
    }
    return _requests(call).ask(call.path("account_id"), call.caller, why)


@operation(
    blueprint,
    "GET",
    f"{_AT}/{{evidence_id}}",
    summary="An evidence archive",
    roles=APPROVERS,
    answers={200: EvidenceAnswer},
    problems=(404,),
)
def get_evidence(call: Call) -> Reply:
    """Answers where an export stands, and when it is done a link that is good for 15 minutes.

    Anyone who has the link can follow it. The archive is kept for 30 days. One read, and one file.
    """
    found = _requests(call).get(call.path("account_id"), call.path("evidence_id"), call.caller.at)
    return Reply(200, found)


def _requests(call: Call) -> EvidenceRequests:
    ports = call.ports
    return EvidenceRequests(
        ports.accounts, ports.jobs, RegistryDesk(ports.records), ports.file_links
    )

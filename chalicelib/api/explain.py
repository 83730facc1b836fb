"""Why, and what next (R13.3)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.explain import AccountExplained, InvoiceExplained
from chalicelib.flows.desk import Reply
from chalicelib.flows.explain import Explain
from chalicelib.wiring import deps

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/explain",
    summary="What happens next to an account, and what blocks it",
    roles=READERS,
    answers={200: AccountExplained},
    problems=(404,),
)
def explain_account(call: Call) -> Reply:
    """Answers the next step and its date, the steps after it, and every block with what ends it.

    It asks the run's own decision, for up to 180 days and 40 decisions, and changes nothing.
    Reads the whole account once: one request, and one for each megabyte of it.
    """
    return Reply(200, _explain().account(call.path("account_id"), call.ports.today()))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/invoices/{invoice_id}/explain",
    summary="What happens next to an invoice, and why what happened did",
    roles=READERS,
    answers={200: InvoiceExplained},
    problems=(404,),
)
def explain_invoice(call: Call) -> Reply:
    """Answers its next stage, what it waits for, and each past effect with rule and figures.

    Reads the whole account once, and the newest 300 lines of its log in one query.
    """
    account_id, invoice_id = call.path("account_id"), call.path("invoice_id")
    return Reply(200, _explain().invoice(account_id, invoice_id, call.ports.today()))


def _explain() -> Explain:
    ports = deps().ports
    return Explain(ports.accounts, ports.policies)

"""Payment plans: previewed, made, listed, approved, declined, cancelled (R9)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, COLLECTORS, READERS
from chalicelib.api.shapes.base import Listed, Override
from chalicelib.api.shapes.payment_plans import PlanAnswer, PlanBody, PlanQuery, PlansQuery
from chalicelib.core.agreements import PlanTerms
from chalicelib.flows.desk import Reply
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.plan_desk import Asked, PlanDesk
from chalicelib.flows.plan_view import PlanLists

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/payment_plans",
    summary="Make a payment plan, or preview it",
    roles=COLLECTORS,
    answers={200: PlanAnswer, 201: PlanAnswer},
    body=PlanBody,
    query=PlanQuery,
    needs_key=True,
    problems=(404,),
)
def make_plan(call: Call) -> Reply:
    """Makes a plan, active at once (201); with `preview=true` it answers the same and changes nothing.

    The instalments add up to what is open of what it covers, charges included (R9.1). Outside the
    policy's bounds, or after a broken plan, it waits for an approval (R9.2). Reads the account as a
    whole.
    """
    body = call.body(PlanBody)
    account_id, asked = call.path("account_id"), _asked(body)
    if call.query(PlanQuery).preview == "true":
        return _desk(call).preview(account_id, asked, call.caller)
    return _desk(call).make(account_id, asked, body.note, call.caller)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/payment_plans",
    summary="List an account's payment plans",
    roles=READERS,
    answers={200: Listed[PlanAnswer]},
    query=PlansQuery,
    problems=(404,),
)
def list_plans(call: Call) -> Reply:
    """Lists the plans that have not ended, oldest first, then the latest that have.

    At least the last 20 that ended are kept. Reads the account as a whole.
    """
    query = call.query(PlansQuery)
    rows, mark = _lists(call).page(
        call.path("account_id"),
        call.ports.today(),
        call.mark(),
        query.limit,
        state=query.state or "",
    )
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/payment_plans/{plan_id}",
    summary="Read a payment plan",
    roles=READERS,
    answers={200: PlanAnswer},
    etag=True,
    problems=(404,),
)
def read_plan(call: Call) -> Reply:
    """Answers a plan with what was paid on each instalment. Reads the account as a whole."""
    return Reply(200, _lists(call).one(*_ids(call), call.ports.today()))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/payment_plans/{plan_id}/approve",
    summary="Approve a payment plan",
    roles=APPROVERS,
    answers={200: PlanAnswer},
    body=Override,
    needs_key=True,
    etag=True,
    problems=(404,),
)
def approve_plan(call: Call) -> Reply:
    """Lets a plan that waits begin today; it needs another person than who made it (R9.2).

    One whose balance has grown, or of which an instalment is overdue already, is made anew.
    """
    return _desk(call).approve(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/payment_plans/{plan_id}/decline",
    summary="Decline a payment plan",
    roles=APPROVERS,
    answers={200: PlanAnswer},
    body=Override,
    needs_key=True,
    etag=True,
    problems=(404,),
)
def decline_plan(call: Call) -> Reply:
    """Ends a plan that waits, before it began; it needs another person than who made it (R9.2)."""
    return _desk(call).decline(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/payment_plans/{plan_id}/cancel",
    summary="Cancel a payment plan",
    roles=COLLECTORS,
    answers={200: PlanAnswer},
    body=Override,
    needs_key=True,
    etag=True,
    problems=(404,),
)
def cancel_plan(call: Call) -> Reply:
    """Ends a plan that is active or waits; dunning resumes where it is (R5.6)."""
    return _desk(call).cancel(*_ids(call), _why(call), call.caller)


def _asked(body: PlanBody) -> Asked:
    each, down = body.instalment, body.down_payment
    terms = PlanTerms(
        body.currency,
        body.frequency,
        body.first_on,
        count=body.count,
        instalment_minor=None if each is None else each.amount_minor,
        down_payment_minor=0 if down is None else down.amount_minor,
        down_payment_on=body.down_payment_on,
        invoice_ids=tuple(body.invoice_ids),
        interest_due=body.interest_due,
    )
    said = {"/instalment": each, "/down_payment": down}
    return Asked(terms, {at: one.currency for at, one in said.items() if one is not None})


def _desk(call: Call) -> PlanDesk:
    return PlanDesk(call.ports.desk)


def _lists(call: Call) -> PlanLists:
    return PlanLists(call.ports.accounts, call.ports.policies)


def _ids(call: Call) -> tuple[str, str]:
    return call.path("account_id"), call.path("plan_id")


def _why(call: Call) -> Why:
    body = call.body(Override)
    return Why(body.reason_code, body.note)

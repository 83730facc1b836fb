"""Interest asked for at any time: what a sum comes to, what has accrued on an account (R4.3)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.interest import (
    AccruedAnswer,
    AccruedQuery,
    InterestAnswer,
    InterestQuery,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.interest_accrued import AccruedInterest
from chalicelib.flows.interest_desk import InterestDesk
from chalicelib.flows.interest_sum import Sum

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/interest",
    summary="What interest and compensation on a sum come to",
    roles=READERS,
    answers={200: InterestAnswer},
    query=InterestQuery,
    problems=(404, 422),
)
def work_out_interest(call: Call) -> Reply:
    """Answers what a sum comes to from its due date to a day, with every segment (R4.3, R4.4).

    Caps are those of the policy for a debt without other late fees. A day that the policy's table of
    rates does not reach is 422 `rate_unknown`. At most two reads, of policies; no account is asked.
    """
    query = call.query(InterestQuery)
    asked = Sum(
        principal_minor=query.principal_minor,
        currency=query.currency,
        due_on=query.from_on,
        through=query.to_on,
        debtor_kind=query.debtor_kind,
    )
    desk = InterestDesk(call.ports.policies)
    return Reply(200, desk.worth(asked, query.policy_id or "", call.ports.today()))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/interest",
    summary="What interest has accrued on an account, posted or not",
    roles=READERS,
    answers={200: AccruedAnswer},
    query=AccruedQuery,
    problems=(404, 422),
)
def list_accrued_interest(call: Call) -> Reply:
    """Answers each open invoice's interest through a day, by id, with segments (R4.3).

    It changes nothing. A rate that is not known is told at the invoices that need it, and the others
    are answered. Reads the whole account once: one request, and one for each megabyte of it.
    """
    query = call.query(AccruedQuery)
    about, rows, mark = AccruedInterest(call.ports.accounts, call.ports.policies).page(
        call.path("account_id"), query.through, call.ports.today(), call.mark(), query.limit
    )
    return Reply(200, about | call.listed(rows, mark))

"""Accounts as the last run saw them, and how risky one is (R3, R12.1)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.reports import snapshots
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.account_list import AccountListAnswer, AccountListQuery, RiskAnswer
from chalicelib.flows.account_list import AccountFilters, AccountList
from chalicelib.flows.desk import Reply
from chalicelib.flows.report_risk import RiskReport

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/accounts",
    summary="Accounts, as a run saw them",
    roles=READERS,
    answers={200: AccountListAnswer},
    query=AccountListQuery,
    problems=(404,),
)
def accounts(call: Call) -> Reply:
    """Answers which accounts there are, by id, with filters, as of the newest run or of `as_of`.

    What was booked after that run is not in it: one account's own reads tell the present. A list
    that has begun goes on in its own snapshot, so that each account is in it once. Reads one file
    and at most 4 parts of 2,000 accounts: a page may be short, or empty, and not be the last; the
    newest snapshot is found with one query and up to 8 files.
    """
    query = call.query(AccountListQuery)
    asked = AccountFilters(
        as_of=query.as_of,
        account_class=query.account_class or "",
        credit_status=query.credit_status or "",
        collector=query.collector or "",
        bucket=query.bucket or "",
        stage=query.stage or "",
        past_due_over_minor=query.past_due_over_minor,
        currency=query.currency or "",
    )
    as_of, rows, mark = AccountList(snapshots(call)).page(asked, call.mark(), query.limit)
    return Reply(200, {"as_of": as_of, **call.listed(rows, mark)})


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/risk",
    summary="An account's risk score, part by part",
    roles=READERS,
    answers={200: RiskAnswer},
    problems=(404,),
)
def risk(call: Call) -> Reply:
    """Answers the score of the account as it is now, from 0 to 100, with each part's points (R12.1).

    It is null when the account's policy gives no weights. Reads the account once: one query for
    each page of it.
    """
    ports = call.ports
    return Reply(
        200, RiskReport(ports.accounts, ports.policies).risk(call.path("account_id"), ports.today())
    )

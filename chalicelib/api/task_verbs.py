"""The tasks of an account: listed, and completed with an outcome (R6.2, R6.3)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import COLLECTORS, READERS
from chalicelib.api.shapes.base import Listed
from chalicelib.api.shapes.task_verbs import (
    AccountTask,
    AccountTasksQuery,
    CallBackBody,
    CompletionAnswer,
    CompletionBody,
    DisputedBody,
    PromisedBody,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.promise_rules import Promised
from chalicelib.flows.task_desk import TaskDesk
from chalicelib.flows.task_said import CallBack, Disputed, Said
from chalicelib.flows.task_view import TaskList

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/tasks",
    summary="List an account's open tasks",
    roles=READERS,
    answers={200: Listed[AccountTask]},
    query=AccountTasksQuery,
    problems=(404,),
)
def list_account_tasks(call: Call) -> Reply:
    """Lists what people have to do for an account, the first to fall due first.

    Reads the account as a whole.
    """
    query = call.query(AccountTasksQuery)
    tasks, account_id = TaskList(call.ports.accounts), call.path("account_id")
    rows, mark = tasks.page(
        account_id, call.mark(), query.limit, call.ports.today(), kind=query.kind or ""
    )
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/tasks/{task_id}/complete",
    summary="Say how a task came out",
    roles=COLLECTORS,
    answers={200: CompletionAnswer},
    body=CompletionBody,
    needs_key=True,
    problems=(404,),
)
def complete_task(call: Call) -> Reply:
    """Completes a task: its outcome makes the next act, which the answer has.

    A call that reached nobody is called again at the time given, else on the next business day in
    the other half of the day. After the policy's number of tries the sales owner looks for a contact
    instead. Each call is an activity in the timeline. A task that is done is a conflict. Reads the
    account as a whole.
    """
    body = call.body(CompletionBody)
    return TaskDesk(call.ports.desk).complete(
        call.path("account_id"), call.path("task_id"), call.caller, _said(body)
    )


def _said(body: CompletionBody) -> Said:
    return Said(
        outcome=body.outcome,
        note=body.note,
        contact_id=body.contact_id or "",
        call_back=_call_back(body.call_back),
        promise=_promised(body.promise),
        dispute=_disputed(body.dispute),
        invoice_ids=tuple(body.invoice_ids),
        posted_on=body.posted_on,
        due_on=body.due_on,
    )


def _call_back(said: CallBackBody | None) -> CallBack | None:
    return None if said is None else CallBack(said.on, said.part or "", said.time or "")


def _promised(said: PromisedBody | None) -> Promised | None:
    if said is None:
        return None
    amount = said.amount
    return Promised(amount.amount_minor, amount.currency, said.by, tuple(said.invoice_ids))


def _disputed(said: DisputedBody | None) -> Disputed | None:
    if said is None:
        return None
    part = said.amount
    return Disputed(
        said.invoice_id,
        said.reason_code,
        None if part is None else part.amount_minor,
        None if part is None else part.currency,
        said.reference,
    )

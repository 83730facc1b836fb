"""Up to 500 payments in one call, each answered on its own (R7.1; api.md, writes).

Rows are grouped by account, and an account is one change. A row that is there already changes
nothing, so that a batch may be sent again until every row has its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Literal

from chalicelib.core.account import Account, money_key
from chalicelib.core.apply import Booking
from chalicelib.core.errors import (
    ConflictError,
    Fault,
    InvalidInputError,
    NotFoundError,
    PastdueError,
)
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of
from chalicelib.flows.ledger_kind import refuse_in_mirror
from chalicelib.flows.money_answers import SHOWN_IN_LISTS_MAX, payment_answer
from chalicelib.flows.payment_desk import PAYMENT, PaymentSaid, figures, there_already
from chalicelib.flows.unfinished import written_later

ROWS_MAX = 500
THREADS = 8  # accounts that are booked at a time; each waits for the store most of its time
SPAN_S = 20.0  # no account is begun later than that after the first: an answer has 29 seconds

Status = Literal["created", "unchanged", "conflict", "invalid", "failed"]
STATUSES: tuple[Status, ...] = ("created", "unchanged", "conflict", "invalid", "failed")


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment of a batch, by its place in it, and whose it is."""

    place: int
    account_id: str
    said: PaymentSaid


@dataclass(frozen=True, slots=True)
class PaymentRowAnswer:
    """What became of a row. `is_retryable`: sending it again may bring it in."""

    place: int
    account_id: str | None
    payment_id: str | None
    status: Status
    faults: tuple[Fault, ...] = ()
    is_retryable: bool = False
    payment: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PaymentBatch:
    """Books batches. `monotonic` gives seconds that never go back."""

    desk: Desk
    ledger_kind: str
    monotonic: Callable[[], float]

    def book(
        self, caller: Caller, rows: Sequence[PaymentRow], unreadable: Sequence[PaymentRowAnswer]
    ) -> Reply:
        """Book rows, and answer each, in their order, with those that could not be read.

        One row or account that fails stops no other. Accounts that are not begun within 20 seconds
        fail, to be sent again.

        Raises:
            MirrorLedgerError: payments are booked in the ERP.
        """
        refuse_in_mirror(self.ledger_kind, "a payment")
        groups: dict[str, list[PaymentRow]] = {}
        for row in rows:
            groups.setdefault(row.account_id, []).append(row)
        begun = self.monotonic()

        def book_account(mine: Sequence[PaymentRow]) -> list[PaymentRowAnswer]:
            if self.monotonic() - begun > SPAN_S:
                detail = "there was no time left for this account; send its rows again"
                return [_failed(row, "not_reached", detail, is_retryable=True) for row in mine]
            return self._account(caller, mine)

        with ThreadPoolExecutor(THREADS) as pool:
            found = [one for part in pool.map(book_account, groups.values()) for one in part]
        answers = sorted([*found, *unreadable], key=lambda answer: answer.place)
        counts = {name: sum(one.status == name for one in answers) for name in STATUSES}
        return Reply(200, {"data": [_body(answer) for answer in answers], "counts": counts})

    def _account(self, caller: Caller, rows: Sequence[PaymentRow]) -> list[PaymentRowAnswer]:
        """Book the rows of one account as one change; what fails is an answer of each row."""
        account_id = rows[0].account_id
        alone = replace(caller, replay_key=None, if_match="")  # a row is known by its own id
        act = partial(_act, rows, alone)
        needs = [row.said.booked(date.min) for row in rows]
        try:
            done = self.desk.book(account_id, alone, act, needs=needs)
        except NotFoundError:
            detail = f"there is no account {account_id}; an account comes before its payments"
            return [_refused(row, "account_id", "unknown_account", detail) for row in rows]
        except PastdueError as error:
            retry = error.retryable
            said = "try again later" if retry else str(error).partition("\n")[0]
            return [_failed(row, error.code, said, is_retryable=retry) for row in rows]
        answers: list[PaymentRowAnswer] = done.body["answers"]
        return answers


def _act(
    rows: Sequence[PaymentRow], caller: Caller, account: Account, _: Policy, today: date
) -> Ruling:
    """Book what is new of one account's rows; the reply answers each of them."""
    new: dict[str, PaymentRow] = {}
    known = [_known(account, row, today, new) for row in rows]
    events = [
        event_of(caller, today, "payment_booked", name, **figures(row.said))
        for name, row in new.items()
    ]
    is_later = written_later(account)

    def reply(booking: Booking) -> Reply:
        pending = is_later(booking)
        answers = [
            answer or _booked(booking, row, is_new=row in new.values(), is_pending=pending)
            for row, answer in zip(rows, known, strict=True)
        ]
        return Reply(200, {"answers": answers})

    facts = [row.said.booked(today) for row in new.values()]
    return Ruling(facts, reply, events, is_later)


def _known(
    account: Account, row: PaymentRow, today: date, new: dict[str, PaymentRow]
) -> PaymentRowAnswer | None:
    """Return the answer to a row that is there already or refused; None: it is booked, once."""
    name = row.said.payment_id
    try:
        there = there_already(account, row.said, today)
    except InvalidInputError as error:
        faults = tuple(replace(fault, where=_at(row, fault.where)) for fault in error.faults)
        return PaymentRowAnswer(row.place, account.id, name, "invalid", faults)
    except ConflictError as error:
        return _conflict(row, str(error))
    if there is not None:
        body = payment_answer(account.id, there, shown=SHOWN_IN_LISTS_MAX)
        return PaymentRowAnswer(row.place, account.id, name, "unchanged", payment=body)
    first = new.setdefault(name, row)
    if first.said != row.said:
        return _conflict(row, f"payment {name} is in this batch before, with other content")
    return None


def _booked(
    booking: Booking, row: PaymentRow, *, is_new: bool, is_pending: bool
) -> PaymentRowAnswer:
    account_id, name = booking.account.id, row.said.payment_id
    money = booking.account.money[money_key(PAYMENT, name)]
    shown = SHOWN_IN_LISTS_MAX
    body = payment_answer(account_id, money, shown=shown, is_pending=is_pending)
    status: Status = "created" if is_new else "unchanged"
    return PaymentRowAnswer(row.place, account_id, name, status, payment=body)


def _conflict(row: PaymentRow, detail: str) -> PaymentRowAnswer:
    fault = Fault(_at(row, "/payment_id"), "conflict", detail)
    return PaymentRowAnswer(row.place, row.account_id, row.said.payment_id, "conflict", (fault,))


def _refused(row: PaymentRow, name: str, code: str, detail: str) -> PaymentRowAnswer:
    fault = Fault(_at(row, f"/{name}"), code, detail)
    return PaymentRowAnswer(row.place, row.account_id, row.said.payment_id, "invalid", (fault,))


def _failed(row: PaymentRow, code: str, detail: str, *, is_retryable: bool) -> PaymentRowAnswer:
    fault = Fault(_at(row, ""), code, detail)
    name = row.said.payment_id
    return PaymentRowAnswer(row.place, row.account_id, name, "failed", (fault,), is_retryable)


def _at(row: PaymentRow, where: str) -> str:
    return f"/payments/{row.place}{where}"


def _body(answer: PaymentRowAnswer) -> dict[str, Any]:
    body: dict[str, Any] = {
        "index": answer.place,
        "account_id": answer.account_id,
        "payment_id": answer.payment_id,
        "status": answer.status,
        "retryable": answer.is_retryable,
        "errors": [
            {"pointer": fault.where, "code": fault.code, "detail": fault.detail}
            for fault in answer.faults
        ],
    }
    return body if answer.payment is None else body | {"payment": dict(answer.payment)}

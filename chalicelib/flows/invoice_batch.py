"""Up to 500 invoices in one call, each answered on its own (api.md, writes).

Rows are grouped by account, and an account is one change. A row that is there already changes
nothing, so that a batch may be sent again until every row has its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from chalicelib.core.account import Account
from chalicelib.core.apply import book_fact
from chalicelib.core.book import Book
from chalicelib.core.effects import Event
from chalicelib.core.errors import Fault, NotFoundError, PastdueError
from chalicelib.core.facts import Fact
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of
from chalicelib.flows.import_ids import is_id, unfit
from chalicelib.flows.invoice_act import at_hand
from chalicelib.flows.invoice_posting import Clash, Posted, Taken, faults_of, take, with_terms

ROWS_MAX = 500
THREADS = 8  # accounts that are booked at a time
SPAN_S = 20.0  # no account is begun later than that after the first: an answer has 29 seconds

Status = Literal["created", "updated", "unchanged", "conflict", "invalid", "failed"]
STATUSES: tuple[Status, ...] = (
    "created", "updated", "unchanged", "conflict", "invalid", "failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """An invoice of a batch, by its place in it, and whose it is."""

    place: int
    account_id: str
    said: Posted


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a row. `is_retryable`: sending it again may bring it in."""

    place: int
    account_id: str | None
    invoice_id: str | None
    status: Status
    faults: tuple[Fault, ...] = ()
    is_retryable: bool = False


@dataclass(slots=True)
class _Sorted:
    """The rows of one account, sorted out against what is there."""

    answers: list[Answer] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def count(self, status: Status) -> int:
        return sum(answer.status == status for answer in self.answers)


@dataclass(frozen=True, slots=True)
class InvoiceBatch:
    """Takes batches in. `monotonic` gives seconds that never go back.

    `threads`: how many accounts are booked at a time.
    """

    desk: Desk
    monotonic: Callable[[], float]
    threads: int = THREADS

    def post(
        self, rows: Sequence[Row], unreadable: Sequence[Answer], caller: Caller, *, update: bool
    ) -> Reply:
        """Take rows in, and answer each, in their order, with those that could not be read.

        With `update` an invoice that is there takes over what may change of it; else such a row is
        a conflict. One row or account that fails stops no other. Accounts that are not begun within
        20 seconds fail, to be sent again.
        """
        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(row.account_id, []).append(row)
        begun = self.monotonic()

        def take_account(account_id: str) -> list[Answer]:
            if self.monotonic() - begun > SPAN_S:
                detail = "there was no time left for this account; send its rows again"
                return _failed(groups[account_id], "not_reached", detail, is_retryable=True)
            return self._account(account_id, groups[account_id], caller, update=update)

        with ThreadPoolExecutor(self.threads) as pool:
            found = [answer for part in pool.map(take_account, groups) for answer in part]
        answers = sorted([*found, *unreadable], key=lambda answer: answer.place)
        counts = {name: sum(one.status == name for one in answers) for name in STATUSES}
        return Reply(200, {"data": [_body(answer) for answer in answers], "counts": counts})

    def _account(
        self, account_id: str, rows: Sequence[Row], caller: Caller, *, update: bool
    ) -> list[Answer]:
        """Take the rows of one account in as one change; what fails is an answer of each row."""
        if not is_id(account_id):
            return [_invalid(row, "account_id", "bad_id", unfit(account_id)) for row in rows]

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            done = _sorted(account, rows, policy, today, update=update)
            reply = Reply(200, {"answers": done.answers})
            return Ruling(done.facts, lambda _: reply, _told(done, caller, today))

        alone = replace(caller, replay_key=None, if_match="")  # a row is known by its own id
        needs = [fact for row in rows for fact in at_hand(row.said.invoice_id)]
        try:
            answers: list[Answer] = self.desk.book(account_id, alone, act, needs=needs).body[
                "answers"
            ]
        except NotFoundError:
            detail = f"there is no account {account_id}; an account comes before its invoices"
            return [_invalid(row, "account_id", "unknown_account", detail) for row in rows]
        except PastdueError as error:
            retry = error.retryable
            said = "try again later" if retry else str(error).partition("\n")[0]
            return _failed(rows, error.code, said, is_retryable=retry)
        return answers


def _sorted(
    account: Account, rows: Sequence[Row], policy: Policy, today: date, *, update: bool
) -> _Sorted:
    """Return what each row comes to, in their order: a later row sees what an earlier one did."""
    book, done = Book(account), _Sorted()
    for row in rows:
        said = with_terms(book, row.said, policy)
        faults = faults_of(said, today)
        taken = None if faults else take(book, said, today)
        if taken is None:
            done.answers.append(_answer(row, "invalid", faults))
        elif isinstance(taken, Clash):
            done.answers.append(_answer(row, "conflict", taken.faults))
        elif taken.outcome == "updated" and not update:
            done.answers.append(_answer(row, "conflict", [_would_change()]))
        else:
            _book(book, taken, policy)
            done.facts.extend(taken.facts)
            done.answers.append(_answer(row, taken.outcome))
    return done


def _book(book: Book, taken: Taken, policy: Policy) -> None:
    for fact in taken.facts:
        book_fact(book, fact, policy)


def _told(done: _Sorted, caller: Caller, today: date) -> tuple[Event, ...]:
    created, updated = done.count("created"), done.count("updated")
    if not created and not updated:
        return ()
    figures = {"created": str(created), "updated": str(updated)}
    return (event_of(caller, today, "invoices_posted", **figures),)


def _would_change() -> Fault:
    detail = (
        "is there already, with another due date, PO number or delivery; send it with "
        "`update` true to change that"
    )
    return Fault("/invoice_id", "conflict", detail)


def _answer(row: Row, status: Status, faults: Sequence[Fault] = ()) -> Answer:
    at = f"/invoices/{row.place}"
    placed = tuple(replace(fault, where=at + fault.where) for fault in faults)
    return Answer(row.place, row.account_id, row.said.invoice_id, status, placed)


def _invalid(row: Row, name: str, code: str, detail: str) -> Answer:
    return _answer(row, "invalid", [Fault(f"/{name}", code, detail)])


def _failed(rows: Sequence[Row], code: str, detail: str, *, is_retryable: bool) -> list[Answer]:
    fault = Fault("", code, detail)
    return [replace(_answer(row, "failed", [fault]), is_retryable=is_retryable) for row in rows]


def _body(answer: Answer) -> dict[str, Any]:
    return {
        "index": answer.place,
        "account_id": answer.account_id,
        "invoice_id": answer.invoice_id,
        "status": answer.status,
        "retryable": answer.is_retryable,
        "errors": [
            {"pointer": fault.where, "code": fault.code, "detail": fault.detail}
            for fault in answer.faults
        ],
    }

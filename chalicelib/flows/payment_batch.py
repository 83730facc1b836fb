"""Many payments at once, each answered on its own: one change for each account (R7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.core.account import Account, money_key
from chalicelib.core.apply import Booking
from chalicelib.core.effects import Event
from chalicelib.core.errors import ConflictError, Fault, InvalidInputError, PastdueError
from chalicelib.core.facts import Payment
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of
from chalicelib.flows.ledger_kind import refuse_in_mirror
from chalicelib.flows.money_answers import SHOWN_IN_LISTS_MAX, payment_answer
from chalicelib.flows.payment_desk import PAYMENT, PaymentSaid, figures, there_already
from chalicelib.flows.unfinished import written_later

AT_A_TIME = 8  # accounts; each waits for the store most of its time


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What became of one row: booked (`is_new`), there already, or refused with an error."""

    account_id: str
    payment_id: str
    payment: Mapping[str, Any] | None = None
    is_new: bool = False
    error: PastdueError | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    said: PaymentSaid


@dataclass(frozen=True, slots=True)
class PaymentBatch:
    """Books payments of many accounts. A row that is refused stops no other."""

    desk: Desk
    ledger_kind: str

    def book(self, caller: Caller, rows: Sequence[tuple[str, PaymentSaid]]) -> list[RowAnswer]:
        """Book the rows, in their order within each account; return an answer for each.

        A row is idempotent by its own id, so that a batch may be sent again after any failure.

        Raises:
            MirrorLedgerError: payments are booked in the ERP.
        """
        refuse_in_mirror(self.ledger_kind, "a payment")
        groups: dict[str, list[_Row]] = {}
        for number, (account_id, said) in enumerate(rows):
            groups.setdefault(account_id, []).append(_Row(number, said))
        plain = replace(caller, replay_key=None, if_match="")
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            done = pool.map(lambda item: self._account(plain, *item), groups.items())
            answers = {number: answer for group in done for number, answer in group.items()}
        return [answers[number] for number in range(len(rows))]

    def _account(
        self, caller: Caller, account_id: str, rows: Sequence[_Row]
    ) -> dict[int, RowAnswer]:
        answers: dict[int, RowAnswer] = {}

        def act(account: Account, _: Policy, today: date) -> Ruling:
            answers.clear()
            facts: list[Payment] = []
            events: list[Event] = []
            new = _sorted_out(account, rows, today, answers)
            for row in new:
                facts.append(row.said.booked(today))
                said = row.said
                events.append(
                    event_of(caller, today, "payment_booked", said.payment_id, **figures(said))
                )
            is_later = written_later(account)

            def reply(booking: Booking) -> Reply:
                for row in rows:  # one that is in the batch twice is booked once
                    if row.number not in answers:
                        body = _body(booking, row.said, is_pending=is_later(booking))
                        name = row.said.payment_id
                        answers[row.number] = RowAnswer(account_id, name, body, row in new)
                return Reply(200, {})

            return Ruling(facts, reply, events, is_later)

        try:
            needs = [row.said.booked(date.min) for row in rows]
            self.desk.book(account_id, caller, act, needs=needs)
        except PastdueError as error:  # of the account: each of its rows has it
            return {
                row.number: RowAnswer(account_id, row.said.payment_id, error=error) for row in rows
            }
        return answers


def _sorted_out(
    account: Account, rows: Sequence[_Row], today: date, answers: dict[int, RowAnswer]
) -> list[_Row]:
    """Return the rows to book; answer those that are there already or refused."""
    new: dict[str, _Row] = {}
    for row in rows:
        payment_id = row.said.payment_id
        try:
            there = there_already(account, row.said, today)
            first = new.get(payment_id)
            if first is not None and first.said != row.said:
                raise ConflictError(f"payment {payment_id} is in this batch with other content")
        except (ConflictError, InvalidInputError) as error:
            answers[row.number] = RowAnswer(
                account.id, payment_id, error=_in_batch(error, row.number)
            )
            continue
        if there is not None:
            body = payment_answer(account.id, there, shown=SHOWN_IN_LISTS_MAX)
            answers[row.number] = RowAnswer(account.id, payment_id, body)
        elif first is None:
            new[payment_id] = row
    return list(new.values())


def _in_batch(error: PastdueError, number: int) -> PastdueError:
    """Return a row's error with the pointers that its faults have in the whole body."""
    if not isinstance(error, InvalidInputError):
        return error
    faults = [
        Fault(f"/payments/{number}{fault.where}", fault.code, fault.detail)
        for fault in error.faults
    ]
    return InvalidInputError(str(error).partition("\n")[0], faults)


def _body(booking: Booking, said: PaymentSaid, *, is_pending: bool) -> dict[str, Any]:
    money = booking.account.money[money_key(PAYMENT, said.payment_id)]
    shown = SHOWN_IN_LISTS_MAX
    return payment_answer(booking.account.id, money, shown=shown, is_pending=is_pending)

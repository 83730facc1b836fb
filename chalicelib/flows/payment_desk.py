"""Payments as they are sent here: recorded once by the caller's id, reversed once (R7.1, R7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from chalicelib.core.account import Account, Money, money_key
from chalicelib.core.apply import Booking
from chalicelib.core.erased_words import INSTEAD
from chalicelib.core.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from chalicelib.core.facts import Payment, PaymentReversed
from chalicelib.core.policy import Policy
from chalicelib.flows.agency_money_ids import reserved
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.ledger_days import YEAR_MAX, YEAR_MIN
from chalicelib.flows.ledger_kind import refuse_in_mirror
from chalicelib.flows.money_answers import (
    SHOWN_IN_LISTS_MAX,
    allocation_rows,
    payment_answer,
)
from chalicelib.flows.unfinished import written_later

PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class PaymentSaid:
    """A payment as its source says it is. The amount is in minor units, the id is the source's."""

    payment_id: str
    received_on: date
    amount_minor: int
    currency: str
    invoice_ids: tuple[str, ...] = ()
    reference: str = ""

    def booked(self, on: date) -> Payment:
        """Return the fact that books it."""
        return Payment(
            on, self.payment_id, self.received_on, self.currency, self.amount_minor,
            self.invoice_ids, self.reference,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaymentDesk:
    """Books payments and their reversals, and tells of them."""

    desk: Desk
    ledger_kind: str

    def book(self, account_id: str, caller: Caller, said: PaymentSaid) -> Reply:
        """Record a payment, once: 201 when it is new, 200 with what is there when it is not.

        The answer comes when it is booked for certain. Over many invoices its allocation may be
        pending then, and is finished within a minute.

        Raises:
            InvalidInputError: it is not what a payment can be; every fault is named.
            ConflictError: the id was used for a payment with other content.
            MirrorLedgerError: payments are booked in the ERP.
        """
        refuse_in_mirror(self.ledger_kind, f"payment {said.payment_id}")

        def act(account: Account, _: Policy, today: date) -> Ruling:
            there = there_already(account, said, today)
            check_match(caller, payment_answer(account.id, there) if there else None)
            if there is not None:
                known = Reply(200, payment_answer(account.id, there), place(account.id, said))
                return Ruling((), lambda _: known)
            is_later = written_later(account)

            def reply(booking: Booking) -> Reply:
                money = booking.account.money[money_key(PAYMENT, said.payment_id)]
                body = payment_answer(account.id, money, is_pending=is_later(booking))
                return Reply(201, body, place(account.id, said))

            event = event_of(caller, today, "payment_booked", said.payment_id, **figures(said))
            return Ruling((said.booked(today),), reply, (event,), is_later)

        return self.desk.book(account_id, caller, act, needs=(said.booked(date.min),))

    def reverse(
        self, account_id: str, caller: Caller, payment_id: str, reason_code: str, note: str
    ) -> Reply:
        """Undo a payment that bounced exactly, and re-open what it closed (R7.4).

        Raises:
            NotFoundError: there is no such payment.
            ConflictError: it was reversed already.
            MirrorLedgerError: reversals are booked in the ERP.
        """
        refuse_in_mirror(self.ledger_kind, f"the reversal of payment {payment_id}")
        key = money_key(PAYMENT, payment_id)

        def act(account: Account, _: Policy, today: date) -> Ruling:
            there = account.money.get(key)
            if there is None:
                raise no_payment(payment_id)
            check_match(caller, payment_answer(account.id, there))
            if there.bounced:
                raise ConflictError(f"payment {payment_id} was reversed already")
            is_later = written_later(account)

            def reply(booking: Booking) -> Reply:
                money = booking.account.money[key]
                return Reply(200, payment_answer(account.id, money, is_pending=is_later(booking)))

            event = event_of(
                caller, today, "payment_reversed", payment_id, reason_code=reason_code, note=note,
                amount_minor=str(there.amount_minor), currency=there.currency,
            )  # fmt: skip
            return Ruling((PaymentReversed(today, payment_id),), reply, (event,), is_later)

        return self.desk.book(
            account_id, caller, act, needs=(PaymentReversed(date.min, payment_id),)
        )

    def read(self, account_id: str, payment_id: str) -> dict[str, Any]:
        """Return a payment as it now stands, its allocation done.

        Raises:
            NotFoundError: there is no such payment.
        """
        return payment_answer(account_id, self._money(account_id, payment_id))

    def allocations(
        self, account_id: str, payment_id: str, start: int, limit: int
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Return a part of where a payment went, and the place of the next part.

        Raises:
            NotFoundError: there is no such payment.
        """
        money = self._money(account_id, payment_id)
        end = start + limit
        more = end if end < len(money.allocations) else None
        return allocation_rows(money, start, limit), more

    def page(
        self, account_id: str, mark: str, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return payments by id, live and past, and the mark of the next part.

        Raises:
            NotFoundError: there is no such account.
        """
        require_account(self.desk, account_id)
        page = self.desk.accounts.money_of_kind(account_id, PAYMENT, mark, limit)
        rows = [payment_answer(account_id, m, shown=SHOWN_IN_LISTS_MAX) for m in page.rows]
        return rows, page.mark

    def _money(self, account_id: str, payment_id: str) -> Money:
        money = self.desk.accounts.find_money(account_id, money_key(PAYMENT, payment_id))
        if money is None:
            raise no_payment(payment_id)
        return money


def there_already(account: Account, said: PaymentSaid, today: date) -> Money | None:
    """Return the payment that is there with the same content, None when the id is new.

    Raises:
        InvalidInputError: it is not what a payment can be; every fault is named.
        ConflictError: the id was used for a payment with other content.
    """
    faults = list(faults_of(said, today))
    if faults:
        raise InvalidInputError("the payment cannot be booked", faults)
    there = account.money.get(money_key(PAYMENT, said.payment_id))
    if there is None:
        return None
    # A person who was erased is gone from the reference; it is the same payment all the same.
    reference = said.reference if INSTEAD in there.reference else there.reference
    known = PaymentSaid(
        there.id, there.value_on, there.amount_minor, there.currency, there.invoice_ids, reference
    )
    if known != said:
        raise ConflictError(
            f"payment {said.payment_id} was recorded with other content; a payment is recorded "
            "once, and a reversal takes it back"
        )
    return there


def faults_of(said: PaymentSaid, today: date) -> Iterator[Fault]:
    """Yield everything that is wrong with a payment by itself, with pointers into it."""
    if said.currency not in CURRENCY_DIGITS:
        detail = f"{said.currency} is no ISO 4217 currency"
        yield Fault("/amount/currency", "unknown_currency", detail)
    if (why := reserved(said.payment_id)) is not None:
        yield Fault("/payment_id", "reserved", why)
    yield from day_faults("/received_on", said.received_on, today)
    yield from named_twice(said.invoice_ids)


def day_faults(where: str, day: date, today: date) -> Iterator[Fault]:
    """Yield what is wrong with the day of something that has happened."""
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        yield Fault(where, "bad_date", f"is outside the years {YEAR_MIN} to {YEAR_MAX}")
    elif day > today:
        yield Fault(where, "in_the_future", f"is after {today}: it has not happened")


def named_twice(invoice_ids: tuple[str, ...]) -> Iterator[Fault]:
    """Yield a fault for each invoice that a list names again."""
    seen: set[str] = set()
    for number, name in enumerate(invoice_ids):
        if name in seen:
            yield Fault(f"/invoice_ids/{number}", "named_twice", f"{name} is named before")
        seen.add(name)


def figures(said: PaymentSaid) -> dict[str, str]:
    """Return a payment's figures for the timeline."""
    return {
        "amount_minor": str(said.amount_minor),
        "currency": said.currency,
        "received_on": said.received_on.isoformat(),
    }


def place(account_id: str, said: PaymentSaid) -> str:
    """Return where a payment is found."""
    return f"/v1/accounts/{account_id}/payments/{quote(said.payment_id, safe='~:@')}"


def no_payment(payment_id: str) -> NotFoundError:
    """Return the error for a payment that is not there."""
    return NotFoundError(f"there is no payment {payment_id[:64]!r}")


def require_account(desk: Desk, account_id: str) -> None:
    """Make sure that an account is there.

    Raises:
        NotFoundError: it is not.
    """
    if account_id not in desk.accounts.heads([account_id]):
        raise NotFoundError(f"there is no account {account_id[:64]!r}")

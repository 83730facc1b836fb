"""Credit notes as they are sent here: recorded once, from their own date (R7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from chalicelib.core.account import Account, Money, money_key
from chalicelib.core.apply import Booking
from chalicelib.core.errors import (
    BlockedError,
    Blocker,
    ConflictError,
    Fault,
    InvalidInputError,
    NotFoundError,
)
from chalicelib.core.facts import CreditNote
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.ledger_kind import refuse_in_mirror
from chalicelib.flows.money_answers import SHOWN_IN_LISTS_MAX, credit_note_answer
from chalicelib.flows.payment_desk import day_faults, require_account

CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class CreditNoteSaid:
    """A credit note as its source says it is. `issued_on` None: the day it is booked."""

    credit_note_id: str
    amount_minor: int
    currency: str
    invoice_id: str | None = None
    reason: str = ""
    issued_on: date | None = None

    def booked(self, on: date) -> CreditNote:
        """Return the fact that books it."""
        return CreditNote(
            on, self.credit_note_id, self.currency, self.amount_minor, self.invoice_id,
            self.reason, self.issued_on,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CreditDesk:
    """Books credit notes and tells of them."""

    desk: Desk
    ledger_kind: str

    def book(self, account_id: str, caller: Caller, said: CreditNoteSaid) -> Reply:
        """Record a credit note, once: 201 when it is new, 200 with what is there when it is not.

        Raises:
            InvalidInputError: it is not what a credit note can be; every fault is named.
            ConflictError: the id was used for a credit note with other content.
            BlockedError: the invoice it names is in another currency.
            MirrorLedgerError: credit notes are booked in the ERP.
        """
        refuse_in_mirror(self.ledger_kind, f"credit note {said.credit_note_id}")
        key = money_key(CREDIT_NOTE, said.credit_note_id)

        def act(account: Account, _: Policy, today: date) -> Ruling:
            there = _there_already(account, said, today)
            check_match(caller, credit_note_answer(account.id, there) if there else None)
            if there is not None:
                known = Reply(200, credit_note_answer(account.id, there), _place(account.id, said))
                return Ruling((), lambda _: known)
            _refuse_other_currency(account, said)

            def reply(booking: Booking) -> Reply:
                money = booking.account.money[key]
                body = credit_note_answer(account.id, money)
                return Reply(201, body, _place(account.id, said))

            event = event_of(
                caller, today, "credit_note_booked", said.credit_note_id, note=said.reason,
                amount_minor=str(said.amount_minor), currency=said.currency,
                invoice_id=said.invoice_id or "",
            )  # fmt: skip
            return Ruling((said.booked(today),), reply, (event,))

        return self.desk.book(account_id, caller, act, needs=(said.booked(date.min),))

    def read(self, account_id: str, credit_note_id: str) -> dict[str, Any]:
        """Return a credit note as it now stands.

        Raises:
            NotFoundError: there is no such credit note.
        """
        key = money_key(CREDIT_NOTE, credit_note_id)
        money = self.desk.accounts.find_money(account_id, key)
        if money is None:
            raise NotFoundError(f"there is no credit note {credit_note_id[:64]!r}")
        return credit_note_answer(account_id, money)

    def page(
        self, account_id: str, mark: str, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return credit notes by id, live and past, and the mark of the next part.

        Raises:
            NotFoundError: there is no such account.
        """
        require_account(self.desk, account_id)
        page = self.desk.accounts.money_of_kind(account_id, CREDIT_NOTE, mark, limit)
        rows = [credit_note_answer(account_id, m, shown=SHOWN_IN_LISTS_MAX) for m in page.rows]
        return rows, page.mark


def _there_already(account: Account, said: CreditNoteSaid, today: date) -> Money | None:
    faults = list(_faults_of(said, today))
    if faults:
        raise InvalidInputError("the credit note cannot be booked", faults)
    there = account.money.get(money_key(CREDIT_NOTE, said.credit_note_id))
    if there is None:
        return None
    same = (
        there.amount_minor == said.amount_minor
        and there.currency == said.currency
        and there.invoice_ids == ((said.invoice_id,) if said.invoice_id else ())
        and there.reason == said.reason
        and said.issued_on in (None, there.value_on)
    )
    if not same:
        raise ConflictError(f"credit note {said.credit_note_id} was recorded with other content")
    return there


def _faults_of(said: CreditNoteSaid, today: date) -> Iterator[Fault]:
    if said.currency not in CURRENCY_DIGITS:
        detail = f"{said.currency} is no ISO 4217 currency"
        yield Fault("/amount/currency", "unknown_currency", detail)
    if said.issued_on is not None:
        yield from day_faults("/issued_on", said.issued_on, today)


def _refuse_other_currency(account: Account, said: CreditNoteSaid) -> None:
    """A payment may come in any currency; a credit note for an invoice is in the invoice's."""
    name = said.invoice_id or ""
    invoice = account.invoices.get(name) or account.closed.get(name)
    if invoice is not None and invoice.currency != said.currency:
        detail = f"invoice {invoice.id} is in {invoice.currency}"
        blocker = Blocker("other_currency", detail)
        raise BlockedError(f"a credit note in {said.currency} cannot reduce it", [blocker])


def _place(account_id: str, said: CreditNoteSaid) -> str:
    name = quote(said.credit_note_id, safe="~:@")
    return f"/v1/accounts/{account_id}/credit_notes/{name}"

"""Unapplied cash and credit, applied by a person (R7.2, R5.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from chalicelib.core.account import Account, money_key
from chalicelib.core.apply import Booking, apply_all
from chalicelib.core.errors import BlockedError, Blocker, Fault, InvalidInputError, NotFoundError
from chalicelib.core.facts import CashApplied
from chalicelib.core.money import add
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of
from chalicelib.flows.ledger_kind import refuse_in_mirror
from chalicelib.flows.money_answers import SHOWN_MAX, amount, part
from chalicelib.flows.payment_desk import named_twice
from chalicelib.flows.unfinished import written_later

BLOCKERS_MAX = 100


@dataclass(frozen=True, slots=True)
class CashSaid:
    """What is to be applied, and where. Nothing named: all of it, down the waterfall."""

    currency: str | None = None
    payment_id: str | None = None
    credit_note_id: str | None = None
    invoice_ids: tuple[str, ...] = ()

    @property
    def money_key(self) -> str:
        """The key of the one payment or credit note that is meant, "" for all."""
        if self.payment_id is not None:
            return money_key("payment", self.payment_id)
        if self.credit_note_id is not None:
            return money_key("credit_note", self.credit_note_id)
        return ""


@dataclass(frozen=True, slots=True)
class CashDesk:
    """Applies what lies on an account unapplied."""

    desk: Desk
    ledger_kind: str

    def apply(self, account_id: str, caller: Caller, said: CashSaid) -> Reply:
        """Apply cash and credit to invoices of its own currency; what is left stays (R7.2).

        Raises:
            InvalidInputError: what was asked contradicts itself; every fault is named.
            NotFoundError: there is no such payment or credit note.
            BlockedError: nothing can be applied; every reason is named.
            MirrorLedgerError: cash is applied in the ERP.
        """
        refuse_in_mirror(self.ledger_kind, "the applying of cash")
        faults = list(_faults_of(said))
        if faults:
            raise InvalidInputError("the cash cannot be applied", faults)

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            facts = _facts(account, said, today)
            after = apply_all(account, facts, policy).account
            moved = _applied(account, after)
            if not moved:
                nothing = Blocker("nothing_open", "there is nothing open that it could pay")
                raise BlockedError("no cash was applied", [nothing])
            is_later = written_later(account)
            events = [
                event_of(
                    caller, today, "cash_applied", said.money_key, amount_minor=str(minor),
                    currency=currency, invoices_named=str(len(said.invoice_ids)),
                )
                for currency, minor in sorted(moved.items())
            ]  # fmt: skip

            def reply(booking: Booking) -> Reply:
                body = _answer(account, booking.account, moved)
                return Reply(200, body | {"allocation": _state(is_pending=is_later(booking))})

            return Ruling(facts, reply, events, is_later)

        needs = [CashApplied(date.min, "", said.money_key, said.invoice_ids)]
        return self.desk.book(account_id, caller, act, needs=needs)


def _state(*, is_pending: bool) -> str:
    return "pending" if is_pending else "done"


def _faults_of(said: CashSaid) -> Iterator[Fault]:
    if said.payment_id is not None and said.credit_note_id is not None:
        detail = "name a payment or a credit note, not both"
        yield Fault("/credit_note_id", "only_one", detail)
    if said.currency is not None and said.currency not in CURRENCY_DIGITS:
        yield Fault("/currency", "unknown_currency", f"{said.currency} is no ISO 4217 currency")
    yield from named_twice(said.invoice_ids)


def _facts(account: Account, said: CashSaid, today: date) -> list[CashApplied]:
    """Return one fact for each currency that is to be applied."""
    cash = _unapplied(account, said)
    if said.currency is not None:
        cash = {said.currency: cash.get(said.currency, 0)}
    blockers = list(islice(_blockers(account, said, cash), BLOCKERS_MAX))
    if blockers:
        raise BlockedError("the cash cannot be applied so", blockers)
    return [
        CashApplied(today, currency, said.money_key, said.invoice_ids) for currency in sorted(cash)
    ]


def _unapplied(account: Account, said: CashSaid) -> dict[str, int]:
    """Return what is unapplied of the money that is meant, by currency."""
    if not said.money_key:
        return {currency: minor for currency, minor in account.unapplied.items() if minor}
    money = account.money.get(said.money_key)
    if money is None:
        kind, _, name = said.money_key.partition(":")
        raise NotFoundError(f"there is no {kind.replace('_', ' ')} {name[:64]!r}")
    return {money.currency: money.unapplied_minor}


def _blockers(account: Account, said: CashSaid, cash: dict[str, int]) -> Iterator[Blocker]:
    """Yield every reason why it cannot be done."""
    if not any(cash.values()):
        where = f" in {said.currency}" if said.currency else ""
        yield Blocker("nothing_unapplied", f"there is no unapplied cash or credit{where}")
        return
    for name in said.invoice_ids:
        invoice = account.invoices.get(name)
        if invoice is None and name in account.closed:
            yield Blocker("invoice_settled", f"nothing is open of invoice {name}")
        elif invoice is None:
            yield Blocker("invoice_not_there", f"there is no invoice {name}")
        elif invoice.currency not in cash:
            there = ", ".join(sorted(cash))
            detail = f"invoice {name} is in {invoice.currency}, the cash in {there}"
            yield Blocker("other_currency", detail)


def _applied(before: Account, after: Account) -> dict[str, int]:
    """Return how much of the cash went to invoices and charges, by currency."""
    had, total = _went_to(before), dict[str, int]()
    for place, minor in _went_to(after).items():
        more = minor - had.get(place, 0)
        if more > 0:  # a fee that fell away gave back what had been paid on it (R4.9)
            add(total, after.money[place[0]].currency, more)
    return total


def _went_to(account: Account) -> dict[tuple[str, str, str | None], int]:
    found: dict[tuple[str, str, str | None], int] = {}
    for key, money in account.money.items():
        for taken in money.allocations:
            place = (key, taken.invoice_id, taken.charge_id)
            found[place] = found.get(place, 0) + taken.amount_minor
    return found


def _answer(before: Account, after: Account, moved: dict[str, int]) -> dict[str, Any]:
    used = [
        {
            "kind": money.kind,
            "id": money.id,
            "unapplied": amount(money.unapplied_minor, money.currency),
        }
        for key, money in sorted(after.money.items())
        if money is not before.money.get(key)
    ]
    return {
        "account_id": after.id,
        "applied": [amount(minor, currency) for currency, minor in sorted(moved.items())],
        "unapplied": [
            amount(minor, currency) for currency, minor in sorted(after.unapplied.items()) if minor
        ],
        "used": part(used, SHOWN_MAX),
    }

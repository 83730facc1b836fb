"""When a promise to pay is refused: every reason at once, and what is allowed instead (R6.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.core.account import Account
from chalicelib.core.agreements import Promise
from chalicelib.core.errors import BlockedError, Blocker, Fault, LimitError, UnfitInputError
from chalicelib.core.invoice import Invoice
from chalicelib.core.promises import promisable
from chalicelib.flows.currencies import CURRENCY_DIGITS, amount_in_words
from chalicelib.flows.promise_view import allowed_actions, state_of

PROMISE_DAYS_MAX = 366  # from today to the promised date
PROMISES_MAX = 50  # of one account that have not ended
COVERED_MAX = 5_000  # invoices, so that a promise and its task fit where they are kept


@dataclass(frozen=True, slots=True)
class Promised:
    """What a customer promises, minor units. No `invoice_ids`: all past due in the currency."""

    amount_minor: int
    currency: str
    by: date
    invoice_ids: tuple[str, ...] = ()


def check_promise(account: Account, promised: Promised, today: date) -> None:
    """Refuse a promise that cannot be.

    Raises:
        UnfitInputError: with every fault.
        LimitError: the account has 50 promises that have not ended.
    """
    faults = list(faults_of_promise(account, promised, today))
    if faults:
        raise UnfitInputError("the promise cannot be so", faults)


def faults_of_promise(
    account: Account, promised: Promised, today: date, at: str = ""
) -> Iterator[Fault]:
    """Yield what is wrong with a promise made today; `at`: the JSON pointer of what says it.

    Its date is within 366 days, its invoices are open, in its currency, and in no payment plan, and
    it is about no more than what is open of them, charges included.

    Raises:
        LimitError: the account has 50 promises that have not ended.
    """
    if sum(not promise.is_over for promise in account.promises) >= PROMISES_MAX:
        raise LimitError(f"an account may have {PROMISES_MAX} promises at a time; withdraw one")
    latest = today + timedelta(days=PROMISE_DAYS_MAX)
    if not today <= promised.by <= latest:
        yield Fault(f"{at}/by", "out_of_range", f"must be from {today} through {latest}")
    currency = promised.currency
    if currency not in CURRENCY_DIGITS:
        yield Fault(f"{at}/amount/currency", "unknown_currency", "is no currency of ISO 4217")
        return
    covered, faults = _covered(account, promised, today)
    yield from (replace(fault, where=f"{at}{fault.where}") for fault in faults)
    owed = sum(one.open_minor + one.open_charges_minor for one in covered)
    if covered and not faults and promised.amount_minor > owed:
        amount = amount_in_words(owed, currency)
        said = f"is more than what is open of what it covers, {amount}"
        yield Fault(f"{at}/amount/amount_minor", "above_open", said)


def _covered(
    account: Account, promised: Promised, today: date
) -> tuple[list[Invoice], list[Fault]]:
    """Return the invoices that a promise covers, and why it cannot cover what is said."""
    currency = promised.currency
    if promised.invoice_ids:
        named = {name: account.invoices.get(name) for name in promised.invoice_ids}
        faults = [
            Fault(f"/invoice_ids/{index}", *why_not)
            for index, name in enumerate(promised.invoice_ids)
            if (why_not := _why_not(account, named[name], currency)) is not None
        ]
        return [one for one in named.values() if one is not None], faults
    covered = [
        one for one in promisable(account) if one.currency == currency and one.is_past_due(today)
    ]
    if not covered:
        said = f"nothing in {currency} is past due: name the invoices that it covers"
        return [], [Fault("/invoice_ids", "nothing_past_due", said)]
    if len(covered) > COVERED_MAX:
        said = f"a promise covers at most {COVERED_MAX:,} invoices: name those that it is about"
        return covered, [Fault("/invoice_ids", "too_many", said)]
    return covered, []


def check_open(promise: Promise, grace_days: int, today: date, what: str) -> None:
    """Refuse to change a promise that has ended; `what`: "withdrawn", "approved".

    Raises:
        BlockedError: with its state.
    """
    state = state_of(promise, grace_days, today)
    blockers = []
    if state not in ("in_force", "pending_approval"):
        blockers.append(Blocker(state, f"it has ended: {state.replace('_', ' ')}"))
    elif what == "approved" and state == "in_force":
        blockers.append(Blocker("in_force", "it is in force: no approval is needed"))
    if blockers:
        said = f"promise {promise.id} cannot be {what}"
        raise BlockedError(said, blockers, allowed_actions(state))


def _why_not(account: Account, invoice: Invoice | None, currency: str) -> tuple[str, str] | None:
    """Return the code and words of why a promise cannot cover an invoice, None if it can."""
    if invoice is None or invoice.is_settled:
        return "not_open", "is no open invoice of the account"
    if invoice.currency != currency:
        return "other_currency", f"is in {invoice.currency}, not in {currency}"
    for plan in account.plans.values():
        if plan.is_active and invoice.id in plan.invoice_ids:
            return "in_plan", f"is in payment plan {plan.id}"
    return None

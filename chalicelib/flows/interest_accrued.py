"""What interest has accrued on an account's invoices, posted or not, through any day (R4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from chalicelib.core.book import Book
from chalicelib.core.charges import interest_to_post
from chalicelib.core.errors import Fault, NotFoundError, RateUnknownError, UnfitInputError
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.core.suspensions import Span, suspended
from chalicelib.core.workings import Working
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.interest_view import SEGMENTS_IN_LISTS, span_body, terms_body, working_body
from chalicelib.flows.interest_worth import interest_rule, postable
from chalicelib.flows.invoice_view import money
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts

PAST_DAYS_MAX = 3_660
AHEAD_DAYS_MAX = 366
RESTS_SHOWN = 20  # of one invoice, the last ones


@dataclass(frozen=True, slots=True)
class Accrued:
    """The interest of one invoice through a day; amounts in minor units.

    `posted_minor` is net of reversals, waived ones included. `postable_minor` is what a posting on
    that day would come to within all bounds; None of a day that is past. `fault`: the code and the
    words why nothing can be said; then nothing else is.
    """

    invoice: Invoice
    posted_minor: int
    working: Working | None = None
    rests: tuple[Span, ...] = ()
    postable_minor: int | None = None
    capped_by: str | None = None
    fault: tuple[str, str] | None = None

    @property
    def accrued_minor(self) -> int:
        """The running total, rounded once; 0 where it is not known."""
        return self.working.running_minor if self.working is not None else 0

    @property
    def unposted_minor(self) -> int:
        """What has accrued and is not posted; it lapses when the principal is paid (R4.3)."""
        if self.working is None or self.invoice.open_minor == 0:
            return 0
        return max(self.accrued_minor - self.posted_minor, 0)


@dataclass(frozen=True, slots=True)
class AccruedInterest:
    """Tells what interest has accrued on accounts, whatever was posted of it."""

    accounts: Accounts
    policies: PolicyShelf

    def page(
        self, account_id: str, through: date | None, today: date, mark: str, limit: int
    ) -> tuple[dict[str, Any], list[dict[str, Any]], str | None]:
        """Return what is told beside the list, live invoices by id from a mark, and the next mark.

        Through a day, today when none is given. Totals are told with the first page only: they are
        of all invoices. Reads the whole account once.

        Raises:
            NotFoundError: there is no such account.
            UnfitInputError: the day is too far from today.
        """
        day = through or today
        _check_day(day, today)
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        account = loaded.account
        policy = self.policies.of(account.details, today)
        book = Book(account)
        ids = sorted(name for name in account.invoices if name > mark)
        wanted = ids[:limit] if mark else ids
        found = [accrued_on(book, book.invoices[name], policy, day, today) for name in wanted]
        about = {
            "account_id": account.id,
            "through": day.isoformat(),
            "debtor_kind": account.details.debtor_kind,
            "policy": {"id": policy.id, "version": policy.version},
            "terms": terms_body(policy, account.details.debtor_kind),
            "totals": None if mark else list(_totals(found, is_past=day < today)),
        }
        rows = [_row(one, day) for one in found[:limit]]
        return about, rows, ids[limit - 1] if len(ids) > limit else None


def accrued_on(book: Book, invoice: Invoice, policy: Policy, day: date, today: date) -> Accrued:
    """Return the interest of an invoice through a day, by what is known today.

    A rate that is not known, and a currency that the policy does not list, are told as the fault of
    this invoice alone (R4.4).
    """
    posted_minor = sum(
        charge.counts_for_caps_minor
        for charge in invoice.charges
        if charge.kind == "interest" and charge.posted_on <= day
    )
    if invoice.currency not in policy.currencies:
        words = f'the policy "{policy.id}" does not list {invoice.currency}: nothing is charged'
        return Accrued(invoice, posted_minor, fault=("currency_not_in_policy", words))
    try:
        working = interest_to_post(book, invoice, policy, day, today)
    except RateUnknownError as error:
        return Accrued(invoice, posted_minor, fault=(error.code, str(error)))
    working = replace(working, posted_before_minor=posted_minor)
    found = Accrued(invoice, posted_minor, working, suspended(book, invoice.id, policy, day, today))
    return found if day < today else _with_posting(found, policy, book.details.debtor_kind, day)


def _with_posting(found: Accrued, policy: Policy, debtor_kind: str, day: date) -> Accrued:
    """Add what a posting on the day would come to (R4.1, R4.5)."""
    invoice = found.invoice
    if found.working is None or found.unposted_minor == 0:
        return replace(found, postable_minor=0)
    rule = interest_rule(policy, debtor_kind, invoice.days_past_due(day))
    amount_minor, capped_by = postable(rule, invoice, policy, found.working, day)
    return replace(found, postable_minor=amount_minor, capped_by=capped_by)


def _check_day(day: date, today: date) -> None:
    first, last = today - timedelta(days=PAST_DAYS_MAX), today + timedelta(days=AHEAD_DAYS_MAX)
    if not first <= day <= last:
        fault = Fault("through", "out_of_range", f"{day} is not from {first} through {last}")
        raise UnfitInputError("the interest cannot be told", [fault])


def _totals(found: list[Accrued], *, is_past: bool) -> Iterator[dict[str, Any]]:
    """Yield the sums of each currency, and of how many invoices nothing can be said."""
    for currency in sorted({one.invoice.currency for one in found}):
        own = [one for one in found if one.invoice.currency == currency]
        postable = money(sum(one.postable_minor or 0 for one in own), currency)
        yield {
            "currency": currency,
            "invoices": len(own),
            "not_known": sum(one.fault is not None for one in own),
            "accrued": money(sum(one.accrued_minor for one in own), currency),
            "posted": money(sum(one.posted_minor for one in own), currency),
            "not_posted": money(sum(one.unposted_minor for one in own), currency),
            "postable": None if is_past else postable,
        }


def _row(one: Accrued, day: date) -> dict[str, Any]:
    invoice, working = one.invoice, one.working
    currency = invoice.currency
    row: dict[str, Any] = {
        "invoice_id": invoice.id,
        "open": money(invoice.open_minor, currency),
        "disputed": money(invoice.disputed_minor, currency),
        "effective_due_on": invoice.effective_due_on.isoformat(),
        "days_past_due": invoice.days_past_due(day) if invoice.open_minor else None,
        "posted": money(one.posted_minor, currency),
        "accrued": None,
        "not_posted": None,
        "postable": None,
        "capped_by": one.capped_by,
        "rests_now": any(first <= day <= last for first, last in one.rests),
        "rests": [span_body(*span) for span in one.rests[-RESTS_SHOWN:]],
        "line": None,
        "working": None,
        "error": None,
    }
    if working is None:
        code, detail = one.fault or ("", "")
        return row | {"error": {"code": code, "detail": detail}}
    postable = one.postable_minor
    return row | {
        "accrued": money(one.accrued_minor, currency),
        "not_posted": money(one.unposted_minor, currency),
        "postable": None if postable is None else money(postable, currency),
        "line": working.line(currency, CURRENCY_DIGITS[currency]),
        "working": working_body(working, currency, SEGMENTS_IN_LISTS),
    }

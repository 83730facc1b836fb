"""The list of accounts with filters, answered from a run's snapshot (architecture, Reads)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.report_money import moneys
from chalicelib.flows.snapshots import Snapshots, read_mark, write_mark

Row = dict[str, Any]
COMPANY = AccountDetails().debtor_kind  # what every account was, before a snapshot could tell


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilters:
    """What is asked; an empty text filters nothing. `as_of` None: the newest snapshot.

    `past_due_over_minor` is in `currency`, and exclusive.
    """

    as_of: date | None = None
    account_class: str = ""
    credit_status: str = ""
    collector: str = ""
    bucket: str = ""
    stage: str = ""
    past_due_over_minor: int | None = None
    currency: str = ""

    def let_in(self, row: Row) -> bool:
        """Whether an account's row of a snapshot is asked for."""
        names = ("account_class", "credit_status", "collector", "bucket", "stage")
        if any((asked := getattr(self, name)) and row[name] != asked for name in names):
            return False
        if self.past_due_over_minor is None:
            return True
        return bool(row["past_due"].get(self.currency, 0) > self.past_due_over_minor)


class FiltersError(InvalidInputError):
    """Filters that do not go together."""

    code = "invalid_filters"


@dataclass(frozen=True, slots=True)
class AccountList:
    """Answers which accounts there are, as of a run, in order of their ids."""

    snapshots: Snapshots

    def page(
        self, asked: AccountFilters, mark: str, limit: int
    ) -> tuple[str, list[Row], str | None]:
        """Return the snapshot's day, at most `limit` accounts from a mark on, and the next mark.

        Reads the summary and at most 4 parts of 2,000 accounts, so that a page may be short, or
        empty, and still have a next one. A list that has begun goes on in the snapshot in which it
        began, so that each account is in it once, whatever happens meanwhile.

        Raises:
            FiltersError: one of `past_due_over_minor` and `currency` is given without the other.
            NotFoundError: there is no snapshot of that day; the nearest earlier one is named.
        """
        if (asked.past_due_over_minor is None) != (not asked.currency):
            needed = "currency" if asked.currency == "" else "past_due_over_minor"
            fault = Fault(
                needed, "missing", "an amount needs its currency, and a currency its amount"
            )
            raise FiltersError("the list cannot be answered", [fault])
        begun = read_mark(mark)
        summary = self.snapshots.of(begun[0] if begun else asked.as_of)

        def rows_of(account: Row) -> Iterable[tuple[str, Row]]:
            return [("", _values(account))] if asked.let_in(account) else []

        rows, place = self.snapshots.part_of_list(
            summary, begun[1] if begun else None, limit, rows_of
        )
        return summary["run_on"], rows, write_mark(summary, place)


def _values(account: Row) -> Row:
    names = ("name", "account_class", "credit_status", "collector", "policy_id")
    return {
        "account_id": account["id"],
        **{name: account[name] for name in names},
        "debtor_kind": account.get("debtor_kind", COMPANY),
        **{name: moneys(account[name]) for name in ("past_due", "open", "unapplied")},
        "oldest_days_past_due": account["oldest_days_past_due"],
        "bucket": account["bucket"],
        "stage": account["stage"],
        "risk_score": account["risk_score"],
    }

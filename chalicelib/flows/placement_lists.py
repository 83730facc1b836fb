"""Placements read: an account's, with all there is to tell, and those of all accounts by state (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import Fact
from chalicelib.core.placements import ENDED, Placement
from chalicelib.core.policy import Policy
from chalicelib.flows.invoice_act import at_hand
from chalicelib.flows.invoice_view import money
from chalicelib.flows.placement_candidates import candidates_body
from chalicelib.flows.placement_values import fee_of
from chalicelib.flows.placement_view import find_placement, placement_body
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts
from chalicelib.flows.ports_agency import PlacementReads

PAGES_READ_MAX = 8  # of an answer with filters
ROWS_PER_READ = 100


@dataclass(frozen=True, slots=True)
class PlacementLists:
    """Reads the placements of accounts. Each reads the account as a whole."""

    accounts: Accounts
    policies: PolicyShelf

    def candidates(self, account_id: str, today: date) -> dict[str, Any]:
        """Return what could be placed of an account, and what is missing (R10.1).

        Raises:
            NotFoundError: there is no such account.
        """
        account, policy = self._read(account_id, today)
        return candidates_body(account, policy, today)

    def page(
        self, account_id: str, today: date, place: tuple[str, int], *, state: str, currency: str
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return placements from a mark on (`place`: mark, limit), and the next page's mark, or None.

        Those that have not ended come first, the oldest first; then the others, the last ended
        first.

        Raises:
            NotFoundError: there is no such account.
        """
        account, policy = self._read(account_id, today)
        mark, limit = place
        found = [
            one
            for one in account.placements.values()
            if state in ("", one.state) and currency in ("", one.currency)
        ]
        found.sort(key=_order)
        first = int(mark or "0")
        shown = found[first : first + limit]
        rows = [placement_body(account, one, policy, today) for one in shown]
        return rows, str(first + limit) if len(found) > first + limit else None

    def one(self, account_id: str, placement_id: str, today: date) -> dict[str, Any]:
        """Return one placement, with its fee also where nothing is open of the fee's invoice.

        Raises:
            NotFoundError: there is no such account, or it keeps no such placement.
        """
        account, policy = self._read(account_id, today)
        placement = find_placement(account, placement_id)
        if placement.accepted_on is not None and fee_of(account, placement) is None:
            closed = sorted(placement.invoice_ids - account.invoices.keys())
            if closed:
                needs = [fact for name in closed for fact in at_hand(name)]
                account, policy = self._read(account_id, today, needs)
                placement = find_placement(account, placement_id)
        return placement_body(account, placement, policy, today)

    def _read(
        self, account_id: str, today: date, needs: list[Fact] | None = None
    ) -> tuple[Account, Policy]:
        loaded = self.accounts.load(account_id, needs or ())
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        return loaded.account, self.policies.of(loaded.account.details, today)


@dataclass(frozen=True, slots=True)
class AllPlacements:
    """Reads the placements of all accounts, from an index that may be a moment old."""

    reads: PlacementReads

    def page(
        self, state: str, mark: str, limit: int, *, agency: str = "", currency: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return placements in a state, the first made first, and the next page's mark, None at the end.

        With filters a page may be short, or empty, and not be the last: at most 8 pages are read.
        """
        found: list[dict[str, Any]] = []
        after = mark
        for _ in range(PAGES_READ_MAX):
            page = self.reads.in_state(state, after, min(limit - len(found), ROWS_PER_READ))
            found.extend(
                row_of(account_id, one)
                for account_id, one in page.rows
                if agency in ("", one.agency) and currency in ("", one.currency)
            )
            if page.mark is None:
                return found, None
            after = page.mark
            if len(found) >= limit:
                break
        return found, after


def row_of(account_id: str, one: Placement) -> dict[str, Any]:
    """Return what the list over all accounts tells of a placement, as it was written last."""
    return {
        "account_id": account_id,
        "placement_id": one.id,
        "currency": one.currency,
        "state": one.state,
        "agency": one.agency or None,
        "agency_reference": one.agency_reference or None,
        "invoices_count": len(one.invoice_ids),
        "placed": money(one.placed_minor, one.currency),
        "balance": money(one.balance_minor, one.currency),
        "unremitted": money(one.unremitted_minor, one.currency),
        "made_on": one.made_on.isoformat(),
        "submitted_on": _day(one.submitted_on),
        "submitted_by": one.submitted_by or None,
        "offered_until": _day(one.offered_until),
        "accepted_on": _day(one.accepted_on),
        "ended_on": _day(one.ended_on),
        "recall_effective_on": None if one.recall is None else _day(one.recall.effective_on),
    }


def _order(one: Placement) -> tuple[int, int, str]:
    if one.state in ENDED:
        return (1, -(one.ended_on or one.made_on).toordinal(), one.id)
    return (0, one.made_on.toordinal(), one.id)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

"""Goes through the accounts of a stretch of a snapshot: their rows, their open items, their sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import NotFoundError
from chalicelib.core.policy import Policy
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive
from chalicelib.flows.snapshot_draft import Draft, Stretch
from chalicelib.flows.snapshot_files import ACCOUNT_ROWS_MAX, OPEN_ITEMS_MAX, PartsWriter
from chalicelib.flows.snapshot_rows import AccountView


@dataclass(frozen=True, slots=True)
class StretchWork:
    """Reads accounts one at a time; what is kept of them is one part of rows, and the sums."""

    accounts: Accounts
    archive: Archive
    policies: PolicyShelf

    def go_on(
        self, draft: Draft, stretch: Stretch, ids: Sequence[str], is_over: Callable[[], bool]
    ) -> None:
        """Go on with a stretch, in place, until its end or until the time is over.

        One account at least is done each time. Parts are stored, the stretch itself is not.

        Raises:
            UnavailableError: the store or the archive does not answer now.
        """
        run_on, number = draft.run_on, stretch.number
        rows = PartsWriter(
            self.archive, run_on, "accounts", ACCOUNT_ROWS_MAX, number, stretch.account_parts
        )
        items = PartsWriter(
            self.archive, run_on, "open_items", OPEN_ITEMS_MAX, number, stretch.open_item_parts
        )
        for account_id in ids[stretch.accounts :]:
            account = self.accounts.load(account_id).account
            policy = self._policy_of(account.details, draft)
            view = AccountView(account, policy, draft.edges, run_on)
            rows.add(account_id, view.row())
            for item in view.open_items():
                items.add(account_id, item)
                stretch.open_items += 1
            stretch.sums.add(view)
            stretch.accounts += 1
            if is_over():
                break
        rows.close()
        items.close()
        stretch.is_done = stretch.accounts == len(ids)

    def _policy_of(self, details: AccountDetails, draft: Draft) -> Policy | None:
        """Return an account's policy; None when it names one that is not in force.

        Such an account fails alone in the run (R13.1); its money still counts in the report.
        """
        try:
            return self.policies.of(details, draft.run_on)
        except NotFoundError:
            return None

"""What the rows of a ledger say of its accounts: the last word wins, with a warning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.core.account import AccountDetails
from chalicelib.flows.ledger_account_cells import ATTRIBUTES, Attribute
from chalicelib.flows.ledger_faults import CellFault, shown
from chalicelib.flows.ledger_rows import InvoiceRow


class Attributes:
    """The attributes of every account, as the rows so far leave them."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Attribute]] = {}

    def describe(self, content: InvoiceRow, *, is_double: bool) -> Iterator[CellFault]:
        """Take what a row says of its account; yield the row's warnings.

        A double says nothing new of its invoice, but maybe of the account.
        """
        for note in content.notes:
            if note[0] in ATTRIBUTES or not is_double:
                yield CellFault(*note)
        known = self._known.setdefault(content.account_id, {})
        if known == content.attributes:
            return
        for column, attribute in ATTRIBUTES.items():
            value = content.attributes.get(attribute)
            if value is None:
                continue
            earlier = known.get(attribute, value)
            known[attribute] = value
            if earlier != value:
                detail = (
                    f"account {shown(content.account_id)} had {_said(earlier)} before; "
                    f"{_said(value)} is used"
                )
                yield CellFault(column, "attribute_changed", detail)

    def details(self, account_id: str) -> AccountDetails:
        """Return what is known of an account."""
        known: Mapping[str, Any] = self._known.get(account_id, {})
        return AccountDetails(**known)

    def said(self, account_id: str) -> frozenset[str]:
        """Return which of an account's details the rows say, if only to be the default."""
        return frozenset(self._known.get(account_id, ()))


def _said(value: Attribute) -> str:
    return shown(value if isinstance(value, str) else " | ".join(value))

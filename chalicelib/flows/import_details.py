"""What an import says of who an account is (R4.1, R13.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

from chalicelib.core.account import AccountDetails
from chalicelib.core.effects import Event
from chalicelib.flows.ledger_account_cells import ATTRIBUTES
from chalicelib.flows.ledger_read import LedgerAccount
from chalicelib.flows.ports import Loaded

IMPORTER = "import"  # the actor of what a ledger file says


def merged(there: AccountDetails, part: LedgerAccount) -> AccountDetails:
    """Return who the account is: what the ledger says wins where it says anything.

    What no ledger file holds (collector, policy) stays as it is. The mark of its own address goes
    with the address (R11.4).
    """
    said = {
        name: value
        for name in ATTRIBUTES.values()
        if (value := getattr(part.details, name)) != getattr(AccountDetails(), name)
        or name in part.said
    }
    details = replace(there, **said)
    if details.email.lower() != there.email.lower():
        return replace(details, email_mark="", email_marked_on=None)
    return details


def changes_told(loaded: Loaded, details: AccountDetails, on: date) -> tuple[Event, ...]:
    """Return the timeline's line of what a ledger changed of a known account that charges rest on.

    That is its `debtor_kind` (R4.1, R13.3); what was charged before stays.
    """
    kind = details.debtor_kind
    if loaded.version == 0 or kind == loaded.account.details.debtor_kind:
        return ()
    said = {"changed": "debtor_kind", "debtor_kind": kind}
    return (Event(on, instant(on), "details_changed", IMPORTER, figures=said),)


def instant(on: date) -> datetime:
    """Return the begin of a day: an import has no clock, only its day."""
    return datetime.combine(on, time(), UTC)

"""The hold look-up: may this account be shipped to, and if not, why and until when (R8.7).

Everything is answered from the head of an account and the policy that is kept parsed: no invoice is
read. What a day after the last decision changes (more falls due, a release ends) is in the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.core.account import Hold
from chalicelib.core.errors import NotFoundError
from chalicelib.core.head import Head
from chalicelib.core.holds import PREPAID, may_ship
from chalicelib.core.money import format_amount
from chalicelib.core.people import collector_of
from chalicelib.core.placement_steps import HELD_BY
from chalicelib.core.policy import Policy
from chalicelib.core.releases import HeldInvoice, TemporaryRelease
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports_holds import Desktop, HoldReads

LOOK_UP_MAX = 200  # accounts of one question
HOLD_ACTIONS = ["release", "temporary_release"]


@dataclass(frozen=True, slots=True)
class HoldLookup:
    """Answers hold look-ups."""

    reads: HoldReads
    policies: PolicyShelf

    def look_up(self, account_id: str, today: date) -> dict[str, Any]:
        """Return `may_ship` and everything that it rests on, as plain values (R8.7).

        Amounts are minor units, one per currency. A `prepaid` account may be shipped to only
        against payment, so not by this answer.

        Raises:
            NotFoundError: there is no such account.
        """
        [row] = self.look_up_many([account_id], today)
        if row["hold"] is None:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        found: dict[str, Any] = row["hold"]
        return found

    def look_up_many(self, account_ids: Sequence[str], today: date) -> list[dict[str, Any]]:
        """Return a row for each of up to 200 accounts, in the order asked; `not_found` says so."""
        desktop = self.reads.look(account_ids)
        rows: list[dict[str, Any]] = []
        for account_id in account_ids:
            head = desktop.heads.get(account_id)
            if head is None:
                rows.append({"account_id": account_id, "code": "not_found", "hold": None})
                continue
            policy = self._policy(head, desktop, today)
            answer = hold_answer(account_id, head, policy, today)
            rows.append({"account_id": account_id, "code": "ok", "hold": answer})
        return rows

    def _policy(self, head: Head, desktop: Desktop, today: date) -> Policy | None:
        """Return the account's policy of the day, None when what it names is not in force.

        Whether to ship never depends on it: the order desk is answered all the same.
        """
        try:
            policy_id = desktop.policies.policy_id_of(head.details)
            version = desktop.policies.version_on(policy_id, today)
            policy = self.policies.document(policy_id, version)
        except NotFoundError:
            return None
        return replace(policy, people=replace(policy.people, staff=desktop.staff))


def hold_answer(account_id: str, head: Head, policy: Policy | None, today: date) -> dict[str, Any]:
    """Return the answer to a look-up for an account as its head tells (R8.7)."""
    past_due = head.past_due(today)
    collector = head.details.collector
    if policy is not None:
        collector = collector_of(policy.people, past_due, named=collector, today=today)
    return {
        "account_id": account_id,
        "as_of": today.isoformat(),
        "may_ship": may_ship(head.holds, today),
        "credit_status": head.credit_status,
        "holds": [hold_values(hold, head, policy, today) for hold in head.holds],
        "past_due": amounts(past_due),
        "oldest_days_past_due": head.oldest_days_past_due(today),
        "temporary_release": _released(head, today),
        "collector": collector,
    }


def hold_values(hold: Hold, head: Head, policy: Policy | None, today: date) -> dict[str, Any]:
    """Return one hold as plain values: reason, evidence, since when, and what would release it."""
    release = hold.release if hold.release and hold.release.is_in_force(today) else None
    return {
        "hold_id": hold.id,
        "reason": hold.reason,
        "kind": "prepaid" if PREPAID in (hold.reason, hold.held_as) else "on_hold",
        "since": hold.since.isoformat(),
        "placed_by": hold.by,
        "evidence": hold.evidence,
        "invoice_ids": list(hold.invoice_ids),
        "invoices": [_line(line) for line in hold.invoices],
        "more_invoices": hold.more_invoices,
        "stops_shipping": hold.stops(today),
        "temporary_release": _release(release),
        "released_when": released_when(hold, head, policy, today),
        "allowed_actions": HOLD_ACTIONS,
    }


def amounts(totals: dict[str, int]) -> list[dict[str, Any]]:
    """Return totals per currency as plain values, without those of nothing."""
    return [
        {"amount_minor": amount, "currency": currency}
        for currency, amount in sorted(totals.items())
        if amount
    ]


def _line(line: HeldInvoice) -> dict[str, Any]:
    open_then = None
    if line.currency:
        open_then = {"amount_minor": line.open_minor, "currency": line.currency}
    return {
        "invoice_id": line.invoice_id,
        "open": open_then,
        "due_on": line.due_on.isoformat(),
    }


def _release(release: TemporaryRelease | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {
        "until": release.until.isoformat(),
        "granted_on": release.granted_on.isoformat(),
        "granted_by": release.by,
        "reason_code": release.reason_code,
    }


def _released(head: Head, today: date) -> dict[str, Any] | None:
    """Return the release under which the account may be shipped to: the first of them to end."""
    if not head.holds or not may_ship(head.holds, today):
        return None
    releases = [hold.release for hold in head.holds if hold.release is not None]
    return _release(min(releases, key=lambda one: one.until))


def released_when(hold: Hold, head: Head, policy: Policy | None, today: date) -> str:
    """Return, in words, what would release a hold (R8.3)."""
    if hold.by == HELD_BY:
        return "It ends by itself when nothing of the account is with an external agency any more."
    if hold.by != "rule":
        return "A person releases it."
    if policy is None:
        return "Its rule's policy is not in force; a person releases it."
    if policy.holds.release_when == "condition_cleared":
        condition = "the condition that placed it has cleared"
    else:
        left = [
            f"{currency} {format_amount(amount, policy.digits[currency])}"
            for currency, amount in sorted(head.past_due_principal(today).items())
            if amount and currency in policy.digits
        ]
        still = f" ({', '.join(left)} of invoices past due now)" if left else ""
        condition = f"nothing past due can be demanded any more{still}"
    if policy.holds.release == "auto":
        return f"It ends by itself on the day on which {condition}."
    return f"A person is asked to release it on the day on which {condition}."

"""What customer service is told of an account's credit, and which changes say so (R8.6).

Every change of an account that books holds passes through `with_news`, which compares it with what
was before: so nobody who places or releases a hold can forget to tell.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from chalicelib.core.account import Account
from chalicelib.core.apply import apply
from chalicelib.core.facts_holds import NewsAdded
from chalicelib.core.holds import credit_status, may_ship
from chalicelib.core.policy import Policy
from chalicelib.core.releases import CreditNews
from chalicelib.flows.ports import Change, OutboxRow

OUTBOX_KIND = "credit_news"
_PREFIX = "credit_news/"  # no notice's id begins so: that begins with an account's id


def with_news(change: Change, policy: Policy, on: date, at: datetime) -> Change:
    """Return a change with the news for customer service that it makes, if it makes any (R8.6).

    There is none when the policy names no address, or when neither the credit status changed nor a
    temporary release was given.
    """
    before, after = change.loaded.account, change.after
    if policy.holds.notify is None or before.holds == after.holds:
        return change
    news = news_of(before, after, news_id(after.id, change.loaded.version + 1), on)
    if news is None:
        return change
    told = apply(after, NewsAdded(on, news), policy).account
    row = OutboxRow(news.id, OUTBOX_KIND, news.id, at)
    return replace(change, after=told, outbox=(*change.outbox, row))


def news_of(before: Account, after: Account, identity: str, on: date) -> CreditNews | None:
    """Return what is new about an account's credit, None when nothing is (R8.6)."""
    released = tuple(
        reason
        for reason, hold in sorted(after.holds.items())
        if hold.release is not None
        and (reason not in before.holds or before.holds[reason].release != hold.release)
    )
    was, now = credit_status(before), credit_status(after)
    if was == now and not released:
        return None
    holds = [after.holds[reason] for reason in sorted(after.holds)]
    ends = [hold.release.until for hold in holds if hold.reason in released and hold.release]
    return CreditNews(
        id=identity,
        on=on,
        status=now,
        status_before=was,
        reasons=tuple((hold.reason, hold.since) for hold in holds),
        released=released,
        until=min(ends, default=None),
        may_ship=may_ship(holds, on),
    )


def news_id(account_id: str, version: int) -> str:
    """Return the id of the news that an account's change to a version makes: one for each change."""
    return f"{_PREFIX}{account_id}/{version}"


def account_of_news(identity: str) -> str | None:
    """Return the account that news is about, None when the id is none of news."""
    if not identity.startswith(_PREFIX):
        return None
    account_id, _, version = identity.removeprefix(_PREFIX).rpartition("/")
    return account_id if account_id and version.isdigit() else None

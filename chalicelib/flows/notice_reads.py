"""The notices of an account as finance reads them: what was told, when, to whom, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.core.account import Account, Notice, WentTo
from chalicelib.core.errors import NotFoundError
from chalicelib.core.notices import LOOKED_INTO
from chalicelib.flows.invoice_view import money
from chalicelib.flows.kept_letters import HTML, TEXT, KeptLetter, KeptLetters
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, Loaded, Registry
from chalicelib.flows.ports_notices import FileLinks, PastNotices
from chalicelib.flows.reconcile import COUNTS_AFTER, UNKNOWN_FOR_GOOD_AFTER
from chalicelib.flows.sending_times import SendingTimes

INVOICES_SHOWN = 100  # of a notice
LINKS_VALID = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NoticeReads:
    """Reads notices: the live ones with the account, those that are done from its history."""

    accounts: Accounts
    past: PastNotices
    registry: Registry
    archive: Archive
    links: FileLinks
    policies: PolicyShelf
    times: SendingTimes

    def page(
        self, account_id: str, mark: str, limit: int, now: datetime
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return notices from before a mark, newest first, and the mark of the last, or None.

        Raises:
            NotFoundError: there is no such account.
        """
        loaded = self._load(account_id)
        account = loaded.account
        found = {notice.id: notice for notice in self.past.all_of(account_id)}
        found |= account.notices  # what came back to life is told as it lives
        newest = sorted(found.values(), key=_mark_of, reverse=True)
        rest = [notice for notice in newest if not mark or _mark_of(notice) < mark]
        is_paused = self.registry.sending_paused()
        rows = [self._told(account, notice, now, is_paused=is_paused) for notice in rest[:limit]]
        return rows, _mark_of(rest[limit - 1]) if len(rest) > limit else None

    def get(self, account_id: str, notice_id: str, now: datetime) -> dict[str, Any]:
        """Return one notice with its words as they were kept, None while there are none.

        Raises:
            NotFoundError: there is no such account, or no such notice of it.
            UnavailableError: the archive does not answer now.
        """
        account, notice = self._find(account_id, notice_id)
        values = self._told(account, notice, now, is_paused=self.registry.sending_paused())
        letter = KeptLetters(self.archive).read(notice_id, only=(TEXT, HTML)) or KeptLetter({})
        record = letter.record
        return values | {
            "way": record.get("way"),
            "cancelled_because": record.get("cancelled"),
            "subject": letter.subject,
            "sha256": record.get("sha256"),
            "is_as_sent": letter.is_as_sent if record else None,
            "text": letter.words(TEXT),
            "html": letter.words(HTML),
            "own_text": record.get("own_text"),
            "own_text_failed": record.get("own_text_failed"),
            "proof": {
                "message_id": notice.message_id or None,
                "state_at": _instant(notice.state_at),
                "addressees": [_went_to(one) for one in notice.went_to],
            },
        }

    def files(self, account_id: str, notice_id: str, now: datetime) -> list[dict[str, Any]]:
        """Return the kept files of a notice, each with a link that is good for 5 minutes.

        Raises:
            NotFoundError: there is no such account, or no such notice of it.
            UnavailableError: the archive does not answer now.
        """
        self._find(account_id, notice_id)
        valid_s = int(LINKS_VALID.total_seconds())
        return [
            {
                "name": file.name,
                "media_type": file.media_type,
                "size_bytes": file.size,
                "url": self.links.link(
                    file.key, name=file.name, media_type=file.media_type, valid_s=valid_s
                ),
                "expires_at": _instant(now + LINKS_VALID),
            }
            for file in KeptLetters(self.archive).listed(notice_id)
        ]

    def _load(self, account_id: str) -> Loaded:
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        return loaded

    def _find(self, account_id: str, notice_id: str) -> tuple[Account, Notice]:
        account = self._load(account_id).account
        notice = account.notices.get(notice_id) or self.past.find(account_id, notice_id)
        if notice is None:
            raise NotFoundError(f"the account has no notice {notice_id[:250]!r}")
        return account, notice

    def _told(
        self, account: Account, notice: Notice, now: datetime, *, is_paused: bool
    ) -> dict[str, Any]:
        waits = None
        if notice.id in account.notices:
            found = _stands(notice, now)
            code, until = found or self._waits(account, notice, now, is_paused=is_paused)
            waits = {"code": code, "until": _instant(until)}
        return _values(account, notice) | {"waits": waits}

    def _waits(
        self, account: Account, notice: Notice, now: datetime, *, is_paused: bool
    ) -> tuple[str, datetime | None]:
        """Return why a notice that could leave now does not, and until when (R13.1).

        How much of the mail service's quota is left is known to the mail function only.
        """
        if is_paused:
            return "sending_paused", None
        policy = self.policies.of(account.details)
        if not self.times.is_open(notice, policy, now):
            return "sending_window", self.times.send_at(notice, policy, now)
        return "to_be_sent", None


def _mark_of(notice: Notice) -> str:
    return f"{notice.created_on.isoformat()}#{notice.id}"


def _values(account: Account, notice: Notice) -> dict[str, Any]:
    return {
        "notice_id": notice.id,
        "account_id": account.id,
        "state": notice.state,
        "state_at": _instant(notice.state_at),
        "created_on": notice.created_on.isoformat(),
        "kind": notice.notice,
        "stage": notice.stage or None,
        "about": notice.plan_id or notice.subject or None,
        "total": money(notice.past_due_minor, notice.currency),
        "respond_by": _day(notice.respond_by),
        "invoice_ids": list(notice.invoice_ids[:INVOICES_SHOWN]),
        "invoice_count": len(notice.invoice_ids),
        "attempt": notice.attempt,
        "to": [{"contact_id": one.contact_id or None} for one in notice.to],
        "task_ids": _tasks(account, notice),
    }


def _went_to(one: WentTo) -> dict[str, Any]:
    said = [{"what": what, "on": on.isoformat()} for what, on in one.said]
    return {
        "attempt": one.attempt,
        "contact_id": one.contact_id or None,
        "is_copy": one.is_copy,
        "said": said,
    }


def _stands(notice: Notice, now: datetime) -> tuple[str, datetime | None] | None:
    """Return what a live notice waits for, and until when at the latest; None: to leave (R11.3)."""
    since = notice.state_at or now
    if notice.state == "pending":
        is_later = notice.lease_until is not None and now < notice.lease_until
        return ("tried_again_later", notice.lease_until) if is_later else None
    if notice.state == "sending":
        return "being_sent", notice.lease_until
    if notice.state == "sent":
        return "delivery_not_reported", since + COUNTS_AFTER
    if notice.state == "unknown":
        return "nobody_knows_yet", since + UNKNOWN_FOR_GOOD_AFTER
    return "a_person_decides", None


def _tasks(account: Account, notice: Notice) -> list[str]:
    names = (f"{account.id}:{kind}:{notice.id}" for kind in LOOKED_INTO)
    return [name for name in names if name in account.tasks]


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()

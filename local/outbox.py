"""What a stage "sent": its notices with the letters that were kept, as entries of the outbox page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chalicelib.core.account import Account, digest_of
from chalicelib.core.effects import NoticeCreated, StatementCreated
from chalicelib.core.statements import STATEMENT
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.kept_letters import HTML, TEXT, KeptLetter, KeptLetters
from chalicelib.flows.ports import Archive
from local.outbox_page import OutboxAttachment, OutboxEntry

DELIVERED, CANCELLED, TO_POST = "delivered", "cancelled", "to be posted"


def outbox_entries(
    archive: Archive,
    accounts: Mapping[str, Account],
    notices: Iterable[NoticeCreated | StatementCreated],
) -> list[OutboxEntry]:
    """Return an entry for each notice and statement, with the letter as it was kept.

    Its texts are empty until it is written.

    Raises:
        UnavailableError: the archive does not answer.
    """
    return [_entry(archive, accounts[notice.account_id], notice) for notice in notices]


def _entry(
    archive: Archive, account: Account, notice: NoticeCreated | StatementCreated
) -> OutboxEntry:
    what, stage, listed = STATEMENT, "", 0
    if isinstance(notice, NoticeCreated):
        what, stage, listed = notice.notice, notice.stage, len(notice.invoice_ids)
    letter = KeptLetters(archive).read(notice.id) or KeptLetter({})
    record = letter.record
    attachments = tuple(
        OutboxAttachment(filename=file.name, content=file.content)
        for file in letter.files
        if file.name in record.get("attachments", ())
    )
    return OutboxEntry(
        notice_id=notice.id,
        account_id=account.id,
        account_name=account.details.name or account.id,
        kind=what,
        stage=stage,
        created_on=notice.on,
        currency=notice.currency,
        digits=CURRENCY_DIGITS.get(notice.currency, 2),
        amount_minor=notice.past_due_minor,
        invoice_count=listed,
        to=tuple(_addresses(account, record)),
        subject=letter.subject or "",
        state=_state(account, notice.id, record),
        text=letter.words(TEXT) or "",
        html=letter.words(HTML) or "",
        attachments=attachments,
    )


def _addresses(account: Account, record: Mapping[str, Any]) -> Iterator[str]:
    """Yield whom a letter went to, as the account knows them now; the record has only who it was."""
    people = account.contact_people
    for one in (*record.get("to", ()), *record.get("cc", ())):
        name = one["contact_id"]
        known = people[name].email if name in people else ""
        address = known if name else account.details.email
        is_same = bool(address) and digest_of(address) == one["digest"]
        yield address if is_same else name or "another address"


def _state(account: Account, notice_id: str, record: Mapping[str, Any]) -> str:
    """Return in a word what is known of a notice: one that left live state counts as sent."""
    if record.get("way") == "none":
        return f"{CANCELLED}: {record.get('cancelled', '')}"
    if record.get("way") == "post":
        return TO_POST
    live = account.notices.get(notice_id)
    return DELIVERED if live is None else live.state

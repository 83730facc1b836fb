"""What the mail service says of a letter: it arrived, came back, or was complained of (R11.3, R11.4).

Events come at least once and in any order. All of them are kept with the notice as what was said of
each addressee, and what follows is worked out from that: so every order ends the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.core.account import BOUNCED, COMPLAINED, SUPPRESSED, Notice, Task, WentTo
from chalicelib.core.address_marks import clear_mark, mark_address
from chalicelib.core.apply_notices import date_said, end_as_sent, remember_letter
from chalicelib.core.assignees import owner_of
from chalicelib.core.book import Book
from chalicelib.core.facts_letters import LetterFact, LetterReported, MarkCleared
from chalicelib.core.letter_fates import (
    HARD,
    SOFT_MAX,
    Fate,
    addressed,
    arrived_on,
    attempt_fate,
    with_said,
)
from chalicelib.core.policy import Policy
from chalicelib.core.tried import take_back_notice

SOFT_DELAY = timedelta(hours=6)  # the letter may have arrived: what was said may be an absence note
_MARKS = {"bounced": BOUNCED, "suppressed": SUPPRESSED, "complained": COMPLAINED}
_UNDER_WAY = ("sending", "unknown")
NO_MAIL = {
    "bounced": "An address does not exist or refuses mail for good: find out whom to write to.",
    "suppressed": "The mail service does not write to an address any more: find out whom to write to.",
    "soft": "A mailbox did not take a letter in time, twice: find out whom to write to.",
}
REVIEWS = {
    "complained": "The recipient complained about the letter.",
    "rejected": "The mail service refused the letter.",
}
SANDBOXED = "The sandbox address did not take the letter."
STRANGE = "An address that got a copy, or to which the letter was forwarded, does not take mail."
UNCLEAR = "The letter came back from one of several addresses, and nobody can say from which."
SUPERSEDED = "The letter came back, and a later notice asks for the same: see that one arrived."


def book_letter_fact(book: Book, fact: LetterFact, policy: Policy) -> None:
    """Book what the mail service says of a letter, or what a person says of an address."""
    match fact:
        case LetterReported():
            hear(book, fact, policy)
        case MarkCleared():
            clear_mark(book, fact)


def hear(book: Book, fact: LetterReported, policy: Policy) -> None:
    """Book what the mail service says of an attempt; saying it again changes nothing."""
    notice = book.notices.get(fact.notice_id) or book.past_notices.get(fact.notice_id)
    if notice is None:
        _hear_of_nothing(book, fact, policy)
        return
    if fact.saying == "sent":
        _put(book, _accepted(notice, fact))
        return
    digests = fact.digests
    if fact.is_sandbox:  # it got what was meant for all of them
        digests = tuple(one.digest for one in addressed(notice, fact.attempt))
    said, new = with_said(notice, fact.attempt, fact.saying, fact.on, digests)
    if new and fact.attempt == notice.attempt:
        said = _accepted(said, fact)
    is_current = fact.attempt == notice.attempt
    _mark(book, fact, new)
    _ask(book, fact, policy, notice, new)
    _settle(book, fact, policy, notice, said, is_current=is_current)
    is_unclear = fact.saying in HARD and not digests and not fact.is_sandbox and not new
    if is_unclear and attempt_fate(notice, fact.attempt) == "":
        _review(book, fact, policy, UNCLEAR)


def _hear_of_nothing(book: Book, fact: LetterReported, policy: Policy) -> None:
    """A notice that is not kept any more: its addressees are still marked, and somebody looks."""
    mark = _MARKS.get(fact.saying)
    if mark is None or fact.is_sandbox:
        return
    before = (book.contact_people, book.details)
    for digest in fact.digests:
        mark_address(book, digest, mark, fact.on)
    if (book.contact_people, book.details) != before:
        _search(book, fact, policy, NO_MAIL.get(fact.saying, REVIEWS["complained"]))


def _accepted(notice: Notice, fact: LetterReported) -> Notice:
    """Return the notice as one that the mail service took, if that is news of its last attempt."""
    if fact.attempt != notice.attempt:
        return notice
    message_id = notice.message_id or fact.message_id
    fate = attempt_fate(notice, notice.attempt)
    refused = notice.state == "pending" and fate == "" and fact.saying == "sent"
    if notice.state in _UNDER_WAY or refused:
        at, fresh = fact.at, fact.message_id or notice.message_id
        return replace(notice, state="sent", state_at=at, lease_until=None, message_id=fresh)
    return notice if notice.state != "sent" else replace(notice, message_id=message_id)


def _mark(book: Book, fact: LetterReported, new: Sequence[WentTo]) -> None:
    mark = _MARKS.get(fact.saying)
    if mark is None or fact.is_sandbox:
        return
    for one in new:
        digests = {one.digest, *fact.digests} if len(new) == 1 else {one.digest}
        for digest in digests:
            mark_address(book, digest, mark, fact.on)


def _ask(
    book: Book, fact: LetterReported, policy: Policy, before: Notice, new: Sequence[WentTo]
) -> None:
    """Open the tasks that what is newly said asks for (R11.4); of a sandbox only that to look."""
    if not new:
        return
    if fact.is_sandbox:
        if fact.saying in (*HARD, "soft", *REVIEWS):
            _review(book, fact, policy, SANDBOXED)
    elif all(one.is_copy for one in new):
        if fact.saying in HARD:
            _review(book, fact, policy, STRANGE)
    elif fact.saying in HARD:
        _search(book, fact, policy, NO_MAIL[fact.saying])
    elif fact.saying == "complained" or (
        fact.saying == "rejected" and fact.attempt == before.attempt
    ):
        _review(book, fact, policy, REVIEWS[fact.saying])


def _settle(
    book: Book,
    fact: LetterReported,
    policy: Policy,
    before: Notice,
    said: Notice,
    *,
    is_current: bool,
) -> None:
    """Let a notice count, not count any more, or wait to be sent to the next ones."""
    is_live = said.id in book.notices
    counts_on = arrived_on(said)
    if not is_live and said.state != "counted":
        _put(book, said)  # posted by a person or cancelled: that stands
    elif counts_on is not None:
        remember_letter(book, said)
        if is_live:
            end_as_sent(book, said, "counted", counts_on)
            # A person who was to post it must not: it would reach the customer twice (R11.3).
            book.close_task(f"{book.account_id}:send_letter:{said.id}", fact.on, "arrived")
        else:
            date_said(book, said, counts_on)
            _put(book, said)
    elif is_live:
        _put(book, _judged(book, fact, policy, before, said))
    else:
        fate = attempt_fate(said, said.attempt)
        if fate or arrived_on(before) is not None:  # however late it is heard of
            date_said(book, said, None)
            take_back_notice(book, said)
            there = replace(said, state="sent", state_at=said.state_at or fact.at)
            book.revive_notice(there)
            _put(book, _judged(book, fact, policy, replace(before, state="sent"), there))
        else:
            _put(book, said)
    if is_current and said.soft_returns >= SOFT_MAX > before.soft_returns and not fact.is_sandbox:
        _search(book, fact, policy, NO_MAIL["soft"])


def _judged(
    book: Book, fact: LetterReported, policy: Policy, before: Notice, said: Notice
) -> Notice:
    """Return a live notice that arrived with nobody as what follows from what is known of it."""
    fate, known = attempt_fate(said, said.attempt), attempt_fate(before, before.attempt)
    if fate in ("", "arrived") or (fate == known and before.state not in ("sent", *_UNDER_WAY)):
        return said
    if before.state == "failed" and known != "rejected":
        return said  # a person has it: nothing more is sent by itself (R11.3)
    at = fact.at
    if fate == "rejected":
        return replace(said, state="failed", state_at=at, lease_until=None)
    if fact.is_sandbox:
        return replace(said, state="failed", state_at=at, lease_until=None)
    if not _is_last_word(book, said):
        _review(book, fact, policy, SUPERSEDED)
        return replace(said, state="failed", state_at=at, lease_until=None)
    return replace(
        said,
        state="pending",
        state_at=at,
        lease_until=_not_before(fate, said, at),
        hand_overs=said.hand_overs + 1,
    )


def _not_before(fate: Fate, said: Notice, at: datetime) -> datetime | None:
    return at + SOFT_DELAY if fate == "soft" and said.soft_returns < SOFT_MAX else None


def _is_last_word(book: Book, notice: Notice) -> bool:
    """Whether no later notice lists all that is still open of what this one lists."""
    if notice.plan_id:
        return True
    listed = (book.invoices.get(name) for name in notice.invoice_ids)
    still = [invoice for invoice in listed if invoice is not None and invoice.open_minor]
    return not still or any(
        invoice.noticed_on is None or invoice.noticed_on <= notice.created_on for invoice in still
    )


def _put(book: Book, notice: Notice) -> None:
    """Store a notice where it is, and its letter with the case (R11.5)."""
    if notice.id in book.notices:
        book.notices[notice.id] = notice
        remember_letter(book, notice)
    elif book.past_notices.get(notice.id) != notice:
        book.put_past_notice(notice)


def _review(book: Book, fact: LetterReported, policy: Policy, why: str) -> None:
    _open(book, fact, policy, ("review_notice", f":{fact.notice_id}", why))


def _search(book: Book, fact: LetterReported, policy: Policy, why: str) -> None:
    _open(book, fact, policy, ("find_contact", "", why))


def _open(book: Book, fact: LetterReported, policy: Policy, what: tuple[str, str, str]) -> None:
    kind, about, why = what
    due_on = policy.calendar.business_day_from(fact.on)
    owner = owner_of(book, policy, kind, fact.on)
    book.open_task(Task(f"{book.account_id}:{kind}{about}", kind, due_on, why, owner), fact.on)

"""Who was tried in a case, and which final notices an invoice was listed in (R10.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from chalicelib.core.account import Account, AccountDetails, Case, Notice, Tried, WentTo, digest_of
from chalicelib.core.apply import apply_all
from chalicelib.core.book import Book
from chalicelib.core.decide import decide
from chalicelib.core.facts import Contact, Fact, NoticeCancelled, NoticeCounted, TaskOpened
from chalicelib.core.facts_collections import TaskCompleted
from chalicelib.core.facts_letters import LetterReported, Saying
from chalicelib.core.invoice import FinalNotice
from chalicelib.core.tried import CHANNELS_MAX, PEOPLE_MAX, try_on
from tests.unit.accounts import DAY, account, invoice, policy

STAGES = """
[[stages]]
id = "demand"
days = 15
notice = "final_demand"
final = true
respond_within_days = 10
"""
REMINDER = """
[[stages]]
id = "reminder"
days = 15
notice = "reminder"
respond_within_days = 10
"""
RULES = policy("", STAGES)
NOTICE = f"A:USD:{DAY}"
LATER = DAY + timedelta(days=3)
NOW = datetime(2024, 3, 18, 9, tzinfo=UTC)
ANSWER_BY = DAY + timedelta(days=10)


def demanded(stages: str = STAGES) -> Account:
    """An account whose final demand about I1 and I2 waits to be sent; its case opens with it."""
    there = account([invoice("I1", 5_000), invoice("I2", 7_000)], RULES, AccountDetails())
    return decide(there, policy("", stages), DAY).account


def after(before: Account, *facts: Fact) -> Account:
    return apply_all(before, facts, RULES).account


def tried_of(there: Account) -> Tried:
    assert there.case is not None
    return there.case.tried


def to(contact_id: str, *, is_copy: bool = False) -> WentTo:
    return WentTo(1, contact_id, digest_of(f"{contact_id}@c.example"), is_copy=is_copy)


def went(there: Account, *went_to: WentTo, state: str = "sent") -> Account:
    notice = replace(there.notices[NOTICE], state=state, attempt=1, went_to=went_to)
    return replace(there, notices={NOTICE: notice})


def said(saying: Saying, name: str = "ann") -> LetterReported:
    return LetterReported(LATER, NOTICE, 1, saying, NOW, (digest_of(f"{name}@c.example"),))


def test_a_notice_that_only_waits_is_no_attempt_yet() -> None:
    assert tried_of(demanded()) == Tried()


def test_a_notice_that_counts_as_sent_is_an_attempt_by_mail_to_whom_it_went() -> None:
    there = went(demanded(), to("ann"), to("bob"), to("", is_copy=True))

    assert tried_of(after(there, NoticeCounted(LATER, NOTICE))) == Tried(
        {"email": 1}, frozenset({"ann", "bob"}), sales_owner=True
    )


def test_a_notice_of_which_no_addressee_is_known_went_to_the_accounts_own_address() -> None:
    there = after(demanded(), NoticeCounted(LATER, NOTICE))

    assert tried_of(there) == Tried({"email": 1}, frozenset({""}))


def test_a_notice_that_a_person_posted_is_an_attempt_by_letter() -> None:
    there = went(demanded(), to("ann"), state="failed")

    assert tried_of(after(there, NoticeCounted(LATER, NOTICE))).attempts == {"letter": 1}


def test_a_copy_that_the_sales_owner_never_got_tried_nobody() -> None:
    copy = replace(to("", is_copy=True), said=(("bounced", LATER),))
    there = went(demanded(), to("ann"), copy)

    assert not tried_of(after(there, NoticeCounted(LATER, NOTICE))).sales_owner


def test_a_letter_that_bears_no_stage_is_no_attempt() -> None:
    there = demanded()
    letter = Notice("L", DAY, "USD", "promise_confirmation", "", (), ())
    there = replace(there, notices={**there.notices, "L": letter})

    assert tried_of(after(there, NoticeCounted(LATER, "L"))) == Tried()


def test_a_notice_of_an_earlier_case_is_no_attempt_of_this_one() -> None:
    there = replace(demanded(), case=Case("A-C2", DAY + timedelta(days=1)))

    assert tried_of(after(there, NoticeCounted(LATER, NOTICE))) == Tried()


@pytest.mark.parametrize("order", list(permutations(("delivered", "bounced", "complained"))))
def test_the_attempts_are_the_same_whatever_order_the_mail_service_tells_in(
    order: tuple[Saying, ...],
) -> None:
    there = went(demanded(), to("ann"))

    ended = after(there, *(said(one) for one in order))

    assert NOTICE in ended.notices, "it came back"
    assert tried_of(ended).attempts == {}
    assert ended.invoices["I1"].final_notices == (FinalNotice(NOTICE, ANSWER_BY),)


def test_calls_and_other_contacts_of_ours_are_attempts_and_theirs_are_not() -> None:
    there = after(
        demanded(),
        Contact(LATER, "out", "call", "no_answer"),
        Contact(LATER, "out", "phone", "voicemail", "ann"),
        Contact(LATER, "out", "post", "", "bob"),
        Contact(LATER, "out", ""),
        Contact(LATER, "in", "email", "", "cid"),
    )

    assert tried_of(there) == Tried({"phone": 2, "post": 1, "other": 1}, frozenset({"ann", "bob"}))


def test_a_contact_before_the_case_or_without_one_is_no_attempt() -> None:
    before = Contact(DAY - timedelta(days=1), "out", "call", "no_answer", "ann")

    assert tried_of(after(demanded(), before)) == Tried()
    assert after(replace(demanded(), case=None), replace(before, on=LATER)).case is None


def test_a_completed_call_is_an_attempt_and_a_found_contact_means_sales_was_tried() -> None:
    there = after(
        demanded(),
        TaskOpened(DAY, "A:call", "call", DAY, "Call."),
        TaskOpened(DAY, "A:find_contact", "find_contact", DAY, "Ask."),
        TaskCompleted(LATER, "A:call", "voicemail"),
        TaskCompleted(LATER, "A:find_contact", "done"),
    )

    assert tried_of(there) == Tried({"phone": 1}, frozenset(), sales_owner=True)


def test_people_and_channels_are_kept_up_to_a_limit() -> None:
    book = Book(demanded())
    for number in range(40):
        try_on(book, f"channel-{number}", LATER, f"contact-{number}")

    assert book.case is not None
    assert len(book.case.tried.people) == PEOPLE_MAX
    assert len(book.case.tried.attempts) == CHANNELS_MAX + 1
    assert sum(book.case.tried.attempts.values()) == 40


def test_each_invoice_that_a_final_notice_lists_remembers_it_and_when_it_was_sent() -> None:
    sent = after(demanded(), NoticeCounted(LATER, NOTICE))

    assert demanded().invoices["I1"].final_notices == (FinalNotice(NOTICE, ANSWER_BY),)
    for name in ("I1", "I2"):
        assert sent.invoices[name].final_notices == (FinalNotice(NOTICE, ANSWER_BY, LATER),)


def test_a_final_notice_that_was_cancelled_is_forgotten() -> None:
    there = after(demanded(), NoticeCancelled(LATER, NOTICE))

    assert there.invoices["I1"].final_notices == ()


@pytest.mark.parametrize(
    "stages", [REMINDER, STAGES.replace("respond_within_days = 10", "")], ids=["plain", "no answer"]
)
def test_a_notice_that_is_not_final_or_asks_for_no_answer_is_not_remembered(stages: str) -> None:
    assert demanded(stages).invoices["I1"].final_notices == ()


def test_no_further_final_notice_is_remembered_once_one_counts_as_sent() -> None:
    rules = policy("", STAGES + "repeat_notice = true\n")
    first = after(demanded(), NoticeCounted(LATER, NOTICE))

    again = decide(first, rules, DAY + timedelta(days=40))

    assert len(again.notices) == 1
    assert again.account.invoices["I1"].final_notices == (FinalNotice(NOTICE, ANSWER_BY, LATER),)

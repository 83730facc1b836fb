"""Letters about promises, holds and paid cases: when they are owed, moot, and owed again (R11.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from chalicelib.core.account import Account, CreditTold, Hold, Notice, Thanks
from chalicelib.core.account_letters import (
    CASE_MOVED_ON,
    DATE_PASSED,
    MOVED_ON,
    PAST_DUE_AGAIN,
    STATUS_CHANGED,
    why_moot,
)
from chalicelib.core.apply import apply_all
from chalicelib.core.book import Book
from chalicelib.core.decide import Decision, decide
from chalicelib.core.facts import (
    BlockEnded,
    BlockSet,
    ExternalOpen,
    Fact,
    NoticeCancelled,
    NoticeCounted,
    NoticeMoved,
    PaymentReversed,
    PromiseMade,
)
from chalicelib.core.facts_collections import PromiseWithdrawn
from chalicelib.core.facts_holds import HoldOverruled, HoldSet, HoldsReleasedUntil
from chalicelib.core.releases import TemporaryRelease
from tests.flows.machine import NOW
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

WEEK = '[calendar]\nbusiness_days = ["mon", "tue", "wed", "thu", "fri"]\n'
RULES = policy(WEEK + "[letters]\npromise = true\nhold = true\nthank_you = true\n")
OFF = policy(WEEK)
PROMISE = f"ptp_{DAY}_01"
CONFIRMED = f"A:{PROMISE}:promise_made:{DAY}"
HELD = f"A:on_hold:hold_placed:{DAY}"
TUESDAY, WEDNESDAY = DAY + days(1), DAY + days(2)
KINDS = ("promise_made", "hold_placed", "hold_released", "thank_you")


def letters(decision: Decision) -> list[str]:
    return [notice.id for notice in decision.notices if notice.notice in KINDS]


def then(known: Account, *facts: Fact) -> Account:
    return apply_all(known, facts, RULES).account


def seen(*facts: Fact) -> Account:
    """An account with an invoice of 150.00 that is 10 days late, known since yesterday."""
    return then(decide(account([invoice("I1", 15_000, 10)], RULES), RULES, DAY - days(1)).account,
                *facts)  # fmt: skip


def promised() -> Account:
    return seen(PromiseMade(DAY, "USD", 15_000, DAY + days(5)))


def held(reason: str = "manual", since: date = DAY, held_as: str = "on_hold") -> HoldSet:
    return HoldSet(since, Hold(reason, since, "anna", held_as=held_as))


def no_longer(reason: str = "manual", on: date = DAY) -> HoldOverruled:
    return HoldOverruled(on, reason)


def test_a_letter_is_a_notice_without_stage_or_invoices_about_its_subject() -> None:
    decision = decide(promised(), RULES, DAY)

    assert letters(decision) == [CONFIRMED]
    notice = decision.account.notices[CONFIRMED]
    assert (notice.stage, notice.invoice_ids, notice.settled) == ("", (), ())
    assert (notice.subject, notice.currency, notice.plan_id) == (PROMISE, "USD", "")
    assert decision.account.notice_counts["promise_made"] == {"created": 1}


def test_letters_are_no_contacts_and_no_notices_of_the_interval() -> None:
    guarded = policy(
        WEEK + "[letters]\npromise = true\n[dunning]\nmax_contacts = 1\ncontact_window_days = 7\n"
    )
    known = replace(promised(), contacts=(DAY - days(1),))

    decision = decide(known, guarded, DAY)

    assert letters(decision) == [CONFIRMED]
    assert decision.account.contacts == known.contacts
    assert decision.account.notice_dates == {}


def test_deciding_the_same_day_again_writes_nothing_more() -> None:
    once = decide(then(promised(), held()), RULES, DAY)

    again = decide(once.account, RULES, DAY)

    assert letters(once) == [CONFIRMED, HELD]
    assert (again.notices, again.effects) == ((), ())
    assert again.account == once.account


def test_a_promise_from_before_the_first_decision_is_not_confirmed() -> None:
    facts: list[Fact] = [
        invoice("I1", 15_000, 10),
        PromiseMade(DAY - days(3), "USD", 15_000, DAY + days(5)),
    ]

    decision = decide(account(facts, RULES), RULES, DAY)

    assert letters(decision) == []
    assert decision.account.promises[0].letters_owed == ()


def test_a_promise_of_a_policy_without_the_key_is_never_confirmed() -> None:
    made = apply_all(seen(), [PromiseMade(DAY, "USD", 15_000, DAY + days(5))], OFF).account

    assert letters(decide(made, RULES, DAY)) == []


def test_a_promise_is_confirmed_after_a_legal_stop_that_ends() -> None:
    stopped = decide(then(promised(), BlockSet(DAY, "legal_stop")), RULES, DAY)

    assert letters(stopped) == []
    freed = then(stopped.account, BlockEnded(TUESDAY, "legal_stop"))
    assert letters(decide(freed, RULES, TUESDAY)) == [f"A:{PROMISE}:promise_made:{TUESDAY}"]


@pytest.mark.parametrize(
    ("facts", "on", "why"),
    [
        ([], TUESDAY, ""),
        ([], DAY + days(6), DATE_PASSED),
        ([paid(15_000)], DAY, MOVED_ON),
        ([PromiseWithdrawn(DAY, PROMISE)], DAY, MOVED_ON),
    ],
    ids=["in force", "its date passed", "kept", "withdrawn"],
)
def test_a_promise_that_is_over_is_not_written_about_any_more(
    facts: list[Fact], on: date, why: str
) -> None:
    created = decide(promised(), RULES, DAY).account
    notice = created.notices[CONFIRMED]

    assert why_moot(Book(then(created, *facts)), notice, on) == why


def test_a_cancelled_confirmation_is_owed_again_while_the_promise_lasts() -> None:
    created = decide(promised(), RULES, DAY).account

    owed = then(created, NoticeCancelled(DAY, CONFIRMED))
    moot = then(created, paid(15_000), NoticeCancelled(DAY, CONFIRMED))

    assert owed.promises[0].letters_owed == ("promise_made",)
    assert letters(decide(owed, RULES, TUESDAY)) == [f"A:{PROMISE}:promise_made:{TUESDAY}"]
    assert moot.promises[0].letters_owed == ()


@pytest.mark.parametrize(
    ("reason", "held_as", "status"),
    [("manual", "on_hold", "on_hold"), ("manual", "prepaid", "prepaid"),
     ("prepaid", "on_hold", "prepaid")],
)  # fmt: skip
def test_a_hold_that_a_person_places_is_told_of_with_the_new_status(
    reason: str, held_as: str, status: str
) -> None:
    decision = decide(seen(held(reason, held_as=held_as)), RULES, DAY)

    assert letters(decision) == [f"A:{status}:hold_placed:{DAY}"]
    assert decision.account.credit_told == CreditTold(status, "open", DAY)


def test_a_temporary_release_is_told_of_by_no_letter() -> None:
    told = decide(seen(held()), RULES, DAY).account
    told = then(told, NoticeCounted(DAY, HELD))
    release = TemporaryRelease(DAY + days(4), TUESDAY, "anna")

    freed = then(told, HoldsReleasedUntil(TUESDAY, ("manual",), release))

    assert letters(decide(freed, RULES, TUESDAY)) == []


def test_each_change_of_credit_status_is_told_of_once() -> None:
    known, seen_ids = seen(held()), list[str]()
    changes: list[list[Fact]] = [
        [],
        [held("other", TUESDAY)],  # held as before
        [held("prepaid", WEDNESDAY)],
        [no_longer("prepaid", DAY + days(3))],
        [no_longer("manual", DAY + days(4)), no_longer("other", DAY + days(4))],
    ]
    for later, facts in enumerate(changes):
        decision = decide(then(known, *facts), RULES, DAY + days(later))
        counted = [NoticeCounted(DAY + days(later), notice.id) for notice in decision.notices]
        known, seen_ids = then(decision.account, *counted), [*seen_ids, *letters(decision)]

    assert seen_ids == [
        HELD,
        f"A:prepaid:hold_placed:{WEDNESDAY}",
        f"A:on_hold:hold_placed:{DAY + days(3)}",
        f"A:open:hold_released:{DAY + days(4)}",
    ]


def test_a_hold_that_ends_before_its_letter_left_is_told_of_by_none() -> None:
    created = decide(seen(held()), RULES, DAY).account
    ended = decide(then(created, no_longer(on=TUESDAY)), RULES, TUESDAY)

    assert letters(ended) == []
    assert why_moot(Book(ended.account), ended.account.notices[HELD], TUESDAY) == STATUS_CHANGED
    cancelled = then(ended.account, NoticeCancelled(TUESDAY, HELD))
    assert letters(decide(cancelled, RULES, WEDNESDAY)) == []
    assert decide(cancelled, RULES, WEDNESDAY).account.credit_told == CreditTold(
        "open", "open", DAY
    )


def test_a_hold_whose_letter_has_left_is_told_to_have_ended() -> None:
    created = decide(seen(held()), RULES, DAY).account
    sent = NoticeMoved(DAY, HELD, "sent", NOW, attempt=1)

    ended = then(created, sent, no_longer(on=TUESDAY))

    assert letters(decide(ended, RULES, TUESDAY)) == [f"A:open:hold_released:{TUESDAY}"]


def test_a_hold_that_is_lifted_and_set_again_is_told_of_as_before() -> None:
    told = then(decide(seen(held()), RULES, DAY).account, NoticeCounted(DAY, HELD))

    again = then(told, no_longer(on=TUESDAY), held(since=TUESDAY))

    assert letters(decide(again, RULES, TUESDAY)) == []


def test_two_changes_on_one_day_bring_one_letter_and_the_next_on_the_next_day() -> None:
    told = then(decide(seen(held()), RULES, DAY).account, NoticeCounted(DAY, HELD))

    ended = decide(then(told, no_longer()), RULES, DAY)

    assert (letters(ended), ended.wake_on) == ([], TUESDAY)
    assert letters(decide(ended.account, RULES, TUESDAY)) == [f"A:open:hold_released:{TUESDAY}"]


def test_a_letter_under_a_legal_stop_is_owed_again_and_the_stop_wakes_nobody() -> None:
    created = decide(seen(held()), RULES, DAY).account

    stopped = then(created, BlockSet(DAY, "legal_stop"), NoticeCancelled(DAY, HELD))
    decision = decide(stopped, RULES, TUESDAY)

    assert letters(decision) == []
    freed = then(decision.account, BlockEnded(WEDNESDAY, "legal_stop"))
    assert letters(decide(freed, RULES, WEDNESDAY)) == [f"A:on_hold:hold_placed:{WEDNESDAY}"]


def test_an_account_that_was_held_before_its_first_day_gets_no_letter_about_that() -> None:
    facts: list[Fact] = [invoice("I1", 15_000, 10), held(since=DAY - days(9))]
    taken_in = account(facts, RULES)

    first = decide(taken_in, RULES, DAY)

    assert letters(first) == []
    freed = then(first.account, no_longer(on=TUESDAY))
    assert letters(decide(freed, RULES, TUESDAY)) == [f"A:open:hold_released:{TUESDAY}"]


def test_a_policy_that_begins_to_tell_tells_only_of_changes_since() -> None:
    known = decide(apply_all(seen(), [held()], OFF).account, OFF, DAY).account

    assert letters(decide(known, RULES, TUESDAY)) == []
    freed = then(known, no_longer(on=TUESDAY))
    assert letters(decide(freed, RULES, TUESDAY)) == [f"A:open:hold_released:{TUESDAY}"]


def reminded() -> Account:
    """An account whose case opened a week ago with a reminder that was delivered."""
    decision = decide(account([invoice("I1", 15_000, 23)], RULES), RULES, DAY - days(7))
    counted = [NoticeCounted(DAY - days(7), notice.id) for notice in decision.notices]
    return then(decision.account, *counted)


def test_thanks_say_what_came_in_while_the_case_was_open() -> None:
    decision = decide(then(reminded(), paid(15_000)), RULES, DAY)

    assert letters(decision) == [f"A:C1:thank_you:{DAY}"]
    assert decision.account.notices[f"A:C1:thank_you:{DAY}"].subject == "A-C1"
    assert decision.account.thanks == Thanks("A-C1", DAY - days(7), {"USD": 15_000}, is_owed=False)


def test_what_bounced_is_no_payment_that_is_thanked_for() -> None:
    facts: list[Fact] = [paid(9_000), PaymentReversed(DAY, "P1"), paid(15_000, payment_id="P2")]

    decision = decide(then(reminded(), *facts), RULES, DAY)

    assert decision.account.thanks is not None
    assert decision.account.thanks.paid == {"USD": 15_000}


def test_in_a_mirror_what_went_down_counts_as_money_that_came_in() -> None:
    """R7.6: nothing else tells of payments there."""
    decision = decide(then(reminded(), ExternalOpen(DAY, "I1", 0, is_absent=True)), RULES, DAY)

    assert letters(decision) == [f"A:C1:thank_you:{DAY}"]
    assert decision.account.thanks is not None
    assert decision.account.thanks.paid == {"USD": 15_000}


def test_nobody_is_thanked_for_what_an_agency_has() -> None:
    known = then(reminded(), BlockSet(DAY, "placed", ("I1",)), paid(15_000))

    assert letters(decide(known, RULES, DAY)) == []


def test_nobody_is_thanked_who_was_never_reminded() -> None:
    decision = decide(account([invoice("I1", 15_000, 23)], RULES), RULES, DAY - days(7))
    [notice] = decision.notices
    cancelled = then(decision.account, paid(15_000), NoticeCancelled(DAY, notice.id))

    assert letters(decide(cancelled, RULES, DAY)) == []


def test_a_reminder_that_was_sent_and_not_yet_delivered_is_enough_for_thanks() -> None:
    decision = decide(account([invoice("I1", 15_000, 23)], RULES), RULES, DAY - days(7))
    [notice] = decision.notices
    sent = NoticeMoved(DAY, notice.id, "sent", NOW, attempt=1)

    thanked = decide(then(decision.account, sent, paid(15_000)), RULES, DAY)

    assert letters(thanked) == [f"A:C1:thank_you:{DAY}"]


def thanks_on_their_way() -> tuple[Account, Notice]:
    created = decide(then(reminded(), paid(15_000)), RULES, DAY).account
    return created, created.notices[f"A:C1:thank_you:{DAY}"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([], ""),
        ([PaymentReversed(TUESDAY, "P1")], PAST_DUE_AGAIN),
        ([invoice("I2", 900, 3)], PAST_DUE_AGAIN),
        ([invoice("I3", 900, -30)], ""),
    ],
    ids=["paid", "bounced", "another one is late", "another one is not due yet"],
)
def test_thanks_are_moot_when_something_is_past_due_again(facts: list[Fact], why: str) -> None:
    created, notice = thanks_on_their_way()

    assert why_moot(Book(then(created, *facts)), notice, TUESDAY) == why


def test_thanks_for_another_case_are_moot() -> None:
    created, notice = thanks_on_their_way()

    assert why_moot(Book(replace(created, thanks=None)), notice, TUESDAY) == CASE_MOVED_ON


def test_cancelled_thanks_are_owed_again_unless_they_are_moot() -> None:
    created, notice = thanks_on_their_way()

    owed = then(created, NoticeCancelled(DAY, notice.id))
    moot = then(created, PaymentReversed(DAY, "P1"), NoticeCancelled(DAY, notice.id))

    assert letters(decide(owed, RULES, TUESDAY)) == [f"A:C1:thank_you:{TUESDAY}"]
    assert letters(decide(moot, RULES, TUESDAY)) == []


def test_owed_letters_wake_an_account_that_owes_nothing_any_more() -> None:
    saturday = DAY + days(5)
    known = decide(then(reminded(), paid(15_000, on=saturday)), RULES, saturday)

    assert (known.account.invoices, letters(known), known.wake_on) == ({}, [], DAY + days(7))


def test_a_policy_without_keys_remembers_nothing_of_open_accounts() -> None:
    decision = decide(account([invoice("I1", 15_000, 23)], OFF), OFF, DAY - days(7))
    ended = apply_all(decision.account, [paid(15_000)], OFF).account

    closed = decide(ended, OFF, DAY).account

    assert (closed.thanks, closed.credit_told) == (None, None)
    assert decision.account.case is not None
    assert decision.account.case.money is None

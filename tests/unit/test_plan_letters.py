"""Letters about payment plans: which, when, and what each asks for (R9.4, R11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account, Mark
from chalicelib.core.agreements import Instalment, Plan
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import Effect, NoticeCreated
from chalicelib.core.facts import (
    DisputeOpened,
    Fact,
    InvoiceVoided,
    NoticeCancelled,
    NoticeCounted,
    Pause,
)
from chalicelib.core.policy import Policy
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

WEEK = '[calendar]\nbusiness_days = ["mon", "tue", "wed", "thu", "fri"]\n'
PLANS = "[plans]\ngrace_days = 10\nmax_missed = 3\n"
RULES = policy(WEEK + PLANS)
PLAN = "pln_1"
SATURDAY, SUNDAY, MONDAY = DAY + days(5), DAY + days(6), DAY + days(7)


def instalments(*paid_minor: int, missed: tuple[int, ...] = ()) -> tuple[Instalment, ...]:
    """300.00 in three instalments, a month apart; the first one is due on the day."""
    return tuple(
        Instalment(
            number,
            DAY + days(30 * number),
            10_000,
            paid_minor=paid_minor[number] if number < len(paid_minor) else 0,
            missed_on=DAY if number in missed else None,
        )
        for number in range(3)
    )


def with_plan(*letters: str, rules: Policy = RULES, **changes: Any) -> Account:
    """An account with two invoices of 150.00 in a plan that owes letters."""
    values: dict[str, Any] = {
        "id": PLAN, "state": "active", "made_on": DAY, "currency": "USD",
        "invoice_ids": frozenset({"I1", "I2"}), "covered_minor": 30_000,
        "instalments": instalments(), "started_on": DAY, "letters_owed": letters,
    }  # fmt: skip
    known = account([invoice("I2", 15_000), invoice("I1", 15_000, 10)], rules)
    return replace(known, plans={PLAN: Plan(**(values | changes))})


def letters(effects: tuple[Effect, ...]) -> list[NoticeCreated]:
    return [e for e in effects if isinstance(e, NoticeCreated) and e.notice.startswith("plan_")]


def on(state: str, **changes: Any) -> dict[str, Any]:
    return {"state": state, "ended_on": DAY, **changes}


PAID = on("completed", instalments=instalments(10_000, 10_000, 10_000))


@pytest.mark.parametrize(
    ("kind", "changes", "asked_minor"),
    [
        ("plan_agreed", {}, 10_000),
        (
            "plan_missed",
            {"instalments": instalments(2_500, 2_500, missed=(0, 1))},
            15_000,
        ),
        ("plan_broken", on("broken"), 30_000),
        ("plan_cancelled", on("cancelled"), 30_000),
    ],
)
def test_an_owed_letter_becomes_a_notice_without_a_stage(
    kind: str, changes: dict[str, Any], asked_minor: int
) -> None:
    decision = decide(with_plan(kind, **changes), RULES, DAY)

    [created] = letters(decision.effects)
    assert (created.id, created.stage) == (f"A:{PLAN}:{kind}:{DAY}", "")
    assert (created.invoice_ids, created.past_due_minor) == (("I1", "I2"), asked_minor)
    notice = decision.account.notices[created.id]
    assert (notice.plan_id, notice.settled, notice.respond_by) == (PLAN, (), None)
    assert notice in decision.notices
    assert decision.account.plans[PLAN].letters_owed == ()
    assert decision.account.notice_counts[kind] == {"created": 1}


def test_a_plan_that_was_paid_in_full_is_thanked_for_with_nothing_open() -> None:
    known = with_plan("plan_completed", **PAID)
    known = apply_all(known, [paid(30_000)], RULES).account

    [created] = letters(decide(known, RULES, DAY).effects)

    assert created.id == f"A:{PLAN}:plan_completed:{DAY}"
    assert created.past_due_minor == 0


def test_nobody_is_thanked_for_a_plan_that_a_void_ended() -> None:
    known = with_plan("plan_agreed")
    facts = [InvoiceVoided(DAY, name) for name in ("I1", "I2")]
    known = apply_all(decide(known, RULES, DAY).account, facts, RULES).account
    assert known.plans[PLAN].letters_owed == ("plan_completed",)

    assert letters(decide(known, RULES, DAY + days(1)).effects) == []


def test_letters_about_plans_are_no_contacts_and_delay_no_notice() -> None:
    decision = decide(with_plan("plan_agreed"), RULES, DAY)

    assert decision.account.contacts == ()
    assert decision.account.notice_dates == {}


def test_neither_the_contact_guard_nor_the_interval_delays_a_letter() -> None:
    guarded = policy(WEEK + "[dunning]\nmax_contacts = 1\ncontact_window_days = 7\n")
    known = replace(with_plan("plan_agreed", rules=guarded), contacts=(DAY - days(1),))

    assert len(letters(decide(known, guarded, DAY).effects)) == 1


def test_a_letter_waits_for_the_next_business_day_and_wakes_the_account() -> None:
    on_saturday = decide(with_plan("plan_agreed"), RULES, SATURDAY)

    assert letters(on_saturday.effects) == []
    assert on_saturday.account.plans[PLAN].letters_owed == ("plan_agreed",)
    assert on_saturday.wake_on == MONDAY
    assert len(letters(decide(on_saturday.account, RULES, MONDAY).effects)) == 1


def test_thanks_wait_for_their_day_with_nothing_left_open() -> None:
    known = with_plan("plan_completed", **PAID)
    known = apply_all(known, [paid(30_000)], RULES).account

    decision = decide(known, RULES, SATURDAY)

    assert decision.account.invoices == {}
    assert decision.wake_on == MONDAY
    assert len(letters(decide(decision.account, RULES, MONDAY).effects)) == 1


def test_deciding_the_same_day_twice_writes_once() -> None:
    once = decide(with_plan("plan_agreed"), RULES, DAY)

    assert letters(decide(once.account, RULES, DAY).effects) == []


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("plan_agreed", on("cancelled")),
        ("plan_missed", on("broken", instalments=instalments(missed=(0,)))),
        ("plan_missed", {"instalments": instalments(10_000, missed=(0,))}),
        ("plan_completed", {}),
        ("plan_completed", PAID),  # and what it covered is open again
    ],
)
def test_what_is_no_longer_so_is_not_written_about(kind: str, changes: dict[str, Any]) -> None:
    decision = decide(with_plan(kind, **changes), RULES, DAY)

    assert letters(decision.effects) == []
    assert decision.account.plans[PLAN].letters_owed == ()


def test_a_broken_plan_asks_only_for_what_is_demandable() -> None:
    not_due = invoice("I3", 7_000, -5)
    rules = policy(WEEK)
    known = with_plan("plan_broken", rules=rules, **on("broken"))
    facts: list[Fact] = [not_due, DisputeOpened(DAY, "I2", 5_000)]
    known = apply_all(known, facts, rules).account
    covered = replace(known.plans[PLAN], invoice_ids=frozenset({"I1", "I2", "I3"}))

    decision = decide(replace(known, plans={PLAN: covered}), rules, DAY)

    [created] = letters(decision.effects)
    assert created.past_due_minor == 15_000 + 10_000


@pytest.mark.parametrize(
    ("disputed", "asked"),
    [(5_000, [5_000]), (12_000, [3_000]), (15_000, [])],
    ids=["enough is left", "less is left", "all is disputed"],
)
def test_a_missed_instalment_does_not_ask_for_what_was_disputed_since(
    disputed: int, asked: list[int]
) -> None:
    facts: list[Fact] = [paid(15_000, "I2"), DisputeOpened(DAY, "I1", disputed)]
    known = apply_all(with_plan("plan_missed"), facts, RULES).account
    first, second, third = known.plans[PLAN].instalments  # 50.00 of the second is open
    late = (first, replace(second, missed_on=DAY), third)
    known = replace(known, plans={PLAN: replace(known.plans[PLAN], instalments=late)})

    made = letters(decide(known, RULES, DAY).effects)

    assert [one.past_due_minor for one in made] == asked


def test_a_cancelled_plan_does_not_ask_for_what_is_paused() -> None:
    known = with_plan("plan_cancelled", **on("cancelled"))
    known = apply_all(known, [Pause(DAY, DAY + days(3), "I2")], RULES).account

    [created] = letters(decide(known, RULES, DAY).effects)

    assert created.past_due_minor == 15_000


def test_a_letter_that_is_on_its_way_is_not_written_again() -> None:
    created = decide(with_plan("plan_agreed"), RULES, DAY).account
    [notice] = created.notices.values()
    sending = replace(notice, state="sending", attempt=1)
    owed = replace(created.plans[PLAN], letters_owed=("plan_agreed",))
    known = replace(created, notices={notice.id: sending}, plans={PLAN: owed})

    decision = decide(known, RULES, DAY)

    assert letters(decision.effects) == []
    assert decision.account.notices == {notice.id: sending}


def test_nobody_is_written_to_under_a_legal_stop_and_the_letter_follows_it() -> None:
    stop = Mark("legal_stop", until=SATURDAY, reason="insolvency")
    known = replace(with_plan("plan_agreed"), marks=(stop,))

    stopped = decide(known, RULES, DAY)

    assert letters(stopped.effects) == []
    sunday = decide(stopped.account, RULES, SUNDAY)
    assert sunday.wake_on == MONDAY
    assert len(letters(decide(sunday.account, RULES, MONDAY).effects)) == 1


def test_an_endless_legal_stop_wakes_nobody_for_the_letter() -> None:
    known = replace(with_plan("plan_completed", **PAID), marks=(Mark("legal_stop"),))
    known = apply_all(known, [paid(30_000)], RULES).account

    assert decide(known, RULES, DAY).wake_on is None


def cancelled(known: Account, kind: str, *facts: Any) -> Account:
    created = decide(known, RULES, DAY).account
    later = [*facts, NoticeCancelled(DAY, f"A:{PLAN}:{kind}:{DAY}")]
    return apply_all(created, later, RULES).account


def test_a_cancelled_letter_that_is_still_so_is_owed_again() -> None:
    after = cancelled(with_plan("plan_agreed"), "plan_agreed")

    assert after.plans[PLAN].letters_owed == ("plan_agreed",)
    assert after.notice_counts["plan_agreed"] == {"created": 1, "cancelled": 1}


def test_a_cancelled_letter_that_has_nothing_more_to_say_is_not_owed() -> None:
    after = cancelled(with_plan("plan_broken", **on("broken")), "plan_broken", paid(30_000))

    assert after.plans[PLAN].letters_owed == ()


def test_cancelling_a_letter_leaves_the_days_final_demand_alone() -> None:
    final = policy(
        WEEK,
        '[[stages]]\nid = "last"\ndays = 15\nnotice = "final_demand"\nfinal = true\n'
        "respond_within_days = 10\n",
    )
    known = with_plan("plan_cancelled", rules=final, **on("cancelled"))
    told = decide(known, final, DAY)
    decision = decide(told.account, final, DAY + days(1))
    assert [notice.notice for notice in told.notices] == ["plan_cancelled"]
    assert [notice.notice for notice in decision.notices] == ["final_demand"]

    cancel = NoticeCancelled(DAY, f"A:{PLAN}:plan_cancelled:{DAY}")
    after = apply_all(decision.account, [cancel], final).account

    assert after.invoices["I2"].final_demand == decision.account.invoices["I2"].final_demand
    assert after.invoices["I2"].final_demand is not None
    assert after.invoices["I2"].owed == ()


def test_a_letter_that_counts_as_sent_is_done_and_announces_nothing() -> None:
    created = decide(with_plan("plan_agreed"), RULES, DAY).account
    counted = NoticeCounted(DAY, f"A:{PLAN}:plan_agreed:{DAY}")

    after = apply_all(created, [counted], RULES).account

    assert after.notices == {}
    assert after.notice_counts["plan_agreed"] == {"created": 1, "counted": 1}
    assert all(not i.announcements for i in after.invoices.values())


def test_a_letter_about_a_plan_delays_a_letter_that_comes_again_by_its_day_alone() -> None:
    again = policy(
        WEEK + "[dunning]\nmin_days_between_notices = 0\n",
        '[[stages]]\nid = "r"\ndays = 5\nnotice = "reminder"\nrepeat_notice = true\n',
    )
    told = decide(with_plan("plan_cancelled", rules=again, **on("cancelled")), again, DAY)
    first = decide(told.account, again, DAY + days(1))
    sent = apply_all(first.account, [NoticeCounted(DAY, first.notices[0].id)], again).account

    second = decide(sent, again, DAY + days(2))

    assert [n.notice for n in told.notices] == ["plan_cancelled"]
    assert [n.notice for n in first.notices] == ["reminder"]
    assert [n.notice for n in second.notices] == ["reminder"]
    assert list(sent.notices) == [told.notices[0].id]  # it has not left, and delays nothing more


def test_two_plans_write_in_the_order_of_their_ids() -> None:
    known = with_plan("plan_agreed")
    other = replace(known.plans[PLAN], id="pln_0", **on("cancelled"))
    other = replace(other, letters_owed=("plan_cancelled",))
    part = replace(known.plans[PLAN], invoice_ids=frozenset({"I1"}))  # else its letter says it all
    both = replace(known, plans={PLAN: part, "pln_0": other})

    created = letters(decide(both, RULES, date(2024, 3, 18)).effects)

    assert [notice.notice for notice in created] == ["plan_cancelled", "plan_agreed"]

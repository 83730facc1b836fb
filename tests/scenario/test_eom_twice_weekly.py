"""The policy `eom-twice-weekly` on a ledger of five accounts, June to December 2026 (R6.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.core.effects import CaseClosed, CaseOpened, Effect, NoticeCreated, TaskMade
from chalicelib.core.facts import Fact, InvoiceIssued, day_order
from chalicelib.core.facts_collections import TaskCompleted
from chalicelib.flows.ledger_read import read_ledger
from chalicelib.flows.policies import load
from chalicelib.flows.policy_terms import one_policys
from chalicelib.flows.simulate import simulate

POLICY = load("eom-twice-weekly")
FIRST_DAY, LAST_DAY = date(2026, 6, 1), date(2026, 12, 15)
TAKEN_IN_LATE = date(2026, 8, 20)
# Nobody says when they are due: by the policy those of June are due on 30 July, those of July on 30
# August, those of August on 30 September.
INVOICES = """account_id,invoice_id,issued_on,currency,amount
paid,P6,2026-06-10,USD,1000.00
paid,P7,2026-07-20,USD,500.00
parts,Q6,2026-06-03,USD,2000.00
parts,Q7,2026-07-15,USD,300.00
prompt,R6,2026-06-24,USD,800.00
late,S6,2026-06-20,USD,400.00
autumn,T8,2026-08-31,USD,600.00
"""
PAYMENTS = """payment_id,account_id,received_on,currency,amount,invoice_ids
1,paid,2026-08-12,USD,1000.00,P6
2,paid,2026-09-16,USD,500.00,P7
3,parts,2026-08-06,USD,500.00,Q6
4,parts,2026-08-27,USD,1500.00,Q6
5,parts,2026-10-06,USD,300.00,Q7
6,prompt,2026-07-30,USD,800.00,R6
7,late,2026-09-16,USD,400.00,S6
"""
Ledger = dict[str, tuple[AccountDetails, tuple[Fact, ...]]]


def read() -> Ledger:
    """The ledger, with the invoice of `late` taken in three weeks after it fell due."""
    files = (("invoices", "i.csv", INVOICES), ("payments", "p.csv", PAYMENTS))
    sources = [(role, name, text.encode()) for role, name, text in files]
    found = read_ledger(sources, terms_of=one_policys(POLICY.terms))  # type: ignore[arg-type]  # roles
    assert found.faults == ()
    return {
        account_id: (account.details, tuple(_taken_in(fact) for fact in account.facts))
        for account_id, account in found.accounts.items()
    }


def _taken_in(fact: Fact) -> Fact:
    if isinstance(fact, InvoiceIssued) and fact.invoice_id == "S6":
        return replace(fact, on=TAKEN_IN_LATE, seen_on=TAKEN_IN_LATE)
    return fact


def with_calls_made(ledger: Ledger) -> Ledger:
    """The ledger with a collector who makes each call on its day and reaches somebody."""
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days)]
    due = [day for day in days if POLICY.calendar.is_business_day(day)]
    return {
        name: (details, tuple(sorted([*facts, *calls_of(name, due)], key=day_order)))
        for name, (details, facts) in ledger.items()
    }


def calls_of(account_id: str, due: list[date]) -> Iterator[Fact]:
    """The end of whatever call is open on a day; where none is, nothing changes."""
    return (TaskCompleted(day, f"{account_id}:call", "other") for day in due)


@pytest.fixture(scope="module")
def effects() -> list[Effect]:
    return simulate(with_calls_made(read()), POLICY, FIRST_DAY, LAST_DAY).effects


def letters(effects: list[Effect], account_id: str) -> list[str]:
    return [
        f"{e.on:%m-%d}"
        for e in effects
        if isinstance(e, NoticeCreated) and e.account_id == account_id
    ]


def cases(effects: list[Effect], account_id: str) -> list[str]:
    return [
        f"{e.on:%m-%d} {e.kind} {e.id}"
        for e in effects
        if isinstance(e, CaseOpened | CaseClosed) and e.account_id == account_id
    ]


def calls(effects: list[Effect]) -> list[TaskMade]:
    return [e for e in effects if isinstance(e, TaskMade) and e.task == "call"]


def test_letters_go_only_on_tuesdays_and_thursdays_that_are_no_holidays(
    effects: list[Effect],
) -> None:
    sent = [e.on for e in effects if isinstance(e, NoticeCreated)]

    assert len(sent) > 30
    assert {day.strftime("%a") for day in sent} == {"Tue", "Thu"}
    assert not any(day in POLICY.calendar.holidays for day in sent)


def test_the_same_letter_goes_on_each_of_these_days_until_it_is_paid(effects: list[Effect]) -> None:
    assert letters(effects, "paid") == [
        "08-04", "08-06", "08-11",  # paid on the 12th
        "09-01", "09-03", "09-08", "09-10", "09-15",  # paid on the 16th
    ]  # fmt: skip


def test_a_public_holiday_is_left_out_and_not_made_up_for(effects: list[Effect]) -> None:
    """Thanksgiving is Thursday 26 November."""
    november = [day for day in letters(effects, "autumn") if day.startswith("11")]

    assert november == ["11-03", "11-05", "11-10", "11-12", "11-17", "11-19", "11-24"]


def test_who_pays_in_time_is_not_dunned(effects: list[Effect]) -> None:
    told = [f"{e.kind} {e.on:%m-%d}" for e in effects if e.account_id == "prompt"]

    assert told == ["statement 07-02"]  # of the 1st, a Wednesday, on the next day for letters


def test_each_months_debts_are_a_case_with_a_number_of_its_own(effects: list[Effect]) -> None:
    assert cases(effects, "paid") == [
        "08-04 case_opened paid-C1", "08-12 case_closed paid-C1",
        "09-01 case_opened paid-C2", "09-16 case_closed paid-C2",
    ]  # fmt: skip


def test_part_payments_keep_the_case_over_the_month_and_lower_what_is_asked(
    effects: list[Effect],
) -> None:
    asked = [
        (f"{e.on:%m-%d}", e.past_due_minor)
        for e in effects
        if isinstance(e, NoticeCreated) and e.account_id == "parts"
    ]

    assert asked[:3] == [("08-04", 2000_00), ("08-06", 1500_00), ("08-11", 1500_00)]
    assert cases(effects, "parts") == [
        "08-04 case_opened parts-C1", "08-27 case_closed parts-C1",
        "09-01 case_opened parts-C2", "10-06 case_closed parts-C2",
    ]  # fmt: skip


def test_what_is_taken_in_late_is_asked_for_at_once_and_has_a_case_from_the_next_month_on(
    effects: list[Effect],
) -> None:
    assert letters(effects, "late")[:2] == ["08-20", "08-25"]
    assert cases(effects, "late") == ["09-01 case_opened late-C1", "09-16 case_closed late-C1"]


def test_no_account_has_two_cases_of_one_month(effects: list[Effect]) -> None:
    opened = Counter((e.account_id, e.on.month) for e in effects if isinstance(e, CaseOpened))

    assert len(opened) == 6
    assert set(opened.values()) == {1}


def test_a_call_falls_due_on_the_business_day_after_each_letter(effects: list[Effect]) -> None:
    """Wednesday 11 November is Veterans Day: the call after Tuesday's letter is on Thursday."""
    written = [(e.account_id, e.on) for e in effects if isinstance(e, NoticeCreated)]
    asked = [(e.account_id, e.on) for e in calls(effects)]
    due = {e.on: e.due_on for e in calls(effects)}

    assert asked == written
    assert all(due[on] == POLICY.calendar.business_day_from(on + timedelta(days=1)) for on in due)
    assert due[date(2026, 11, 10)] == date(2026, 11, 12)
    assert due[date(2026, 11, 5)] == date(2026, 11, 6)


def test_a_call_that_nobody_made_is_not_asked_for_twice() -> None:
    left_alone = simulate(read(), POLICY, FIRST_DAY, LAST_DAY).effects

    assert Counter(e.account_id for e in calls(left_alone)) == {
        "paid": 2, "parts": 2, "late": 1, "autumn": 1,
    }  # fmt: skip


def test_deciding_only_when_the_wake_list_says_so_comes_to_the_same(effects: list[Effect]) -> None:
    daily = simulate(with_calls_made(read()), POLICY, FIRST_DAY, LAST_DAY, every_day=True)

    assert daily.effects == effects

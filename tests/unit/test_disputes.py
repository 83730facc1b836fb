"""Disputes as values beside what of their invoices is disputed (R5.5, section 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from chalicelib.core.account import Account, AccountDetails, Task
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.disputes import CLOSED_KEPT, Dispute
from chalicelib.core.facts import (
    CreditNote,
    DisputeOpened,
    DisputeResolved,
    ExternalOpen,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    PaymentReversed,
    TaskClosed,
)
from chalicelib.core.facts_collections import DisputeReassigned
from tests.unit.accounts import DAY, account, days, decided, invoice, paid, policy

I1 = invoice("I1", 10_000)
TIERS = """
[[people.tiers]]
collector = "carla"
up_to = { USD = "50.00" }
[[people.tiers]]
collector = "bert"
"""
OWNED = AccountDetails(sales_owner="sam")
OPENED = DisputeOpened(DAY, "I1", 4_000)
ID = f"dsp_I1_{DAY}"


def kept(*facts: Fact) -> list[Dispute]:
    return list(account([I1, *facts], policy()).disputes.values())


def owner(details: AccountDetails, fact: DisputeOpened, tables: str = TIERS) -> str:
    return account([I1, fact], policy(tables), details).disputes[ID].owner


def asked(facts: Iterable[Fact], tables: str = "", details: AccountDetails = OWNED) -> list[Task]:
    rules = policy(TIERS + tables)
    here = apply_all(Account("A", details), facts, rules).account
    return [one for one in decide(here, rules, DAY).tasks if ":dispute:" in one.id]


@pytest.mark.parametrize(
    ("reason", "said", "details", "person"),
    [
        ("returned_goods", "", OWNED, "sam"),
        ("awaiting_credit", "", OWNED, "sam"),
        ("awaiting_credit", "", AccountDetails(), "bert"),  # no sales owner is known
        ("pricing", "", OWNED, "bert"),  # of the second tier: 100.00 is past due
        ("pricing", "", AccountDetails(collector="nora"), "nora"),
        ("pricing", "sales_owner", OWNED, "sam"),
        ("returned_goods", "collector", OWNED, "bert"),
        ("returned_goods", "otto", OWNED, "otto"),
    ],
)
def test_a_dispute_is_owned_by_who_is_said_or_whom_its_reason_names(
    reason: str, said: str, details: AccountDetails, person: str
) -> None:
    assert owner(details, replace(OPENED, reason=reason, owner=said)) == person


def test_the_policy_names_owners_by_reason() -> None:
    rules = TIERS + '[disputes.owners]\npricing = "paula"\nreturned_goods = "collector"\n'

    assert owner(OWNED, replace(OPENED, reason="pricing"), rules) == "paula"
    assert owner(OWNED, replace(OPENED, reason="returned_goods"), rules) == "bert"


def test_a_dispute_is_due_after_the_days_of_the_policy_on_a_business_day() -> None:
    week = '[calendar]\nbusiness_days = ["mon", "tue", "wed", "thu", "fri"]\n'
    rules = policy(week + "[disputes]\ndue_days = 5\n")

    found = account([I1, OPENED], rules).disputes[ID]

    assert (DAY + days(5)).strftime("%a") == "Sat"
    assert found.due_on == DAY + days(7)


def test_a_date_that_is_given_wins() -> None:
    assert kept(replace(OPENED, due_on=date(2024, 7, 1)))[0].due_on == date(2024, 7, 1)


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (
            replace(OPENED, reason="returned_goods", reference="RMA 7"),
            "The customer disputes USD 40.00 of invoice I1: goods were returned (return RMA 7). "
            "Say who is right.",
        ),
        (
            DisputeOpened(DAY, "I1", reason="returned_goods"),
            "The customer disputes invoice I1, all USD 100.00 of it: goods were returned "
            "(return number not known). Say who is right.",
        ),
        (
            replace(OPENED, reason="pricing", reference="mail of 3 May"),
            "The customer disputes USD 40.00 of invoice I1: the price (reference mail of 3 May). "
            "Say who is right.",
        ),
    ],
)
def test_a_task_says_what_is_disputed_and_why(fact: DisputeOpened, why: str) -> None:
    assert [task.why for task in asked([I1, fact])] == [why]


def test_an_owner_gets_one_task_for_each_dispute() -> None:
    (task,) = asked([I1, OPENED])

    assert (task.id, task.kind) == ("A:review_account:dispute:I1", "review_account")
    assert (task.assignee, task.due_on) == ("bert", DAY + days(14))
    assert (task.invoice_ids, task.subject) == (("I1",), ID)


def test_amounts_of_a_currency_that_the_policy_does_not_list_are_said_in_minor_units() -> None:
    other = invoice("I1", 10_000, currency="JPY")

    assert "JPY 10000 (minor units)" in asked([other, DisputeOpened(DAY, "I1")])[0].why


def test_what_was_due_long_ago_is_due_at_once() -> None:
    early = replace(OPENED, on=DAY - days(90))

    assert asked([invoice("I1", 10_000, 120), early])[0].due_on == DAY


def test_nobody_is_asked_again_after_the_task_is_done() -> None:
    rules = policy()
    here = decided([I1, OPENED], rules).account
    here = apply_all(here, [TaskClosed(DAY, "A:review_account:dispute:I1")], rules).account

    assert [task.kind for task in decide(here, rules, DAY + days(1)).tasks] == []


def test_a_ledger_that_says_disputed_makes_a_dispute_of_it() -> None:
    (found,) = account([invoice("I1", 10_000, disputed_minor=2_500)], policy()).disputes.values()

    assert (found.amount_minor, found.reason_code) == (2_500, "other")
    assert found.stands


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        ([DisputeResolved(DAY, "I1", "lost")], "lost"),
        ([paid(10_000, "I1")], "paid"),
        ([CreditNote(DAY, "C1", "USD", 4_000, "I1")], "credited"),
        ([InvoiceWrittenOff(DAY, "I1", "bad_debt")], "written_off"),
        ([InvoiceVoided(DAY, "I1")], "voided"),
        ([ExternalOpen(DAY, "I1", 0)], "paid"),
        ([DisputeResolved(DAY, "I1", "won"), CreditNote(DAY, "C1", "USD", 4_000, "I1")],
         "credited"),
        ([paid(9_999, "I1")], ""),
        ([CreditNote(DAY, "C1", "USD", 3_999, "I1")], ""),
        ([DisputeResolved(DAY, "I1", "won")], ""),
    ],
)  # fmt: skip
def test_a_dispute_is_over_when_nothing_is_disputed_any_more(
    facts: list[Fact], because: str
) -> None:
    (found,) = kept(OPENED, *facts)

    assert (found.closed_because, found.stands) == (because, not because)
    assert found.closed_on == (DAY if because else None)


def test_a_task_is_closed_with_its_dispute() -> None:
    rules = policy()
    here = decided([I1, OPENED], rules).account

    assert list(apply_all(here, [paid(9_000, "I1")], rules).account.tasks) == [
        "A:review_account:dispute:I1"
    ]
    assert not apply_all(here, [paid(10_000, "I1")], rules).account.tasks


def test_a_bounced_payment_opens_its_dispute_again() -> None:
    (found,) = kept(OPENED, paid(10_000, "I1"), PaymentReversed(DAY, "P1"))

    assert (found.stands, found.closed_because, found.is_asked) == (True, "", False)


def test_what_bounces_of_a_dispute_that_was_forgotten_makes_another() -> None:
    rules = policy()
    here = account([I1, OPENED, paid(10_000, "I1")], rules)
    bounced = apply_all(replace(here, disputes={}), [PaymentReversed(DAY, "P1")], rules).account

    assert [one.amount_minor for one in bounced.disputes.values()] == [4_000]


def test_what_was_won_in_part_waits_and_the_rest_is_owed_again() -> None:
    here = account([I1, OPENED, DisputeResolved(DAY, "I1", "partly", 1_500)], policy())

    found = here.disputes[ID]
    assert (found.outcome, found.won_minor, found.stands) == ("partly", 1_500, True)
    assert (here.invoices["I1"].disputed_minor, here.invoices["I1"].dispute_won) == (1_500, True)
    assert here.dispute_outcomes == {"partly": 1}


@pytest.mark.parametrize(("won", "outcome"), [(0, "lost"), (4_000, "won"), (9_000, "won")])
def test_partly_with_nothing_or_all_of_it_is_lost_or_won(won: int, outcome: str) -> None:
    (found,) = kept(OPENED, DisputeResolved(DAY, "I1", "partly", won))

    assert found.outcome == outcome


def test_a_bounce_brings_back_nothing_that_was_divided_meanwhile() -> None:
    facts: list[Fact] = [
        I1, OPENED, paid(8_000, "I1"),  # 2,000 of it on what is disputed
        DisputeResolved(DAY, "I1", "partly", 500), PaymentReversed(DAY, "P1"),
    ]  # fmt: skip

    assert account(facts, policy()).invoices["I1"].disputed_minor == 500


def test_what_is_resolved_otherwise_later_counts_once_as_it_ended() -> None:
    ends: list[Fact] = [
        DisputeResolved(DAY, "I1", "won"),
        DisputeResolved(DAY, "I1", "partly", 1_000),
        DisputeResolved(DAY, "I1", "lost"),
    ]

    assert account([I1, OPENED, *ends], policy()).dispute_outcomes == {
        "won": 0, "partly": 0, "lost": 1,
    }  # fmt: skip


def test_a_lost_dispute_of_a_voided_invoice_settles_nothing() -> None:
    facts: list[Fact] = [
        I1, OPENED, paid(1_000, "I1"), InvoiceVoided(DAY, "I1"),
        DisputeResolved(DAY, "I1", "lost"),
    ]  # fmt: skip

    assert account(facts, policy()).settlements == ()


def test_another_dispute_takes_the_place_of_the_open_one_which_is_kept() -> None:
    first, second, third = kept(
        OPENED,
        DisputeOpened(DAY, "I1", 500, "quality"),
        DisputeOpened(DAY + days(1), "I1", None, "pricing"),
    )

    assert [one.id for one in (first, second, third)] == [ID, f"{ID}_2", f"dsp_I1_{DAY + days(1)}"]
    assert [one.closed_because for one in (first, second, third)] == ["replaced", "replaced", ""]


def test_a_ledger_that_says_another_amount_leaves_the_dispute_to_its_owner() -> None:
    rich = DisputeOpened(DAY, "I1", 500, "quality", "otto", None, "Q 7", "anna")
    (found,) = kept(rich, DisputeOpened(DAY + days(1), "I1", 900))

    assert (found.owner, found.reference, found.amount_minor) == ("otto", "Q 7", 900)


def test_an_open_task_goes_with_its_dispute_to_another_owner() -> None:
    rules = policy()
    here = decided([I1, OPENED], rules).account
    given = DisputeReassigned(DAY, ID, "otto", DAY + days(3))
    here = apply_all(here, [given], rules).account

    task = here.tasks["A:review_account:dispute:I1"]
    assert (task.assignee, task.due_on) == ("otto", DAY + days(3))
    assert (here.disputes[ID].owner, here.disputes[ID].due_on) == ("otto", DAY + days(3))
    assert decide(here, rules, DAY).tasks == ()


def test_who_gets_a_dispute_whose_task_is_done_is_asked_anew() -> None:
    rules = policy()
    here = decided([I1, OPENED], rules).account
    facts: list[Fact] = [
        TaskClosed(DAY, "A:review_account:dispute:I1"),
        DisputeReassigned(DAY, ID, "otto"),
    ]
    here = apply_all(here, facts, rules).account

    assert [task.assignee for task in decide(here, rules, DAY).tasks] == ["otto"]


def test_what_is_resolved_is_not_reassigned() -> None:
    (found,) = kept(OPENED, DisputeResolved(DAY, "I1", "won"), DisputeReassigned(DAY, ID, "otto"))

    assert found.owner == ""


def test_the_latest_fifty_closed_disputes_are_kept() -> None:
    count = CLOSED_KEPT + 3
    facts: list[Fact] = [I1]
    for number in range(count):
        on = DAY + days(number)
        facts += [DisputeOpened(on, "I1"), DisputeResolved(on, "I1", "lost")]
    facts.append(DisputeOpened(DAY, "I1"))

    found = account(facts, policy()).disputes.values()

    closed = sorted(one.opened_on for one in found if not one.stands)
    assert closed == [DAY + days(number) for number in range(3, count)]
    assert len([one for one in found if one.stands]) == 1

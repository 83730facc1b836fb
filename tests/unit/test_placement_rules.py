"""The checklist before a placement, item by item (R10.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account, Tried
from chalicelib.core.apply import apply_all
from chalicelib.core.book import Book
from chalicelib.core.facts import (
    BlockSet,
    CreditNote,
    DisputeOpened,
    Fact,
    InvoiceIssued,
    Pause,
    Payment,
    PromiseMade,
)
from chalicelib.core.placement_rules import Checklist, checklist
from chalicelib.core.policy import Policy
from chalicelib.core.policy_agencies import AgencyRule
from tests.unit.accounts import DAY, days, invoice
from tests.unit.placed_accounts import PLACED_ON, demanded, in_state, placing

RULES = placing(min_placement={"USD": 25_000})
CODES = [
    "final_demand_sent", "answer_date_passed", "written_warning", "contact_attempts",
    "contact_channels", "second_contact_tried", "no_block", "min_balance", "delivered",
    "agency_chosen",
]  # fmt: skip


def looked(
    there: Account, rules: Policy = RULES, today: date = PLACED_ON, **more: Any
) -> Checklist:
    return checklist(Book(there), rules, "USD", today, **more)


def missing(found: Checklist) -> list[str]:
    return [item.code for item in found.missing]


def detail(found: Checklist, code: str) -> str:
    return next(item.detail for item in found.items if item.code == code)


def with_facts(*facts: Fact) -> Account:
    return apply_all(demanded(RULES), facts, RULES).account


def tried(attempts: dict[str, int], people: frozenset[str], *, owner: bool) -> Account:
    there = demanded(RULES)
    assert there.case is not None
    return replace(there, case=replace(there.case, tried=Tried(attempts, people, owner)))


def test_every_item_is_listed_in_order_whether_it_holds_or_not() -> None:
    found = looked(demanded(RULES))

    assert [item.code for item in found.items] == CODES
    assert found.holds
    assert (found.invoice_ids, found.left_out, found.balance_minor) == (("I1",), (), 50_000)


def test_an_account_that_nothing_happened_to_lists_every_item_too() -> None:
    found = looked(Account("A"))

    assert [item.code for item in found.items] == CODES
    assert not found.holds


def test_the_answer_date_itself_is_not_past() -> None:
    on_the_day = looked(demanded(RULES), today=DAY + days(5))
    day_after = looked(demanded(RULES), today=DAY + days(6))

    assert missing(on_the_day) == ["answer_date_passed", "written_warning", "min_balance"]
    assert on_the_day.left_out == (("I1", ("answer_date_not_passed",)),)
    assert "2024-03-23" in detail(on_the_day, "answer_date_passed")
    assert day_after.holds


def test_a_final_demand_that_does_not_count_as_sent_is_no_warning() -> None:
    found = looked(demanded(RULES, counted=False))

    assert "final_demand_sent" in missing(found)
    assert found.left_out == (("I1", ("final_demand_not_sent",)),)


def test_an_invoice_that_no_final_demand_listed_is_left_out() -> None:
    later = invoice("I2", 90_000, past_due=-3)  # past due since the demand
    found = looked(demanded(RULES, invoice("I1", 50_000, 100), later))

    assert found.holds
    assert found.invoice_ids == ("I1",)
    assert found.left_out == (("I2", ("no_final_demand",)),)


BLOCKED: list[tuple[Fact, list[str]]] = [
    (DisputeOpened(DAY, "I1", None), ["disputed"]),
    (DisputeOpened(DAY, "I1", 1), ["disputed"]),
    (Pause(DAY, PLACED_ON, None), ["paused"]),
    (PromiseMade(DAY, "USD", 100, PLACED_ON), ["promised"]),
    (BlockSet(DAY, "in_plan", ("I1",)), ["in_plan"]),
    (BlockSet(DAY, "placed", ("I1",)), ["placed"]),
]


@pytest.mark.parametrize(("fact", "blocks"), BLOCKED)
def test_a_block_of_its_own_leaves_an_invoice_out(fact: Fact, blocks: list[str]) -> None:
    found = looked(with_facts(fact))

    assert found.left_out == (("I1", tuple(blocks)),)
    assert "no_block" in missing(found)


@pytest.mark.parametrize("block", ["legal_stop", "reply_waiting", "allocating"])
def test_a_block_of_the_account_stops_all(block: str) -> None:
    found = looked(with_facts(BlockSet(DAY, block)))

    assert missing(found) == ["no_block"]
    assert found.invoice_ids == ("I1",)


def test_one_invoice_that_is_blocked_leaves_the_others_to_be_placed() -> None:
    there = demanded(RULES, invoice("I1", 50_000, 100), invoice("I2", 40_000, 110))
    there = apply_all(there, [DisputeOpened(DAY, "I2", None)], RULES).account
    found = looked(there)

    assert found.holds
    assert found.invoice_ids == ("I1",)
    assert "left out: 1 of 2 past-due invoices (I2)" in detail(found, "no_block")


def test_unapplied_cash_that_covers_what_would_be_placed_stops_it() -> None:
    newer = invoice("I2", 900_000, past_due=-3)
    there = demanded(RULES, invoice("I1", 50_000, 100), newer)
    there = apply_all(there, [CreditNote(DAY, "C1", "USD", 50_000, None)], RULES).account

    found = looked(there)

    assert missing(found) == ["no_block"]
    assert "Unapplied cash covers" in detail(found, "no_block")


def test_what_was_never_delivered_is_never_placed() -> None:
    def taken_in(**changes: Any) -> InvoiceIssued:
        return invoice("I1", 50_000, 100, **changes)

    found = looked(demanded(RULES, taken_in(delivered_on=None)))

    assert "delivered" in missing(found)
    assert "never delivered: I1" in detail(found, "delivered")


def test_a_balance_below_the_least_is_not_placed_and_one_at_it_is() -> None:
    at_it = with_facts(Payment(DAY, "P1", DAY, "USD", 25_000, ("I1",)))
    below = with_facts(Payment(DAY, "P1", DAY, "USD", 25_001, ("I1",)))

    assert looked(at_it).holds
    assert missing(looked(below)) == ["min_balance"]
    assert detail(looked(below), "min_balance") == (
        "The balance that may be placed is USD 249.99, the least is USD 250.00."
    )


TRIED: list[tuple[dict[str, int], set[str], bool, list[str]]] = [
    ({}, set(), False, ["contact_attempts", "contact_channels", "second_contact_tried"]),
    ({"email": 2, "phone": 1}, {"c1", "c2"}, False, []),
    ({"email": 2, "phone": 1}, {"c1"}, True, []),
    ({"email": 2, "phone": 1}, {"c1"}, False, ["second_contact_tried"]),
    ({"email": 1, "phone": 1}, {"c1", "c2"}, False, ["contact_attempts"]),
    ({"email": 3}, {"c1", "c2"}, False, ["contact_channels"]),
]


@pytest.mark.parametrize(("attempts", "people", "owner", "lacks"), TRIED)
def test_attempts_count_by_number_channel_and_person(
    attempts: dict[str, int], people: set[str], owner: bool, lacks: list[str]
) -> None:
    rules = placing(min_attempts=3, min_channels=2)
    there = tried(attempts, frozenset(people), owner=owner)

    assert missing(looked(there, rules)) == lacks


def test_where_no_attempts_are_asked_for_nobody_else_need_be_tried() -> None:
    assert looked(tried({}, frozenset(), owner=False)).holds


def test_without_a_rule_that_fits_nothing_is_placed() -> None:
    elsewhere = AgencyRule("north", countries=frozenset({"DE"}))
    rules = placing(agencies=(elsewhere,))

    found = looked(demanded(rules), rules)

    assert missing(found) == ["agency_chosen"]


def test_of_invoices_that_are_named_only_these_are_placed() -> None:
    there = demanded(RULES, invoice("I1", 50_000, 100), invoice("I2", 40_000, 110))

    found = looked(there, among={"I2"})

    assert (found.invoice_ids, found.balance_minor) == (("I2",), 40_000)
    assert found.left_out == (("I1", ("not_proposed",)),)


def test_what_is_with_an_agency_is_not_placed_again() -> None:
    found = looked(in_state("offered", RULES))

    assert found.left_out == (("I1", ("placed",)),)
    assert not found.holds


def test_a_sentence_names_the_first_invoices_and_counts_the_rest() -> None:
    issued = [invoice(f"I{n}", 10_000, 100) for n in range(8)]

    said = detail(looked(demanded(RULES, *issued)), "final_demand_sent")

    assert said.endswith("8 of 8 past-due invoices (I0, I1, I2, I3, I4 and 3 more).")


def test_no_checklist_changes_the_account_that_it_looks_at() -> None:
    book = Book(demanded(RULES))
    look: Callable[[], Account] = book.freeze
    before = look()

    checklist(book, RULES, "USD", PLACED_ON)

    assert look() == before
    assert not book.effects

"""What days do to placements whose agency's work ended, and what is kept of them (R10.4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chalicelib.core.account import Account
from chalicelib.core.book import Book
from chalicelib.core.decide import decide
from chalicelib.core.judge_placements import PLACEMENTS_KEPT, judge_placements
from chalicelib.core.placements import Outcome, Taking
from chalicelib.core.policy import Policy
from chalicelib.core.policy_agencies import AgencyRule
from tests.unit.accounts import DAY, days, policy
from tests.unit.placed_accounts import (
    FINAL,
    PLACED_ON,
    demanded,
    in_state,
    judged,
    one_of,
    placing,
)

RULES = placing()
TAKEN = Taking("agy_north_1", "agency", PLACED_ON, 10_000)
CLOSES_ON = PLACED_ON + days(30)
ASKS = ":not_remitted:"


REPEATING = policy(
    '[interest]\nannual_rate = "0.50"',
    f'{FINAL}repeat_every_days = 9\ncharges = [ {{ kind = "interest" }} ]',
)


def waiting(rules: Policy) -> Account:
    """An account of which a decision proposed what its only invoice comes to."""
    found = decide(demanded(rules), rules, PLACED_ON).account
    assert one_of(found).state == "pending_approval"
    return found


def test_what_a_rule_proposed_lapses_when_no_rule_names_its_agency_any_more() -> None:
    other = placing(agencies=(AgencyRule("south"),), auto_approve_after_days=1)

    after = decide(waiting(RULES), other, PLACED_ON + days(1)).account

    states = {one.agency: one.state for one in after.placements.values()}
    assert states == {"north": "closed", "south": "pending_approval"}


def test_what_a_days_own_charge_lets_lapse_is_looked_at_the_next_day() -> None:
    small = (AgencyRule("north", below={"USD": 57_600}),)
    rules = replace(REPEATING, escalation=replace(RULES.escalation, agencies=small))
    charged_on = PLACED_ON + days(6)

    charged = decide(waiting(rules), rules, charged_on)

    assert charged.effects
    assert charged.wake_on == charged_on + days(1)
    assert one_of(decide(charged.account, rules, charged.wake_on).account).reason == "checklist"


def closing(*takings: Taking) -> Account:
    there = in_state("closing", RULES)
    placement = replace(one_of(there), takings=takings)
    return replace(there, placements={placement.id: placement}, last_decided_on=PLACED_ON)


def test_it_closes_when_its_days_are_over_and_not_before() -> None:
    early = judged(closing(), RULES, CLOSES_ON - days(1)).account
    closed = one_of(judged(closing(), RULES, CLOSES_ON).account)

    assert one_of(early).state == "closing"
    assert (closed.state, closed.outcome, closed.closed_on) == ("closed", "returned", CLOSES_ON)


def test_money_that_was_not_remitted_keeps_it_open_and_is_asked_for_once() -> None:
    asked = judged(closing(TAKEN), RULES, CLOSES_ON)
    asks = [task for task in asked.tasks if ASKS in task.id]
    done = replace(asked.account, tasks={})

    assert one_of(asked.account).state == "closing"
    assert [task.why.endswith("has not remitted USD 100.00.") for task in asks] == [True]
    for later in (CLOSES_ON, CLOSES_ON + days(1), CLOSES_ON + days(40)):
        assert [task for task in decide(done, RULES, later).tasks if ASKS in task.id] == []


def test_a_day_that_was_missed_asks_for_it_all_the_same() -> None:
    late = judged(closing(TAKEN), RULES, CLOSES_ON + days(9))

    assert [task.kind for task in late.tasks if ASKS in task.id] == ["review_account"]


@pytest.mark.parametrize(
    "settled", [replace(TAKEN, remittance_id="R1"), replace(TAKEN, bounced=True)]
)
def test_money_that_was_remitted_or_bounced_does_not_keep_it_open(settled: Taking) -> None:
    after = judged(closing(settled), RULES, CLOSES_ON).account

    assert one_of(after).state == "closed"


def ended(number: int, outcome: Outcome = "paid", *takings: Taking) -> Book:
    """A book with so many closed placements, the first the oldest."""
    book, made = Book(Account("A")), one_of(in_state("closed", RULES))
    for place in range(number):
        on = DAY + days(place)
        book.put_placement(
            replace(
                made, id=f"plc_{place:02}", outcome=outcome, closed_on=on,
                takings=takings if place == 0 else (),
            )
        )  # fmt: skip
    return book


def test_the_latest_twenty_that_are_closed_are_kept() -> None:
    book = ended(PLACEMENTS_KEPT + 2)

    judge_placements(book, RULES, DAY + days(60))

    assert sorted(book.placements) == [f"plc_{n:02}" for n in range(2, PLACEMENTS_KEPT + 2)]


def test_one_with_money_that_was_not_remitted_is_kept_however_old() -> None:
    book = ended(PLACEMENTS_KEPT + 2, "paid", TAKEN)

    judge_placements(book, RULES, DAY + days(60))

    assert "plc_00" in book.placements
    assert "plc_01" not in book.placements

"""Tasks about letters end by themselves when nothing is left to ask for (R11.1, R11.2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import pytest
from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import Decision, decide
from chalicelib.core.effects import TaskEnded
from chalicelib.core.facts import Fact, NoticeMoved, TaskOpened
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

NOTICE = f"A:USD:{DAY}"
RULES = policy()
NOW = datetime(2024, 5, 1, 9, tzinfo=UTC)
State = Literal["failed", "unknown"]


def left_to_a_person(kind: str, state: State = "failed") -> Account:
    """A notice about two invoices that a person is to post, or to look into."""
    noticed = decide(account([invoice("I1", 100_00), invoice("I2", 50_00)], RULES), RULES, DAY)
    facts: list[Fact] = [
        NoticeMoved(DAY, NOTICE, state, NOW, 1),
        TaskOpened(DAY, f"A:{kind}:{NOTICE}", kind, DAY, "The letter did not leave."),
        TaskOpened(DAY, "A:find_contact", "find_contact", DAY, "Nobody is left to write to."),
    ]
    return apply_all(noticed.account, facts, RULES).account


def next_day(there: Account, *facts: Fact) -> Decision:
    return decide(apply_all(there, facts, RULES).account, RULES, DAY + days(1))


@pytest.mark.parametrize("kind", ["send_letter", "review_notice"])
def test_what_was_paid_need_not_be_posted_any_more(kind: str) -> None:
    there = left_to_a_person(kind)

    decision = next_day(there, paid(150_00, on=DAY + days(1)))

    assert set(decision.account.tasks) == {"A:find_contact"}
    assert decision.account.notices == {}
    assert decision.account.past_notices[NOTICE].state == "cancelled"
    [ended] = [one for one in decision.effects if isinstance(one, TaskEnded)]
    assert (ended.id, ended.because) == (f"A:{kind}:{NOTICE}", "nothing_to_ask")


def test_a_letter_with_something_left_to_ask_is_still_to_be_posted() -> None:
    decision = next_day(left_to_a_person("send_letter"), paid(100_00, "I1", on=DAY + days(1)))

    assert f"A:send_letter:{NOTICE}" in decision.account.tasks
    assert NOTICE in decision.account.notices


def test_a_letter_of_which_nobody_knows_yet_is_left_alone() -> None:
    there = left_to_a_person("review_notice", "unknown")

    decision = next_day(there, paid(150_00, on=DAY + days(1)))

    assert NOTICE in decision.account.notices

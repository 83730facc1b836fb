"""The blocks of an account as people see them: each with what would end it (R5.5)."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.account import Account
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.blocks import BLOCKS, survey
from chalicelib.core.book import Book
from chalicelib.core.facts import (
    BlockSet,
    Contact,
    DisputeOpened,
    DisputeResolved,
    Fact,
    Pause,
    PromiseMade,
)
from chalicelib.core.facts_collections import PlanMade
from chalicelib.core.policy import Policy
from chalicelib.flows.blocks_view import DELAYS, ENDS, blocks_of, lies_on
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

LATER = DAY + days(5)
RULES = policy(
    '[dunning]\nmax_contacts = 1\nminimum_past_due = { USD = "1.00" }\n[promises]\ngrace_days = 2\n'
    '[calendar]\nprocessing_days = ["tue", "thu"]\nbusiness_days = ["mon"]'
)
EVERY_DAY = policy("")


def story(*facts: Fact, rules: Policy = EVERY_DAY) -> Account:
    return account([invoice("I1", 10_000), invoice("I2", 5_000), *facts], rules)


def blocks(*facts: Fact, rules: Policy = EVERY_DAY) -> list[dict[str, Any]]:
    return blocks_of(story(*facts, rules=rules), rules, DAY)


def test_without_a_block_there_is_none() -> None:
    assert blocks() == []


def test_a_pause_of_the_account_is_one_block_with_its_last_day() -> None:
    (found,) = blocks(Pause(DAY, LATER, None, "vacation"))

    assert found == {
        "code": "paused",
        "sentence": "Dunning is paused.",
        "scope": "account",
        "stops": ["stage", "notice", "call", "hold", "placement"],
        "delays": [],
        "ends_when": "Its last day passes, or a person resumes dunning.",
        "id": "pause:account:2024-03-23",
        "reason": "vacation",
        "since_on": "2024-03-18",
        "until_on": "2024-03-23",
        "may_end_on": "2024-03-24",
    }


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (
            Pause(DAY, LATER, "I1"),
            {"code": "paused", "invoice_ids": ["I1"], "id": "pause:I1:2024-03-23"},
        ),
        (BlockSet(DAY, "placed", ("I1",)), {"code": "placed", "invoice_ids": ["I1"]}),
        (
            BlockSet(DAY, "in_plan", until=LATER),
            {"code": "in_plan", "invoice_ids": ["I1", "I2"], "may_end_on": "2024-03-24"},
        ),
        (
            PromiseMade(DAY, "USD", 10_000, LATER, ("I1",)),
            {"code": "promised", "invoice_ids": ["I1"], "may_end_on": "2024-03-24",
             "id": "ptp_2024-03-18_01", "amount_minor": 10_000},
        ),
        (
            PlanMade(DAY, PlanTerms("USD", "weekly", LATER, 2, invoice_ids=("I1",))),
            {"code": "in_plan", "invoice_ids": ["I1"], "amount_minor": 10_000,
             "since_on": "2024-03-18", "due_on": "2024-03-23", "may_end_on": "2024-03-24"},
        ),
        (
            DisputeOpened(DAY, "I1", 4_000),
            {"code": "disputed", "invoice_ids": ["I1"], "amount_minor": 4_000, "currency": "USD",
             "reason": "other", "due_on": "2024-04-01"},
        ),
        (
            BlockSet(DAY, "legal_stop", reason="insolvency", reference="IN 12/24"),
            {"code": "legal_stop", "scope": "account", "reason": "insolvency",
             "reference": "IN 12/24", "since_on": "2024-03-18"},
        ),
        (
            BlockSet(DAY, "reply_waiting", currency="USD"),
            {"code": "reply_waiting", "scope": "currency", "currency": "USD"},
        ),
        (paid(20_000, "GHOST"), {"code": "cash_covers", "scope": "currency", "currency": "USD"}),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_block_tells_its_scope_and_what_would_end_it(
    fact: Fact, expected: dict[str, Any]
) -> None:
    (found,) = blocks(fact)

    assert found | expected == found
    assert found["ends_when"]


def test_a_pause_that_is_over_is_no_block() -> None:
    assert blocks(Pause(DAY - days(9), DAY - days(1))) == []


def test_a_dispute_that_was_won_waits_for_its_credit_note() -> None:
    (found,) = blocks(DisputeOpened(DAY, "I1"), DisputeResolved(DAY, "I1", "won"))

    assert found["ends_when"] == "The credit note that was agreed comes."


def test_what_delays_tells_the_day_on_which_it_ends() -> None:
    found = {b["code"]: b for b in blocks(Contact(DAY, "out", "call"), rules=RULES)}

    assert set(found) == {"not_a_processing_day", "contact_guard"}
    assert found["not_a_processing_day"]["may_end_on"] == "2024-03-19"
    assert found["contact_guard"]["stops"] == []
    assert found["contact_guard"]["delays"] == ["notice", "call"]
    assert found["contact_guard"]["may_end_on"] == "2024-03-25"


def test_the_blocks_that_lie_on_an_invoice_are_those_that_the_decision_sees() -> None:
    whole = story(
        invoice("I3", 1_000, delivered_on=None),
        invoice("I4", 1_000, currency="EUR"),
        invoice("I5", 1_000),
        invoice("I6", 1_000),
        Pause(DAY, LATER, "I1"),
        Pause(DAY, LATER, "I1"),
        Pause(DAY, LATER),
        PromiseMade(DAY, "USD", 10_000, LATER, ("I1",)),
        BlockSet(DAY, "placed", ("I2", "gone")),
        BlockSet(DAY, "legal_stop", reason="lawsuit"),
        BlockSet(DAY, "allocating", currency="USD"),
        BlockSet(DAY, "in_plan", until=DAY - days(1)),
        DisputeOpened(DAY, "I5"),
        PlanMade(DAY, PlanTerms("USD", "weekly", LATER, 2, invoice_ids=("I6",))),
    )
    rows = blocks_of(whole, EVERY_DAY, DAY)
    seen = survey(Book(whole), EVERY_DAY, DAY)

    assert [plan.is_active for plan in whole.plans.values()] == [True]
    for one in whole.invoices.values():
        told = {row["code"] for row in rows if lies_on(row, one.id, one.currency)}
        assert told == set(seen.on(one)), one.id


def test_every_block_has_words_for_its_end() -> None:
    assert set(ENDS) == set(BLOCKS)
    assert set(DELAYS) <= set(BLOCKS)

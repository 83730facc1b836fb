"""`explain` says when something is placed with an agency, and what is agreed with it (R10)."""

from __future__ import annotations

import pytest
from chalicelib.flows.policies import load
from chalicelib.flows.policy_explain import explain

DEMAND = """
[[stages]]
id = "demand"
days = 30
notice = "final_demand"
final = true
respond_within_days = 10
"""
ONE = 'agencies = [ { agency = "north" } ]'
SECOND_LOOK = "Worth a second look"


def part(title: str, keys: str, stages: str = DEMAND) -> str:
    """What is said of a policy with these keys of `[escalation]` under one title."""
    text = f'id = "p"\ncurrencies = ["USD", "EUR"]\n{stages}\n[escalation]\n{keys}'
    return "\n".join(
        s for one in explain(load(text.encode())) if one.title == title for s in one.sentences
    )


def said(keys: str) -> str:
    return part("Agencies", keys)


def test_without_agencies_nothing_is_placed() -> None:
    assert said("") == "No account is placed with an agency: none is named."


def test_the_checklist_is_told_with_its_figures() -> None:
    text = said(f'{ONE}\nmin_attempts = 3\nmin_channels = 2\nmin_placement = {{ USD = "250.00" }}')

    assert "tried at least 3 times, over 2 channels, and so was a second contact" in text
    assert "Balances below USD 250.00 are not placed." in text


def test_channels_alone_ask_for_no_second_contact() -> None:
    assert "tried over at least 2 channels." in said(f"{ONE}\nmin_channels = 2")


def test_one_agency_for_everything_is_said_in_one_sentence() -> None:
    assert "All placements are offered to the agency north." in said(ONE)


def test_each_rule_says_what_it_is_for_and_its_part() -> None:
    text = said(
        'agencies = [ { agency = "north", countries = ["DE", "AT"], currencies = ["EUR"], '
        'at_least = { EUR = "500" }, share = 3 }, { agency = "south", currencies = ["EUR"], '
        'share = 1 }, { agency = "west", below = { USD = "9000" } } ]'
    )

    assert (
        "Placements of accounts in AT or DE in EUR of EUR 500.00 or more are shared with the others "
        "that fit, 3 parts of them for north."
    ) in text
    assert (
        "Placements in EUR are shared with the others that fit, 1 part of them for south." in text
    )
    assert "Placements below USD 9,000.00 are for west." in text
    assert "What no rule fits is not placed." in text


def test_many_rules_are_told_of_in_part() -> None:
    one = '{ agency = "north", countries = ["DE"] }'

    assert "3 more rules of that kind follow." in said(f"agencies = [ {', '.join([one] * 15)} ]")


@pytest.mark.parametrize(
    ("keys", "sentence"),
    {
        "a person approves": ("", "It never happens without a person's approval."),
        "time approves": (
            "auto_approve_after_days = 5",
            "Without an answer it counts as approved after 5 days, if all of that still holds.",
        ),
        "an offer": ("offer_days = 3", "The agency has 3 days to accept."),
        "a recall": ("", "A recall takes effect 10 days after it was asked for; at once for what is"),
        "a recall at once": ("recall_days = 0", "A recall takes effect at once."),
        "a recall by itself": (
            "auto_recall_after_days = 180",
            "What an agency accepted is recalled by itself after 180 days.",
        ),
        "closing": ("closing_days = 14", "A placement that has ended stays open for 14 days"),
        "no fee": ("", "The customer is charged no collection fee."),
        "a fee": (
            'collection_fee = { percent = "0.15" }',
            "Of USD 10,000.00 placed, the fee is USD 1,500.00.",
        ),
        "a limited fee": (
            'collection_fee = { percent = "0.15", max = { USD = "5000.00" } }',
            "Of USD 1,000,000.00 placed, the fee is USD 5,000.00, limited by max.",
        ),
        "no commission": ("", "No commission for the agency is worked out."),
        "one commission": (
            'commission = [ { percent = "0.25" } ]',
            "The agency's commission is 25% of what it collects.",
        ),
        "a worked commission": (
            'commission = [ { percent = "0.25" } ]',
            "Of USD 10,000.00 collected, at 25% the commission is USD 2,500.00.",
        ),
        "commission by age": (
            'commission = [ { below_days = 90, percent = "0.2" }, { percent = "0.3" } ]',
            "goes by how long the oldest invoice was past due when it was offered: 20% below 90 days; "
            "30% from there on.",
        ),
        "commission by amount": (
            'commission = [ { below = { USD = "1000", EUR = "900" }, percent = "0.2" }, '
            '{ percent = "0.1" } ]',
            "Of USD 10,000.00 collected, at 10% the commission is USD 1,000.00.",
        ),
        "commission on direct money": (
            'commission = [ { percent = "0.25" } ]\ncommission_on_direct = true',
            "Of USD 10,000.00 paid to the seller, at 25% the commission is USD 2,500.00.",
        ),
        "no floor": ("", "A settlement for less needs a person's approval each time."),
        "a floor": ('settlement_floor = "0.8"', "needs no approval from 80% of it on."),
    }.values(),
)  # fmt: skip
def test_what_is_agreed_is_said_with_its_figures(keys: str, sentence: str) -> None:
    assert sentence in said(f"{ONE}\n{keys}")


@pytest.mark.parametrize(
    ("keys", "stages", "remark"),
    {
        "no demand": (
            ONE,
            DEMAND.replace("respond_within_days = 10\n", ""),
            "no final stage has a notice and respond_within_days: nothing is ever placed.",
        ),
        "a fee for nobody": (
            'collection_fee = { percent = "0.15" }',
            DEMAND,
            "collection_fee has no agencies: it is not used.",
        ),
        "commission for nobody": (
            'commission = [ { percent = "0.15" } ]',
            DEMAND,
            "commission has no agencies: it is not used.",
        ),
        "channels without attempts": (
            f"{ONE}\nmin_channels = 3\nmin_attempts = 2",
            DEMAND,
            "min_channels is 3 and min_attempts only 2",
        ),
        "countries only": (
            'agencies = [ { agency = "north", countries = ["DE"] } ]',
            DEMAND,
            "an account of which no country is known is never placed.",
        ),
        "direct money without commission": (
            f"{ONE}\ncommission_on_direct = true",
            DEMAND,
            "commission_on_direct has no commission: nothing is earned.",
        ),
        "a least balance in one currency": (
            f'{ONE}\nmin_placement = {{ USD = "250" }}',
            DEMAND,
            "min_placement has no bound in EUR.",
        ),
    }.values(),
)
def test_what_never_does_anything_is_worth_a_second_look(
    keys: str, stages: str, remark: str
) -> None:
    assert remark in part(SECOND_LOOK, keys, stages)


def test_agencies_with_a_final_demand_need_no_second_look() -> None:
    assert part(SECOND_LOOK, ONE) == ""

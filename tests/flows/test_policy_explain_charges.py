"""`explain` says what tiered charges, compensation and interest come to, worked out for real (R4)."""

from collections.abc import Container
from datetime import date
from decimal import Decimal

import pytest
from chalicelib.core.policy import Policy
from chalicelib.core.policy_load import load_policy
from chalicelib.core.rates import RateSpan, RateTable
from chalicelib.flows.policies import load
from chalicelib.flows.policy_explain import explain

HALF_YEARS = (
    RateSpan(date(2023, 1, 1), date(2023, 6, 30), Decimal("0.0300")),
    RateSpan(date(2023, 7, 1), date(2023, 12, 31), Decimal("0.0400")),
    RateSpan(date(2024, 1, 1), date(2024, 1, 31), Decimal("0.0450")),
)


def loaded(charges: str, more: str = "", stage: str = "days = 30", currency: str = "USD") -> Policy:
    text = (
        f'id = "p"\ncurrencies = ["{currency}"]\n'
        f'[[stages]]\nid = "fee"\n{stage}\ncharges = [ {charges} ]\n{more}'
    )
    tables = {
        name: RateTable(name, "Bank Rate", "https://b.example/", date(2024, 2, 1), spans)
        for name, spans in (("gb_bank_rate", HALF_YEARS), ("brief", HALF_YEARS[2:]))
    }
    digits = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}
    return load_policy(text.encode(), digits=digits, holidays_for=_no_holidays, rate_tables=tables)


def _no_holidays(_country: str) -> Container[date]:
    return frozenset()


def said(policy: Policy, *titles: str) -> list[str]:
    """What is said of a policy under these titles, or under all of them."""
    return [s for p in explain(policy) if not titles or p.title in titles for s in p.sentences]


STATUTORY = '[interest]\ntable = "gb_bank_rate"\nmargin = "0.08"\nmode = "{}"\n'
FEE = "Stage fee, 30 days past due"
TIERED = (
    '{ kind = "tiered", bands = [ { below = { USD = "1000" }, amount = { USD = "5" }, '
    'percent = "0.02" }, { below = { USD = "9000" }, percent = "0" }, { amount = { USD = "10" } } ] }'
)


def test_a_tiered_charge_says_each_band_and_works_it_out_at_its_edge() -> None:
    told = said(loaded(TIERED), FEE)

    assert (
        "It charges by the invoice's undisputed open principal: USD 5.00 plus 2% of the whole below "
        "USD 1,000.00; nothing below USD 9,000.00; USD 10.00 from there on." in told
    )
    assert [line.rpartition(": ")[2] for line in told if line.startswith("Example")] == [
        "5.00 + 2% of USD 500.00 = 15.00.",
        "nothing is charged.",
        "10.00 for USD 9,000.00 = 10.00.",
    ]


def test_compensation_says_its_bands_and_that_what_was_paid_does_not_matter() -> None:
    told = said(load("uk-statutory"), "Stage statutory_30, 30 days past due")

    assert (
        "It charges a fixed sum as compensation, by the invoice's original amount and whatever of "
        "it is paid or disputed: GBP 40.00 below GBP 1,000.00; GBP 70.00 below GBP 10,000.00; "
        "GBP 100.00 from there on." in told
    )
    assert (
        "Example: an invoice of GBP 1,000.00, all of it open, 30 days past due: "
        "fixed sum for a debt of GBP 1,000.00 = 70.00." in told
    )


def test_one_band_of_compensation_is_an_amount_for_each_invoice() -> None:
    told = said(load("eu-statutory"), "Stage statutory_30, 30 days past due")

    assert (
        "It charges EUR 40.00 as compensation for each invoice, whatever of it is paid or disputed."
        in told
    )


def test_contractual_interest_is_worked_out_with_what_was_charged_before() -> None:
    rules = loaded(
        '{ kind = "interest" }',
        '[[stages]]\nid = "b"\ndays = 90\ncharges = [ { kind = "interest" } ]\n'
        '[interest]\nannual_rate = "0.12"\n',
        "days = 30\nrepeat_every_days = 20",
    )

    assert said(rules, "Stage b, 90 days past due")[-1] == (
        "Example: an invoice of USD 10,000.00 due on 2025-12-31, all of it open, 90 days past due, "
        "USD 230.14 charged before: USD 10,000.00 x 12% x 90/365 = 295.89, less 230.14 charged "
        "before = 65.75."
    )  # 70 days at the third period of the stage before: 230.14


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (
            "locked",
            "USD 10,000.00 x 11% x 30/365 = 90.41 (Bank Rate 3% on 2023-06-30 + 8%).",
        ),
        (
            "floating_half_year",
            "USD 10,000.00 x 12% x 19/365 + USD 10,000.00 x 12.5% x 11/365 = 100.14 (Bank Rate 4% on "
            "2023-07-01 + 8% and Bank Rate 4.5% on 2024-01-01 + 8%).",
        ),
    ],
)
def test_statutory_interest_is_worked_out_by_rates_that_the_table_knows(
    mode: str, expected: str
) -> None:
    told = said(loaded('{ kind = "interest" }', STATUTORY.format(mode)), FEE)

    assert f"an invoice of USD 10,000.00 due on 2023-12-12, {ALL_OPEN}: {expected}" in told[-1]


ALL_OPEN = "all of it open, 30 days past due, nothing charged before"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (
            "locked",
            [
                "Example: a debt due on 2023-12-12 first bears 11% a year (Bank Rate 3% on "
                "2023-06-30 + 8%).",
                "That table is from https://b.example/, was last compared on 2024-02-01, and is "
                "known from 2023-01-01 through 2024-01-31.",
                "So it is enough for debts whose interest starts by 2024-06-30: a charge that needs "
                "a later rate is stopped with an alarm, never guessed.",
            ],
        ),
        (
            "floating_half_year",
            [
                "Example: a debt due on 2023-12-12 first bears 12% a year (Bank Rate 4% on "
                "2023-07-01 + 8%).",
                "That table is from https://b.example/, was last compared on 2024-02-01, and is "
                "known from 2023-01-01 through 2024-01-31.",
                "So it is enough for interest through 2024-06-30: a charge that needs a later rate "
                "is stopped with an alarm, never guessed.",
            ],
        ),
    ],
)
def test_a_table_of_rates_says_how_far_it_reaches(mode: str, expected: list[str]) -> None:
    rules = loaded('{ kind = "interest" }', STATUTORY.format(mode))

    assert said(rules, "Interest")[1:4] == expected


def test_a_table_that_does_not_reach_the_examples_stops_them() -> None:
    terms = STATUTORY.format("locked").replace("gb_bank_rate", "brief")
    told = said(loaded('{ kind = "interest" }', terms), FEE)

    assert "the charge is stopped, for" in told[-1]
    assert "2023-06-30" in told[-1]


@pytest.mark.parametrize(
    ("title", "charges", "more", "expected"),
    [
        (
            FEE,
            '{ kind = "interest", debtor_kind = "company", max = { USD = "9" } }',
            '[interest]\nannual_rate = "0.12"\n',
            [
                "Only a customer that is a company is charged this.",
                "All interest of an invoice together is never more than USD 9.00.",
            ],
        ),
        (
            FEE,
            '{ kind = "percent", rate = "0.01", debtor_kind = "natural_person" }',
            "",
            ["Only a customer that is a natural person is charged this.", "= 100.00."],
        ),
        (
            "Interest",
            '{ kind = "interest" }',
            '[interest]\nannual_rate = "0.12"\ngrace_days = 5\nday_count = "30/360"\n'
            'post_final = true\nannual_rate_stated = true\n[promises]\nwaives_fees = true\n',
            [
                "The rate is 12% a year.",
                "is stated in the contract with the customer, as Canada asks for.",
                "Interest is charged at stage fee.",
                "from the day after the due date through the day of payment; days count as 30/360",
                "more than 5 days past due, and then from the day after the due date.",
                "of a payment plan that is kept, of a promise to pay that is kept and of a legal",
                "is posted then, through the day on which the money was received",
            ],
        ),
        (
            "Interest",
            '{ kind = "percent", rate = "0.01" }',
            '[interest]\nannual_rate = "0.12"\n',
            ["No stage of this policy charges interest."],
        ),
        (
            "Caps",
            '{ kind = "interest" }',
            '[interest]\nannual_rate = "0.12"\n[caps]\nmax_total_percent = "0.1"\n',
            ["What such a cap cuts off of interest is charged later"],
        ),
        (
            "Money in",
            '{ kind = "interest" }',
            '[interest]\nannual_rate = "0.12"\n[cash]\nreverse_on_value_date = true\n',
            ["Of interest, what exceeds the days until the money was received is reversed."],
        ),
    ],
)  # fmt: skip
def test_each_key_of_interest_is_said(
    title: str, charges: str, more: str, expected: list[str]
) -> None:
    told = "\n".join(said(loaded(charges, more), title))

    assert [words for words in expected if words not in told] == []


def test_nothing_that_is_charged_is_put_off() -> None:
    charges = f'{TIERED}, {{ kind = "interest" }}'
    told = said(loaded(charges, '[interest]\nannual_rate = "0.12"\n'), FEE, "Interest", "Caps")

    assert told
    assert not any("yet." in sentence or "not built" in sentence for sentence in told)


def test_the_last_stage_repeats_as_long_as_principal_is_open() -> None:
    told = said(loaded(TIERED, stage="days = 30\nrepeat_every_days = 30"), FEE)

    assert "It comes again every 30 days as long as principal is open." in told


SUM = '{ kind = "compensation", bands = [ { amount = { USD = "40" } } ] }'
INTEREST = '{ kind = "interest" }'


@pytest.mark.parametrize(
    ("charges", "more", "stage", "expected"),
    [
        ('{ kind = "percent", rate = "0.01" }', "[interest]\npost_final = true\n", "days = 30",
         "post_final is on, but no stage charges interest"),
        (INTEREST, '[interest]\nannual_rate = "0"\n', "days = 30", "annual_rate is 0"),
        (INTEREST, '[interest]\nannual_rate = "0.1"\ngrace_days = 30\n', "days = 30",
         "within grace_days (30): it comes to nothing"),
        (INTEREST, STATUTORY.format("locked"), "days = 30",
         "is for debts in GBP, but the policy charges its interest in USD as well"),
        (INTEREST, STATUTORY.format("locked") + '[caps]\nmax_annual_rate = "0.10"\n', "days = 30",
         "come to 12.5%, more than max_annual_rate (10%)"),
        (INTEREST + ', { kind = "percent", rate = "0.01" }', STATUTORY.format("locked"),
         "days = 30", "A percent is charged at fee beside statutory interest"),
        ('{ kind = "percent", rate = "0.2" }', '[caps]\nmax_total_percent = "0.10"\n', "days = 30",
         "charges 20%, more than max_total_percent (10%)"),
        (TIERED, '[caps]\nmax_total_percent = "0.01"\n', "days = 30",
         "charges 2%, more than max_total_percent (1%)"),
        (SUM, "", "days = 30\nrepeat_every_days = 30", "an invoice pays the fixed sum each time"),
        (SUM, f'[[stages]]\nid = "b"\ndays = 60\ncharges = [ {SUM} ]\n', "days = 30",
         "Compensation is charged at fee and b"),
    ],
)  # fmt: skip
def test_what_is_allowed_of_charges_but_odd_is_worth_a_second_look(
    charges: str, more: str, stage: str, expected: str
) -> None:
    assert expected in "\n".join(said(loaded(charges, more, stage), "Worth a second look"))

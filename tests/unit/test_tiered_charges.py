"""Charges by bands: tiered ones by what is open, compensation by the original amount (R4.1, R4.6)."""

from __future__ import annotations

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.core.decide import decide
from chalicelib.core.effects import ChargePosted
from chalicelib.core.facts import CreditNote, DisputeOpened, Fact, Payment
from chalicelib.core.policy import Policy
from tests.unit.accounts import DAY, DETAILS, account, invoice, paid, policy

STAGE = """
[[stages]]
id = "fee"
days = 10
charges = [ {{ {charge} }} ]
"""
TIERED = """kind = "tiered", bands = [
  { below = { USD = "1000.00" }, amount = { USD = "5.00" }, percent = "0.02" },
  { below = { USD = "5000.00" }, amount = { USD = "30.00" } },
  { percent = "0.01" },
]"""
COMPENSATION = """kind = "compensation", bands = [
  { below = { USD = "1000.00" }, amount = { USD = "40.00" } },
  { below = { USD = "10000.00" }, amount = { USD = "70.00" } },
  { amount = { USD = "100.00" } },
]"""


def posted(
    rules: Policy, *facts: Fact, details: AccountDetails = DETAILS
) -> list[tuple[int, str | None]]:
    """Amount and cap of each charge of the day."""
    decision = decide(account(facts, rules, details), rules, DAY)
    effects = [effect for effect in decision.effects if isinstance(effect, ChargePosted)]
    return [(effect.amount_minor, effect.capped_by) for effect in effects]


def charging(charge: str, tables: str = "") -> Policy:
    return policy(tables, STAGE.format(charge=charge))


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        (100, 502),  # 5.00 + 2%
        (25, 501),  # 5.005 rounds half-up
        (99_999, 2_500),  # 2,499.98
        (100_000, 3_000),  # a band does not hold what it is `below`
        (499_999, 3_000),
        (500_000, 5_000),
        (1_000_050, 10_001),  # 100.005
    ],
)
def test_a_tiered_charge_is_that_of_the_band_in_which_the_whole_lies(
    cents: int, expected: int
) -> None:
    assert posted(charging(TIERED), invoice("I1", cents)) == [(expected, None)]


def test_a_tiered_charge_goes_by_what_is_open_and_undisputed() -> None:
    rules, whole = charging(TIERED), invoice("I1", 600_000)

    assert posted(rules, whole, paid(520_000, "I1")) == [(2_100, None)]
    assert posted(rules, whole, DisputeOpened(DAY, "I1", 520_000)) == [(2_100, None)]


@pytest.mark.parametrize(
    ("more", "tables", "expected"),
    [
        (', min = { USD = "25.00" }', "", [(2_500, None)]),
        (', max = { USD = "19.99" }', "", [(1_999, "max")]),
        (', skip_below = { USD = "800.01" }', "", []),
        (', skip_below = { USD = "800.00" }', "", [(2_100, None)]),
        ("", '[caps]\nmax_total_percent = "0.02"', [(1_600, "max_total_percent")]),
    ],
)
def test_bounds_and_caps_hold_for_a_tiered_charge(
    more: str, tables: str, expected: list[tuple[int, str | None]]
) -> None:
    assert posted(charging(TIERED + more, tables), invoice("I1", 80_000)) == expected


def test_bands_have_bounds_and_amounts_of_their_own_in_each_currency() -> None:
    bands = """kind = "tiered", bands = [
      { below = { USD = "100.00", JPY = "9000" }, amount = { USD = "1.00", JPY = "100" } },
      { amount = { USD = "2.00", JPY = "200" }, percent = "0.015" },
    ]"""
    rules = policy("", STAGE.format(charge=bands), '["USD", "JPY"]')

    assert posted(rules, invoice("I1", 9_000, currency="JPY")) == [(335, None)]
    assert posted(rules, invoice("I1", 9_000)) == [(100, None)]


@pytest.mark.parametrize(
    ("cents", "expected"),
    [(1, 4_000), (99_999, 4_000), (100_000, 7_000), (999_999, 7_000), (1_000_000, 10_000)],
)
def test_compensation_is_the_fixed_sum_of_the_original_amounts_band(
    cents: int, expected: int
) -> None:
    assert posted(charging(COMPENSATION), invoice("I1", cents)) == [(expected, None)]


@pytest.mark.parametrize(
    "less",
    [
        paid(950_001, "I1"),
        DisputeOpened(DAY, "I1", 950_001),
        CreditNote(DAY, "C1", "USD", 950_001, "I1"),
    ],
)
def test_compensation_looks_at_the_original_amount_whatever_is_disputed_or_paid(
    less: Payment | DisputeOpened | CreditNote,
) -> None:
    assert posted(charging(COMPENSATION), invoice("I1", 1_000_000), less) == [(10_000, None)]


def test_compensation_is_outside_the_percentage_caps_and_takes_no_room_of_theirs() -> None:
    both = f"""
    [[stages]]
    id = "fee"
    days = 10
    charges = [ {{ {COMPENSATION} }}, {{ kind = "percent", rate = "0.05" }} ]
    """
    caps = '[caps]\nmax_total_percent = "0.05"\nmax_annual_rate = "0.90"'

    assert posted(policy(caps, both), invoice("I1", 10_000)) == [
        (4_000, None),
        (493, "max_annual_rate"),
    ]


def test_compensation_keeps_to_its_own_most() -> None:
    rules = charging(COMPENSATION + ', max = { USD = "25.00" }')

    assert posted(rules, invoice("I1", 10_000)) == [(2_500, "max")]


@pytest.mark.parametrize(
    ("kind", "expected"), [("company", [(4_000, None)]), ("natural_person", [(1_500, None)])]
)
def test_a_charge_for_one_kind_of_debtor_spares_the_other(
    kind: str, expected: list[tuple[int, str | None]]
) -> None:
    for_one = f"""
    [[stages]]
    id = "fee"
    days = 10
    charges = [
      {{ {COMPENSATION}, debtor_kind = "company" }},
      {{ kind = "flat", amount = {{ USD = "15.00" }}, debtor_kind = "natural_person" }},
    ]
    """

    found = posted(
        policy("", for_one), invoice("I1", 10_000), details=AccountDetails(debtor_kind=kind)
    )

    assert found == expected

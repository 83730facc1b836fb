"""What a sum bears in interest and compensation under a policy, and how it is told (R4.1-R4.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.policy import Policy
from chalicelib.core.workings import SEGMENTS_KEPT, Segment, Working, kept, working_of
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.explain import Explain
from chalicelib.flows.interest_sum import PAYMENTS_MAX, Sum, payment_faults
from chalicelib.flows.interest_view import unrounded_text, working_body, worth_body
from chalicelib.flows.interest_worth import worth
from chalicelib.flows.policies import load
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api.lent import CAPPED, POLICY, posted_at_30_days
from tests.flows.machine import TODAY

UK, EU, CONTRACT = load("uk-statutory"), load("eu-statutory"), load(POLICY)
DUE = date(2025, 1, 1)


def asked(amount_minor: int = 1_000_00, days: int = 50, currency: str = "GBP") -> Sum:
    return Sum(amount_minor, currency, DUE, DUE + timedelta(days=days))


def priced(policy: Policy, one: Sum) -> tuple[int, str | None, int]:
    """Interest, what limits it, and compensation, in minor units."""
    found = worth(one, policy)
    return found.interest_minor, found.limited_by, found.compensation_minor


@pytest.mark.parametrize(
    ("amount_minor", "compensation_minor"),
    [(999_99, 40_00), (1_000_00, 70_00), (9_999_99, 70_00), (10_000_00, 100_00)],
)
def test_compensation_goes_by_the_size_of_the_debt(
    amount_minor: int, compensation_minor: int
) -> None:
    assert worth(asked(amount_minor), UK).compensation_minor == compensation_minor


def test_a_rate_is_locked_when_interest_starts() -> None:
    found = worth(asked(days=300), UK)

    assert found.accrued.line("GBP", 2) == "GBP 1,000.00 x 12.75% x 300/365 = 104.79"


def test_a_rate_that_floats_changes_with_the_half_year() -> None:
    found = worth(asked(days=200, currency="EUR"), EU)

    assert [(s.since, s.through, s.rate) for s in found.accrued.segments] == [
        (date(2025, 1, 2), date(2025, 6, 30), Decimal("0.1115")),
        (date(2025, 7, 1), date(2025, 7, 20), Decimal("0.1015")),
    ]
    assert found.compensation_minor == 40_00


def test_a_payment_counts_as_late_through_its_own_day() -> None:
    paid = replace(asked(), payments=((DUE + timedelta(days=19), 300_00),))

    line = worth(paid, UK).accrued.line("GBP", 2)
    assert line == "GBP 1,000.00 x 12.75% x 19/365 + GBP 700.00 x 12.75% x 31/365 = 14.22"


def test_what_is_paid_in_full_bears_interest_until_then() -> None:
    paid = replace(asked(), payments=((DUE + timedelta(days=10), 1_000_00),))

    assert worth(paid, UK).accrued.line("GBP", 2) == "GBP 1,000.00 x 12.75% x 10/365 = 3.49"


@pytest.mark.parametrize(("paid_after", "compensation_minor"), [(30, 0), (31, 70_00)])
def test_compensation_is_not_due_if_all_is_paid_by_the_day_of_its_stage(
    paid_after: int, compensation_minor: int
) -> None:
    paid = replace(asked(), payments=((DUE + timedelta(days=paid_after), 1_000_00),))

    assert worth(paid, UK).compensation_minor == compensation_minor


def test_payments_of_a_part_leave_compensation_due() -> None:
    part = replace(asked(), payments=((DUE + timedelta(days=10), 999_99),))

    assert worth(part, UK).compensation_minor == 70_00


def test_compensation_of_a_stage_to_come_is_shown_and_not_added() -> None:
    found = worth(asked(days=29), UK)

    (one,) = found.compensation
    assert (one.due_on, one.times, one.each_minor) == (DUE + timedelta(days=30), 0, 70_00)
    assert found.total_minor == found.interest_minor == 10_13


def test_compensation_of_a_stage_that_repeats_counts_each_time() -> None:
    twice = POLICY.replace(
        b'{ kind = "interest" }',
        b'{ kind = "compensation", bands = [ { amount = { USD = "40.00" } } ] }',
    )

    assert worth(asked(days=60, currency="USD"), load(twice)).compensation_minor == 80_00
    assert worth(asked(days=59, currency="USD"), load(twice)).compensation_minor == 40_00


def test_a_debtor_of_another_kind_is_charged_nothing() -> None:
    person = replace(asked(), debtor_kind="natural_person")

    assert priced(UK, person) == (0, "debtor_kind", 0)


def test_terms_that_no_stage_charges_are_worked_out_all_the_same() -> None:
    found = worth(asked(currency="USD"), load("standard"))

    assert (found.interest_minor, found.limited_by, found.stages) == (16_44, None, ())


@pytest.mark.parametrize(
    ("policy", "days", "expected"),
    [
        (CAPPED, 31, (10_00, "max_total_percent", 0)),
        (CAPPED, 30, (9_86, None, 0)),
        (POLICY.replace(b'"interest" }', b'"interest", max = { USD = "5.00" } }'), 50,
         (5_00, "max", 0)),
        (POLICY.replace(b'"interest" }', b'"interest", skip_below = { USD = "1000.01" } }'), 50,
         (0, "skip_below", 0)),
        (POLICY.replace(b'"0.12"', b'"0.12"\ngrace_days = 50'), 50, (0, None, 0)),
        (POLICY.replace(b'"0.12"', b'"0.12"\ngrace_days = 50'), 51, (16_77, None, 0)),
    ],
)  # fmt: skip
def test_bounds_of_the_policy_hold_for_a_sum_too(
    policy: bytes, days: int, expected: tuple[int, str | None, int]
) -> None:
    assert priced(load(policy), asked(days=days, currency="USD")) == expected


def test_a_day_beyond_the_table_is_an_error_that_names_both() -> None:
    with pytest.raises(RateUnknownError, match=r'"ecb_mro" has no rate for 2099-01-01'):
        worth(Sum(1_00, "EUR", date(2099, 1, 1), date(2099, 2, 1)), EU)


@pytest.mark.parametrize(
    ("payments", "codes"),
    [
        (((DUE, 1),), []),
        (((DUE - timedelta(days=1), 1),), ["out_of_range"]),
        (((DUE + timedelta(days=51), 1_000_01),), ["out_of_range", "more_than_owed"]),
        (((DUE, 1),) * (PAYMENTS_MAX + 1), ["too_many"]),
    ],
)
def test_payments_are_made_on_the_sum_while_it_is_owed(
    payments: tuple[tuple[date, int], ...], codes: list[str]
) -> None:
    found = payment_faults(replace(asked(), payments=payments), "--payment")

    assert [fault.code for fault in found] == codes


payments_made = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 300_00)), max_size=4)


@settings(max_examples=40, deadline=None)
@given(
    amount_minor=st.integers(1, 10**9),
    days=st.integers(1, 400),
    payments=payments_made,
    policy=st.sampled_from((UK, EU, CONTRACT)),
)
def test_segments_make_up_the_whole_and_rounding_moves_half_a_unit_at_most(
    amount_minor: int, days: int, payments: list[tuple[int, int]], policy: Policy
) -> None:
    currency = policy.currencies[0]
    made = tuple((DUE + timedelta(days=min(day, days)), amount) for day, amount in payments)
    while sum(amount for _, amount in made) >= amount_minor:
        made = made[:-1]
    one = replace(asked(amount_minor, days, currency), payments=made)

    body = worth_body(one, policy, worth(one, policy))["interest"]["working"]

    assert sum(segment["days"] for segment in body["segments"]) == days
    parts = sum(Decimal(segment["unrounded"]) for segment in body["segments"])
    exact = Decimal(body["unrounded"])
    assert 0 <= exact - parts <= len(body["segments"]) * Decimal("1e-8")  # each is cut
    running = Decimal(body["running"]["amount_minor"]).scaleb(-CURRENCY_DIGITS[currency])
    assert abs(running - exact) <= Decimal("0.00500001")


@pytest.mark.parametrize(
    ("product", "currency", "text"),
    [
        ("637500", "GBP", "17.46575342"),
        ("2", "GBP", "0.00005479"),  # cut: rounded it would end in 48
        ("-365", "GBP", "-0.01000000"),
        ("637500", "JPY", "1746.575342"),
        ("637500", "KWD", "1.746575342"),
    ],
)
def test_an_amount_before_rounding_is_cut_and_never_rounded(
    product: str, currency: str, text: str
) -> None:
    assert unrounded_text(Decimal(product), 365, currency) == text


def many(count: int) -> Working:
    days = [DUE + timedelta(days=number) for number in range(count)]
    return working_of(
        tuple(Segment(day, day, 1, 100_00 - n, Decimal("0.1"), "") for n, day in enumerate(days)),
        365,
    )


def test_of_many_segments_the_first_and_the_last_are_shown() -> None:
    body = working_body(many(30), "GBP", 20)

    days = [segment["from_on"] for segment in body["segments"]]
    assert (len(days), days[0], days[-1]) == (20, "2025-01-01", "2025-01-30")
    assert (body["more_segments"], body["unrounded"]) == (10, "0.82072602")  # 2,995.65 x 10% / 365


def test_what_a_charge_kept_only_a_part_of_has_no_exact_sum() -> None:
    body = working_body(kept(many(SEGMENTS_KEPT + 20)), "GBP", 20)

    assert (body["more_segments"], body["unrounded"]) == (SEGMENTS_KEPT, None)


def test_an_explanation_says_the_arithmetic_in_one_line() -> None:
    machine = posted_at_30_days()
    explain = Explain(machine.accounts, machine.policies)

    said = explain.invoice("A1", "I1", TODAY)

    past = [step for step in said["past"] if step["kind"] == "charge"]
    assert [(step["sentence"], step["rules"]) for step in past] == [
        ("A charge (interest) of USD 3.60 on invoice I1: USD 365.00 x 12% x 30/365 = 3.60.",
         ["R4.1", "R4.3", "R4.5"]),
    ]  # fmt: skip
    to_come = next(step for step in said["next_steps"] if step["kind"] == "charge")
    assert to_come["on"] == "2024-04-07"
    assert to_come["sentence"].endswith("60/365 = 7.20, less 3.60 charged before = 3.60.")

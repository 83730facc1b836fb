"""Charges of an account whose policy changes: once each, whatever the new stages are called (R2.2)."""

from __future__ import annotations

import pytest
from chalicelib.core.account import Account
from chalicelib.core.aging import out_of_balance
from chalicelib.core.apply import apply
from chalicelib.core.decide import decide
from chalicelib.core.effects import ChargeReversed
from chalicelib.core.policy import Policy
from tests.unit.accounts import DAY, PLAIN, account, days, invoice, paid, policy

FLAT = 'kind = "flat", amount = { USD = "10.00" }'
INTEREST = 'kind = "interest"'
A_DOLLAR_A_DAY = '[interest]\nannual_rate = "0.365"\n'


def charging(charge: str, **stages: int) -> Policy:
    """A policy whose stages, at these days past due, all have one charge."""
    tables = [
        f'[[stages]]\nid = "{name}"\ndays = {at}\ncharges = [ {{ {charge} }} ]\n'
        for name, at in stages.items()
    ]
    return policy(A_DOLLAR_A_DAY if charge == INTEREST else "", "".join(tables))


def after(old: Policy, new: Policy) -> Account:
    """An invoice of 1,000.00, ten days late under one policy, then each day to its 60th under another."""
    current = decide(account([invoice("I1", 100_000, 10)], old), old, DAY).account
    for number in range(1, 51):
        current = decide(current, new, DAY + days(number)).account
    return current


def charged(current: Account) -> list[tuple[str, int]]:
    return [(one.id, one.amount_minor) for one in current.invoices["I1"].charges]


def test_a_stage_of_the_same_name_at_a_later_day_charges_no_second_time() -> None:
    """R4.2: no id is posted twice."""
    current = after(charging(FLAT, late=10), charging(FLAT, late=40))

    assert charged(current) == [("I1:late:flat", 1_000)]
    assert out_of_balance(current) == {}


def test_a_period_of_the_same_number_charges_no_second_time() -> None:
    rules = [
        f'[[stages]]\nid = "late"\ndays = {at}\nrepeat_every_days = 5\ncharges = [ {{ {FLAT} }} ]\n'
        for at in (5, 40)
    ]
    old, new = (policy("", stages) for stages in rules)
    current = after(old, new)

    assert charged(current) == [
        ("I1:late:flat", 1_000),
        *((f"I1:late:flat:{period}", 1_000) for period in (2, 3, 4, 5)),
    ]
    assert out_of_balance(current) == {}


def test_interest_under_a_name_that_is_taken_is_posted_with_the_next_stage() -> None:
    """50 days at a dollar a day, of which 10.00 was posted."""
    current = after(charging(INTEREST, late=10), charging(INTEREST, late=40, later=50))

    assert charged(current) == [("I1:late:interest", 1_000), ("I1:later:interest", 4_000)]
    assert out_of_balance(current) == {}


TAKES_BACK = "[cash]\nreverse_on_value_date = true\n"
TWO_STAGES = "".join(
    f'[[stages]]\nid = "{name}"\ndays = {at}\ncharges = [ {{ {INTEREST} }} ]\n'
    for name, at in (("late", 10), ("later", 90))
)


def bearing(interest: str) -> Policy:
    tables = f"{TAKES_BACK}[interest]\n{interest}\n" if interest else TAKES_BACK
    return policy(tables, TWO_STAGES if interest else PLAIN)


@pytest.mark.parametrize(
    ("old", "new", "cents", "late_days", "back"),
    [
        # 10.00 for ten days; the day of the payment is late through its end: nothing is too much.
        ('annual_rate = "0.365"', 'annual_rate = "0.0365"', 100, 10, None),
        # Half of it was paid after four days: 4 x 1.00 + 6 x 0.50 = 7.00.
        ('annual_rate = "0.365"', 'annual_rate = "0.0365"', 50_000, 4, 300),
        ('annual_rate = "0.365"', "", 50_000, 4, 300),
        ('annual_rate = "0.365"', "", 100_000, 0, 1_000),
        # 1.00 for ten days; paid after four of them: 0.40, whatever a day costs now.
        ('annual_rate = "0.0365"', 'annual_rate = "0.365"', 100_000, 4, 60),
        # A dollar a day in a year of 360 days.
        (
            'annual_rate = "0.36"\nday_count = "actual/360"',
            'annual_rate = "0.36"',
            100_000,
            4,
            600,
        ),
    ],
)
def test_interest_is_corrected_by_the_terms_it_was_posted_under(
    old: str, new: str, cents: int, late_days: int, back: int | None
) -> None:
    """R4.9: `of its day` is the rate of that day too; a new policy takes nothing back by itself."""
    charged = decide(account([invoice("I1", 100_000, 10)], bearing(old)), bearing(old), DAY).account
    after = bearing(new)
    current = decide(charged, after, DAY + days(1)).account
    received = DAY - days(10) + days(late_days)

    booked = apply(current, paid(cents, "I1", on=DAY + days(2), received_on=received), after)

    taken = [one.amount_minor for one in booked.effects if isinstance(one, ChargeReversed)]
    assert taken == ([] if back is None else [back])
    assert out_of_balance(booked.account) == {}

"""What a charge comes to, and what it is called (R4.1, R4.2, R4.5)."""

from __future__ import annotations

import pytest
from chalicelib.core.effects import ChargePosted
from chalicelib.core.facts import DisputeOpened, Fact
from tests.unit.accounts import DAY, decided, dunning, invoice, policy

STAGE = """
[[stages]]
id = "fee"
days = 10
charges = [ {{ {charge} }} ]
"""


def charged(charge: str, cents: int, *more: Fact, tables: str = "", past_due: int = 20) -> object:
    """Amount and cap of the one charge of an invoice, or None."""
    rules = policy(tables, STAGE.format(charge=charge))
    decision = decided([invoice("I1", cents, past_due), *more], rules)
    posted = [effect for effect in decision.effects if isinstance(effect, ChargePosted)]
    assert len(posted) <= 1
    return (posted[0].amount_minor, posted[0].capped_by) if posted else None


PERCENT = 'kind = "percent", rate = "0.015"'
FLAT = 'kind = "flat", amount = { USD = "40.00" }'


@pytest.mark.parametrize(
    ("charge", "cents", "expected"),
    [
        (PERCENT, 100_000, (1_500, None)),
        (PERCENT, 99_967, (1_500, None)),  # 1,499.505 rounds half-up
        (PERCENT, 99_966, (1_499, None)),
        (PERCENT, 33, None),  # 0.495 of a cent rounds to nothing
        (PERCENT, 34, (1, None)),
        (FLAT, 100, (4_000, None)),
        (PERCENT + ', min = { USD = "20.00" }', 100_000, (2_000, None)),
        (PERCENT + ', min = { USD = "15.00" }', 100_000, (1_500, None)),
        (PERCENT + ', min = { USD = "20.00" }', 33, (2_000, None)),  # above 0 before rounding
        (PERCENT + ', max = { USD = "10.00" }', 100_000, (1_000, "max")),
        (PERCENT + ', max = { USD = "15.00" }', 100_000, (1_500, None)),
        (PERCENT + ', skip_below = { USD = "25.00" }', 2_499, None),
        (PERCENT + ', skip_below = { USD = "25.00" }', 2_500, (38, None)),
    ],
)
def test_a_charge_comes_to(charge: str, cents: int, expected: object) -> None:
    assert charged(charge, cents) == expected


@pytest.mark.parametrize(
    ("caps", "past_due", "expected"),
    [
        ('max_total_percent = "0.10"', 20, (4_000, None)),
        ('max_total_percent = "0.04"', 20, (4_000, None)),
        ('max_total_percent = "0.0399"', 20, (3_990, "max_total_percent")),
        ('max_total_percent = "0.03999999"', 20, (3_999, "max_total_percent")),  # rounded down
        ('max_total_percent = "0"', 20, (0, "max_total_percent")),
        ('max_annual_rate = "0.24"', 20, (1_315, "max_annual_rate")),  # 1,315.06 of 20 days
        ('max_annual_rate = "0.24"', 61, (4_000, None)),  # 4,010.95
        ('max_total_percent = "0.02"\nmax_annual_rate = "0.24"', 20, (1_315, "max_annual_rate")),
        ('max_total_percent = "0.01"\nmax_annual_rate = "0.24"', 20, (1_000, "max_total_percent")),
        ('max_total_percent = ""\nmax_annual_rate = ""', 20, (4_000, None)),
    ],
)
def test_caps_leave_what_room_there_is(caps: str, past_due: int, expected: object) -> None:
    assert charged(FLAT, 100_000, tables=f"[caps]\n{caps}", past_due=past_due) == expected


def test_caps_outrank_the_minimum() -> None:
    charge, caps = PERCENT + ', min = { USD = "50.00" }', '[caps]\nmax_total_percent = "0.02"'

    assert charged(charge, 100_000, tables=caps) == (2_000, "max_total_percent")


def test_the_base_is_the_undisputed_principal_and_the_caps_base_the_original_amount() -> None:
    disputed, caps = DisputeOpened(DAY, "I1", 60_000), '[caps]\nmax_total_percent = "0.01"'

    assert charged(PERCENT, 100_000, disputed) == (600, None)
    assert charged(FLAT, 100_000, disputed, tables=caps) == (1_000, "max_total_percent")


def test_a_charge_capped_to_nothing_is_told_and_not_posted() -> None:
    caps = '[caps]\nmax_total_percent = "0"'
    decision = decided([invoice("I1", 1_000)], policy(caps, STAGE.format(charge=FLAT)))

    assert [e.kind for e in dunning(decision.effects)] == ["stage", "charge"]
    assert decision.entries == ()
    assert decision.account.invoices["I1"].charges == ()


@pytest.mark.parametrize(
    ("past_due", "identity"),
    [(10, "I1:fee:flat"), (19, "I1:fee:flat"), (20, "I1:fee:flat:2"), (30, "I1:fee:flat:3")],
)
def test_a_charge_is_named_by_invoice_stage_kind_and_later_period(
    past_due: int, identity: str
) -> None:
    repeated = STAGE.format(charge=FLAT) + "repeat_every_days = 10\n"
    rules = policy('[dunning]\ncatch_up = "jump"', repeated)

    decision = decided([invoice("I1", 1_000, past_due)], rules)

    posted = [effect.id for effect in decision.effects if isinstance(effect, ChargePosted)]
    assert posted[-1] == identity
    assert len(posted) == past_due // 10

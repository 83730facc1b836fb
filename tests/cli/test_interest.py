"""`pastdue interest`: what interest and compensation on a sum come to, with segments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import Done, pastdue, write

CONTRACT = """
id = "contract"
currencies = ["USD", "JPY"]
[[stages]]
id = "late"
days = 30
notice = "late_fee"
charges = [ { kind = "interest" } ]
[interest]
annual_rate = "0.12"
grace_days = 5
[caps]
max_total_percent = "0.01"
"""
ASKED = {
    "--principal": "1000.00",
    "--currency": "GBP",
    "--from": "2025-01-01",
    "--to": "2025-02-20",
    "--policy": "uk-statutory",
}


def interest(*more: str, **changes: str | Path) -> Done:
    """Ask for GBP 1,000.00 over 50 days; options are changed by their names."""
    options = ASKED | {f"--{name.rstrip('_')}": str(value) for name, value in changes.items()}
    return pastdue("interest", *(part for pair in options.items() for part in pair), *more)


def faults(done: Done) -> list[tuple[str, str]]:
    assert done.code == 2
    return [(one["where"], one["code"]) for one in done.document["error"]["faults"]]


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    return write(tmp_path, "contract.toml", CONTRACT)


def test_a_sum_is_told_with_its_arithmetic_in_one_line() -> None:
    done = interest()

    assert done.code == 0
    assert "GBP 1,000.00 x 12.75% x 50/365 = 17.47\n" in done.out
    assert "fixed sum for a debt of GBP 1,000.00 = 70.00\n" in done.out
    assert "\nTotal: GBP 87.47\n" in done.out
    assert "Bank of England Bank Rate (gb_bank_rate), known through 20" in done.out


def test_the_table_has_days_base_rate_and_the_amount_before_rounding() -> None:
    found = next(line for line in interest().out.splitlines() if "2025-01-02" in line)

    assert found.split()[:2] == ["2025-01-02", "2025-02-20"]
    assert " ".join(found.split()[2:-4]).startswith("Bank of")  # the rest as the width allows
    assert found.split()[-4:] == ["50", "1,000.00", "12.75%", "17.46575342"]


def test_programs_get_one_document() -> None:
    document = interest("--json").document

    assert document["interest"]["line"] == "GBP 1,000.00 x 12.75% x 50/365 = 17.47"
    assert document["interest"]["amount"] == {"amount_minor": 17_47, "currency": "GBP"}
    assert document["compensation"]["amount"]["amount_minor"] == 70_00
    assert document["total"] == {"amount_minor": 87_47, "currency": "GBP"}
    (segment,) = document["interest"]["working"]["segments"]
    assert (segment["days"], segment["annual_rate"]) == (50, "0.1275")
    assert document["policy"]["id"] == "uk-statutory"
    assert len(document["policy"]["version"]) == 12
    assert document["terms"]["table"]["source"].startswith("https://www.bankofengland.co.uk/")
    assert document["terms"]["table"]["known_through"] >= "2025-02-20"


def test_payments_lower_the_principal() -> None:
    done = interest("--payment", "2025-01-20:300.00", "--payment", "2025-01-30:100.00")

    line = (
        "GBP 1,000.00 x 12.75% x 19/365 + GBP 700.00 x 12.75% x 10/365 + "
        "GBP 600.00 x 12.75% x 21/365 = 13.48"
    )
    assert line in done.out


def test_what_is_paid_before_a_stage_is_not_said_to_be_due() -> None:
    done = interest("--payment", "2025-01-20:1000.00")

    assert "(stage statutory_30, not due, since all was paid on 2025-01-20, so not in" in done.out
    assert "All was paid on 2025-01-20: a run posts it only if a stage charged" in done.out
    assert "\nTotal: GBP 6.64\n" in done.out


def test_what_lapses_with_the_payment_is_said(contract: Path) -> None:
    done = interest("--payment", "2025-01-20:1000.00", policy=contract, currency="USD")

    assert "a run posts only what stages charged before that day; the rest lapses." in done.out


def test_one_day_is_said_in_the_singular() -> None:
    assert "through 2025-01-02: 1 day past due under" in interest(to="2025-01-02").out


def test_what_a_policy_of_ones_own_limits_is_said(contract: Path) -> None:
    done = interest(policy=contract, currency="USD")

    assert "USD 1,000.00 x 12% x 50/365 = 16.44\n" in done.out
    assert "The policy's cap max_total_percent lowers it to USD 10.00." in done.out
    assert "\nTotal: USD 10.00\n" in done.out


def test_within_the_days_of_grace_nothing_is_charged(contract: Path) -> None:
    done = interest(policy=contract, currency="JPY", principal="1000", to="2025-01-06")

    assert "Up to 5 days past due nothing is charged" in done.out
    assert "\nTotal: JPY 0\n" in done.out


def test_charges_for_the_other_kind_of_debtor_are_left_out() -> None:
    done = interest("--debtor-kind", "natural_person")

    assert "The policy charges interest to debtors of the other kind only." in done.out
    assert "\nTotal: GBP 0.00\n" in done.out


def test_a_policy_that_charges_no_interest_says_so() -> None:
    done = interest(policy="standard", currency="USD")

    assert "No stage of this policy charges interest, so no run would post it." in done.out


def test_every_fault_is_named_at_once() -> None:
    done = interest(
        "--payment", "x", "--payment", "2025-01-20:-3", "--json",
        principal="1000.001", currency="GBP", from_="2025-13-01", to="1850-01-01", policy="nix",
    )  # fmt: skip

    assert faults(done) == [
        ("--policy", "not_found"),
        ("--principal", "not_an_amount"),
        ("--from", "not_a_date"),
        ("--to", "out_of_range"),
        ("--payment", "not_a_payment"),
        ("--payment", "not_positive"),
    ]
    assert "--principal: '1000.001' has more decimals than the 2 of its currency" in done.err


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"principal": "10.5", "currency": "JPY"}, [("--principal", "not_an_amount"),
                                                    ("--currency", "currency_not_in_policy")]),
        ({"principal": "1,000.00"}, [("--principal", "not_an_amount")]),
        ({"principal": "-1000.00"}, [("--principal", "not_positive")]),
        ({"principal": "0"}, [("--principal", "not_positive")]),
        ({"principal": "1234567890123456"}, [("--principal", "not_an_amount")]),
        ({"currency": "EUR"}, [("--currency", "currency_not_in_policy")]),
        ({"currency": "EUR", "principal": "abc"}, [("--principal", "not_an_amount"),
                                                   ("--currency", "currency_not_in_policy")]),
        ({"currency": "XXQ"}, [("--currency", "unknown_currency"),
                               ("--currency", "currency_not_in_policy")]),
        ({"to": "2024-12-31"}, [("--to", "not_after")]),
        ({"to": "2025-01-01"}, [("--to", "not_after")]),
        ({"to": "2199-01-01"}, [("--to", "too_long")]),
        ({"to": "20250220"}, [("--to", "not_a_date")]),
        ({"policy": ""}, [("--policy", "not_found")]),
        ({"policy": "rapid"}, [("--policy", "no_interest_terms"),
                               ("--currency", "currency_not_in_policy")]),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_refused(
    changes: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert faults(interest("--json", **changes)) == expected


def test_thousands_separators_are_named_as_the_fault() -> None:
    done = interest(principal="1,000.00")

    assert "--principal: '1,000.00' is not an amount; leave out thousands separators" in done.err


@pytest.mark.parametrize(
    ("payments", "code"),
    [
        (("2024-12-31:1.00",), "out_of_range"),
        (("2025-02-21:1.00",), "out_of_range"),
        (("2025-01-20:600.00", "2025-01-21:400.01"), "more_than_owed"),
        (("2025-01-20:0.01",) * 101, "too_many"),
    ],
)
def test_payments_that_cannot_have_been_made_are_refused(
    payments: tuple[str, ...], code: str
) -> None:
    done = interest("--json", *(part for one in payments for part in ("--payment", one)))

    assert faults(done) == [("--payment", code)]


def test_every_fault_of_a_policy_file_is_told(tmp_path: Path) -> None:
    file = write(tmp_path, "bad.toml", CONTRACT.replace('"0.12"', '"high"') + "\n[nix]\n")
    done = interest("--json", policy=file, to="2024-12-31")

    assert [where for where, _ in faults(done)] == [
        f"{file}: nix", f"{file}: [interest].annual_rate", "--to",
    ]  # fmt: skip


def test_a_day_that_the_table_does_not_reach_is_no_guess() -> None:
    done = interest("--json", policy="eu-statutory", currency="EUR", to="2030-01-01")

    assert done.code == 2
    assert done.document["error"]["code"] == "rate_unknown"
    assert 'the rate table "ecb_mro" has no rate for 20' in done.err

"""A letter that does not hold together is refused before anybody reads it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_head import LetterError
from chalicelib.flows.letter_parts import DisputedPart, NoticeKind, OtherCharge, UnappliedItem
from chalicelib.mail.totals import by_age, by_month
from hypothesis import given
from hypothesis import strategies as st
from tests.mail.build_letters import (
    BUCKETS,
    COLLECTOR,
    TODAY,
    bucket,
    charge,
    final_letter,
    full_letter,
    invoice,
    letter,
    small_letter,
)


def fault_codes(error: LetterError) -> set[str]:
    return {fault.code for fault in error.faults}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total_minor": 124_051}, "does_not_add_up"),
        ({"reference": " "}, "missing"),
        ({"account_name": ""}, "missing"),
        ({"collector": replace(COLLECTOR, email="")}, "missing"),
        ({"digits": 5}, "out_of_range"),
        ({"invoices": (), "total_minor": 0}, "missing"),
        ({"respond_by": TODAY + timedelta(days=10)}, "not_final"),
        ({"buckets": ("current", "31-60")}, "unknown_bucket"),
        ({"notice_on": TODAY + timedelta(days=1)}, "wrong_days"),
        ({"unapplied": (UnappliedItem(kind="payment", amount_minor=0),)}, "wrong_amount"),
        ({"disputed": (DisputedPart(invoice_id="X", disputed_minor=-1),)}, "wrong_amount"),
    ],
)
def test_a_letter_with_a_fault_is_refused_with_its_code(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(LetterError) as refused:
        small_letter(**changes)

    assert code in fault_codes(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"asked_minor": 100_001},
        {"open_minor": 99_999},
        {"open_minor": 100_001, "asked_minor": 100_001},
        {"asked_minor": 0},
    ],
)
def test_an_invoice_never_asks_for_more_than_is_open_of_it(changes: dict[str, int]) -> None:
    line = invoice("I1", 20, 100_000, **changes)

    with pytest.raises(LetterError) as refused:
        letter(line)

    assert "wrong_amount" in fault_codes(refused.value)


def test_an_invoice_listed_twice_is_refused() -> None:
    line = invoice("I1", 20, 100_000)

    with pytest.raises(LetterError) as refused:
        letter(line, line)

    assert fault_codes(refused.value) == {"duplicate"}


def test_a_disputed_part_must_be_shown_with_its_own_amount() -> None:
    line = invoice("I1", 20, 100_000, asked_minor=60_000)

    with pytest.raises(LetterError) as refused:
        letter(line, disputed=(DisputedPart(invoice_id="I1", disputed_minor=30_000),))

    assert fault_codes(refused.value) == {"dispute_not_shown"}


def test_a_charge_open_for_more_than_its_amount_is_refused() -> None:
    fee = charge("I0", 1_500, open_minor=1_501)

    with pytest.raises(LetterError) as refused:
        letter(
            invoice("I1", 20, 100_000), other_charges=(OtherCharge(invoice_id="I0", charge=fee),)
        )

    assert fault_codes(refused.value) == {"wrong_amount"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"consequences": ()}, "missing"),
        ({"respond_by": None}, "missing"),
        ({"respond_by": TODAY}, "too_early"),
    ],
)
def test_a_final_demand_sets_a_date_only_with_what_happens_after_it(
    changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(LetterError) as refused:
        final_letter(**changes)

    assert fault_codes(refused.value) == {code}


def test_a_final_demand_whose_stage_asks_for_no_answer_needs_no_date() -> None:
    final = final_letter(respond_by=None, consequences=())

    assert final.respond_by is None


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(LetterError) as refused:
        small_letter(total_minor=1, reference="", digits=9)

    assert fault_codes(refused.value) == {"does_not_add_up", "missing", "out_of_range"}
    assert "total_minor" in str(refused.value)


def test_unapplied_cash_and_disputed_parts_are_not_in_the_total() -> None:
    full = full_letter()

    without = full_letter(unapplied=())

    assert full.total_minor == without.total_minor
    assert full.total_minor == full.principal_minor + sum(c.open_minor for _, c in full.all_charges)


def test_new_charges_are_those_of_this_notice() -> None:
    full = full_letter()

    new = [(invoice_id, fee.amount_minor) for invoice_id, fee in full.new_charges]

    assert new == [("INV-19002", 18_750), ("INV-19377", 1_095)]


def test_invoices_are_grouped_by_their_month_of_issue() -> None:
    full = full_letter()

    months = [
        (group.month_on, [line.invoice_id for line in group.invoices]) for group in by_month(full)
    ]

    assert months == [
        (date(2025, 12, 1), ["INV-19002", "INV-19044"]),
        (date(2026, 1, 1), ["INV-19310", "INV-19377", "INV-19820"]),
        (date(2026, 2, 1), ["INV-19833"]),
    ]


@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.integers(1, 10**12), st.integers(0, 10**9)),
        min_size=1,
        max_size=30,
    )
)
def test_totals_by_month_and_by_age_always_add_up_to_the_letters_total(
    lines: list[tuple[int, int, int]],
) -> None:
    whole: Letter = letter(
        *(
            invoice(f"I{index}", days, minor, charges=(charge(f"I{index}", fee),) if fee else ())
            for index, (days, minor, fee) in enumerate(lines)
        ),
        kind=NoticeKind.LATE_FEE,
    )

    assert sum(group.due_minor for group in by_month(whole)) == whole.total_minor
    assert sum(age.principal_minor for age in by_age(whole)) == whole.principal_minor
    assert sum(age.invoice_count for age in by_age(whole)) == len(lines)
    assert {age.bucket for age in by_age(whole)} == {bucket(days) for days, _, _ in lines}
    assert [age.bucket for age in by_age(whole)] == [
        name for name in BUCKETS if name in {bucket(days) for days, _, _ in lines}
    ]

"""What a notice says of charges, those that are there and those that will come (R4.1, R4.8)."""

from datetime import date
from decimal import Decimal

import pytest
from chalicelib.flows.letter_parts import Announcement, ComingCharge, NoticeKind
from chalicelib.mail.render import render
from tests.mail.build_letters import (
    charge,
    full_letter,
    invoice,
    letter,
    small_letter,
    statutory_letter,
)
from tests.mail.test_render import flat, words


def test_charges_of_several_stages_are_announced_in_one_sentence() -> None:
    rendered = render(full_letter())

    text = flat(rendered.text)

    assert "still open 30, 60 and 90 days after its due date" in text
    assert "the first such day is April 1, 2026" in text


def test_different_charges_are_announced_apart() -> None:
    announced = tuple(
        Announcement(
            days_past_due=days,
            charges=(ComingCharge(kind="percent", rate=Decimal(days) / 100),),
            first_on=date(2026, 4, 2),
        )
        for days in (30, 60)
    )

    text = flat(render(small_letter(announcements=announced)).text)

    assert (
        "A late fee of 30% of the amount then open is added to each invoice that is still open 30 days"
        in text
    )
    assert (
        "A late fee of 60% of the amount then open is added to each invoice that is still open 60 days"
        in text
    )


def test_one_new_fee_is_told_of_in_the_singular() -> None:
    line = invoice("I1", 31, 100_000, charges=(charge("I1", 1_500),))

    rendered = render(letter(line, kind=NoticeKind.LATE_FEE))

    assert "Because it is still unpaid, we have added a late fee of USD 15.00." in flat(
        rendered.text
    )
    assert rendered.subject.startswith("Late fee of USD 15.00 added: ")


def test_a_charge_that_is_no_late_fee_is_not_called_one() -> None:
    line = invoice("I1", 31, 100_000, charges=(charge("I1", 1_500, kind="interest"),))

    rendered = render(letter(line, kind=NoticeKind.LATE_FEE))

    assert rendered.subject.startswith("Interest of USD 15.00 added: ")
    assert "Interest: flat amount = 15.00" in words(rendered.html)


def test_interest_shows_its_arithmetic_and_where_its_rate_is_from_in_text_and_html() -> None:
    """R4.3, R4.4: the line of the example, whole in both."""
    rendered = render(statutory_letter())

    assert "we have added interest of GBP 61.83 in total" in flat(rendered.text)
    assert rendered.subject.startswith("Interest of GBP 61.83 added: GBP 8,961.83 now due")
    for page in (flat(rendered.text), words(rendered.html)):
        assert "Interest: GBP 1,000.00 x 12.75% x 50/365 = 17.47, posted 18 Mar 2026" in page
        assert "less 368.53 charged before = 44.36" in page
        assert (
            "Interest is simple, for each day after the due date; the sum is rounded once." in page
        )
        assert (
            page.count("12.75% a year is Bank of England Bank Rate 4.75% on 31 Dec 2024 + 8%.") == 1
        )
        assert "60 days after its due date, and again every 15 days." in page
        assert "Where interest was charged before, earlier payment brings" in page
        assert "NOTICE OF CHARGES" in page.upper()


def test_a_narrow_screen_breaks_arithmetic_only_before_a_sign() -> None:
    page = render(statutory_letter()).html

    assert "GBP\u00a01,000.00 x\u00a012.75% x\u00a050/365 =\u00a017.47" in page


@pytest.mark.parametrize(
    ("kinds", "said", "subject"),
    [
        (["percent", "interest"], "2 charges of USD 30.00 in total", "Charges of USD 30.00"),
        (["compensation", "interest"], "compensation and interest of USD 30.00 in total",
         "Compensation and interest of USD 30.00"),
        (["percent", "percent"], "2 late fees of USD 30.00 in total", "Late fees of USD 30.00"),
        (["collection_fee"], "a charge of USD 15.00", "Charge of USD 15.00"),
        (["interest"], "interest of USD 15.00", "Interest of USD 15.00"),
    ],
)  # fmt: skip
def test_what_was_added_is_called_what_it_is(kinds: list[str], said: str, subject: str) -> None:
    fees = tuple(charge("I1", 1_500, charge_id=str(n), kind=one) for n, one in enumerate(kinds))

    rendered = render(letter(invoice("I1", 31, 100_000, charges=fees), kind=NoticeKind.LATE_FEE))

    assert f"we have added {said}." in flat(rendered.text)
    assert rendered.subject.startswith(f"{subject} added: ")

"""A charge's values say what its stored line says, in the figures of any country (R4.1, R4.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.core.charge_amounts import ChargeBase, compute_charge
from chalicelib.core.invoice import Charge
from chalicelib.core.policy import Band, Caps, ChargeRule
from chalicelib.core.workings import Segment, working_of
from chalicelib.flows.letter_charges import charge_line
from chalicelib.flows.letter_parts import ChargeLine
from chalicelib.mail.formats import formats_for, plain_spaces
from chalicelib.mail.sayings import labels_of, sayings
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mail.build_letters import charge, interest

DUE = date(2025, 1, 31)
MINORS = st.integers(1, 10**9)
RATES = st.integers(0, 4_000).map(lambda n: Decimal(n) / 10_000)


def reason(one: ChargeLine, locale: str = "en") -> str:
    f = formats_for(locale, "EUR", 2, locale[:2])
    values = {"f": f, "labels": labels_of("en")}
    say = sayings("en", ("_common.txt", "_notices.txt"), values)
    return plain_spaces(say.reason(one))


@st.composite
def rules(draw: st.DrawFn) -> ChargeRule:
    """A charge of any kind but interest, with a minimum or without."""
    kind = draw(st.sampled_from(["flat", "percent", "tiered", "compensation"]))
    amount = {"EUR": draw(MINORS)}
    percent = draw(RATES) if kind == "tiered" else Decimal(0)
    fixed = amount if kind == "compensation" or draw(st.booleans()) else {}
    minimum = {"EUR": draw(MINORS)} if draw(st.booleans()) else {}
    band = Band(amount=fixed, percent=percent)
    return ChargeRule(kind, amount=amount, rate=draw(RATES), bands=(band,), min=minimum)


def worked_out(rule: ChargeRule, caps: Caps, base: ChargeBase) -> tuple[ChargeLine, str] | None:
    """A charge with its stored line, and as a letter shows it; None where nothing is charged."""
    found = compute_charge(rule, caps, base)
    if found is None:
        return None
    posted = Charge(
        "C", "late", rule.kind, DUE, found.amount_minor, found.amount_minor, found.capped_by,
        basis=found.basis, working=base.interest, arithmetic=found.arithmetic,
    )  # fmt: skip
    return charge_line(posted, is_new=True), found.basis


@settings(max_examples=60, deadline=None)
@given(rule=rules(), open_minor=MINORS, more_minor=MINORS)
def test_the_values_of_a_charge_say_what_its_line_says(
    rule: ChargeRule, open_minor: int, more_minor: int
) -> None:
    base = ChargeBase("EUR", 2, open_minor, open_minor + more_minor, 0, 30)

    found = worked_out(rule, Caps(), base)

    if found is not None:
        line, basis = found
        assert reason(line) == basis


@settings(max_examples=40, deadline=None)
@given(
    bases=st.lists(st.tuples(MINORS, st.integers(1, 300), RATES), min_size=1, max_size=9),
    before=st.integers(0, 10**6),
)
def test_the_values_of_interest_say_what_its_line_says(
    bases: list[tuple[int, int, Decimal]], before: int
) -> None:
    days = [DUE + timedelta(days=number) for number in range(len(bases))]
    segments = tuple(
        Segment(day, day, count, minor, rate, "")
        for day, (minor, count, rate) in zip(days, bases, strict=True)
    )
    working = replace(working_of(segments, 365), posted_before_minor=before)
    base = ChargeBase("EUR", 2, 1, 1, 0, 30, working)

    found = worked_out(ChargeRule("interest"), Caps(), base)

    if found is not None:
        line, basis = found
        assert reason(line) == basis


def test_a_cap_is_told_with_what_it_left() -> None:
    rule, caps = (
        ChargeRule("percent", rate=Decimal("0.05")),
        Caps(max_total_percent=Decimal("0.03")),
    )
    base = ChargeBase("EUR", 2, 1_000_00, 1_000_00, 0, 30)

    found = worked_out(rule, caps, base)

    assert found is not None
    line, basis = found
    assert basis == "5% of EUR 1,000.00 = 50.00, limited by max_total_percent to 30.00"
    assert reason(line) == (
        "5% of EUR 1,000.00 = 50.00, lowered to 30.00 by the cap on an invoice's charges"
    )


def test_arithmetic_is_written_with_the_figures_of_the_readers_country() -> None:
    one: dict[str, Any] = interest((1_000_00, 50))

    assert reason(charge("I1", 17_47, **one), "de_DE") == (
        "1.000,00 EUR x 12,75 % x 50/365 = 17,47"
    )

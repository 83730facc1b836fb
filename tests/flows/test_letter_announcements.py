"""What letters announce of charges, to which invoices, and in which order (R4.1, R4.5, R4.8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from chalicelib.core.facts import DisputeOpened
from chalicelib.flows.policies import load
from chalicelib.mail.render import render
from tests.flows.test_letter_charges import DUE, UK, announced, coming, issued, letters, own, stages


@pytest.mark.parametrize(
    ("charges", "caps", "limit"),
    [
        ('{ kind = "percent", rate = "0.05" }', 'max_total_percent = "0.08"', "8% of its amount."),
        (
            '{ kind = "percent", rate = "0.05" }, { kind = "flat", amount = { USD = "5.00" } }',
            'max_total_percent = "0.08"\nmax_annual_rate = "0.24"',
            "8% of its amount or 24% of its amount a year.",
        ),
        ('{ kind = "compensation", bands = [ { amount = { USD = "40.00" } } ] }',
         'max_total_percent = "0.08"', ""),
        ('{ kind = "percent", rate = "0.05" }', "", ""),
    ],
)  # fmt: skip
def test_what_caps_leave_of_the_charges_is_announced_with_them(
    charges: str, caps: str, limit: str
) -> None:
    """R4.5: a fee that a cap lowers is not announced as if it came in full."""
    policy = own(charges, f"[caps]\n{caps}")

    ((letter, _), *_) = letters(policy, issued("I1", currency="USD"))

    text = " ".join(render(letter).text.split())
    words = "All late fees and interest of an invoice together never exceed "
    assert text.count(words) == (1 if limit else 0)
    assert f"{words}{limit}" in text or not limit


def test_a_charge_is_announced_also_where_a_stage_without_any_comes_before_it() -> None:
    """R4.8: the second reminder announces nothing, so the first one must."""
    document = b"""
        id = "own"
        currencies = ["USD"]
        [[stages]]
        id = "first"
        days = 5
        notice = "reminder"
        announces = true
        [[stages]]
        id = "second"
        days = 12
        notice = "reminder"
        [[stages]]
        id = "late"
        days = 20
        notice = "late_fee"
        warn_first = true
        warn_days = 7
        charges = [ { kind = "flat", amount = { USD = "15.00" } } ]
        """

    told = letters(load(document), issued("I1", currency="USD"))

    assert [coming(one) for one, _ in told] == [["A late fee of USD 15.00 is added"], [], []]
    assert [a.days_past_due for a in told[0][0].announcements] == [20]


@pytest.mark.parametrize(("open_minor", "count"), [(24_99, 0), (25_00, 1)])
def test_a_charge_is_not_announced_to_an_invoice_that_is_too_small_for_it(
    open_minor: int, count: int
) -> None:
    """R4.1 `skip_below`."""
    policy = own('{ kind = "flat", amount = { USD = "15.00" }, skip_below = { USD = "25.00" } }')

    assert len(announced(policy, issued("I1", open_minor, currency="USD"))) == count


@pytest.mark.parametrize(
    ("charges", "kind", "is_said"),
    [
        ('{ kind = "interest", debtor_kind = "company" }', "company", True),
        ('{ kind = "interest", debtor_kind = "company" }', "natural_person", False),
        ('{ kind = "percent", rate = "0.02" }', "company", False),
    ],
)
def test_it_is_said_that_what_is_in_dispute_bears_interest_if_it_is_owed(
    charges: str, kind: str, is_said: bool
) -> None:
    """R4.3: if the customer loses, the total jumps to the whole."""
    policy = own(charges, '[interest]\nannual_rate = "0.12"')
    facts = (issued("I1", currency="USD"), DisputeOpened(DUE, "I1", 200_00))

    ((letter, _), *_) = letters(policy, *facts, kind=kind)

    rendered = render(letter)
    words = "What of it turns out to be owed bears interest from the day after its due date."
    assert (words in " ".join(rendered.text.split())) is is_said
    assert (words in rendered.html) is is_said


def test_a_stage_that_repeats_is_announced_once_to_invoices_of_different_age() -> None:
    """One invoice comes to its third period, after which the next stage follows, one to its first."""
    facts = (issued("I1"), issued("I2", due_on=DUE + timedelta(days=30)))
    told = letters(UK, *facts)

    expected = ["Interest, 60 days", "Charges, 30 days"]
    letter = next(one for one, _ in told if stages(one) == expected)
    (said,) = letter.announcements
    assert (said.days_past_due, said.every_days) == (45, 15)
    text = " ".join(render(letter).text.split())
    assert "still open 45 days after its due date, and again every 15 days." in text


def test_charges_are_announced_soonest_first() -> None:
    """The same interest comes once to the older invoice, and again and again to the younger one."""
    facts = (issued("I1"), issued("I2", due_on=DUE + timedelta(days=45)))
    letter = next(
        letter
        for letter, _ in letters(UK, *facts)
        if [one.days_past_due for one in letter.announcements] == [45, 90]
    )

    text = " ".join(render(letter).text.split())
    assert text.index("open 45 days after") < text.index("open 90 days after")


@pytest.mark.parametrize(("catch_up", "told"), [("jump", [20, 30]), ("step", [20])])
def test_stages_that_are_jumped_to_on_one_day_are_all_announced(
    catch_up: str, told: list[int]
) -> None:
    """R4.8, R5.2: a customer who was told of one fee does not get two with the next notice."""
    charge = '{ kind = "percent", rate = "0.015" }'
    stage = "\n".join(
        f'[[stages]]\nid = "late_{days}"\ndays = {days}\nnotice = "late_fee"\nannounces = true\n'
        f"warn_first = true\nwarn_days = 3\ncharges = [ {charge} ]"
        for days in (20, 30, 90)
    )
    document = f"""
        id = "own"
        currencies = ["USD"]
        [dunning]
        catch_up = "{catch_up}"
        min_days_between_notices = 2
        [[stages]]
        id = "reminder"
        days = 5
        notice = "reminder"
        announces = true
        {stage}
    """

    told_on = DUE + timedelta(days=40)  # when both are long due, as after a dispute
    (first, _), (second, _), *_ = letters(
        load(document.encode()), issued("I1", currency="USD"), since=told_on
    )

    assert [said.days_past_due for said in first.announcements] == told
    assert len(second.invoices[0].charges) == len(told)

"""What a letter about a payment plan says, in text and in HTML, and what it must never do."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.flows.letter_head import LetterError
from chalicelib.flows.letter_plan import CoveredLine, PlanLetter, PlanLetterKind
from chalicelib.mail.looks import LOOKS
from chalicelib.mail.render import render
from tests.mail.build_plan_letters import (
    COVERS,
    PLAN_SAMPLES,
    broken_letter,
    cancelled_letter,
    completed_letter,
    covers,
    missed_letter,
    plan_letter,
    schedule,
)
from tests.mail.test_render import Page, flat, words

every_sample = pytest.mark.parametrize("sample", PLAN_SAMPLES.values(), ids=PLAN_SAMPLES.keys())
ENDS = (
    "the plan ends: all that is then open is again due on the invoices' own due dates, and our"
    " reminders and any charges that go with them resume."
)


def both(letter: PlanLetter) -> tuple[str, str]:
    rendered = render(letter)
    return flat(rendered.text), words(rendered.html)


@pytest.mark.parametrize(
    ("sample", "subject"),
    [
        (plan_letter(), "Payment plan agreed: USD 3,000.00 in 7 payments [4711-C2]"),
        (missed_letter(), "Instalment 2 of your payment plan: USD 316.67 not received [4711-C2]"),
        (broken_letter(), "Payment plan ended: USD 1,983.33 now due [4711-C2]"),
        (
            completed_letter(),
            "Thank you: your payment plan of USD 3,000.00 is paid in full [4711-C2]",
        ),
        (cancelled_letter(), "Payment plan cancelled: USD 2,083.33 open [4711-C2]"),
    ],
)
def test_the_subject_says_what_it_is_about_and_the_case(sample: PlanLetter, subject: str) -> None:
    assert render(sample).subject == subject


@every_sample
def test_text_and_html_say_the_same(sample: PlanLetter) -> None:
    text, page = both(sample)

    for fact in (sample.account_name, sample.collector.email, "Please quote 4711-C2."):
        assert fact in text
        assert fact in page
    for number in re.findall(r"\d[\d,]*\.\d\d", page):
        assert number in text


def test_an_agreed_plan_shows_every_instalment_with_its_date_and_amount() -> None:
    rendered = render(plan_letter())

    lines = [line for line in rendered.text.splitlines() if ", due " in line]
    assert [line.split() for line in lines[:3]] == [
        ["Down", "payment,", "due", "Mar", "18,", "2026", "500.00"],
        ["Instalment", "1,", "due", "Apr", "1,", "2026", "416.67"],
        ["Instalment", "2,", "due", "May", "1,", "2026", "416.67"],
    ]
    page = words(rendered.html)
    assert "6 Sep 1, 2026 416.66 Left to pay USD 3,000.00" in page


def test_an_agreed_plan_says_what_it_covers_and_what_is_due_first() -> None:
    for page in both(plan_letter()):
        assert "It covers USD 3,000.00 on 2 invoices, USD 30.00 of it in charges" in page
        assert "in a down payment and 6 instalments, the last on September 1, 2026." in page
        assert "The down payment of USD 500.00 is due on March 18, 2026." in page
        assert "INV-19310" in page


def test_a_plan_without_a_down_payment_names_its_first_date() -> None:
    later = tuple(replace(part, number=part.number + 1) for part in schedule()[1:])
    both_covered = covers(250_000)

    text, _ = both(plan_letter(instalments=later, covers=both_covered, asked_minor=0))

    assert "The first payment, USD 416.67, is due on April 1, 2026." in text
    assert "to be paid in 6 instalments" in text
    assert "Due now" not in text


def test_an_agreed_plan_says_that_dunning_rests_and_what_a_miss_brings() -> None:
    for page in both(plan_letter()):
        assert "While you keep to the plan, we send no reminders about what it covers" in page
        assert f"If a payment is not made in full within 3 days of its date, {ENDS}" in page
        assert "Interest" not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"grace_days": 0}, "If a payment is not made in full by its date, the plan ends"),
        ({"grace_days": 1}, "If a payment is not made in full within 1 day of its date, the"),
        (
            {"missed_max": 3},
            "A payment that is not made in full within 3 days of its date counts as missed, and we"
            f" write to you about it. If 3 payments are missed, or the last one, {ENDS}",
        ),
        ({"interest_due": True}, "Interest for the time of the plan is then due as well."),
    ],
)
def test_what_a_miss_brings_is_what_the_policy_and_the_plan_say(
    changes: dict[str, Any], said: str
) -> None:
    for page in both(plan_letter(**changes)):
        assert said in page


def test_a_missed_instalment_is_named_with_its_date_and_what_is_open_of_it() -> None:
    for page in both(missed_letter()):
        assert "Instalment 2 of your payment plan, USD 416.67, was due on May 1, 2026." in page
        assert "USD 316.67 of it is still open." in page
        assert "Please pay USD 316.67 now." in page
        assert f"If one more payment is missed, {ENDS}" in page


def test_a_missed_letter_says_what_is_in_dispute_and_does_not_ask_for_it() -> None:
    first, *others = missed_letter().covers
    disputed = replace(first, disputed_minor=first.open_minor)
    open_minor = sum(line.total_minor for line in (first, *others))
    left_minor = open_minor - first.open_minor

    letter = missed_letter(covers=(disputed, *others), asked_minor=min(31_667, left_minor))

    for page in both(letter):
        assert "of what the plan covers is in dispute, and not asked for" in page
    with pytest.raises(LetterError):
        missed_letter(covers=(disputed, *others), asked_minor=left_minor + 1)


def test_a_missed_letter_shows_only_what_is_left_of_the_schedule() -> None:
    rendered = render(missed_letter())

    assert "Instalment 2, due May 1, 2026, missed (of 416.67)" in rendered.text
    assert "Instalment 1," not in rendered.text
    assert "Down payment" not in rendered.text
    assert "INV-19002" not in words(rendered.html)


def test_an_instalment_of_which_nothing_came_is_said_not_to_be_received() -> None:
    letter = missed_letter(
        instalments=schedule(0, 0, missed=(2,)), covers=covers(208_333), asked_minor=41_667
    )

    text, _ = both(letter)

    assert "was due on May 1, 2026. We have not received it." in text


def test_two_missed_payments_are_both_named() -> None:
    letter = missed_letter(
        instalments=schedule(10_000, 0, missed=(0, 2)),
        covers=covers(218_333),
        asked_minor=51_667,
        missed_max=4,
    )

    text, page = both(letter)

    for said in (text, page):
        assert (
            "2 payments of your payment plan were not made in full: the down payment, due on"
            " March 18, 2026, with USD 100.00 open; and instalment 2, due on May 1, 2026, with"
            " USD 416.67 open." in said
        )
        assert "If 2 more payments are missed, or the last one, the plan ends" in said


def test_a_broken_plan_asks_for_all_that_is_open_and_says_why_it_ended() -> None:
    for page in both(broken_letter()):
        assert "Your payment plan of March 18, 2026 has ended, because instalment 2" in page
        assert "because instalment 2, due on May 1, 2026, was not paid in full in time." in page
        assert "USD 1,983.33 is open on 2 invoices that it covered" in page
        assert "Please pay USD 1,983.33 now." in page
        assert "1,013.33" in page
        assert "call Maria Lopez on +1 503 555 0178" in page


def test_what_is_in_dispute_is_not_asked_for() -> None:
    disputed = (replace(covers(198_333)[0], disputed_minor=50_000), COVERS[1])

    for page in both(broken_letter(covers=disputed, asked_minor=148_333)):
        assert "USD 500.00 of it is in dispute, and not asked for while we look into it." in page
        assert "USD 1,483.33 is due now; please pay this amount." in page


def test_what_another_agreement_covers_is_shown_and_not_asked_for() -> None:
    promised = tuple(replace(line, is_blocked=True) for line in covers(198_333))

    for page in both(broken_letter(covers=promised, asked_minor=0)):
        assert "Your payment plan has ended" in page
        assert "USD 1,983.33 is open" in page
        assert "lease pay" not in page
        assert "resume" not in page


def test_a_completed_plan_is_thanked_for_and_asks_for_nothing() -> None:
    for page in both(completed_letter()):
        assert "Your payment plan of March 18, 2026 is paid in full: USD 3,000.00." in page
        assert "Thank you for keeping to what we agreed. There is nothing more to do." in page
        assert "ow to pay" not in page
        assert "hat happens next" not in page


def test_a_plan_that_credits_settled_wholly_thanks_nobody_for_paying() -> None:
    letter = completed_letter(instalments=())

    assert render(letter).subject == (
        "Your payment plan has ended: nothing is left to pay [4711-C2]"
    )
    for page in both(letter):
        assert "credits took all that was open on the invoices that it covered" in flat(page)
        assert "paid in full" not in page


def test_a_cancelled_plan_says_what_is_open_and_what_of_it_is_due() -> None:
    for page in both(cancelled_letter()):
        assert "was cancelled: what is open is again due on the invoices' own due dates." in page
        assert "USD 2,083.33 is open on 2 invoices" in page
        assert "USD 1,113.33 is due now; please pay this amount." in page


def test_a_cancelled_plan_with_nothing_open_asks_for_nothing() -> None:
    letter = cancelled_letter(covers=(), asked_minor=0)

    text, page = both(letter)

    assert render(letter).subject == "Payment plan cancelled [4711-C2]"
    for said in (text, page):
        assert "was cancelled. Nothing is open any more" in said
        assert "resume" not in said


@every_sample
def test_no_letter_threatens_what_nobody_decided(sample: PlanLetter) -> None:
    for page in both(sample):
        for threat in ("legal", "agency", "court", "stop shipping", "final demand"):
            assert threat not in page.lower()


@every_sample
def test_the_html_is_accessible_and_loads_nothing(sample: PlanLetter) -> None:
    page = Page(render(sample).html)

    assert page.open == []
    assert len(page.all("h1")) == len(page.all("title")) == 1
    assert all(head.get("scope") for head in page.all("th"))
    data_tables = [table for table in page.all("table") if table.get("class") == "d"]
    assert len(page.all("caption")) == len(data_tables)
    assert not {"script", "link", "img", "iframe", "form"} & {tag for tag, _ in page.tags}
    assert all(str(a["href"]).startswith(("mailto:", "tel:")) for a in page.all("a"))


@every_sample
def test_plain_text_lines_fit_a_narrow_window(sample: PlanLetter) -> None:
    lines = render(sample).text.splitlines()

    assert max(len(line) for line in lines) <= 72
    assert not any("\u00a0" in line for line in lines)


@pytest.mark.parametrize("kind", list(PlanLetterKind))
def test_names_from_the_ledger_cannot_become_markup(kind: PlanLetterKind) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7 * 7 }}'
    sample = next(letter for letter in PLAN_SAMPLES.values() if letter.kind is kind)
    named = tuple(replace(c, invoice_id=f"{c.invoice_id}{hostile}") for c in sample.covers)
    changed = replace(sample, account_name=hostile, contact_name=hostile, covers=named)

    rendered = render(changed)

    page = Page(rendered.html)
    assert page.all("script") == page.all("img") == []
    assert "{{ 7 * 7 }}" in page.words
    assert "\n" not in rendered.subject


@pytest.mark.parametrize(
    ("locale", "amount", "day"),
    [
        ("en_GB", "USD 500.00 is due on 18 March 2026", "18 Mar 2026"),
        ("de_DE", "500,00 USD ist am 18. März 2026 fällig", "18.03.2026"),
    ],
)
def test_amounts_and_dates_are_written_as_the_readers_locale_does(
    locale: str, amount: str, day: str
) -> None:
    text, _ = both(plan_letter(locale=locale))

    assert amount in text
    assert day in text


def many(count: int) -> PlanLetter:
    lines = tuple(
        CoveredLine(
            invoice_id=f"INV-{index:05d}",
            due_on=date(2026, 1, 2),
            open_minor=1_000,
            charges_minor=15,
            is_past_due=True,
        )
        for index in range(count)
    )
    return broken_letter(covers=lines, asked_minor=1_015 * count)


def test_200_invoices_are_listed_and_201_are_attached() -> None:
    listed, attached = render(many(200)), render(many(201))

    assert "INV-00007" in listed.text
    assert listed.attachments == ()
    assert "INV-00007" not in attached.text + attached.html
    assert "attached as a CSV file" in flat(attached.text)
    rows = list(csv.DictReader(io.StringIO(attached.attachments[0].content.decode("utf-8-sig"))))
    assert sum(int(row["total"].replace(".", "")) for row in rows) == 1_015 * 201


def test_no_cell_of_the_list_is_a_formula() -> None:
    line = replace(COVERS[1], invoice_id="=HYPERLINK(1)")

    rendered = render(broken_letter(covers=(line,), asked_minor=97_000), attach_list=True)

    assert b"\n'=HYPERLINK(1)," in rendered.attachments[0].content


def test_a_letter_without_a_list_has_none_to_attach() -> None:
    assert render(completed_letter(), attach_list=True).attachments == ()
    assert render(missed_letter(), attach_list=True).attachments == ()


def test_a_long_letter_asks_before_it_lists() -> None:
    page = words(render(many(13)).html)

    assert page.index("How to pay") < page.index("INV-00000")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"asked_minor": 1}, "does_not_add_up"),
        ({"covers": covers(299_999)}, "does_not_add_up"),
        ({"instalments": ()}, "missing"),
        ({"reference": " "}, "missing"),
        ({"instalments": schedule()[::-1]}, "wrong_order"),
        ({"instalments": schedule(50_001)}, "wrong_amount"),
        ({"covers": (*covers(), *covers())}, "duplicate"),
        ({"digits": 5}, "out_of_range"),
    ],
)
def test_a_letter_that_does_not_hold_together_is_refused(
    changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(LetterError) as caught:
        plan_letter(**changes)

    assert code in {fault.code for fault in caught.value.faults}


def test_a_miss_that_is_none_and_thanks_for_what_is_open_are_refused() -> None:
    with pytest.raises(LetterError) as no_miss:
        missed_letter(instalments=schedule(), covers=covers(), asked_minor=0)
    with pytest.raises(LetterError) as not_paid:
        completed_letter(covers=covers())

    assert [fault.code for fault in no_miss.value.faults] == ["nothing_missed"]
    assert [fault.code for fault in not_paid.value.faults] == ["not_paid"]


def test_every_letter_has_its_colours() -> None:
    assert {kind.value for kind in PlanLetterKind} <= LOOKS.keys()


@every_sample
def test_the_same_letter_has_the_same_bytes(sample: PlanLetter) -> None:
    assert render(sample) == render(sample)

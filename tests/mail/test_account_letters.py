"""What letters about promises, holds and paid cases say, in text and in HTML (R11.5)."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.flows.letter_account import AccountLetter, AccountLetterKind, OpenLine, ReleasedBy
from chalicelib.flows.letter_head import LetterError
from chalicelib.mail.looks import LOOKS
from chalicelib.mail.render import render
from tests.mail.build_account_letters import (
    ACCOUNT_SAMPLES,
    EUROS,
    FIRST,
    LATER,
    SECOND,
    eur,
    hold,
    hold_in_two_currencies,
    hold_letter,
    promise,
    promise_letter,
    released_letter,
    thanks_letter,
    usd,
)
from tests.mail.test_render import Page, flat, words

every_sample = pytest.mark.parametrize(
    "sample", ACCOUNT_SAMPLES.values(), ids=ACCOUNT_SAMPLES.keys()
)


def both(letter: AccountLetter) -> tuple[str, str]:
    rendered = render(letter)
    return flat(rendered.text), words(rendered.html)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("promise", "Your promise to pay USD 3,000.00 by March 31, 2026 [4711-C2]"),
        ("hold placed", "Shipments on hold: USD 3,000.00 past due [4711-C2]"),
        (
            "hold in two currencies",
            "Shipments on hold: EUR 450.50 and USD 3,000.00 past due [4711-C2]",
        ),
        ("prepaid", "Orders against payment in advance: USD 3,000.00 past due [4711-C2]"),
        ("hold without a debt", "Shipments on hold [4711-C2]"),
        ("hold released", "The hold on your account has ended: we ship as usual again [4711-C2]"),
        ("thanks", "Thank you for your payment of USD 3,000.00 [4711-C2]"),
    ],
)
def test_the_subject_says_what_it_is_about_the_amount_and_the_case(name: str, subject: str) -> None:
    assert render(ACCOUNT_SAMPLES[name]).subject == subject


@every_sample
def test_text_and_html_say_the_same(sample: AccountLetter) -> None:
    text, page = both(sample)

    for fact in (sample.account_name, sample.collector.email, "Please quote 4711-C2."):
        assert fact in text
        assert fact in page
    for number in re.findall(r"\d[\d,]*\.\d\d", page):
        assert number in text


def test_a_promise_is_confirmed_with_amount_date_invoices_and_how_to_pay() -> None:
    for page in both(promise_letter()):
        assert "On March 18, 2026 you promised to pay USD 3,000.00 by March 31, 2026" in page
        assert "for 2 invoices, listed in this letter." in page
        assert "INV-19310" in page
        assert "0045 7711 02" in page


def test_a_promise_for_one_invoice_names_it() -> None:
    letter = promise_letter(
        invoices=(SECOND,), promise=promise(amount_minor=97_000), asked=(usd(97_000),)
    )

    for page in both(letter):
        assert "for invoice INV-19310, due on February 2, 2026." in page
        assert "Until then we send no reminders about this invoice" in page


def test_a_promise_that_was_paid_in_part_says_what_is_left() -> None:
    for page in both(ACCOUNT_SAMPLES["promise part paid"]):
        assert "We have received USD 300.00 of it, thank you; USD 970.00 is left to pay." in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"grace_days": 0},
            "If your payment has not reached us in full by that date, our reminders",
        ),
        ({"grace_days": 1}, "in full within 1 day of that date, our reminders, and any charges"),
        ({"interest_waits": True}, "Interest for the days of the promise then counts as well."),
    ],
)
def test_a_promise_says_what_happens_if_it_is_not_kept(changes: dict[str, Any], said: str) -> None:
    for page in both(promise_letter(promise=promise(**changes))):
        assert said in page
        assert ("nterest" in page) is ("interest_waits" in changes)


def test_a_hold_says_why_and_what_ends_it() -> None:
    for page in both(hold_letter()):
        assert (
            "Your account has been on hold since March 18, 2026: we do not ship your orders" in page
        )
        assert "USD 3,000.00 is past due on 2 invoices. The oldest, INV-19002, was due on" in page
        assert "Once we have received USD 3,000.00, and unless something else has become" in page
        assert "the hold ends by itself and we ship again." in page


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (ReleasedBy.REVIEW, "Once we have received USD 3,000.00, we review your account"),
        (ReleasedBy.PERSON, "Please pay USD 3,000.00, and talk to us about what else is needed"),
    ],
)
def test_a_hold_that_a_person_ends_promises_no_end_by_itself(by: ReleasedBy, said: str) -> None:
    for page in both(hold_letter(hold=hold(released_by=by))):
        assert said in page
        assert "by itself" not in page


def test_a_hold_in_several_currencies_adds_none_of_them_together() -> None:
    for page in both(hold_in_two_currencies()):
        assert "EUR 450.50 and USD 3,000.00 are past due on 3 invoices." in page
        assert "3,450.50" not in page


def test_amounts_of_every_currency_have_their_own_digits() -> None:
    yen = replace(EUROS, currency="JPY", digits=0, open_minor=45_050, asked_minor=45_050)
    told = (replace(eur(45_050), currency="JPY", digits=0), usd(300_000))

    letter = hold_letter(
        invoices=(FIRST, SECOND, yen), past_due=told, asked=told, currency="JPY", digits=0
    )

    for page in both(letter):
        assert "JPY 45,050 and USD 3,000.00 are past due" in page
        assert "with charges of USD 30.00" in page


def test_what_is_in_dispute_is_not_asked_for() -> None:
    disputed = replace(FIRST, asked_minor=3_000)

    letter = hold_letter(invoices=(disputed, SECOND), asked=(usd(100_000),))

    for page in both(letter):
        assert "Of this, USD 1,000.00 is to be paid now; the rest is in dispute" in page
        assert "Once we have received USD 1,000.00" in page


def test_a_prepaid_account_is_told_that_orders_are_shipped_once_paid() -> None:
    for page in both(ACCOUNT_SAMPLES["prepaid"]):
        assert "since March 18, 2026: we ship an order once it is paid." in page
        assert "Meanwhile, orders that you pay in advance are shipped." in page


def test_a_temporary_release_is_told_of() -> None:
    for page in both(hold_letter(hold=hold(ships_until=date(2026, 3, 20)))):
        assert "until March 20, 2026 we go on shipping as usual." in page


def test_only_charges_that_are_open_are_called_so() -> None:
    charges = replace(FIRST, open_minor=0, asked_minor=3_000)

    letter = hold_letter(invoices=(charges,), past_due=(usd(3_000),), asked=(usd(3_000),))

    assert "USD 30.00 is past due in late fees and charges." in both(letter)[0]


def test_a_hold_that_ended_asks_for_nothing_where_nothing_is_open() -> None:
    for page in both(released_letter()):
        assert "We ship your orders as usual again; there is nothing you need to do." in page
        assert "ow to pay" not in page


def test_a_hold_that_ended_says_what_is_still_past_due() -> None:
    for page in both(ACCOUNT_SAMPLES["hold released, still owing"]):
        assert "Please pay USD 3,000.00, if it is not on its way already." in page
        assert "nothing you need to do" not in page


def test_thanks_name_what_was_paid_and_ask_for_nothing() -> None:
    for page in both(thanks_letter()):
        assert "Since January 17, 2026 we have received USD 3,000.00 from you." in page
        assert "Thank you; there is nothing more to do." in page
        assert "ow to pay" not in page
        assert "hat happens next" not in page


def test_thanks_say_which_charges_are_open_and_what_is_not_due_yet() -> None:
    for page in both(ACCOUNT_SAMPLES["thanks, charges open"]):
        assert "USD 30.00 in late fees and charges is still open." in page
        assert "1 invoice of USD 615.00 is not due yet and stays due on its own date." in page
        assert "nothing more to do" not in page
        assert "0045 7711 02" in page


def test_thanks_list_twelve_invoices_that_are_not_due_and_sum_up_more() -> None:
    twelve = tuple(replace(LATER, invoice_id=f"INV-{number}") for number in range(12))
    thirteen = (*twelve, LATER)

    listed, summed = both(thanks_letter(invoices=twelve))[0], thanks_letter(invoices=thirteen)

    assert "INV-11" in listed
    assert LATER.invoice_id not in both(summed)[0]
    assert "13 invoices of USD 7,995.00 in all are not due yet" in both(summed)[0]


@every_sample
def test_no_letter_threatens(sample: AccountLetter) -> None:
    for page in both(sample):
        for threat in ("legal", "agency", "court", "final demand", "immediately", "must"):
            assert threat not in page.lower()


@every_sample
def test_the_html_is_accessible_and_loads_nothing(sample: AccountLetter) -> None:
    page = Page(render(sample).html)

    assert page.open == []
    assert len(page.all("h1")) == len(page.all("title")) == 1
    assert all(head.get("scope") for head in page.all("th"))
    data_tables = [table for table in page.all("table") if table.get("class") == "d"]
    assert len(page.all("caption")) == len(data_tables)
    assert not {"script", "link", "img", "iframe", "form"} & {tag for tag, _ in page.tags}


@every_sample
def test_plain_text_lines_fit_a_narrow_window(sample: AccountLetter) -> None:
    lines = render(sample).text.splitlines()

    assert max(len(line) for line in lines) <= 72
    assert not any("\u00a0" in line for line in lines)


@pytest.mark.parametrize("kind", list(AccountLetterKind))
def test_names_from_the_ledger_cannot_become_markup(kind: AccountLetterKind) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7 * 7 }}\r\nBcc: a@b'
    sample = next(letter for letter in ACCOUNT_SAMPLES.values() if letter.kind is kind)
    named = tuple(
        replace(line, invoice_id=f"{line.invoice_id}{hostile}", po_number=hostile)
        for line in sample.invoices
    )

    rendered = render(replace(sample, account_name=hostile, contact_name=hostile, invoices=named))

    page = Page(rendered.html)
    assert page.all("script") == page.all("img") == []
    assert "{{ 7 * 7 }}" in page.words
    assert "\n" not in rendered.subject


@pytest.mark.parametrize(
    ("locale", "amount", "day"),
    [("en_GB", "USD 3,000.00", "31 March 2026"), ("en_US", "USD 3,000.00", "March 31, 2026")],
)
def test_amounts_and_dates_are_written_as_the_readers_locale_does(
    locale: str, amount: str, day: str
) -> None:
    text, _ = both(promise_letter(locale=locale))

    assert f"promised to pay {amount} by {day}" in text


def many(count: int) -> AccountLetter:
    lines = tuple(replace(SECOND, invoice_id=f"INV-{index:05d}") for index in range(count))
    told = (usd(97_000 * count),)
    return hold_letter(invoices=lines, past_due=told, asked=told)


def test_200_invoices_are_listed_and_201_are_attached() -> None:
    listed, attached = render(many(200)), render(many(201))

    assert "INV-00007" in listed.text
    assert listed.attachments == ()
    assert "INV-00007" not in attached.text + attached.html
    assert "attached as a CSV file" in flat(attached.text)
    rows = list(csv.DictReader(io.StringIO(attached.attachments[0].content.decode("utf-8-sig"))))
    assert sum(int(row["asked"].replace(".", "")) for row in rows) == 97_000 * 201


def test_no_cell_of_the_list_is_a_formula() -> None:
    line = replace(SECOND, invoice_id="=HYPERLINK(1)")

    rendered = render(
        hold_letter(invoices=(line,), past_due=(usd(97_000),), asked=(usd(97_000),)),
        attach_list=True,
    )

    assert b"\n'=HYPERLINK(1)," in rendered.attachments[0].content


def test_a_long_letter_asks_before_it_lists() -> None:
    page = words(render(many(13)).html)

    assert page.index("How to pay") < page.index("INV-00007")


def line(**changes: Any) -> OpenLine:
    return replace(SECOND, **changes)


@pytest.mark.parametrize(
    ("build", "changes", "code"),
    [
        (hold_letter, {"asked": (usd(1),)}, "does_not_add_up"),
        (hold_letter, {"past_due": (usd(1),)}, "does_not_add_up"),
        (hold_letter, {"asked": (usd(300_000), eur(1))}, "wrong_order"),
        (hold_letter, {"asked": (usd(0),)}, "wrong_amount"),
        (hold_letter, {"invoices": (SECOND, SECOND)}, "duplicate"),
        (hold_letter, {"invoices": (line(asked_minor=97_001),)}, "wrong_amount"),
        (hold_letter, {"past_due": (replace(usd(300_000), digits=5),)}, "out_of_range"),
        (hold_letter, {"hold": None}, "missing"),
        (hold_letter, {"reference": " "}, "missing"),
        (promise_letter, {"promise": None}, "missing"),
        (promise_letter, {"invoices": ()}, "missing"),
        (promise_letter, {"asked": (usd(1),)}, "does_not_add_up"),
        (thanks_letter, {"paid": ()}, "missing"),
    ],
)
def test_a_letter_that_does_not_hold_together_is_refused(
    build: Any, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(LetterError) as caught:
        build(**changes)

    assert code in {fault.code for fault in caught.value.faults}


def test_every_letter_has_its_colours() -> None:
    assert {kind.value for kind in AccountLetterKind} <= LOOKS.keys()


@every_sample
def test_the_same_letter_has_the_same_bytes(sample: AccountLetter) -> None:
    assert render(sample) == render(sample)

"""What a notice says, in text and in HTML, and what it must never do."""

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_parts import NoticeKind
from chalicelib.mail.listing import cell
from chalicelib.mail.render import render
from tests.mail.build_letters import (
    final_letter,
    full_letter,
    invoice,
    letter,
    long_letter,
    small_letter,
    statutory_letter,
)

SAMPLES = {
    "reminder": small_letter(),
    "late fee": full_letter(),
    "final demand": final_letter(),
    "250 invoices": long_letter(),
    "interest": statutory_letter(),
}
every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())


class Page(HTMLParser):
    """An HTML letter taken apart: its tags with their attributes, and its visible words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data + " "

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def words(html: str) -> str:
    return " ".join(Page(html).words.split())


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("sample", "subject"),
    [
        (small_letter(), "Reminder: USD 1,240.50 past due on invoice INV-20318 [ACC-4711]"),
        (
            full_letter(),
            "Late fees of USD 198.45 added: USD 20,506.06 now due on 6 invoices [ACC-4711]",
        ),
        (final_letter(), "Final demand: USD 23,733.76 to be settled by Mar 28, 2026 [ACC-4711]"),
        (
            small_letter(kind=NoticeKind.LATE_FEE),
            "Past due: USD 1,240.50 now due on invoice INV-20318 [ACC-4711]",
        ),
    ],
)
def test_the_subject_names_the_amount_and_the_reference(sample: Letter, subject: str) -> None:
    assert render(sample).subject == subject


@every_sample
def test_text_and_html_say_the_same(sample: Letter) -> None:
    rendered = render(sample)

    text, page = flat(rendered.text), words(rendered.html)

    code = f"{sample.currency} "
    for fact in (sample.account_name, sample.reference, sample.collector.email, code):
        assert fact in text
        assert fact in page
    for number in re.findall(r"\d[\d,]*\.\d\d", page):
        assert number in text


def test_a_reminder_says_which_fee_comes_and_from_when() -> None:
    rendered = render(small_letter())

    expected = (
        "A late fee of 1.5% of the amount then open, at most USD 500.00, is added to each invoice"
        " that is still open 30 days after its due date. For this invoice that is from"
        " April 2, 2026; payment before then avoids it."
    )
    assert expected in flat(rendered.text)
    assert expected in words(rendered.html)


def test_a_notice_that_announces_nothing_has_no_empty_section() -> None:
    rendered = render(small_letter(announcements=()))

    assert "What happens next" not in words(rendered.html)
    assert "WHAT HAPPENS NEXT" not in rendered.text


def test_a_late_fee_notice_states_each_fee_with_its_reason() -> None:
    rendered = render(full_letter())

    assert "we have added 2 late fees of USD 198.45 in total" in flat(rendered.text)
    for page in (flat(rendered.text), words(rendered.html)):
        assert "Late fee: 1.5% of USD 12,500.00 = 187.50, posted Mar 18, 2026" in page
        assert "21.86 still open of 61.86" in page


def test_a_final_demand_names_balance_date_consequences_and_contact() -> None:
    rendered = render(final_letter())

    for page in (flat(rendered.text), words(rendered.html)):
        assert "full past-due balance of Brightline Interiors, Inc.: USD 23,733.76" in page
        assert "By March 28, 2026 we need either your payment in full, or your answer" in page
        assert "received neither by the end of March 28, 2026" in page
        assert "We stop shipping to your account until the past-due balance is settled." in page
        assert "call Maria Lopez on +1 503 555 0178. Please quote ACC-4711." in page


def test_a_final_demand_without_an_answer_date_threatens_nothing() -> None:
    rendered = render(final_letter(respond_by=None, consequences=()))

    page = words(rendered.html)

    assert "What happens next" not in page
    assert "None" not in page
    assert rendered.subject == "Final demand: USD 23,733.76 past due [ACC-4711]"


def test_a_long_consequence_is_set_beneath_itself_not_beneath_its_bullet() -> None:
    text = render(final_letter()).text

    _, after = text.split("  * We may hand", 1)
    assert after.splitlines()[1].startswith("    ")


def test_only_a_final_demand_speaks_of_consequences() -> None:
    early = words(render(small_letter()).html) + words(render(full_letter()).html)

    for threat in ("agency", "stop shipping", "legal", "final"):
        assert threat not in early.lower()


def test_disputes_credits_and_charges_of_paid_invoices_are_shown_apart() -> None:
    rendered = render(full_letter())

    for page in (flat(rendered.text), words(rendered.html)):
        assert "INV-18711" in page
        assert "CN-3007" in page
        assert "Not deducted above." in page
        assert "Not part of the amount due while we look into it." in page
        assert "INV-19401" in page


@every_sample
def test_the_html_is_accessible(sample: Letter) -> None:
    page = Page(render(sample).html)

    assert page.open == []
    assert page.all("html") == [{"lang": sample.locale.replace("_", "-")}]
    assert len(page.all("h1")) == 1
    assert len(page.all("title")) == 1
    assert all(head.get("scope") for head in page.all("th"))
    data_tables = [table for table in page.all("table") if table.get("class") == "d"]
    assert len(page.all("caption")) == len(data_tables) >= 1


@every_sample
def test_the_html_loads_nothing_and_runs_nothing(sample: Letter) -> None:
    html = render(sample).html

    page = Page(html)

    assert not {"script", "link", "img", "iframe", "form", "object", "base"} & {
        tag for tag, _ in page.tags
    }
    assert not any("src" in attributes for _, attributes in page.tags)
    assert all(str(a["href"]).startswith(("mailto:", "tel:")) for a in page.all("a"))
    assert "url(" not in html
    assert "@import" not in html


def test_names_from_the_ledger_cannot_become_markup() -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7 * 7 }}'
    line = invoice(hostile, 20, 5_000, po_number=hostile)

    rendered = render(letter(line, account_name=hostile, contact_name=hostile))

    page = Page(rendered.html)
    assert page.all("script") == []
    assert page.all("img") == []
    assert "{{ 7 * 7 }}" in page.words
    assert "49" not in rendered.subject


def test_a_line_break_in_a_name_cannot_break_the_subject_or_a_paragraph() -> None:
    line = invoice("I1\r\nBcc: x@example.com", 20, 5_000)

    rendered = render(letter(line, contact_name="Dana\n\nPS: all is forgiven"))

    assert "\n" not in rendered.subject
    assert "\r" not in rendered.subject
    assert "Dear Dana PS: all is forgiven," in rendered.text.splitlines()


def test_a_subject_stays_within_its_limit() -> None:
    rendered = render(letter(invoice("I" * 400, 20, 5_000)))

    assert len(rendered.subject) == 200


def test_200_invoices_are_listed_and_201_are_attached() -> None:
    listed, attached = render(long_letter(200)), render(long_letter(201))

    assert "INV-00007" in listed.text
    assert "INV-00007" in listed.html
    assert listed.attachments == ()
    assert "INV-00007" not in attached.text
    assert "INV-00007" not in attached.html
    assert [a.media_type for a in attached.attachments] == ["text/csv"]
    assert "attached as a CSV file" in flat(attached.text)


def test_the_attached_list_adds_up_to_the_total() -> None:
    sample = long_letter()

    rows = rows_of(render(sample).attachments[0].content)

    cents = sum(int(row["amount_due"].replace(".", "")) for row in rows)
    assert cents == sample.total_minor
    assert sum(row["record"] == "invoice" for row in rows) == 250


def test_a_short_letters_list_is_attached_when_asked_for() -> None:
    sample = full_letter()

    rows = rows_of(render(sample, attach_list=True).attachments[0].content)

    assert [row["record"] for row in rows].count("invoice") == 6
    assert {row["invoice_id"] for row in rows if row["record"] == "disputed"} == {"INV-19401"}
    cents = sum(int(row["amount_due"].replace(".", "")) for row in rows)
    assert cents == sample.total_minor


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\u00a0+", "\uff1d", "\uff0b"])
def test_no_cell_of_the_list_is_a_formula(start: str) -> None:
    """Some spreadsheets run formulas behind spaces and in full-width signs as well."""
    line = invoice(f"{start}HYPERLINK(1)", 20, 5_000, po_number=f"{start}1+1")

    rows = rows_of(render(letter(line), attach_list=True).attachments[0].content)

    assert rows[0]["invoice_id"].startswith("'")
    assert rows[0]["po_number"].startswith("'")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\tx", "'\tx"), ("\r=1", "'\r=1"), ("\n=1", "'\n=1"), (" \t@SUM(1)", "' \t@SUM(1)"),
        ("\u200b=1", "'\u200b=1"), ("\ufe63\u0661", "'\ufe63\u0661"), ("I-1", "I-1"),
        ("\u00c4rzte", "\u00c4rzte"), ("", ""),
    ],
)  # fmt: skip
def test_a_cell_is_defused_and_nothing_else_is_changed(value: str, shown: str) -> None:
    assert cell(value) == shown


def test_the_same_letter_has_the_same_bytes_and_digest() -> None:
    assert render(full_letter()) == render(full_letter())


@pytest.mark.parametrize(
    "changes", [{"reference": "ACC-4712"}, {"contact_name": "Sam"}, {"payment": ()}]
)
def test_another_letter_has_another_digest(changes: dict[str, Any]) -> None:
    assert render(full_letter(**changes)).sha256 != render(full_letter()).sha256


def test_the_digest_covers_the_attachments() -> None:
    assert render(full_letter()).sha256 != render(full_letter(), attach_list=True).sha256


@pytest.mark.parametrize(
    ("locale", "currency", "digits", "minor", "shown", "day"),
    [
        ("en", "USD", 2, 123_450, "USD 1,234.50", "March 3, 2026"),
        ("en_GB", "GBP", 2, 123_450, "GBP 1,234.50", "3 March 2026"),
        ("en", "JPY", 0, 123_450, "JPY 123,450", "March 3, 2026"),
        ("en", "KWD", 3, 123_450, "KWD 123.450", "March 3, 2026"),
        ("en", "IQD", 3, 123_450, "IQD 123.450", "March 3, 2026"),
        ("pl_PL", "EUR", 2, 123_450, "1.234,50 EUR", "3 March 2026"),
        ("pt_BR", "BRL", 2, 123_450, "BRL 1,234.50", "March 3, 2026"),
        ("en-IE", "EUR", 2, 123_450, "EUR 1,234.50", "3 March 2026"),
    ],
)
def test_amounts_and_dates_are_written_as_the_readers_locale_does(
    locale: str, currency: str, digits: int, minor: int, shown: str, day: str
) -> None:
    sample = letter(invoice("I1", 15, minor), locale=locale, currency=currency, digits=digits)

    rendered = render(sample)

    assert shown in rendered.subject
    assert day in flat(rendered.text)


def test_a_locale_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="write it like en"):
        render(small_letter(locale="english please"))


@every_sample
def test_plain_text_lines_fit_a_narrow_window(sample: Letter) -> None:
    lines = render(sample).text.splitlines()

    assert max(len(line) for line in lines) <= 72
    assert not any("\u00a0" in line for line in lines)


def test_charges_alone_can_be_asked_for() -> None:
    full = full_letter()

    rendered = render(letter(other_charges=full.other_charges, kind=NoticeKind.REMINDER))

    assert "USD 45.00 in charges is still open" in flat(rendered.text)
    assert rendered.subject == "Reminder: USD 45.00 past due in charges [ACC-4711]"


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_part_paid_invoice_is_asked_for_what_is_left_of_it() -> None:
    line = invoice("I1", 15, 100_000, open_minor=40_000, asked_minor=40_000)

    rendered = render(letter(line))

    assert "USD 400.00 of it is still open" in flat(rendered.text)
    assert "400.00 still open of 1,000.00" in flat(rendered.text)
    assert "400.00 of 1,000.00" in words(rendered.html)

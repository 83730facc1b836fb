"""Statements of account as they are sent: words, totals, what stands apart, and the list."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from chalicelib.flows.letter_head import LetterError
from chalicelib.mail.render import INVOICES_LISTED_MAX, Rendered, render
from tests.mail.build_statements import CASH, FEE, line, long, statement, usual


def listed(rendered: Rendered) -> list[dict[str, str]]:
    (file,) = [one for one in rendered.attachments if one.filename.endswith(".csv")]
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows if row[column]), Decimal(0))


def test_the_subject_names_what_is_open_what_is_past_due_and_the_account() -> None:
    assert render(usual()).subject == (
        "Statement of account: USD 3,615.00 open, USD 3,000.00 of it past due [ACC-4711]"
    )


def test_with_nothing_past_due_it_asks_for_nothing() -> None:
    rendered = render(statement(line("INV-3", -12, 61_500)))

    assert rendered.subject == "Statement of account: USD 615.00 open [ACC-4711]"
    assert "None of it is past due." in rendered.text
    assert "There is nothing to pay now. Please pay each invoice by its due date." in rendered.text


def test_text_and_html_tell_the_same_totals() -> None:
    rendered = render(usual())

    for said in ("3,615.00", "3,585.00", "3,000.00", "2,930.00", "70.00", "123.45", "INV-3"):
        assert said in rendered.text
        assert said in rendered.html


def test_ages_stand_by_bucket_with_what_is_not_due_first() -> None:
    text = render(usual()).text
    ages = text.partition("INVOICES BY AGE")[2].partition("IN DISPUTE")[0]

    assert [row.split("  ")[0] for row in ages.splitlines()[3:] if row] == [
        "Not due yet", "1-30 days", "31-60 days",
    ]  # fmt: skip


def test_what_is_disputed_is_shown_apart_and_not_asked_for() -> None:
    text = render(usual()).text

    assert "USD 70.00 of what is open is in dispute, and not asked for" in " ".join(text.split())
    assert "Please pay USD 2,930.00 now." in text
    assert "INV-2                                                              70.00" in text


def test_unapplied_cash_is_shown_and_not_deducted() -> None:
    text = render(usual()).text

    assert "Payment P-77, Mar 9, 2026                                         123.45" in text
    assert "OPEN IN TOTAL                                               USD 3,615.00" in text


@pytest.mark.parametrize(
    ("asked_minor", "says"),
    [
        (100_000, "Please pay USD 1,000.00 now."),
        (100_000, "For now we are not asking for the other USD 1,930.00."),
        (0, "For now we are not asking for what is past due. What we have agreed with you stands."),
    ],
)
def test_what_was_agreed_is_not_asked_for(asked_minor: int, says: str) -> None:
    text = " ".join(render(usual(asked_minor=asked_minor)).text.split())

    assert says in text


def test_what_is_wholly_in_dispute_is_not_asked_for() -> None:
    rendered = render(statement(line("INV-1", 9, 5_000, disputed_minor=5_000)))

    assert "There is nothing to pay now: what is past due is in dispute." in rendered.text


def test_up_to_200_invoices_stand_in_the_letter_and_nothing_is_attached() -> None:
    rendered = render(long(INVOICES_LISTED_MAX))

    assert rendered.attachments == ()
    assert "INV-00199" in rendered.text
    assert "INV-00199" in rendered.html


def test_above_200_invoices_it_gives_totals_and_attaches_the_list() -> None:
    letter = long(INVOICES_LISTED_MAX + 1)
    rendered = render(letter)
    rows = listed(rendered)

    assert "INV-00199" not in rendered.text + rendered.html
    assert "is attached as a CSV file" in rendered.text
    assert "Not due yet  (134)" in rendered.text
    assert len(rows) == INVOICES_LISTED_MAX + 1
    assert total(rows, "open") == Decimal(letter.open_minor) / 100
    assert len(rendered.html) < 100_000


def test_the_list_adds_up_to_what_is_open_and_to_what_is_past_due() -> None:
    rows = listed(render(usual(attach=("csv",))))

    assert [row["record"] for row in rows] == [
        "invoice", "charge", "invoice", "invoice", "unapplied_payment",
    ]  # fmt: skip
    assert (total(rows, "open"), total(rows, "past_due")) == (Decimal(3615), Decimal(3000))
    assert total(rows, "disputed") == Decimal(70)
    assert rows[3]["age"] == "Not due yet"


def test_policy_decides_which_files_go_with_it() -> None:
    def kinds(*attach: str) -> list[str]:
        files = render(usual(attach=attach)).attachments
        return [file.media_type for file in files]

    assert kinds() == []
    assert kinds("csv") == ["text/csv"]
    assert kinds("pdf") == ["application/pdf"]
    assert sorted(kinds("pdf", "csv")) == ["application/pdf", "text/csv"]


def test_it_can_be_printed_and_posted_with_its_list() -> None:
    assert render(usual()).printed().startswith(b"%PDF-")
    assert render(long()).printed().startswith(b"%PDF-")


def test_names_that_look_like_formulas_or_markup_are_harmless() -> None:
    bad = line("=1+1", 9, 5_000, po_number="<script>alert(1)</script>")
    rendered = render(statement(bad, attach=("csv",)))

    assert "<script>" not in rendered.html
    assert listed(rendered)[0]["invoice_id"] == "'=1+1"


def test_yen_have_no_decimals() -> None:
    rendered = render(statement(line("INV-1", 9, 5_000), currency="JPY", digits=0))

    assert rendered.subject.startswith("Statement of account: JPY 5,000 open, all of it past due")


def test_a_charge_alone_is_due_at_once() -> None:
    alone = line("INV-1", 9, 0, charges=(FEE,), original_minor=5_000)

    text = render(statement(alone)).text
    assert "USD 30.00 in late fees and charges is due now." in text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"open_minor": 1}, "does_not_add_up"),
        ({"past_due_minor": 1, "asked_minor": 0}, "does_not_add_up"),
        ({"asked_minor": 300_001}, "wrong_amount"),
        ({"invoices": ()}, "missing"),
        ({"buckets": ("current",)}, "unknown_bucket"),
        ({"unapplied": (replace(CASH, amount_minor=0),)}, "wrong_amount"),
        ({"reference": " "}, "missing"),
    ],
)
def test_a_statement_that_does_not_add_up_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(LetterError) as caught:
        usual(**changes)

    assert code in {fault.code for fault in caught.value.faults}

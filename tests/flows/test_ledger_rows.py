"""What the columns of the ledger's files mean, and what is refused."""

from datetime import date

import pytest
from chalicelib.core.errors import LedgerFileError
from chalicelib.core.facts import CreditNote, Delivery, InvoiceIssued, Payment
from chalicelib.flows.ledger_read import read_ledger
from tests.flows.ledger_files import (
    CREDIT_NOTE,
    INVOICE,
    PAYMENT,
    csv_of,
    facts_of,
    faults_of,
    invoice_of,
    read_invoices,
)


def test_the_required_columns_make_an_invoice() -> None:
    assert facts_of(read_invoices(csv_of(INVOICE))) == (
        InvoiceIssued(
            on=date(2024, 1, 10),
            invoice_id="I1",
            currency="USD",
            amount_minor=10000,
            open_minor=10000,
            issued_on=date(2024, 1, 10),
            due_on=date(2024, 2, 9),
            seen_on=date(2024, 1, 10),
            delivered_on=date(2024, 1, 10),
        ),
    )


@pytest.mark.parametrize(
    ("cells", "field", "value"),
    [
        ({"due_on": "", "terms": "eom+30"}, "due_on", date(2024, 3, 1)),
        ({"terms": "no such terms"}, "due_on", date(2024, 2, 9)),
        ({"open_amount": "60.5"}, "open_minor", 6050),
        ({"open_amount": "0"}, "open_minor", 0),
        ({"amount": "0"}, "amount_minor", 0),
        ({"amount": " 100 "}, "amount_minor", 10000),
        ({"amount": "100", "currency": "JPY"}, "amount_minor", 100),
        ({"amount": "1.005", "currency": "KWD"}, "amount_minor", 1005),
        ({"currency": "usd"}, "currency", "USD"),
        ({"advanced_amount": "80.00"}, "advanced_minor", 8000),
        ({"delivered_on": "never"}, "delivered_on", None),
        ({"delivered_on": "Never"}, "delivered_on", None),
        ({"delivered_on": "2024-01-10"}, "delivered_on", date(2024, 1, 10)),
        ({"delivered_on": "2024-01-01"}, "delivered_on", date(2024, 1, 10)),
        ({"delivered_on": "2024-01-20"}, "delivered_on", None),
        ({"extended_due_on": "2024-03-31"}, "extended_due_on", date(2024, 3, 31)),
        ({"po_number": "PO 7"}, "po_number", "PO 7"),
        ({"disputed": "yes"}, "disputed_minor", 10000),
        ({"disputed": "1", "open_amount": "70"}, "disputed_minor", 7000),
        ({"disputed": "TRUE", "disputed_amount": "25"}, "disputed_minor", 2500),
        ({"disputed": "y", "disputed_amount": "250"}, "disputed_minor", 10000),
        ({"disputed_amount": "25"}, "disputed_minor", 2500),
        ({"disputed": "no"}, "disputed_minor", 0),
        ({"disputed": "n", "disputed_amount": "0.00"}, "disputed_minor", 0),
        ({"disputed": "0"}, "disputed_minor", 0),
        ({"disputed": "false"}, "disputed_minor", 0),
        ({"invoice_id": "3993-QUNVJ"}, "invoice_id", "3993-QUNVJ"),
        ({"invoice_id": "Ré/7#1"}, "invoice_id", "Ré/7#1"),
        ({"invoice_id": "I" * 64}, "invoice_id", "I" * 64),
    ],
)
def test_an_optional_column_says_more_of_an_invoice(
    cells: dict[str, str], field: str, value: object
) -> None:
    ledger = read_invoices(csv_of({**INVOICE, **cells}))

    assert faults_of(ledger) == []
    assert getattr(invoice_of(ledger), field) == value


def test_an_invoice_that_is_sent_later_is_delivered_on_that_day() -> None:
    ledger = read_invoices(csv_of({**INVOICE, "delivered_on": "2024-01-20"}))

    assert facts_of(ledger)[1:] == (Delivery(date(2024, 1, 20), "I1"),)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"account_id": ""}, "account_id", "missing_value"),
        ({"account_id": "A" * 65}, "account_id", "bad_id"),
        ({"account_id": "A\x071"}, "account_id", "bad_id"),
        ({"invoice_id": " "}, "invoice_id", "missing_value"),
        ({"invoice_id": "I 1"}, "invoice_id", "bad_id"),
        ({"invoice_id": "I\u00a01"}, "invoice_id", "bad_id"),
        ({"invoice_id": "I" * 65}, "invoice_id", "bad_id"),
        ({"issued_on": ""}, "issued_on", "missing_value"),
        ({"issued_on": "2023-02-29"}, "issued_on", "bad_date"),
        ({"issued_on": "20240110"}, "issued_on", "bad_date"),
        ({"issued_on": "2024-W02-3"}, "issued_on", "bad_date"),
        ({"issued_on": "10.01.2024"}, "issued_on", "bad_date"),
        ({"issued_on": "0024-01-10"}, "issued_on", "bad_date"),
        ({"due_on": ""}, "due_on", "missing_value"),
        ({"due_on": "2024-04-31"}, "due_on", "bad_date"),
        ({"due_on": "9999-12-31"}, "due_on", "bad_date"),
        ({"due_on": "", "terms": "30 EOM"}, "terms", "bad_terms"),
        ({"currency": ""}, "currency", "missing_value"),
        ({"currency": "DEM"}, "currency", "unknown_currency"),
        ({"currency": "XAU"}, "currency", "unknown_currency"),
        ({"amount": ""}, "amount", "missing_value"),
        ({"amount": "-0.01"}, "amount", "below_zero"),
        ({"amount": "12.345"}, "amount", "bad_amount"),
        ({"amount": "12.5", "currency": "JPY"}, "amount", "bad_amount"),
        ({"amount": "1.000.00"}, "amount", "bad_amount"),
        ({"amount": "1e3"}, "amount", "bad_amount"),
        ({"amount": "NaN"}, "amount", "bad_amount"),
        ({"amount": "9" * 50}, "amount", "bad_amount"),
        ({"open_amount": "100.01"}, "open_amount", "above_amount"),
        ({"open_amount": "-1"}, "open_amount", "below_zero"),
        ({"advanced_amount": "100.01"}, "advanced_amount", "above_amount"),
        ({"delivered_on": "soon"}, "delivered_on", "bad_date"),
        ({"extended_due_on": "2024-02-30"}, "extended_due_on", "bad_date"),
        ({"disputed": "perhaps"}, "disputed", "bad_flag"),
        ({"disputed": "no", "disputed_amount": "5"}, "disputed_amount", "not_disputed"),
        ({"disputed": "yes", "disputed_amount": "0"}, "disputed_amount", "nothing_disputed"),
        ({"disputed_amount": "-5"}, "disputed_amount", "below_zero"),
        ({"po_number": "x" * 501}, "po_number", "too_long"),
    ],
)
def test_a_row_that_is_wrong_is_refused_and_the_next_is_taken(
    cells: dict[str, str], column: str, code: str
) -> None:
    good = {**INVOICE, "account_id": "A2", "invoice_id": "I2"}

    ledger = read_invoices(csv_of({**INVOICE, **cells}, good))

    assert faults_of(ledger) == [(2, column, code)]
    assert list(ledger.accounts) == ["A2"]


def test_every_fault_of_a_row_is_told_at_once() -> None:
    row = {**INVOICE, "issued_on": "2024-13-01", "due_on": "", "currency": "EURO",
           "amount": "-5", "open_amount": "x", "disputed": "maybe"}  # fmt: skip

    assert [column for _, column, _ in faults_of(read_invoices(csv_of(row)))] == [
        "issued_on", "currency", "due_on", "amount", "open_amount", "disputed",
    ]  # fmt: skip


def test_a_fault_is_said_in_words_with_its_place() -> None:
    ledger = read_invoices(csv_of({**INVOICE, "amount": "12.345"}))

    assert str(ledger.faults[0]) == (
        "invoices.csv line 2, column amount: '12.345' has more decimals than the 2 of its currency"
    )


def test_the_last_word_on_an_account_wins_with_a_warning() -> None:
    rows = [
        {**INVOICE, "account_name": "Acme", "email": "ap@acme.example", "account_class": "key"},
        {**INVOICE, "invoice_id": "I2", "account_name": "", "sales_owner": "Kim"},
        {**INVOICE, "invoice_id": "I3", "account_name": "Acme Ltd"},
    ]

    ledger = read_invoices(csv_of(*rows))

    details = ledger.accounts["A1"].details
    assert (details.name, details.email) == ("Acme Ltd", "ap@acme.example")
    assert (details.account_class, details.sales_owner) == ("key", "Kim")
    assert [(w.line, w.column, w.code) for w in ledger.warnings] == [
        (4, "account_name", "attribute_changed")
    ]


def test_an_address_that_is_none_is_passed_over_with_a_warning() -> None:
    ledger = read_invoices(csv_of({**INVOICE, "email": "see contract"}))

    assert ledger.accounts["A1"].details.email == ""
    assert [warning.code for warning in ledger.warnings] == ["bad_email"]


def test_an_invoice_that_is_due_before_its_issue_is_taken_with_a_warning() -> None:
    ledger = read_invoices(csv_of({**INVOICE, "due_on": "2024-01-01"}))

    assert invoice_of(ledger).due_on == date(2024, 1, 1)
    assert [warning.code for warning in ledger.warnings] == ["due_before_issue"]


def test_the_same_row_twice_is_one_row() -> None:
    ledger = read_invoices(csv_of(INVOICE, {**INVOICE, "amount": "100"}))

    assert len(facts_of(ledger)) == 1
    assert (ledger.counts[0].taken, ledger.counts[0].duplicates) == (1, 1)


def test_the_same_row_with_another_word_on_its_account_is_a_double_that_is_heard() -> None:
    first = {**INVOICE, "account_name": "Acme", "email": "old@acme.example"}
    second = {**INVOICE, "account_name": "Acme Ltd", "email": "new@acme.example"}

    ledger = read_invoices(csv_of(first, second))

    details = ledger.accounts["A1"].details
    assert (details.name, details.email) == ("Acme Ltd", "new@acme.example")
    assert [(w.line, w.column, w.code) for w in ledger.warnings] == [
        (3, "account_name", "attribute_changed"),
        (3, "email", "attribute_changed"),
    ]
    assert (ledger.counts[0].taken, ledger.counts[0].duplicates) == (1, 1)


def test_a_double_warns_of_its_address_and_not_again_of_its_invoice() -> None:
    early = {**INVOICE, "due_on": "2024-01-01"}

    ledger = read_invoices(csv_of(early, {**early, "email": "see contract"}))

    assert [(w.line, w.code) for w in ledger.warnings] == [
        (2, "due_before_issue"),
        (3, "bad_email"),
    ]


def test_a_conflict_says_nothing_of_its_account() -> None:
    first = {**INVOICE, "account_name": "Acme"}

    ledger = read_invoices(csv_of(first, {**first, "amount": "90", "account_name": "Other"}))

    assert ledger.accounts["A1"].details.name == "Acme"
    assert ledger.warnings == ()


def test_the_same_id_with_other_content_is_a_conflict_and_the_first_stays() -> None:
    ledger = read_invoices(csv_of(INVOICE, {**INVOICE, "amount": "90", "po_number": "7"}))

    assert faults_of(ledger) == [(3, "invoice_id", "conflict")]
    assert "line 2 already, with another amount and open and po number" in ledger.faults[0].detail
    assert invoice_of(ledger).amount_minor == 10000


def test_an_id_is_unique_in_the_ledger_not_in_the_account() -> None:
    ledger = read_invoices(csv_of(INVOICE, {**INVOICE, "account_id": "A2"}))

    assert faults_of(ledger) == [(3, "invoice_id", "conflict")]
    assert list(ledger.accounts) == ["A1"]


def test_with_update_the_last_row_of_an_id_wins() -> None:
    ledger = read_invoices(csv_of(INVOICE, {**INVOICE, "account_id": "A2"}), update=True)

    assert list(ledger.accounts) == ["A2"]
    assert (ledger.counts[0].taken, ledger.counts[0].replaced) == (1, 1)


def _with(role: str, *rows: dict[str, str]) -> list[tuple[str, str, bytes]]:
    return [("invoices", "invoices.csv", csv_of(INVOICE)), (role, f"{role}.csv", csv_of(*rows))]


def test_a_payment_is_booked_on_the_day_it_is_received_unless_it_says_otherwise() -> None:
    rows = [
        dict(PAYMENT),
        {**PAYMENT, "payment_id": "P2", "booked_on": "2024-03-05", "invoice_ids": "I1 I9  I1"},
    ]
    ledger = read_ledger(_with("payments", *rows))  # type: ignore[arg-type]  # roles as texts

    assert facts_of(ledger)[1:] == (
        Payment(date(2024, 3, 1), "P1", date(2024, 3, 1), "USD", 4000, ("I1",)),
        Payment(date(2024, 3, 5), "P2", date(2024, 3, 1), "USD", 4000, ("I1", "I9")),
    )
    assert [(w.line, w.column, w.code) for w in ledger.warnings] == [
        (3, "invoice_ids", "unapplied")
    ]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"payment_id": ""}, "payment_id", "missing_value"),
        ({"payment_id": "agy_default_7"}, "payment_id", "reserved"),
        ({"received_on": ""}, "received_on", "missing_value"),
        ({"amount": "0.00"}, "amount", "not_above_zero"),
        ({"amount": "-1"}, "amount", "below_zero"),
        ({"currency": "???"}, "currency", "unknown_currency"),
        ({"invoice_ids": "I1 " + "I" * 65}, "invoice_ids", "bad_id"),
    ],
)
def test_a_wrong_payment_is_refused(cells: dict[str, str], column: str, code: str) -> None:
    sources = _with("payments", {**PAYMENT, "booked_on": "", **cells})
    ledger = read_ledger(sources)  # type: ignore[arg-type]  # roles as texts

    assert faults_of(ledger) == [(2, column, code)]
    assert len(facts_of(ledger)) == 1


def test_a_payment_booked_before_it_was_received_is_taken() -> None:
    sources = _with("payments", {**PAYMENT, "booked_on": "2024-02-29"})
    ledger = read_ledger(sources)  # type: ignore[arg-type]  # roles as texts

    assert faults_of(ledger) == []
    assert facts_of(ledger)[1].on == date(2024, 2, 29)


def test_a_payment_of_an_account_without_invoices_makes_the_account() -> None:
    sources = _with("payments", {**PAYMENT, "account_id": "A7"})
    ledger = read_ledger(sources)  # type: ignore[arg-type]  # roles as texts

    assert list(ledger.accounts) == ["A1", "A7"]
    assert "of another account; it stays unapplied" in ledger.warnings[0].detail


def test_a_credit_note_may_name_an_invoice_or_none() -> None:
    rows = [
        {**CREDIT_NOTE, "reason": "returned"},
        {**CREDIT_NOTE, "credit_note_id": "C2", "invoice_id": ""},
    ]
    ledger = read_ledger(_with("credit_notes", *rows))  # type: ignore[arg-type]  # roles as texts

    assert facts_of(ledger)[1:] == (
        CreditNote(date(2024, 3, 1), "C1", "USD", 1000, "I1", "returned"),
        CreditNote(date(2024, 3, 1), "C2", "USD", 1000, None, ""),
    )


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"credit_note_id": ""}, "credit_note_id", "missing_value"),
        ({"amount": "0"}, "amount", "not_above_zero"),
        ({"issued_on": "2024-02-30"}, "issued_on", "bad_date"),
        ({"invoice_id": "a b"}, "invoice_id", "bad_id"),
    ],
)
def test_a_wrong_credit_note_is_refused(cells: dict[str, str], column: str, code: str) -> None:
    sources = _with("credit_notes", {**CREDIT_NOTE, **cells})
    ledger = read_ledger(sources)  # type: ignore[arg-type]  # roles as texts

    assert faults_of(ledger) == [(2, column, code)]


def test_strict_refuses_the_whole_ledger_and_names_every_fault() -> None:
    bad = [{**INVOICE, "amount": "x", "currency": "y"}, {**INVOICE, "due_on": "z"}]

    with pytest.raises(LedgerFileError) as refused:
        read_ledger([("invoices", "f.csv", csv_of(*bad))], strict=True)

    assert [(fault.where, fault.code) for fault in refused.value.faults] == [
        ("f.csv line 2, column currency", "unknown_currency"),
        ("f.csv line 2, column amount", "bad_amount"),
        ("f.csv line 3, column due_on", "bad_date"),
    ]

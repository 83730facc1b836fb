"""The mapping file reads any other layout (design/cli.md)."""

from datetime import date

import pytest
from chalicelib.core.errors import LedgerFileError
from chalicelib.core.facts import Payment
from chalicelib.flows.ledger_map import LedgerMap, parse_ledger_map
from chalicelib.flows.ledger_read import read_ledger
from tests.flows.ledger_files import (
    CREDIT_NOTE,
    INVOICE,
    PAYMENT,
    csv_of,
    facts_of,
    faults_of,
    invoice_of,
    read_facts,
    read_invoices,
)


def mapping(text: str) -> LedgerMap:
    return parse_ledger_map(text.encode(), "ledger.toml")


ERP = """
[columns]
account_id = "customer"
invoice_id = "doc_id"
[formats]
date = "%Y%m%d"
decimal = ","
[defaults]
currency = "USD"
[values.currency]
"US Dollar" = "USD"
"""


def test_columns_formats_defaults_and_values_are_read_as_mapped() -> None:
    text = (
        "customer;doc_id;issued_on;due_on;currency;amount\n"
        "A1;I1;20240110;20240209;US Dollar;100,5\n"
        "A2;I2;20240110;20240209;;7\n"
    )
    ledger = read_invoices(text, mapping(ERP))

    assert faults_of(ledger) == []
    invoice = invoice_of(ledger)
    assert (invoice.issued_on, invoice.currency) == (date(2024, 1, 10), "USD")
    assert (invoice.amount_minor, invoice_of(ledger, "A2").currency) == (10050, "USD")


def test_a_mapped_column_that_the_file_does_not_have_is_read_under_its_own_name() -> None:
    ledger = read_invoices(csv_of(INVOICE), mapping('[columns]\ninvoice_id = "doc_id"'))

    assert invoice_of(ledger).invoice_id == "I1"


@pytest.mark.parametrize(
    ("issued_on", "amount", "column"),
    [
        ("2024-01-10", "1", "issued_on"),
        ("2024123", "1", "issued_on"),
        ("20240230", "1", "issued_on"),
        ("20240110", "1.000", "amount"),
        ("20240110", "1.5", "amount"),
    ],
)
def test_the_invoices_file_is_read_strictly_in_the_mapped_formats(
    issued_on: str, amount: str, column: str
) -> None:
    row = f"A1;I1;{issued_on};20240209;USD;{amount}"
    ledger = read_invoices(f"customer;doc_id;issued_on;due_on;currency;amount\n{row}", mapping(ERP))

    assert [fault.column for fault in ledger.faults] == [column]


def test_faults_name_the_column_as_the_file_does() -> None:
    text = "customer,doc_id,issued_on,due_on,amount\nA1,I 1,20240110,20240209,5"

    ledger = read_invoices(text, mapping(ERP))

    assert faults_of(ledger) == [(2, "doc_id", "bad_id")]


SETTLED = '[payments]\nreceived_on = "settled_date"\namount = "paid"\n'


def test_payments_are_taken_from_the_invoices_file() -> None:
    rows = [
        {**INVOICE, "settled_date": "2024-02-20", "paid": "60"},
        {**INVOICE, "invoice_id": "I2", "settled_date": "", "paid": "60"},
    ]
    ledger = read_invoices(csv_of(*rows), mapping(SETTLED))

    assert ledger.warnings == ()
    assert [fact for fact in facts_of(ledger) if isinstance(fact, Payment)] == [
        Payment(date(2024, 2, 20), "I1", date(2024, 2, 20), "USD", 6000, ("I1",))
    ]


def test_a_wrong_payment_in_a_row_of_invoices_refuses_the_row() -> None:
    row = {**INVOICE, "settled_date": "2024-02-31", "paid": "-1"}

    ledger = read_invoices(csv_of(row), mapping(SETTLED))

    assert faults_of(ledger) == [(2, "settled_date", "bad_date"), (2, "paid", "below_zero")]
    assert ledger.accounts == {}


def test_an_updated_row_that_is_no_longer_paid_takes_its_payment_back() -> None:
    paid = {**INVOICE, "settled_date": "2024-02-20", "paid": "60"}

    ledger = read_invoices(
        csv_of(paid, {**paid, "settled_date": ""}), mapping(SETTLED), update=True
    )

    assert facts_of(ledger) == (invoice_of(ledger),)


def test_the_payments_and_credit_notes_files_have_columns_of_their_own() -> None:
    text = (
        '[columns]\naccount_id = "customer"\n'
        '[payments.columns]\npayment_id = "receipt"\n'
        '[credit_notes.columns]\ncredit_note_id = "note"\n'
    )
    payment = {"receipt" if name == "payment_id" else name: PAYMENT[name] for name in PAYMENT}
    note = {"note" if name == "credit_note_id" else name: CREDIT_NOTE[name] for name in CREDIT_NOTE}
    note["customer"] = note.pop("account_id")  # a needed column may share the invoices' name

    ledger = read_ledger(
        [
            ("payments", "p.csv", csv_of(payment)),
            ("credit_notes", "c.csv", csv_of(note)),
            ("invoices", "i.csv", csv_of(INVOICE)),
        ],
        mapping(text),
    )

    assert faults_of(ledger) == []
    assert [type(fact).__name__ for fact in facts_of(ledger)] == [
        "InvoiceIssued", "CreditNote", "Payment",
    ]  # fmt: skip


def test_facts_may_be_in_pastdues_own_formats_beside_a_mapped_ledger() -> None:
    text = '[formats]\ndate = "%d.%m.%Y"\ndecimal = ","\n'
    invoice = {**INVOICE, "issued_on": "10.01.2024", "due_on": "09.02.2024", "amount": "100,00"}
    facts = (
        '{"on": "2024-03-18", "account_id": "A1", "kind": "dispute", "invoice_id": "I1", '
        '"amount": "2.50"}\n'
        '{"on": "18.03.2024", "account_id": "A1", "kind": "dispute", "invoice_id": "I1", '
        '"amount": "2,50"}'
    )
    ledger = read_ledger(
        [
            ("invoices", "i.csv", csv_of(invoice, delimiter=";")),
            ("facts", "f.jsonl", facts.encode()),
        ],
        mapping(text),
    )

    assert faults_of(ledger) == []
    assert facts_of(ledger)[1] == facts_of(ledger)[2]


def test_a_format_that_looks_like_pastdues_own_is_never_guessed_around() -> None:
    text = '{"on": "2024-05-13", "account_id": "A1", "kind": "hold_released", "reason": "x"}'
    ydm = mapping('[formats]\ndate = "%Y-%d-%m"\n[values.issued_on]\n"2024-01-10" = "2024-10-01"')

    assert "bad_date" in {fault.code for fault in read_facts(text, mapping=ydm).faults}


def test_every_fault_of_a_mapping_is_told_at_once() -> None:
    text = (
        "[columns]\ninvoce_id = 'x'\namount = 5\ncurrency = ' '\n"
        "[formats]\ndate = '%d.%m'\ndecimal = ';'\nthousands = '.'\n"
        "[defaults]\ncurency = 'USD'\n"
        "[values]\nterms = 'net 30'\n[values.colour]\nred = 'green'\n"
        "[payments]\namount = 'paid'\npaid_on = 'x'\n[payments.columns]\ndue_on = 'x'\n"
        "[credit_notes]\ncolumn = {}\n[colums]\n"
    )
    with pytest.raises(LedgerFileError) as refused:
        mapping(text)

    assert {str(fault).split(": ")[0].removeprefix("ledger.toml, key ") for fault in
            refused.value.faults} == {
        "columns.invoce_id", "columns.amount", "columns.currency", "formats.date",
        "formats.decimal", "formats.thousands", "defaults.curency", "values.terms",
        "values.colour", "payments.received_on", "payments.paid_on", "payments.columns.due_on",
        "credit_notes.column", "colums",
    }  # fmt: skip
    assert "did you mean 'invoice_id'?" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[columns", "is not TOML"),
        (b"\xff", "is not UTF-8"),
        (b"#" * 1_000_001, "is larger than 1,000,000 bytes"),
        (b"columns = 1", "must be a table"),
    ],
)
def test_a_mapping_that_cannot_be_read_says_why(content: bytes, said: str) -> None:
    with pytest.raises(LedgerFileError, match=said):
        parse_ledger_map(content, "ledger.toml")


def test_a_settled_date_that_the_invoices_file_lacks_is_told() -> None:
    with pytest.raises(LedgerFileError, match="has no column 'settled_date'"):
        read_invoices(csv_of(INVOICE), mapping(SETTLED))


def test_a_fault_in_a_column_that_is_mapped_twice_is_told_once() -> None:
    paid = mapping(
        "[payments]\nreceived_on = 'settled_on'\namount = 'amount'\n[columns]\namount = 'amount'"
    )
    row = {**INVOICE, "amount": "12.345", "settled_on": "2024-03-01"}

    assert faults_of(read_invoices(csv_of(row), paid)) == [(2, "amount", "bad_amount")]


def test_a_mapping_says_what_another_systems_kinds_of_debtor_stand_for() -> None:
    text = (
        '[columns]\ndebtor_kind = "legal_form"\n[defaults]\ndebtor_kind = "company"\n'
        '[values.debtor_kind]\n"Sole trader" = "natural_person"'
    )
    row = {**INVOICE, "legal_form": "Sole trader"}
    ledger = read_invoices(csv_of(row, {**row, "account_id": "A2", "invoice_id": "I2",
                                        "legal_form": ""}), mapping(text))  # fmt: skip

    kinds = {name: account.details.debtor_kind for name, account in ledger.accounts.items()}
    assert kinds == {"A1": "natural_person", "A2": "company"}

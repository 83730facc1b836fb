"""Encodings, delimiters, quotes, JSON Lines: how the ledger's files are written."""

import json

import pytest
from chalicelib.core.errors import LedgerFileError
from chalicelib.flows.ledger_faults import CELL_CHARS_MAX
from tests.flows.ledger_files import INVOICE, csv_of, facts_of, faults_of, read_invoices

HEADER = "account_id,account_name,invoice_id,issued_on,due_on,currency,amount"


def row(number: int, name: str = "Acme", amount: str = "5") -> str:
    return f"A{number},{name},I{number},2024-01-01,2024-01-31,EUR,{amount}"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiter_line_ends_and_byte_order_mark_make_no_difference(
    delimiter: str, ending: str, mark: str
) -> None:
    text = csv_of(INVOICE, delimiter=delimiter).decode().replace("\n", ending)

    assert facts_of(read_invoices(mark + text)) == facts_of(read_invoices(csv_of(INVOICE)))


def test_blank_lines_are_passed_over_and_lines_still_count() -> None:
    text = "\n".join(["", HEADER, "", row(1), ",,,,,,", row(2, amount="x")])

    ledger = read_invoices(text)

    assert ledger.counts[0].read == 2
    assert faults_of(ledger) == [(6, "amount", "bad_amount")]


def test_lines_are_those_of_the_file_also_after_quoted_line_breaks() -> None:
    text = "\n".join([HEADER, row(1, '"Acme\nof ""Rome"", Ltd"'), row(2, amount="x")])

    ledger = read_invoices(text)

    assert ledger.accounts["A1"].details.name == 'Acme of "Rome", Ltd'
    assert faults_of(ledger) == [(4, "amount", "bad_amount")]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (row(2, '"Acme'), "unclosed_quote"),
        (row(2, '"Acme" Ltd'), "bad_csv"),
        (row(2) + ",6", "too_many_cells"),
        ("A2,Acme,I2", "too_few_cells"),
        (row(2, "Ac\0me"), "nul"),
        (row(2, "x" * (CELL_CHARS_MAX + 1)), "cell_too_long"),
    ],
)
def test_a_broken_row_costs_only_itself(broken: str, code: str) -> None:
    text = "\n".join([HEADER, row(1), broken, row(3, '"Acme, Inc"'), row(4)])

    ledger = read_invoices(text)

    assert faults_of(ledger) == [(3, "", code)]
    assert list(ledger.accounts) == ["A1", "A3", "A4"]


def test_two_stray_quotes_do_not_swallow_the_rows_between_them() -> None:
    text = "\n".join([HEADER, row(1, '"Acme'), row(2), row(3, 'Acme"'), row(4)])

    ledger = read_invoices(text)

    assert faults_of(ledger) == [(2, "", "unclosed_quote")]
    assert list(ledger.accounts) == ["A2", "A3", "A4"]


def _refusal(content: bytes) -> str:
    with pytest.raises(LedgerFileError) as refused:
        read_invoices(content)
    assert len(refused.value.faults) == 1
    return str(refused.value.faults[0])


def test_a_wrong_encoding_is_told_with_byte_and_line() -> None:
    content = f"{HEADER}\n{row(1, 'Müller')}".encode("latin-1")

    assert _refusal(content) == (
        f"invoices.csv line 2: is not UTF-8: byte 0xfc at byte {len(HEADER) + 6} of the file; "
        "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (HEADER.encode("utf-16"), "is UTF-16, not UTF-8"),
        (b"account_id,amount,account_id\n", "names a column twice: 'account_id'"),
        (b'account_id,"amount\n', "a quote opens a cell and is never closed"),
        (HEADER.replace("cu", "cc").encode(), "has no column 'currency'; did you mean 'ccrrency'?"),
        (HEADER.replace("due_on", "due").encode(), "has neither a column 'due_on' nor 'terms'"),
        (b"a,b,c\n", "has no column 'account_id'; has no column 'invoice_id'"),
        (b'[{"account_id": "A1"}]', "is a JSON list; write JSON Lines"),
        (",".join(f"c{n}" for n in range(501)).encode(), "has 501 columns, 500 at most"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(content: bytes, said: str) -> None:
    assert said in _refusal(content)


def test_a_column_that_nothing_reads_is_told_with_the_nearest_name() -> None:
    ledger = read_invoices(csv_of({**INVOICE, "open_amout": "5", "colour": "red"}))

    assert [warning.detail for warning in ledger.warnings] == [
        "column 'open_amout' is not known and was not read; did you mean 'open_amount'?",
        "column 'colour' is not known and was not read",
    ]


def test_json_lines_say_the_same_as_csv() -> None:
    line = json.dumps({**INVOICE, "disputed": False, "po_number": 7, "email": None})

    ledger = read_invoices("\ufeff" + line + "\n\n")

    assert facts_of(ledger) == facts_of(read_invoices(csv_of({**INVOICE, "po_number": "7"})))


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"amount": 100.0}, "amount", "bad_type"),
        ({"amount": 100}, "amount", "bad_type"),
        ({"amount": True}, "amount", "bad_type"),
        ({"amount": float("nan")}, "amount", "bad_type"),
        ({"issued_on": 20240110}, "issued_on", "bad_type"),
        ({"invoice_id": ["I1"]}, "invoice_id", "bad_type"),
        ({"invoice_id": 1.5}, "invoice_id", "bad_type"),
        ({"account_name": {"a": 1}}, "account_name", "bad_type"),
        ({"account_name": "x" * 10_001}, "account_name", "bad_type"),
        ({"account_name": "a\0b"}, "account_name", "bad_type"),
        ({"currency": None}, "currency", "missing_value"),
    ],
)
def test_a_json_value_of_another_type_is_refused(
    change: dict[str, object], column: str, code: str
) -> None:
    ledger = read_invoices(json.dumps({**INVOICE, **change}))

    assert faults_of(ledger) == [(1, column, code)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"account_id": "A1"', "bad_json"),
        ('["account_id"]', "bad_json"),
        ('{"account_id": "A1", "account_id": "A2"}', "duplicate_field"),
        ('{"x": ' + "[" * 50_000 + "}", "bad_json"),
        ('{"x": "' + "x" * 100_000 + '"}', "line_too_long"),
    ],
)
def test_a_line_that_is_no_json_object_is_refused(line: str, code: str) -> None:
    ledger = read_invoices(json.dumps(dict(INVOICE)) + "\n" + line)

    assert faults_of(ledger) == [(2, "", code)]
    assert list(ledger.accounts) == ["A1"]

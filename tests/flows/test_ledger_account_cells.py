"""What the rows of the invoices file say of their accounts: who they are, and where."""

import json

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.flows.ledger_read import read_ledger
from tests.flows.ledger_files import INVOICE, csv_of, read_invoices


@pytest.mark.parametrize(
    ("said", "kind"),
    [("", "company"), ("company", "company"), ("Natural person", "natural_person")],
)
def test_a_row_may_say_what_kind_of_debtor_the_account_is(said: str, kind: str) -> None:
    """R4.1: charges may be for one kind only."""
    ledger = read_invoices(csv_of({**INVOICE, "debtor_kind": said}))

    assert ledger.accounts["A1"].details.debtor_kind == kind
    assert ledger.accounts["A1"].said == ({"debtor_kind"} if said else set())


def test_the_last_kind_of_debtor_that_is_said_wins_with_a_warning() -> None:
    rows = [
        {**INVOICE, "invoice_id": name, "debtor_kind": said}
        for name, said in (("I1", "natural_person"), ("I2", "company"), ("I3", ""))
    ]

    ledger = read_invoices(csv_of(*rows))

    assert ledger.accounts["A1"].details.debtor_kind == "company"
    assert [str(warning) for warning in ledger.warnings] == [
        "invoices.csv line 3, column debtor_kind: account 'A1' had 'natural_person' before; "
        "'company' is used"
    ]


def test_a_kind_of_debtor_that_is_none_refuses_its_row() -> None:
    ledger = read_invoices(
        csv_of({**INVOICE, "debtor_kind": "Ltd"}, {**INVOICE, "invoice_id": "I2"})
    )

    assert [str(fault) for fault in ledger.faults] == [
        "invoices.csv line 2, column debtor_kind: 'Ltd' is no kind of debtor; write company, or "
        "natural_person for a person who owes in their own name, such as a sole trader"
    ]
    assert [fault.code for fault in ledger.faults] == ["unknown_debtor_kind"]
    assert len(ledger.accounts["A1"].facts) == 1


def test_a_row_may_say_in_which_locale_the_account_is_written_to() -> None:
    ledger = read_invoices(csv_of({**INVOICE, "locale": "de-AT"}))

    assert ledger.accounts["A1"].details.locale == "de-AT"


def test_a_locale_that_is_none_is_passed_over_with_a_warning() -> None:
    ledger = read_invoices(csv_of({**INVOICE, "locale": "Klingon"}))

    assert [warning.code for warning in ledger.warnings] == ["bad_locale"]
    assert ledger.accounts["A1"].details.locale == "en"


def test_a_row_may_say_where_the_account_is() -> None:
    row = {
        **INVOICE,
        "country": "de",
        "registration_no": "HRB 12345",
        "address": "Hafenstr. 1 | Haus  B||20457 Hamburg",
    }
    details = read_invoices(csv_of(row)).accounts["A1"].details

    assert (details.country, details.registration_no) == ("DE", "HRB 12345")
    assert details.address == ("Hafenstr. 1", "Haus B", "20457 Hamburg")


def test_an_address_may_have_its_lines_in_one_cell() -> None:
    ledger = read_invoices(csv_of({**INVOICE, "address": '"Hafenstr. 1\n20457 Hamburg"'}))

    assert ledger.accounts["A1"].details.address == ("Hafenstr. 1", "20457 Hamburg")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("country", "UK", "bad_country"),
        ("registration_no", "9" * 41, "bad_registration_no"),
        ("address", "|".join("abcdefg"), "bad_address"),
        ("address", "a" * 101, "bad_address"),
    ],
)
def test_what_is_no_country_register_or_address_is_passed_over_with_a_warning(
    column: str, value: str, code: str
) -> None:
    ledger = read_invoices(csv_of({**INVOICE, column: value}))

    assert [warning.code for warning in ledger.warnings] == [code]
    assert ledger.accounts["A1"].details == AccountDetails()


def test_the_last_address_that_is_said_wins_with_a_warning() -> None:
    rows = [
        {**INVOICE, "invoice_id": name, "address": said, "country": country}
        for name, said, country in (("I1", "a|b", "DE"), ("I2", "c", "DE"), ("I3", "", ""))
    ]
    ledger = read_invoices(csv_of(*rows))

    details = ledger.accounts["A1"].details
    assert (details.address, details.country) == (("c",), "DE")
    assert [str(warning) for warning in ledger.warnings] == [
        "invoices.csv line 3, column address: account 'A1' had 'a | b' before; 'c' is used"
    ]


@pytest.mark.parametrize("said", [["Hafenstr. 1", "20457 Hamburg"], "Hafenstr. 1|20457 Hamburg"])
def test_json_may_list_the_lines_of_an_address(said: object) -> None:
    line = json.dumps({**INVOICE, "address": said})
    ledger = read_ledger([("invoices", "invoices.jsonl", line.encode())])

    assert ledger.accounts["A1"].details.address == ("Hafenstr. 1", "20457 Hamburg")

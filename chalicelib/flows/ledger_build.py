"""Rows become a ledger: ids are unique, doubles are one, attributes are the account's last word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

from chalicelib.core.account import AccountDetails
from chalicelib.core.facts import Extension, Fact, InvoiceIssued, Payment
from chalicelib.flows.ledger_attributes import Attributes
from chalicelib.flows.ledger_cells import Cells
from chalicelib.flows.ledger_columns import Column
from chalicelib.flows.ledger_fact_line import FactLine, KnownLedger
from chalicelib.flows.ledger_facts import COMMON_FIELDS, KINDS, read_fact, unknown_kind
from chalicelib.flows.ledger_faults import CellFault, FileCounts, RowFault, shown, suggestion
from chalicelib.flows.ledger_file import Content, LedgerFile, Taken, differences
from chalicelib.flows.ledger_map import LedgerMap
from chalicelib.flows.ledger_rows import (
    CreditNoteRow,
    InvoiceRow,
    PaymentRow,
    read_credit_note,
    read_invoice,
    read_payment,
)
from chalicelib.flows.ledger_table import Row, Translation, json_row, table_rows
from chalicelib.flows.ledger_text import JsonRecord, json_records
from chalicelib.flows.ledger_there import TakenIn, with_taken_in


class LedgerBuilder:
    """Takes files one after the other, invoices first; then `accounts` are the ledger."""

    def __init__(
        self, ledger_map: LedgerMap, *, update: bool, there: TakenIn | None = None
    ) -> None:
        self._there = there
        self.faults: list[RowFault] = []
        self.warnings: list[RowFault] = []
        self._map = ledger_map
        self._update = update
        self._invoices: dict[str, Taken[InvoiceRow]] = {}
        self._payments: dict[str, Taken[PaymentRow]] = {}
        self._credit_notes: dict[str, Taken[CreditNoteRow]] = {}
        self._other_facts: list[tuple[str, Fact]] = []
        self._attributes = Attributes()
        self._extensions: dict[str, Extension] = {}
        self._account_ids: set[str] = set()
        self._translations: dict[str, Translation] = {}

    def take(self, role: str, name: str, lines: Sequence[str]) -> FileCounts:
        """Take a file's rows and return what became of them.

        Raises:
            UnreadableFileError: the file as a whole is broken, or has over 2,000,000 rows.
        """
        file = LedgerFile(role, name, self.faults)
        if role == "facts":
            self._take_facts(file, lines)
            return file.counts()
        take_row = {
            "invoices": self._take_invoice,
            "payments": self._take_payment,
            "credit_notes": self._take_credit_note,
        }[role]
        for row in table_rows(role, lines, name, self._map, self.warnings):
            file.check_size()
            cells = Cells(row.cells, self._map, own_too=role != "invoices")
            if any(not fault.column for fault in row.faults):  # there are no cells to judge
                file.refuse(row, ())
            else:
                take_row(file, row, cells)
        return file.counts()

    def accounts(self) -> Iterator[tuple[str, AccountDetails, frozenset[str], list[Fact]]]:
        """Return each account with its details, which of them are said, and its facts, by id."""
        facts: dict[str, list[Fact]] = {}
        for taken in self._invoices.values():
            of_account = facts.setdefault(taken.content.account_id, [])
            of_account.append(taken.content.issued)
            if taken.content.delivery:
                of_account.append(taken.content.delivery)
        for account_id, fact in self._other_facts:
            facts.setdefault(account_id, []).append(fact)
        for note in self._credit_notes.values():
            facts.setdefault(note.content.account_id, []).append(note.content.credit_note)
        for payment in self._payments.values():
            facts.setdefault(payment.content.account_id, []).append(payment.content.payment)
        for account_id in sorted(facts):
            details, said = self._attributes.details(account_id), self._attributes.said(account_id)
            yield account_id, details, said, facts[account_id]

    # What the facts file may name (ledger_facts.KnownLedger).

    def has_account(self, account_id: str) -> bool:
        """Whether an invoice, payment or credit note of the account was taken."""
        return account_id in self._account_ids

    def invoice(self, invoice_id: str) -> tuple[str, InvoiceIssued] | None:
        """Return an invoice and whose it is."""
        taken = self._invoices.get(invoice_id)
        return (taken.content.account_id, taken.content.issued) if taken else None

    def due_on(self, invoice_id: str, on: date) -> date | None:
        """Return an invoice's due date on a day, as far as the files read so far say."""
        taken, extension = self._invoices.get(invoice_id), self._extensions.get(invoice_id)
        if extension is not None and extension.on <= on:
            return extension.due_on
        if taken is None:
            return None
        return taken.content.issued.extended_due_on or taken.content.issued.due_on

    def payment(self, payment_id: str) -> tuple[str, Payment] | None:
        """Return a payment and whose it is."""
        taken = self._payments.get(payment_id)
        return (taken.content.account_id, taken.content.payment) if taken else None

    def _take_invoice(self, file: LedgerFile, row: Row, cells: Cells) -> None:
        content = read_invoice(cells)
        if content is None or row.faults:
            file.refuse(row, cells.faults)
            return
        invoice_id = content.issued.invoice_id
        kept = self._keep(self._invoices, "invoice_id", invoice_id, content, (file, row))
        if kept == "conflict":
            return
        notes = self._attributes.describe(content, is_double=kept == "double")
        self.warnings.extend(file.placed(row, note) for note in notes)
        if kept == "double":
            return
        self._payments.pop(invoice_id, None)  # of a row that this one replaces
        if content.payment:
            paid = PaymentRow(content.account_id, content.payment)
            self._payments[invoice_id] = Taken(paid, file.name, row.line)

    def _take_payment(self, file: LedgerFile, row: Row, cells: Cells) -> None:
        content = read_payment(cells)
        if content is None or row.faults:
            file.refuse(row, cells.faults)
            return
        payment = content.payment
        kept = self._keep(self._payments, "payment_id", payment.payment_id, content, (file, row))
        if kept == "new":
            for invoice_id in payment.invoice_ids:
                self._warn_of_strays(file, row, "invoice_ids", content.account_id, invoice_id)

    def _take_credit_note(self, file: LedgerFile, row: Row, cells: Cells) -> None:
        content = read_credit_note(cells)
        if content is None or row.faults:
            file.refuse(row, cells.faults)
            return
        note, place = content.credit_note, (file, row)
        kept = self._keep(self._credit_notes, "credit_note_id", note.credit_note_id, content, place)
        if kept == "new" and note.invoice_id:
            self._warn_of_strays(file, row, "invoice_id", content.account_id, note.invoice_id)

    def _keep(
        self,
        kept: dict[str, Taken[Content]],
        column: str,
        row_id: str,
        content: Content,
        place: tuple[LedgerFile, Row],
    ) -> Literal["new", "double", "conflict"]:
        """Keep a row under its id if it is new (or replaces one); return what it is."""
        file, row = place
        earlier = kept.get(row_id)
        if earlier is None:
            file.taken += 1
        elif earlier.content == content:
            file.duplicates += 1
            return "double"
        elif self._update:
            file.replaced += 1
        else:
            detail = (
                f"{shown(row_id)} stands in {earlier.file} line {earlier.line} already, with "
                f"another {' and '.join(differences(earlier.content, content))}; the first is kept"
            )
            file.refuse(row, [CellFault(column, "conflict", detail)])
            return "conflict"
        kept[row_id] = Taken(content, file.name, row.line)
        return "new"

    def _warn_of_strays(
        self, file: LedgerFile, row: Row, column: str, account_id: str, invoice_id: str
    ) -> None:
        """Warn of money for an invoice that is not the account's: it stays unapplied (R7.1)."""
        found = self._invoices.get(invoice_id)
        if found is None:
            if self._there is not None:
                return  # it may have come in before; whether it did, the booking tells
            detail = f"invoice {shown(invoice_id)} is not in the ledger; it stays unapplied"
        elif found.content.account_id != account_id:
            detail = f"invoice {shown(invoice_id)} is of another account; it stays unapplied"
        else:
            return
        self.warnings.append(file.placed(row, CellFault(column, "unapplied", detail)))

    def _take_facts(self, file: LedgerFile, lines: Sequence[str]) -> None:
        self._account_ids = {
            taken.content.account_id
            for kept in (self._invoices, self._payments, self._credit_notes)
            for taken in kept.values()
        }
        for record in json_records(lines):
            file.check_size()
            self._take_fact(file, record)

    def _take_fact(self, file: LedgerFile, record: JsonRecord) -> None:
        """Take one line of the facts file, or refuse it with everything that is wrong with it."""
        kind = record.values.get("kind")
        said = KINDS.get(kind) if isinstance(kind, str) else None
        columns = said.all_fields if said else COMMON_FIELDS
        sources = {name: name for name in columns if name in record.values}
        row = json_row(record, sources, columns, self._fact_translation(columns))
        cells = Cells(row.cells, self._map, own_too=True)
        if record.fault:
            file.refuse(row, ())
            return
        if isinstance(kind, str) and said is None:
            cells.refuse("kind", "unknown_kind", unknown_kind(kind))
        elif said:
            for name in record.values:
                if name not in columns:
                    detail = f"is no field of {kind}{suggestion(name, columns)}"
                    cells.refuse(name, "unknown_field", detail)
        else:
            cells.needed("kind")
        on, account_id = cells.needed_day("on"), cells.account_id()
        known: KnownLedger = with_taken_in(self, self._there, account_id)
        if account_id and not known.has_account(account_id):
            detail = f"account {shown(account_id)} is not in the ledger"
            cells.refuse("account_id", "unknown_account", detail)
        fact = None
        if said and on and account_id:
            fact = read_fact(str(kind), FactLine(cells, known, on, account_id))
        if fact is None or account_id is None or row.faults or cells.faults:
            file.refuse(row, cells.faults)
            return
        file.taken += 1
        self._other_facts.append((account_id, fact))
        self.warnings.extend(file.placed(row, note) for note in cells.notes)
        if isinstance(fact, Extension):
            self._extensions[fact.invoice_id] = fact

    def _fact_translation(self, columns: Mapping[str, Column]) -> Translation:
        """Return the mapping for a kind's fields; a default fills only what the kind needs."""
        key = " ".join(columns)
        if key not in self._translations:
            needed = {name for name, column in columns.items() if column.required}
            self._translations[key] = Translation(self._map, columns, defaults_for=needed)
        return self._translations[key]

"""One account under a statement of all that is open: what it brings, and how it is booked (R7.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.core.apply import book_fact
from chalicelib.core.apply_external import stated_most
from chalicelib.core.book import Book
from chalicelib.core.facts import Delivery, ExternalOpen, Fact, InvoiceIssued
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.money import add
from chalicelib.core.policy import Policy
from chalicelib.flows.full_import_tally import Tally
from chalicelib.flows.import_ids import in_words, is_id, unfit
from chalicelib.flows.import_ledger import ImportFault
from chalicelib.flows.import_update import corrections, says_something, terms_digest
from chalicelib.flows.ledger_kind import in_mirror
from chalicelib.flows.simulate import first_seen


@dataclass(slots=True)
class Statement:
    """Books on one account what a statement says of it, and counts it in `tally`.

    `settles_absent` false: rows of the statement could not be read, and nobody knows whether what
    it seems not to list is theirs; then nothing is settled by its absence.
    """

    book: Book
    policy: Policy
    on: date
    settles_absent: bool = True
    tally: Tally = field(default_factory=Tally)

    def state(self, facts: Sequence[Fact]) -> None:
        """Book new invoices, differences, corrections; settle what the statement does not list."""
        self.tally.open_before += sum(i.open_minor > 0 for i in self.book.invoices.values())
        listed = {fact.invoice_id for fact in facts if isinstance(fact, InvoiceIssued)}
        charges = {
            charge.id: (invoice, charge)
            for invoice in (*self.book.invoices.values(), *self.book.closed.values())
            for charge in invoice.charges
        }
        for fact in facts:
            match fact:
                case InvoiceIssued():
                    self._row(fact, charges)
                case Delivery():
                    self._deliver(fact)
                case _:
                    self._refuse("mirror_ledger", in_mirror(in_words(fact)))
        if self.settles_absent:
            self._settle(listed)

    def _row(self, fact: InvoiceIssued, charges: dict[str, tuple[Invoice, Charge]]) -> None:
        """Take one item of the statement: an invoice, or a charge of ours that the ERP booked."""
        there = self.book.find(fact.invoice_id)
        if there is not None:
            self._known(there, fact)
        elif fact.invoice_id in charges:
            self._charge(*charges[fact.invoice_id], fact)
        elif not is_id(fact.invoice_id):
            self._refuse("bad_id", f"{in_words(fact)} was not taken in: {unfit(fact.invoice_id)}")
        elif fact.issued_on > self.on:
            detail = f"{in_words(fact)} is dated {fact.issued_on}, after {self.on}"
            self._refuse("in_the_future", detail)
        elif fact.open_minor:
            taken = first_seen(replace(fact, digest=terms_digest(fact)), self.on)
            book_fact(self.book, taken, self.policy)
            self.tally.count("taken")
            add(self.tally.amounts.setdefault("taken", {}), fact.currency, fact.open_minor)

    def _known(self, there: Invoice, fact: InvoiceIssued) -> None:
        if there.currency != fact.currency:
            detail = (
                f"invoice {there.id} is there already, in {there.currency}, and is stated in "
                f"{fact.currency}; it stays as it is"
            )
            self._refuse("conflict", detail)
            return
        if there.voided and fact.open_minor:
            self._refuse("conflict", f"invoice {there.id} was voided here; it stays void")
            return
        before = there.open_minor
        self._open(ExternalOpen(self.on, there.id, fact.open_minor), before, there.currency)
        now = self.book.find(there.id) or there
        changes = corrections(now, replace(fact, digest=terms_digest(fact)), self.on)
        for change in changes:
            book_fact(self.book, change, self.policy)
        if says_something(changes):
            self.tally.count("corrected")
        elif before == fact.open_minor:
            self.tally.count("known")

    def _charge(self, invoice: Invoice, charge: Charge, fact: InvoiceIssued) -> None:
        """The ERP booked a charge from the feed, under the charge's id, and says what is open."""
        if fact.currency != invoice.currency or fact.open_minor > stated_most(charge):
            detail = (
                f"charge {charge.id} is stated with more than was charged, or in another currency; "
                "it stays as it is"
            )
            self._refuse("conflict", detail)
            return
        said = ExternalOpen(self.on, invoice.id, fact.open_minor, charge.id)
        self._open(said, charge.open_minor, invoice.currency)
        if charge.open_minor == fact.open_minor:
            self.tally.count("known")

    def _deliver(self, fact: Delivery) -> None:
        invoice = self.book.find(fact.invoice_id)
        if invoice is not None and invoice.delivered_on is None and fact.on <= self.on:
            book_fact(self.book, fact, self.policy)

    def _settle(self, listed: set[str]) -> None:
        """Settle what the statement does not list, if it was issued by its day."""
        for invoice in list(self.book.invoices.values()):
            if invoice.open_minor and invoice.id not in listed and invoice.issued_on <= self.on:
                said = ExternalOpen(self.on, invoice.id, 0, is_absent=True)
                self._open(said, invoice.open_minor, invoice.currency)
            for charge in invoice.charges:
                if charge.stated and charge.open_minor and charge.id not in listed:
                    said = ExternalOpen(self.on, invoice.id, 0, charge.id, is_absent=True)
                    self._open(said, charge.open_minor, invoice.currency)

    def _open(self, said: ExternalOpen, before: int, currency: str) -> None:
        """Book what is stated to be open, and count what that does."""
        book_fact(self.book, said, self.policy)
        moved = said.open_minor - before
        if moved == 0:
            return
        word = "increased" if moved > 0 else "decreased"
        if said.open_minor == 0:
            word = "settled_charges" if said.charge_id else "settled"
        self.tally.count(word)
        add(self.tally.amounts.setdefault(word, {}), currency, abs(moved))

    def _refuse(self, code: str, detail: str) -> None:
        self.tally.faults.append(ImportFault(self.book.account_id, code, detail))

"""Events of the ledger: every entry is one event, with the entry's amount (R7.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.core.account import Account, Money, money_key
from chalicelib.core.bus_events_values import Data, Telling, amount, code, day, told
from chalicelib.core.effects import Entry
from chalicelib.core.invoice import Charge, Invoice

# By the entry's kind: what it is told as of an invoice, and of one of its charges.
OF_INVOICES = {
    "opening": "invoice.opened",
    "invoice": "invoice.opened",
    "void": "invoice.voided",
    "write_off": "invoice.written_off",
    "write_off_reversal": "invoice.write_off_reversed",
    "external": "invoice.adjusted",
    "external_decrease": "invoice.adjusted",
}
OF_CHARGES = {
    "charge": "charge.posted",
    "charge_reversal": "charge.reversed",
    "waiver": "charge.waived",
    "void": "charge.voided",
    "external": "charge.adjusted",
    "external_decrease": "charge.adjusted",
}
OF_MONEY = {
    "payment": "payment.booked",
    "payment_reversal": "payment.reversed",
    "credit_note": "credit_note.booked",
}
_DIRECTIONS = {"external": "increase", "external_decrease": "decrease"}


def ledger_tellings(after: Account, entries: Sequence[Entry]) -> Iterator[Telling]:
    """Yield what is told of a change's ledger entries, one each, in their order."""
    for entry in entries:
        common = told(
            amount=amount(entry.amount_minor, entry.currency),
            entry=entry.kind,
            ref=entry.ref,
            value_on=day(entry.value_on),
            direction=_DIRECTIONS.get(entry.kind, ""),
        )
        if entry.kind in OF_MONEY:
            yield Telling(OF_MONEY[entry.kind], _of_money(after, entry) | common, entry.on)
        elif entry.charge_id:
            yield Telling(OF_CHARGES[entry.kind], _of_charge(after, entry) | common, entry.on)
        else:
            yield Telling(OF_INVOICES[entry.kind], _of_invoice(after, entry) | common, entry.on)


def _of_money(after: Account, entry: Entry) -> Data:
    if entry.kind == "credit_note":
        note = after.money.get(money_key("credit_note", entry.ref))
        named = note.invoice_ids if note is not None else ()
        return told(
            credit_note_id=entry.ref,
            invoice_id=named[0] if named else "",
        )  # its reason is anybody's words, even if it is one word (R13.3)
    name = entry.ref.removesuffix(":reversal") if entry.kind == "payment_reversal" else entry.ref
    payment: Money | None = after.money.get(money_key("payment", name))
    return told(payment_id=name, placement_id=payment.placement_id if payment else "")


def _of_invoice(after: Account, entry: Entry) -> Data:
    if entry.kind not in ("opening", "invoice"):
        return told(invoice_id=entry.invoice_id, reason_code=code(entry.reason))
    invoice = _find(after, entry.invoice_id)
    return told(
        invoice_id=entry.invoice_id,
        due_on=day(invoice.effective_due_on if invoice else None),
        issued_on=day(invoice.issued_on if invoice else None),
    )


def _of_charge(after: Account, entry: Entry) -> Data:
    charge = _charge(after, entry)
    return told(
        charge_id=entry.charge_id,
        invoice_id=entry.invoice_id,
        charge=code(charge.kind if charge else ""),
        stage=charge.stage if charge else "",
        reason_code=code(entry.reason),
    )


def _find(account: Account, invoice_id: str) -> Invoice | None:
    return account.invoices.get(invoice_id) or account.closed.get(invoice_id)


def _charge(after: Account, entry: Entry) -> Charge | None:
    invoice = _find(after, entry.invoice_id)
    charges = invoice.charges if invoice is not None else ()
    return next((charge for charge in charges if charge.id == entry.charge_id), None)

"""One made-up account of a random ledger, with its own way of paying. Imports no `chalicelib`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.second_opinion.chance import DIGITS, in_major_units
from tests.second_opinion.random_story import (
    blocks,
    bounces,
    pauses_and_contacts,
    promises,
    stray_money,
    waivers,
)

if TYPE_CHECKING:
    from tests.second_opinion.random_ledger import RandomLedger

STYLES = ["good", "late", "late", "never", "mixed", "mixed", "partial", "small"]
TERMS = [
    "net 10", "net 30", "eom+10", "eom+30", "net 15 eom", "months+1 eom", "day 15", "day 31",
    "cod", "prepaid",
]  # fmt: skip
PAYS_AFTER_DUE = {
    "good": (-15, 3), "late": (3, 70), "never": (60, 200), "mixed": (-10, 90),
    "partial": (0, 70), "small": (0, 80),
}  # fmt: skip


def days(count: int) -> timedelta:
    return timedelta(days=count)


@dataclass(frozen=True)
class MadeUp:
    """What the account's story needs to know of an invoice. Minor units."""

    id: str
    currency: str
    open: int
    issued: date
    due: date
    disputed: bool


class RandomAccount:
    """Makes up the rows of one account."""

    def __init__(self, ledger: RandomLedger, index: int) -> None:
        self.ledger = ledger
        self.chance = chance = ledger.chance
        self.id = chance.choice(["A%d", "C-%02d", "Ä%d", "a%d"]) % index
        self.account_class = chance.choice(["", "", "standard", "key", "vip"])
        self.debtor_kind = chance.choice(["", "", "company", "natural_person"])
        wanted = min(len(ledger.currencies), chance.choice([1, 1, 2]))
        self.currencies = chance.sample(ledger.currencies, wanted)
        self.style = chance.choice(STYLES)
        self.invoices: list[MadeUp] = []

    def make_up(self) -> None:
        chance, ledger = self.chance, self.ledger
        first = ledger.first_day
        if chance.of(0.3):
            first += days(chance.whole(0, ledger.days - 60))
        for _ in range(chance.whole(1, 12)):
            invoice = self.invoice(first)
            self.invoices.append(invoice)
            self.trouble(invoice)
            self.payment_of(invoice)
        stray_money(self)
        pauses_and_contacts(self)
        if chance.of(0.65):
            promises(self)
        else:
            bounces(self)
        blocks(self)
        waivers(self)

    def invoice(self, first: date) -> MadeUp:
        chance, ledger = self.chance, self.ledger
        ledger.invoice_count += 1
        number = ledger.invoice_count
        currency = chance.choice(self.currencies)
        name = chance.choice(["I%d", "I%04d", "i-%d"]) % number
        issued = first + days(chance.whole(0, max(1, (ledger.last_day - first).days - 10)))
        small = self.style == "small" or chance.of(0.15)
        amount = chance.money(1, 60, currency) if small else chance.money(50, 5000, currency)
        if chance.of(0.03):
            amount = 0
        due, terms = None, ""
        if chance.of(0.65):
            due = issued + days(chance.choice([0, 7, 10, 14, 30, 30, 45]))
            terms = "net 30" if chance.of(0.2) else ""
        else:
            terms = chance.choice(TERMS)
        row = {
            "account_id": self.id, "account_name": "", "account_class": self.account_class,
            "debtor_kind": self.debtor_kind, "invoice_id": name, "issued_on": issued.isoformat(),
            "due_on": due.isoformat() if due else "", "terms": terms, "currency": currency,
            "amount": in_major_units(amount, currency), "open_amount": "", "advanced_amount": "",
            "delivered_on": "", "extended_due_on": "", "disputed": "", "disputed_amount": "",
        }  # fmt: skip
        effective = due or issued + days(30)
        opened = self.opening(row, amount, currency, issued, effective)
        ledger.invoices.append(row)
        return MadeUp(name, currency, opened, issued, effective, row["disputed"] == "yes")

    def opening(
        self, row: dict[str, str], amount: int, currency: str, issued: date, due: date
    ) -> int:
        """What the file says of an invoice besides its amount; return what is open of it."""
        chance, opened = self.chance, amount
        if amount and chance.of(0.12):
            opened = chance.whole(0, amount)
            row["open_amount"] = in_major_units(opened, currency)
        if opened and chance.of(0.2):
            row["advanced_amount"] = in_major_units(chance.whole(1, opened), currency)
        which = chance.random.random()
        if which < 0.06:
            row["delivered_on"] = "never"
            if chance.of(0.7):
                on = issued + days(chance.whole(1, 60))
                self.ledger.fact(on, self.id, "delivery", invoice_id=row["invoice_id"])
        elif which < 0.2:
            later = days(chance.choice([0, 1, 3, 10, 25, 50]))
            row["delivered_on"] = (issued + later).isoformat()
        if chance.of(0.07):
            row["extended_due_on"] = (due + days(chance.whole(5, 40))).isoformat()
        if opened and chance.of(0.06):
            row["disputed"] = "yes"
            if chance.of(0.6):
                row["disputed_amount"] = in_major_units(chance.whole(1, opened), currency)
        return opened

    def trouble(self, invoice: MadeUp) -> None:
        """Disputes, extensions, pauses and credit notes."""
        chance, ledger = self.chance, self.ledger
        issued, due, name = invoice.issued, invoice.due, invoice.id
        if not invoice.disputed and invoice.open and chance.of(0.2):
            self.dispute(invoice)
        if chance.of(0.09):
            on = max(issued, due + days(chance.whole(-10, 60)))
            moved = (due + days(chance.whole(0, 90))).isoformat()
            ledger.fact(on, self.id, "extension", invoice_id=name, due_on=moved)
        if chance.of(0.1):
            on = max(issued, due + days(chance.whole(-5, 60)))
            until = (on + days(chance.whole(0, 25))).isoformat()
            ledger.fact(on, self.id, "pause", invoice_id=name, until=until)
        if chance.of(0.08):
            ledger.credit_count += 1
            on = due + days(chance.whole(-20, 60))
            if chance.of(0.8):
                amount = chance.whole(1, max(1, invoice.open))
            else:
                amount = invoice.open + chance.money(1, 100, invoice.currency)
            named = name if chance.of(0.75) else ""
            ledger.credit(self.id, invoice.currency, amount, on, named, "")

    def dispute(self, invoice: MadeUp) -> None:
        chance, ledger, name = self.chance, self.ledger, invoice.id
        on = max(invoice.due + days(chance.whole(-5, 70)), invoice.issued)
        part = chance.whole(1, invoice.open) if chance.of(0.6) else None
        said = in_major_units(part, invoice.currency) if part else None
        ledger.fact(on, self.id, "dispute", invoice_id=name, amount=said)
        if not chance.of(0.75):
            return
        on += days(chance.whole(1, 40))
        won = chance.of(0.5)
        outcome = "won" if won else "lost"
        ledger.fact(on, self.id, "dispute_resolved", invoice_id=name, outcome=outcome)
        if won and chance.of(0.75):
            ledger.credit_count += 1
            size = part or invoice.open
            if chance.of(0.3):
                size = max(1, size // 2)
            credited = on + days(chance.whole(0, 20))
            ledger.credit(self.id, invoice.currency, size, credited, name, "pricing")

    def pays_on(self, invoice: MadeUp) -> date:
        low, high = PAYS_AFTER_DUE[self.style]
        on = invoice.due + days(self.chance.whole(low, high))
        return max(on, invoice.issued - days(5 if self.chance.of(0.1) else 0))

    def books_later_by(self) -> timedelta:
        chance = self.chance
        if chance.of(0.6):
            return days(chance.choice([0, 0, 0, 1, 2, 5, 10, 20, 40]))
        return -days(chance.whole(0, 3)) if chance.of(0.2) else days(0)

    def payment_of(self, invoice: MadeUp) -> None:
        chance = self.chance
        if (self.style == "never" and chance.of(0.6)) or chance.of(0.08):
            return
        if self.style == "partial" or chance.of(0.2):
            self.part_payments(invoice)
        else:
            self.whole_payment(invoice)

    def part_payments(self, invoice: MadeUp) -> None:
        chance, left = self.chance, invoice.open
        for _ in range(chance.whole(1, 3)):
            amount = chance.whole(0, left) if left else 0
            if chance.of(0.15) and left > 3:
                amount = left - chance.whole(1, min(left - 1, 5 * 10 ** DIGITS[invoice.currency]))
            left -= amount
            on = self.pays_on(invoice)
            booked = on + self.books_later_by()
            names = [invoice.id] if chance.of(0.7) else []
            self.ledger.pay(self.id, invoice.currency, amount, on, booked, names)
        if chance.of(0.5):
            on = self.pays_on(invoice)
            booked = on + self.books_later_by()
            self.ledger.pay(self.id, invoice.currency, left, on, booked, [invoice.id])

    def whole_payment(self, invoice: MadeUp) -> None:
        """About the whole, with what goes wrong: too much, too little, twice, wrong names."""
        chance, ledger, currency = self.chance, self.ledger, invoice.currency
        on = self.pays_on(invoice)
        amount = invoice.open
        if chance.of(0.1):
            amount += chance.money(1, 400, currency)
        if chance.of(0.06):
            amount = max(0, amount - chance.money(0.2, 6, currency))
        names = self.names_for(invoice)
        booked = on + self.books_later_by()
        if chance.of(0.05):
            booked = max(invoice.issued - days(3), on - days(30))
        ledger.pay(self.id, currency, amount, on, booked, names)
        if chance.of(0.05):
            again = on + days(chance.whole(0, 30))
            ledger.pay(self.id, currency, amount, again, None, [invoice.id])
        if chance.of(0.05):
            extra = chance.money(5, 500, currency)
            ledger.pay(self.id, currency, extra, on + days(chance.whole(0, 20)))

    def names_for(self, invoice: MadeUp) -> list[str]:
        chance, ghost = self.chance, f"GHOST{self.ledger.invoice_count}"
        if chance.of(0.2):
            return []
        if chance.of(0.08):
            return [invoice.id, ghost]
        if chance.of(0.05):
            return [ghost]
        if chance.of(0.1):
            some = chance.sample(self.invoices, min(2, len(self.invoices)))
            same = [other.id for other in some if other.currency == invoice.currency]
            return list(dict.fromkeys([invoice.id, *same]))
        return [invoice.id]

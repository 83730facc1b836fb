"""A ledger made from a seed: the habits of many accounts over some sixteen months, as files.

The same seed and size give the same bytes on every machine. With the policy `bench/seeded.toml`, a
ledger of 25,000 invoices over 2025 brings about every stage, block, cap and reversal many times.
"""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from chalicelib.flows.ledger_columns import Role

FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2025, 12, 31)  # the span that the ledger is made for
INVOICES_PER_ACCOUNT = 12
_FIRST_ISSUE, _ISSUE_DAYS = date(2024, 9, 2), 455
_INVOICE_COLUMNS = (
    "account_id", "account_name", "account_class", "invoice_id", "issued_on", "due_on", "terms",
    "currency", "amount", "advanced_amount", "delivered_on", "po_number", "disputed",
    "disputed_amount", "email",
)  # fmt: skip
_PAYMENT_COLUMNS = (
    "payment_id", "account_id", "received_on", "booked_on", "currency", "amount", "invoice_ids",
)  # fmt: skip
_CREDIT_COLUMNS = (
    "credit_note_id", "account_id", "issued_on", "currency", "amount", "invoice_id", "reason",
)  # fmt: skip
# How an account pays: its share of the accounts, and how many days after the due date.
_HABITS = (
    ("prompt", 34, -12, 4),
    ("slow", 28, 3, 32),
    ("late", 20, 20, 70),
    ("very_late", 12, 45, 130),
    ("hardly", 6, 110, 260),
)
_CURRENCIES = ((("USD",), 78), (("GBP",), 10), (("GBP", "USD"), 9), (("EUR", "USD"), 3))
_TERMS = (("net 30", 30), ("net 14", 14), ("net 45", 45), ("eom+30", 45), ("cod", 0))
_TRADES = ("Foods", "Tools", "Textiles", "Media", "Motors", "Optics", "Paper", "Systems")
_PLACES = ("Alder", "Birch", "Cedar", "Dover", "Elm", "Fairfax", "Grove", "Hazel", "Iris", "Juno")


@dataclass(slots=True)
class _Made:
    """An invoice as it was made. Amounts in cents."""

    id: str
    currency: str
    cents: int
    issued_on: date
    due_on: date


@dataclass(slots=True)
class _Files:
    """The rows of each file so far, and the dice."""

    dice: random.Random
    invoices: list[dict[str, str]] = field(default_factory=list)
    payments: list[dict[str, str]] = field(default_factory=list)
    credit_notes: list[dict[str, str]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)

    def happens(self, percent: float) -> bool:
        """Throw the dice: true in so many of a hundred cases."""
        return self.dice.random() * 100 < percent

    def days(self, least: int, most: int) -> timedelta:
        """Return a number of days between two bounds, both included."""
        return timedelta(days=self.dice.randint(least, most))

    def say(self, on: date, account_id: str, kind: str, **values: Any) -> None:
        """Add a line to the facts file."""
        self.facts.append({"on": on.isoformat(), "account_id": account_id, "kind": kind, **values})

    def pay(
        self, account_id: str, received_on: date, currency: str, cents: int, names: str = ""
    ) -> str:
        """Add a payment and return its id; some are booked days after the money came in."""
        payment_id = f"P{len(self.payments) + 1:06d}"
        booked_on = received_on + (self.days(1, 12) if self.happens(15) else timedelta())
        self.payments.append(
            {
                "payment_id": payment_id,
                "account_id": account_id,
                "received_on": received_on.isoformat(),
                "booked_on": booked_on.isoformat(),
                "currency": currency,
                "amount": _major(cents),
                "invoice_ids": names,
            }
        )
        return payment_id


def make_ledger(seed: int, invoices: int) -> dict[Role, bytes]:
    """Return the files of a ledger with so many invoices, by what they hold."""
    files = _Files(random.Random(seed))
    accounts = max(1, invoices // INVOICES_PER_ACCOUNT)
    for number in range(accounts):
        count = invoices // accounts + (number < invoices % accounts)
        _account(files, number, count)
    lines = [json.dumps(fact) + "\n" for fact in files.facts]
    return {
        "invoices": _csv(_INVOICE_COLUMNS, files.invoices),
        "payments": _csv(_PAYMENT_COLUMNS, files.payments),
        "credit_notes": _csv(_CREDIT_COLUMNS, files.credit_notes),
        "facts": "".join(lines).encode(),
    }


def _account(files: _Files, number: int, count: int) -> None:
    """Make one account: its invoices by its habit, and what else happens to it."""
    dice = files.dice
    account_id = f"A{number + 1:05d}"
    habit = dice.choices(_HABITS, [share for _, share, _, _ in _HABITS])[0]
    currencies = dice.choices([c for c, _ in _CURRENCIES], [share for _, share in _CURRENCIES])[0]
    small = files.happens(6)
    described = {
        "account_id": account_id,
        "account_name": f"{dice.choice(_PLACES)} {dice.choice(_TRADES)} {number + 1}",
        "account_class": "key" if files.happens(4) else "standard",
        "email": f"accounts@a{number + 1}.example",
    }
    issue_days = sorted(dice.randrange(_ISSUE_DAYS) for _ in range(count))
    made = [
        _invoice(
            files, described, _FIRST_ISSUE + timedelta(days=day), dice.choice(currencies), small
        )
        for day in issue_days
    ]
    for invoice in made:
        _what_happens(files, account_id, invoice, habit)
    _account_wide(files, account_id, made)


def _invoice(
    files: _Files, described: dict[str, str], issued_on: date, currency: str, small: bool
) -> _Made:
    dice = files.dice
    terms, days = dice.choice(_TERMS)
    due_on = issued_on + timedelta(days=days)
    cents = round(dice.lognormvariate(2.5 if small else 7.2, 1.1) * 100) + 100
    invoice_id = f"I{len(files.invoices) + 1:06d}"
    by_terms = files.happens(50)
    if terms == "eom+30":
        month_end = (issued_on.replace(day=28) + timedelta(days=4)).replace(day=1)
        due_on = month_end + timedelta(days=29)
    row = {
        **described,
        "invoice_id": invoice_id,
        "issued_on": issued_on.isoformat(),
        "due_on": "" if by_terms else due_on.isoformat(),
        "terms": terms if by_terms else "",
        "currency": currency,
        "amount": _major(cents),
        "advanced_amount": _major(cents * 4 // 5) if files.happens(5) else "",
        "delivered_on": "",
        "po_number": f"PO-{dice.randrange(10**6):06d}" if files.happens(60) else "",
        "disputed": "",
        "disputed_amount": "",
    }
    invoice = _Made(invoice_id, currency, cents, issued_on, due_on)
    if files.happens(3):
        row["delivered_on"] = "never"
        if files.happens(80):
            on = due_on + files.days(12, 70)
            files.say(on, described["account_id"], "delivery", invoice_id=invoice_id)
    elif files.happens(5):
        row["delivered_on"] = (issued_on + files.days(1, 9)).isoformat()
    if files.happens(1):
        row |= {"disputed": "yes", "disputed_amount": _major(cents // 2)}
    files.invoices.append(row)
    return invoice


def _what_happens(
    files: _Files, account_id: str, invoice: _Made, habit: tuple[str, int, int, int]
) -> None:
    """Pay an invoice by the account's habit, or let something come in between."""
    dice = files.dice
    paid_on = max(
        invoice.issued_on, invoice.due_on + timedelta(days=dice.randint(habit[2], habit[3]))
    )
    open_cents = invoice.cents
    if files.happens(4):
        open_cents -= _dispute(files, account_id, invoice)
    elif files.happens(4):
        _promise(files, account_id, invoice, open_cents)
    elif files.happens(2):
        on = invoice.due_on + files.days(0, 25)
        until = (on + files.days(10, 40)).isoformat()
        files.say(on, account_id, "pause", invoice_id=invoice.id, until=until)
    elif files.happens(2):
        on = invoice.due_on + files.days(0, 20)
        later = (invoice.due_on + files.days(21, 45)).isoformat()
        files.say(on, account_id, "extension", invoice_id=invoice.id, due_on=later)
    elif files.happens(2):
        _imported_block(files, account_id, invoice)
    if open_cents > 1 and files.happens(8):
        part = dice.randint(1, open_cents - 1)
        files.pay(account_id, max(invoice.issued_on, paid_on - files.days(5, 30)),
                  invoice.currency, part, invoice.id)  # fmt: skip
        open_cents -= part
    if open_cents > 0 and not files.happens(2):
        names = invoice.id if files.happens(85) else ""
        payment_id = files.pay(account_id, paid_on, invoice.currency, open_cents, names)
        if files.happens(1.5):
            bounced_on = paid_on + files.days(13, 25)
            files.say(bounced_on, account_id, "payment_reversed", payment_id=payment_id)


def _dispute(files: _Files, account_id: str, invoice: _Made) -> int:
    """Open a dispute and usually resolve it; return how many cents a credit note takes away."""
    on = invoice.due_on + files.days(-5, 40)
    on = max(on, invoice.issued_on)
    part = invoice.cents if files.happens(60) else max(1, invoice.cents // 3)
    whole = part == invoice.cents
    amount = {} if whole else {"amount": _major(part)}
    files.say(on, account_id, "dispute", invoice_id=invoice.id, **amount)
    if not files.happens(85):
        return 0
    resolved_on = on + files.days(8, 40)
    outcome = "won" if files.happens(50) else "lost"
    files.say(resolved_on, account_id, "dispute_resolved", invoice_id=invoice.id, outcome=outcome)
    if outcome == "lost":
        return 0
    files.credit_notes.append(
        {
            "credit_note_id": f"C{len(files.credit_notes) + 1:05d}",
            "account_id": account_id,
            "issued_on": (resolved_on + files.days(0, 9)).isoformat(),
            "currency": invoice.currency,
            "amount": _major(part),
            "invoice_id": invoice.id,
            "reason": "goods returned",
        }
    )
    return part


def _promise(files: _Files, account_id: str, invoice: _Made, open_cents: int) -> None:
    on = invoice.due_on + files.days(1, 45)
    by = on + files.days(5, 25)
    files.say(
        on, account_id, "promise", amount=_major(open_cents), currency=invoice.currency,
        by=by.isoformat(), invoice_ids=[invoice.id],
    )  # fmt: skip


def _imported_block(files: _Files, account_id: str, invoice: _Made) -> None:
    """Cover one invoice by a plan or a placement that is kept elsewhere."""
    block = files.dice.choice(("in_plan", "placed"))
    on = invoice.due_on + files.days(1, 50)
    files.say(on, account_id, "block", block=block, invoice_ids=[invoice.id])
    if files.happens(50):
        ended_on = on + files.days(20, 60)
        files.say(ended_on, account_id, "block_ended", block=block, invoice_ids=[invoice.id])


def _account_wide(files: _Files, account_id: str, made: list[_Made]) -> None:
    """Let things happen to the account as a whole."""
    for block, percent in (("reply_waiting", 9), ("allocating", 9), ("legal_stop", 6)):
        if files.happens(percent):
            on = files.dice.choice(made).due_on + files.days(5, 40)
            until = (on + files.days(10, 60)).isoformat()
            files.say(on, account_id, "block", block=block, until=until)
    if files.happens(5):
        on = files.dice.choice(made).due_on + files.days(1, 30)
        files.say(on, account_id, "pause", until=(on + files.days(7, 30)).isoformat())
    if files.happens(25):
        on = files.dice.choice(made).due_on + files.days(10, 90)
        direction = files.dice.choice(("in", "out"))
        files.say(on, account_id, "contact", direction=direction, channel="phone",
                  outcome="promised")  # fmt: skip
    if files.happens(10):  # money for an invoice that nobody knows stays unapplied
        invoice = files.dice.choice(made)
        on = max(invoice.issued_on, invoice.due_on - files.days(0, 10))
        files.pay(account_id, on, invoice.currency, invoice.cents * 3, f"X{account_id}")


def _major(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _csv(columns: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()

"""What happens to a made-up account besides its invoices being paid. Imports no `chalicelib`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.second_opinion.chance import in_major_units

if TYPE_CHECKING:
    from tests.second_opinion.random_account import RandomAccount


def days(count: int) -> timedelta:
    return timedelta(days=count)


def stray_money(account: RandomAccount) -> None:
    """Money that names nothing, or an invoice that is not issued yet."""
    chance, ledger = account.chance, account.ledger
    if chance.of(0.3):
        for _ in range(chance.whole(1, 2)):
            currency = chance.choice(account.currencies)
            amount = chance.money(5, 3000, currency)
            on = ledger.first_day + days(chance.whole(0, ledger.days))
            ledger.pay(account.id, currency, amount, on, on + account.books_later_by())
    if chance.of(0.25):
        invoice = chance.choice(account.invoices)
        on = invoice.issued - days(chance.whole(1, 40))
        amount = chance.whole(1, max(1, invoice.open))
        if chance.of(0.3):
            amount += chance.money(1, 300, invoice.currency)
        booked = on + days(chance.whole(0, 3))
        ledger.pay(account.id, invoice.currency, amount, on, booked, [invoice.id])
    if chance.of(0.15):
        invoice = chance.choice(account.invoices)
        ledger.credit_count += 1
        on = invoice.issued - days(chance.whole(1, 30))
        amount = chance.whole(1, max(1, invoice.open))
        ledger.credit(account.id, invoice.currency, amount, on, invoice.id, "early")


def pauses_and_contacts(account: RandomAccount) -> None:
    chance, ledger = account.chance, account.ledger
    if chance.of(0.2):
        on = ledger.first_day + days(chance.whole(0, ledger.days))
        until = (on + days(chance.whole(1, 45))).isoformat()
        ledger.fact(on, account.id, "pause", until=until)
    for _ in range(chance.choice([0, 0, 1, 2, 4, 8])):
        on = ledger.first_day + days(chance.whole(0, ledger.days))
        direction = chance.choice(["inbound", "outbound", "outbound"])
        channel = chance.choice(["call", "call", "email"])
        ledger.fact(
            on, account.id, "contact", direction=direction, channel=channel, outcome="other"
        )


def bounces(account: RandomAccount) -> None:
    """Payments that bounce, on days on which no other payment of the account is booked."""
    chance, ledger = account.chance, account.ledger
    said = [fact for fact in ledger.facts if fact["account_id"] == account.id]
    if any(fact.get("direction") == "inbound" for fact in said):
        return
    mine = [row for row in ledger.payments if row["account_id"] == account.id]
    booked = {row["payment_id"]: row["booked_on"] or row["received_on"] for row in mine}
    for payment_id, on in booked.items():
        bounced = date.fromisoformat(on) + days(chance.whole(1, 40))
        if chance.of(0.5) and bounced.isoformat() not in booked.values():
            ledger.fact(bounced, account.id, "payment_reversed", payment_id=payment_id)


def waivers(account: RandomAccount) -> None:
    """Somebody writes an invoice off, or waives what may have been charged on it by then."""
    chance, ledger = account.chance, account.ledger
    for invoice in account.invoices:
        on = max(invoice.issued, invoice.due + days(chance.whole(10, 80)))
        if chance.of(0.02):
            ledger.fact(on, account.id, "write_off", invoice_id=invoice.id, reason="lost")
        if not chance.of(0.05):
            continue
        for stage in ("s0", "s1", "s2", "final"):
            for kind in ("flat", "percent", "tiered", "interest", "compensation"):
                ledger.fact(
                    on, account.id, "waiver", invoice_id=invoice.id,
                    charge_id=f"{invoice.id}:{stage}:{kind}", reason="goodwill",
                )  # fmt: skip


def blocks(account: RandomAccount) -> None:
    """A legal stop, and invoices that are told to be in a plan, each with or without an end."""
    chance, ledger = account.chance, account.ledger
    for block, likely in (("legal_stop", 0.12), ("in_plan", 0.15)):
        if not chance.of(likely):
            continue
        on = ledger.first_day + days(chance.whole(20, ledger.days))
        names = None
        if block == "in_plan":
            there = [invoice.id for invoice in account.invoices if invoice.issued <= on]
            if not there:
                continue
            names = chance.sample(there, chance.whole(1, len(there)))
        until = (on + days(chance.whole(0, 60))).isoformat() if chance.of(0.5) else None
        ledger.fact(on, account.id, "block", block=block, invoice_ids=names, until=until)
        if until and chance.of(0.5):
            continue
        some = names[: chance.whole(1, len(names))] if names and chance.of(0.5) else None
        ends = on + days(chance.whole(0, 60))
        ledger.fact(ends, account.id, "block_ended", block=block, invoice_ids=some)


def promises(account: RandomAccount) -> None:
    """Promises that do not overlap, kept or not."""
    chance, ledger = account.chance, account.ledger
    free_from = ledger.first_day
    for _ in range(chance.choice([0, 0, 1, 2, 3, 4])):
        on = max(free_from, ledger.first_day + days(chance.whole(20, ledger.days)))
        currency = chance.choice(account.currencies)
        there = [
            i for i in account.invoices if i.currency == currency and i.issued <= on and i.open
        ]
        if not there:
            continue
        names = None
        if chance.of(0.55):
            names = [i.id for i in chance.sample(there, chance.whole(1, len(there)))]
        amount, by = chance.money(5, 900, currency), on + days(chance.whole(0, 20))
        ledger.fact(
            on, account.id, "promise", amount=in_major_units(amount, currency),
            currency=currency, by=by.isoformat(), invoice_ids=names,
        )  # fmt: skip
        if chance.of(0.45):
            received = on + days(chance.whole(0, (by - on).days + 4))
            booked = received + days(chance.choice([0, 0, 0, 2, 5]))
            ledger.pay(account.id, currency, amount, received, booked, names or [])
        what = chance.choice(["promise_approved", "promise_approved", "promise_withdrawn", ""])
        if what:
            changed = on + days(chance.whole(0, (by - on).days))
            promise_id = f"ptp_{on.isoformat()}_01"
            ledger.fact(changed, account.id, what, promise_id=promise_id)
        free_from = by + days(5)

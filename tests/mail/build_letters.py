"""Builders of letters with sensible defaults: one invoice, several months, hundreds of invoices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.core.workings import Arithmetic, Segment, Working, working_of
from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_parts import (
    Announcement,
    ChargeLine,
    Collector,
    ComingCharge,
    ComingRate,
    Consequence,
    ConsequenceKind,
    DisputedPart,
    InvoiceLine,
    InvoiceStage,
    NoticeKind,
    OtherCharge,
    PaymentInstruction,
    RateSource,
    Seller,
    UnappliedItem,
)

TODAY = date(2026, 3, 18)
BUCKETS = ("current", "1-30", "31-60", "61-90", "91+")
SELLER = Seller(
    name="Harbor & Pine Supply Co.",
    address_lines=("1200 Wharf Street", "Portland, OR 97209"),
    phone="+1 503 555 0142",
)
COLLECTOR = Collector(
    name="Maria Lopez", email="maria.lopez@harborpine.example", phone="+1 503 555 0178"
)
PAYMENT = (
    PaymentInstruction(label="Bank", value="First Harbor Bank, Portland"),
    PaymentInstruction(label="Routing number", value="123 456 780"),
    PaymentInstruction(label="Account number", value="0045 7711 02"),
    PaymentInstruction(label="Payment reference", value="ACC-4711"),
)
NEXT_FEE = (ComingCharge(kind="percent", rate=Decimal("0.015"), max_minor=500_00),)
CONTRACT = ComingRate(figure=Decimal("0.1275"))
BANK_RATE = RateSource(
    rate=Decimal("0.1275"),
    title="Bank of England Bank Rate",
    reference=Decimal("0.0475"),
    on=date(2024, 12, 31),
    margin=Decimal("0.08"),
)
REMINDED = InvoiceStage(name="reminder")


def bucket(days_past_due: int) -> str:
    """Return the standard policy's bucket."""
    edges = ((30, "1-30"), (60, "31-60"), (90, "61-90"))
    return next((name for edge, name in edges if days_past_due <= edge), "91+")


def charge(invoice_id: str, amount_minor: int, **changes: Any) -> ChargeLine:
    """Return a late fee of 1.5%, posted today."""
    sum_minor = amount_minor
    base_minor = sum_minor * 1000 // 15
    return replace(
        ChargeLine(
            charge_id=f"{invoice_id}:late_fee_30:percent",
            kind="percent",
            posted_on=TODAY,
            amount_minor=amount_minor,
            open_minor=amount_minor,
            is_new=True,
            arithmetic=Arithmetic(sum_minor, base_minor, Decimal("0.015")),
        ),
        **changes,
    )


def fee_stage(days: int) -> InvoiceStage:
    """Return the stage of a late fee at so many days past due."""
    return InvoiceStage(name="late_fee", days=days)


def interest(*parts: tuple[int, int], before_minor: int = 0) -> dict[str, Any]:
    """Return what a charge of interest at 12.75% is made with: its bases, each with its days."""
    segments = tuple(
        Segment(TODAY, TODAY, days, base_minor, Decimal("0.1275"), "") for base_minor, days in parts
    )
    working = replace(working_of(segments, 365), posted_before_minor=before_minor)
    return {
        "kind": "interest",
        "working": working,
        "arithmetic": Arithmetic(_left(working)),
        "rate_sources": (BANK_RATE,),
    }


def _left(working: Working) -> int:
    return working.running_minor - working.posted_before_minor


def invoice(invoice_id: str, days_past_due: int, amount_minor: int, **changes: Any) -> InvoiceLine:
    """Return an invoice on net 30 terms, wholly open and undisputed."""
    due_on = TODAY - timedelta(days=days_past_due)
    return replace(
        InvoiceLine(
            invoice_id=invoice_id,
            issued_on=due_on - timedelta(days=30),
            due_on=due_on,
            days_past_due=days_past_due,
            original_minor=amount_minor,
            open_minor=amount_minor,
            asked_minor=amount_minor,
            bucket=bucket(days_past_due),
            stage=REMINDED,
        ),
        **changes,
    )


def letter(*invoices: InvoiceLine, **changes: Any) -> Letter:
    """Return a reminder over the invoices, its total made to fit."""
    others: tuple[OtherCharge, ...] = changes.get("other_charges", ())
    total_minor = sum(line.due_minor for line in invoices)
    values: dict[str, Any] = {
        "kind": NoticeKind.REMINDER,
        "reference": "ACC-4711",
        "account_id": "4711",
        "account_name": "Brightline Interiors, Inc.",
        "seller": SELLER,
        "collector": COLLECTOR,
        "notice_on": TODAY,
        "currency": "USD",
        "digits": 2,
        "total_minor": total_minor + sum(other.charge.open_minor for other in others),
        "buckets": BUCKETS,
        "invoices": invoices,
    }
    return Letter(**(values | changes))


def small_letter(**changes: Any) -> Letter:
    """Return a reminder for one invoice that announces the first late fee."""
    defaults: dict[str, Any] = {
        "contact_name": "Dana Whitfield",
        "payment": PAYMENT,
        "announcements": (
            Announcement(days_past_due=30, charges=NEXT_FEE, first_on=date(2026, 4, 2)),
        ),
    }
    return letter(invoice("INV-20318", 15, 124_050, po_number="PO 88-1021"), **(defaults | changes))


def full_letter(**changes: Any) -> Letter:
    """Return a late-fee notice: six invoices of three months, charges, a dispute, credits."""
    lines = (
        invoice("INV-19002", 75, 1_250_000, po_number="88-0961", stage=fee_stage(60),
                charges=(charge("INV-19002", 18_750, posted_on=date(2026, 2, 2), is_new=False),
                         charge("INV-19002", 18_750, charge_id="INV-19002:late_fee_60:percent"))),
        invoice("INV-19044", 68, 84_900, po_number="88-0970", stage=fee_stage(60),
                open_minor=40_000, asked_minor=40_000),
        invoice("INV-19310", 44, 512_375, stage=fee_stage(30), asked_minor=412_375,
                charges=(charge("INV-19310", 6_186, posted_on=date(2026, 3, 4), is_new=False,
                                open_minor=2_186,
                                arithmetic=Arithmetic(6_186, 412_375, Decimal("0.015"))),)),
        invoice("INV-19377", 31, 73_000, po_number="Warehouse 4 refit / 2026-02",
                stage=fee_stage(30), charges=(charge("INV-19377", 1_095),)),
        invoice("INV-19820", 16, 220_000, po_number="88-1013"),
        invoice("INV-19833", 15, 9_950, po_number="88-1017"),
    )  # fmt: skip
    defaults: dict[str, Any] = {
        "kind": NoticeKind.LATE_FEE,
        "contact_name": "Dana Whitfield",
        "other_charges": (
            OtherCharge(
                invoice_id="INV-18711",
                charge=charge("INV-18711", 4_500, posted_on=date(2026, 1, 21), is_new=False),
            ),
        ),
        "disputed": (
            DisputedPart(
                invoice_id="INV-19310", disputed_minor=100_000, since_on=date(2026, 2, 20)
            ),
            DisputedPart(invoice_id="INV-19401", disputed_minor=35_500, po_number="88-0999"),
        ),
        "unapplied": (
            UnappliedItem(
                kind="payment",
                reference="WIRE-55120",
                dated_on=date(2026, 3, 11),
                amount_minor=60_000,
            ),
            UnappliedItem(
                kind="credit_note",
                reference="CN-3007",
                dated_on=date(2026, 3, 2),
                amount_minor=12_500,
            ),
        ),
        "announcements": (
            Announcement(days_past_due=30, charges=NEXT_FEE, first_on=date(2026, 4, 1)),
            Announcement(days_past_due=60, charges=NEXT_FEE, first_on=date(2026, 4, 3)),
            Announcement(days_past_due=90, charges=NEXT_FEE, first_on=date(2026, 4, 2)),
        ),
        "payment": PAYMENT,
    }
    return letter(*lines, **(defaults | changes))


FINAL = {
    "kind": NoticeKind.FINAL_DEMAND,
    "announcements": (),
    "respond_by": date(2026, 3, 28),
    "consequences": (
        Consequence(kind=ConsequenceKind.HOLD),
        Consequence(
            kind=ConsequenceKind.AGENCY, fee_percent=Decimal("0.15"), fee_max_minor=5_000_00
        ),
    ),
}


def final_letter(**changes: Any) -> Letter:
    """Return a final demand over the full letter's invoices and one that is 95 days past due."""
    oldest = invoice(
        "INV-18650", 95, 318_000, po_number="88-0930", stage=InvoiceStage(name="final_demand"),
        charges=(charge("INV-18650", 4_770, charge_id="INV-18650:final_demand:percent"),),
    )  # fmt: skip
    full = full_letter()
    defaults = {
        "contact_name": full.contact_name,
        "other_charges": full.other_charges,
        "disputed": full.disputed,
        "unapplied": full.unapplied,
        "payment": full.payment,
    }
    return letter(oldest, *full.invoices, **(defaults | FINAL | changes))


def statutory_letter(**changes: Any) -> Letter:
    """Return a notice in pounds of interest and compensation, as a statutory policy makes it."""
    first = interest((2_000_000, 25), (1_500_000, 38), (800_000, 14), before_minor=36_853)
    fixed = Arithmetic(10_000, 2_000_000, fixed_minor=10_000)
    lines = (
        invoice("INV-20401", 77, 2_000_000, open_minor=800_000, asked_minor=780_000,
                stage=InvoiceStage(name="interest", days=45),
                charges=(charge("INV-20401", 10_000, kind="compensation", is_new=False,
                                arithmetic=fixed),
                         charge("INV-20401", 4_436, **first))),
        invoice("INV-20417", 50, 100_000, stage=InvoiceStage(name="interest", days=45),
                charges=(charge("INV-20417", 1_747, **interest((100_000, 50))),)),
    )  # fmt: skip
    defaults: dict[str, Any] = {
        "kind": NoticeKind.LATE_FEE,
        "currency": "GBP",
        "locale": "en_GB",
        "disputed": (DisputedPart(invoice_id="INV-20401", disputed_minor=20_000),),
        "announcements": (
            Announcement(
                days_past_due=60,
                charges=(ComingCharge(kind="interest", interest=CONTRACT),),
                first_on=date(2026, 3, 28),
                every_days=15,
                runs_to_payment=True,
            ),
        ),
    }
    return letter(*lines, **(defaults | changes))


def long_letter(invoice_count: int = 250, **changes: Any) -> Letter:
    """Return a late-fee notice over hundreds of invoices of several months."""
    lines = []
    for index in range(invoice_count):
        days = 110 - index * 95 // invoice_count
        amount_minor = 40_000 + index * 1_300
        fees = (charge(f"INV-{index:05d}", amount_minor * 15 // 1000),) if days >= 30 else ()
        lines.append(invoice(f"INV-{index:05d}", days, amount_minor, charges=fees))
    return letter(*lines, **({"kind": NoticeKind.LATE_FEE, "payment": PAYMENT} | changes))

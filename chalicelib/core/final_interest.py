"""Interest that is posted when the principal is paid: `[interest].post_final` (R4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.charge_amounts import compute_charge
from chalicelib.core.charges import (
    book_charge,
    charge_base,
    interest_to_post,
    is_revision,
    stop_charge,
)
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.policy import FINAL_STAGE, ChargeRule, Policy
from chalicelib.core.suspensions import rests_today
from chalicelib.core.value_date import fees_too_much, interest_excess

KIND = "interest"


def post_finals(
    book: Book, closed: Mapping[str, int], value_on: date, policy: Policy, today: date
) -> None:
    """Post what is left to post of the interest of invoices whose principal is now paid (R4.3).

    `closed`: by their ids, what was open and undisputed of their principal before the payment, in
    minor units, which `skip_below` goes by. Through the latest value date of what closed them, with
    the caps as of that day. `value_on` is that of the payment that is being booked: what it will
    take back of earlier postings (R4.9) counts as not posted. An invoice that is in a plan or under
    a legal stop is passed over: there it lapses, as it does where no interest stage was applied.
    """
    if policy.interest is None or not policy.interest.post_final:
        return
    for name, undisputed_minor in closed.items():
        invoice = book.find(name)
        if invoice is None or invoice.voided or invoice.open_minor or not invoice.reductions:
            continue
        if invoice.currency not in policy.currencies:
            continue  # nothing is charged in it (R2.1)
        rule = _rule(book, invoice, policy)
        if rule is None or undisputed_minor < rule.skip_below.get(invoice.currency, 0):
            continue
        if not rests_today(book, invoice, today):
            _post(book, invoice, rule, value_on, policy, today)


def _post(
    book: Book, invoice: Invoice, rule: ChargeRule, value_on: date, policy: Policy, today: date
) -> None:
    through = max(cut.value_on for cut in invoice.reductions)
    identity, uncounted = _identity(invoice), 0
    try:
        working = interest_to_post(book, invoice, policy, through, today)
        if policy.cash.reverse_on_value_date and value_on < today:
            excess = interest_excess(book, invoice, value_on, policy, today)
            uncounted = sum(amount for _, amount in excess)
            posted = working.posted_before_minor - uncounted
            working = replace(working, posted_before_minor=posted)
            fees = fees_too_much(book, invoice, value_on)
            uncounted += sum(amount for fee, amount in fees if fee.is_late_fee)
    except RateUnknownError as error:
        stop_charge(book, invoice, identity, FINAL_STAGE, today, error)
        return
    rule = replace(rule, skip_below={})  # nothing is open any more
    base = charge_base(invoice, policy, through, working)
    base = replace(base, charged_minor=base.charged_minor - uncounted)  # net of reversals (R4.5)
    computed = compute_charge(rule, policy.caps, base)
    if computed is None:
        return
    charge = Charge(
        identity, FINAL_STAGE, KIND, today, computed.amount_minor, computed.amount_minor,
        computed.capped_by, basis=computed.basis, working=working, arithmetic=computed.arithmetic,
    )  # fmt: skip
    book_charge(book, invoice, charge, today)


def _rule(book: Book, invoice: Invoice, policy: Policy) -> ChargeRule | None:
    """Return the charge of the last interest stage that was applied to an invoice, if any."""
    for applied in reversed(invoice.applied):
        stage = policy.stage_by_id.get(applied.stage)
        for rule in stage.charges_for(book.details.debtor_kind) if stage is not None else ():
            if rule.kind == KIND:
                return rule
    return None


def _identity(invoice: Invoice) -> str:
    """Return the id of the next final posting: `<invoice>:final:interest`, then `:2`, ..."""
    earlier = sum(
        charge.stage == FINAL_STAGE and charge.kind == KIND and not is_revision(charge.id)
        for charge in invoice.charges
    )
    return f"{invoice.id}:{FINAL_STAGE}:{KIND}" + (f":{earlier + 1}" if earlier else "")

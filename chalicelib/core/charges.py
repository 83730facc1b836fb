"""The charges of stages: what they are called, and how they are posted (R4.1-R4.3, R4.5)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.charge_amounts import ChargeBase, compute_charge
from chalicelib.core.effects import ChargePosted, ChargeStopped, Entry
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.interest import interest_on, posted_minor
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.policy import Policy, Step
from chalicelib.core.workings import Working, kept

_REVISION = re.compile(r":r\d+$")  # how the id of a charge's later revision ends (R4.2)


def charge_id(invoice_id: str, step: Step, kind: str) -> str:
    """Return the id of a stage's charge (R4.2): `<invoice>:<stage>:<kind>[:<period>]`."""
    period = f":{step.period}" if step.period > 1 else ""
    return f"{invoice_id}:{step.stage.id}:{kind}{period}"


def next_revision(invoice: Invoice, charge_id: str) -> str:
    """Return the id under which a charge of an invoice is owed again (R4.2): `<first id>:r<n>`."""
    first = first_id(charge_id)
    revisions = sum(c.id == first or c.id.startswith(f"{first}:r") for c in invoice.charges)
    return f"{first}:r{revisions}"


def first_id(charge_id: str) -> str:
    """Return the id under which a charge was owed first: without the revision (R4.2)."""
    return _REVISION.sub("", charge_id)


def is_revision(charge_id: str) -> bool:
    """Whether a charge is an earlier one, owed again (R4.2)."""
    return first_id(charge_id) != charge_id


def interest_to_post(
    book: Book, invoice: Invoice, policy: Policy, through: date, as_of: date | None = None
) -> Working:
    """Return the running total of an invoice's interest through a day, and what was posted of it.

    Within the days of grace there is none (R4.3). `as_of`: the day on which it is asked, where
    that is a later one.

    Raises:
        RateUnknownError: the policy's table does not reach a day that is needed (R4.4).
    """
    working = interest_on(book, invoice, policy, through, as_of)
    posted = posted_minor(invoice)
    if policy.interest is None or invoice.days_past_due(through) <= policy.interest.grace_days:
        working = replace(working, segments=(), running_minor=0)
    return replace(working, posted_before_minor=posted)


def charge_base(
    invoice: Invoice, policy: Policy, as_of: date, interest: Working | None = None
) -> ChargeBase:
    """Return what a charge of an invoice is worked out from on a day (R4.1, R4.5)."""
    return ChargeBase(
        currency=invoice.currency,
        digits=policy.digits[invoice.currency],
        undisputed_minor=invoice.undisputed_minor,
        original_minor=invoice.amount_minor,
        charged_minor=sum(charge.counts_for_caps_minor for charge in invoice.charges),
        days_past_due=invoice.days_past_due(as_of),
        interest=interest,
    )


def post_charges(book: Book, invoice: Invoice, step: Step, policy: Policy, today: date) -> Invoice:
    """Post the charges of a stage that applies to an invoice; return the invoice as it now stands.

    A charge that a missing rate stops is an alarm, and the others are posted (R4.4). What was
    posted under the id before is not posted again: another policy may have had a stage of the same
    name at fewer days (R4.2). The next posting of interest takes along what it would have been.
    """
    there = {charge.id for charge in invoice.charges}
    for rule in step.stage.charges_for(book.details.debtor_kind):
        identity, working = charge_id(invoice.id, step, rule.kind), None
        if identity in there:
            continue
        if rule.kind == "interest":
            try:
                working = interest_to_post(book, invoice, policy, today)
            except RateUnknownError as error:
                stop_charge(book, invoice, identity, step.stage.id, today, error)
                continue
        computed = compute_charge(rule, policy.caps, charge_base(invoice, policy, today, working))
        if computed is None:
            continue
        charge = Charge(
            identity, step.stage.id, rule.kind, today, computed.amount_minor,
            computed.amount_minor, computed.capped_by, basis=computed.basis, working=working,
            arithmetic=computed.arithmetic,
        )  # fmt: skip
        invoice = book_charge(book, invoice, charge, today)
    return invoice


def book_charge(
    book: Book, invoice: Invoice, charge: Charge, on: date, reason: str = ""
) -> Invoice:
    """Post a charge on a day, with its effect and its entry; return the invoice as it now stands.

    A charge capped to nothing is an effect of amount 0 and is not posted (R4.5). Of a long working
    it keeps the first segments and the last.
    """
    amount, currency = charge.amount_minor, invoice.currency
    posted = ChargePosted(
        on, book.account_id, charge.id, invoice.id, charge.stage, charge.kind, amount, currency,
        charge.capped_by, charge.basis,
    )  # fmt: skip
    book.effects.append(posted)
    if amount == 0:
        return invoice
    book.enter(Entry("charge", on, on, currency, amount, charge.id, invoice.id, charge.id, reason))
    if charge.working is not None:
        charge = replace(charge, working=kept(charge.working))
    return book.put_charge(invoice, charge)


def stop_charge(
    book: Book, invoice: Invoice, identity: str, stage: str, on: date, error: RateUnknownError
) -> None:
    """Raise the alarm of a charge of interest that a missing rate stops (R4.4)."""
    stopped = ChargeStopped(
        on, book.account_id, identity, invoice.id, stage, "interest", error.code, str(error)
    )
    book.effects.append(stopped)


def owe_again(
    book: Book,
    invoice: Invoice,
    old: Charge,
    amount_minor: int,
    on: date,
    reason: str,
    policy: Policy,
) -> Invoice:
    """Post an amount of a charge again as its next revision; return the invoice (R4.2, R4.7, R4.9).

    The revision keeps the day on which the charge was posted, which R4.9 and the waterfall go by.
    No cap is asked again.
    """
    basis, arithmetic = old.basis, old.arithmetic
    if amount_minor != old.amount_minor:
        said = policy.amount_in_words(amount_minor, invoice.currency)
        basis = f"{basis}, of which {said} is owed again"
        if arithmetic is not None:
            arithmetic = replace(arithmetic, again_minor=amount_minor)
    revision = Charge(
        next_revision(invoice, old.id), old.stage, old.kind, old.posted_on, amount_minor,
        amount_minor, old.capped_by, basis=basis, working=old.working, arithmetic=arithmetic,
    )  # fmt: skip
    return book_charge(book, invoice, revision, on, reason)

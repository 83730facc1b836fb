"""A letter's values as finance's own texts see them: plain, ready to print, by stable names.

Amounts and dates are written as the letter's reader writes them; what is not there is an empty
text, never missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_account import AccountLetter, OpenLine
from chalicelib.flows.letter_plan import PlanLetter
from chalicelib.flows.statement import Statement
from chalicelib.mail.formats import Formats, formats_for, parse_locale
from chalicelib.mail.plain_names import ACCOUNT, COMMON, DUNNING, PLAN, STATEMENT, Names
from chalicelib.mail.render import PHRASES, Composed

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Told:
    """What letters of one class tell beyond what all of them do."""

    names: Names
    values: Callable[[Any, Formats, Composed], Values]


def names_of(kind: type) -> Names:
    """Return the names that texts of a class of letters can use, with what each is."""
    return {**COMMON, **_told(kind).names}


def values_of(done: Composed) -> Values:
    """Return the values that a text of a letter is written with, of the shapes of `names_of`.

    They are written for the letter's own locale, in whatever language the letter's layout is.
    """
    letter = done.letter
    language = parse_locale(letter.locale).language
    f = formats_for(letter.locale, letter.currency, letter.digits, language)
    say = vars(done.say)
    return {
        "account_id": letter.account_id,
        "account_name": letter.account_name,
        "collector": {
            "name": letter.collector.name,
            "email": letter.collector.email,
            "phone": letter.collector.phone,
        },
        "contact_name": letter.contact_name,
        "currency": letter.currency,
        "facts": [{"label": label, "value": value} for label, value in done.values["facts"]],
        "notice_on": f.long_day(letter.notice_on),
        "payment": [{"label": line.label, "value": line.value} for line in letter.payment],
        "phrases": {name: say[name]() if name in say else "" for name in PHRASES},
        "reference": letter.reference,
        "seller": {"name": letter.seller.name, "phone": letter.seller.phone},
        **_told(type(letter)).values(letter, f, done),
    }


def _told(kind: type) -> _Told:
    return _SORTS.get(kind, _NOTHING_MORE)


def _day(on: date | None, f: Formats) -> str:
    return f.long_day(on) if on else ""


def _some(minor: int, f: Formats) -> str:
    """Return an amount, "" for none: so that `if` asks whether there is any."""
    return f.money(minor) if minor else ""


def _dunning(letter: Letter, f: Formats, done: Composed) -> Values:
    oldest = min(letter.invoices, key=lambda one: one.due_on, default=None)
    return {
        "announced": [part for part in done.say.announced().split("\n\n") if part],
        "charges": _some(letter.total_minor - letter.principal_minor, f),
        "consequences": list(done.values["consequences"]),
        "disputed": [
            {"invoice_id": part.invoice_id, "amount": f.money(part.disputed_minor)}
            for part in letter.disputed
        ],
        "invoice_count": len(letter.invoices),
        "invoice_ids": [one.invoice_id for one in letter.invoices],
        "invoices": [
            {
                "id": one.invoice_id,
                "po_number": one.po_number,
                "issued_on": f.long_day(one.issued_on),
                "due_on": f.long_day(one.due_on),
                "days_past_due": one.days_past_due,
                "due": f.money(one.asked_minor),
                "open": f.money(one.open_minor),
                "original": f.money(one.original_minor),
                "charges": _some(one.due_minor - one.asked_minor, f),
                "disputed": _some(one.disputed_minor, f),
            }
            for one in letter.invoices
        ],
        "new_charges": [
            {
                "invoice_id": invoice_id,
                "name": done.labels[f"charge_{charge.name}"],
                "amount": f.money(charge.open_minor),
                "posted_on": f.long_day(charge.posted_on),
            }
            for invoice_id, charge in letter.new_charges
        ],
        "oldest_days_past_due": oldest.days_past_due if oldest else 0,
        "oldest_due_on": f.long_day(oldest.due_on) if oldest else "",
        "principal": f.money(letter.principal_minor),
        "respond_by": _day(letter.respond_by, f),
        "total": f.money(letter.total_minor),
        "unapplied": [
            {
                "name": done.labels[f"unapplied_{item.kind}"],
                "reference": item.reference,
                "amount": f.money(item.amount_minor),
                "dated_on": _day(item.dated_on, f),
            }
            for item in letter.unapplied
        ],
    }


def _plan(letter: PlanLetter, f: Formats, _done: Composed) -> Values:
    return {
        "grace_days": letter.grace_days,
        "instalments": [
            {
                "number": one.number,
                "due_on": f.long_day(one.due_on),
                "amount": f.money(one.amount_minor),
                "open": _some(one.open_minor, f),
                "is_missed": one.is_missed,
            }
            for one in letter.instalments
        ],
        "interest_due": letter.interest_due,
        "invoice_ids": [one.invoice_id for one in letter.covers],
        "invoices": [
            {
                "id": one.invoice_id,
                "po_number": one.po_number,
                "due_on": f.long_day(one.due_on),
                "open": f.money(one.open_minor),
                "charges": _some(one.charges_minor, f),
            }
            for one in letter.covers
        ],
        "left": _some(letter.left_minor, f),
        "made_on": f.long_day(letter.made_on),
        "misses_left": letter.misses_left,
        "open": _some(letter.open_minor, f),
        "plan_total": _some(letter.total_minor, f),
        "total": _some(letter.asked_minor, f),
    }


_NOTHING_MORE = _Told({}, lambda _letter, _f, _done: {})


def _account(letter: AccountLetter, f: Formats, done: Composed) -> Values:
    promise, hold = letter.promise, letter.hold
    sums = {name: done.values[name] for name in ("asked", "past_due", "paid", "not_due")}
    return {
        "invoice_ids": [one.invoice_id for one in letter.invoices],
        "invoices": [
            {
                "id": one.invoice_id,
                "po_number": one.po_number,
                "due_on": f.long_day(one.due_on),
                "open": _in_own(one.open_minor, one, f),
                "charges": _in_own(one.charges_minor, one, f),
            }
            for one in letter.invoices
        ],
        "is_prepaid": hold is not None and hold.is_prepaid,
        "not_due": sums["not_due"],
        "paid": sums["paid"],
        "past_due": sums["past_due"],
        "promised": f.money(promise.amount_minor) if promise else "",
        "promised_by": f.long_day(promise.by) if promise else "",
        "received": _some(promise.received_minor, f) if promise else "",
        "ships_until": f.long_day(hold.ships_until) if hold and hold.ships_until else "",
        "since": _day(letter.since, f),
        "total": sums["asked"],
    }


def _in_own(minor: int, line: OpenLine, f: Formats) -> str:
    return _some(minor, replace(f, currency=line.currency, digits=line.digits))


def _statement(letter: Statement, f: Formats, done: Composed) -> Values:
    return {
        "ages": [
            {"name": age.name, "count": age.invoice_count, "amount": f.money(age.principal_minor)}
            for age in done.values["ages"]
        ],
        "charges": _some(letter.charges_minor, f),
        "disputed": _some(letter.disputed_minor, f),
        "invoice_ids": [one.invoice_id for one in letter.invoices],
        "invoices": [
            {
                "id": one.invoice_id,
                "po_number": one.po_number,
                "issued_on": f.long_day(one.issued_on),
                "due_on": f.long_day(one.due_on),
                "days_past_due": max(one.days_past_due, 0),
                "open": f.money(one.open_minor),
                "original": f.money(one.original_minor),
                "charges": _some(one.charges_minor, f),
                "disputed": _some(one.disputed_minor, f),
            }
            for one in letter.invoices
        ],
        "open": f.money(letter.open_minor),
        "past_due": _some(letter.past_due_minor, f),
        "total": f.money(letter.open_minor),
        "unapplied": _some(letter.unapplied_minor, f),
    }


_SORTS: Mapping[type, _Told] = {
    Letter: _Told(DUNNING, _dunning),
    PlanLetter: _Told(PLAN, _plan),
    AccountLetter: _Told(ACCOUNT, _account),
    Statement: _Told(STATEMENT, _statement),
}

"""A letter's values as finance's own texts see them: plain, ready to print, by stable names.

The names are a contract: a text of last year must still say the same. Amounts and dates are
written as the letter's reader writes them; what is not there is an empty text, never missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_plan import PlanLetter
from chalicelib.mail.formats import Formats, formats_for, parse_locale
from chalicelib.mail.render import PHRASES, Composed
from chalicelib.mail.text_shapes import FLAG, NUMBER, TEXT, ListOf, Shape

Values = dict[str, Any]
Names = Mapping[str, Shape]

COMMON: Names = {
    "account_id": TEXT,
    "account_name": TEXT,
    "collector": {"name": TEXT, "email": TEXT, "phone": TEXT},
    "contact_name": TEXT,
    "currency": TEXT,
    "facts": ListOf({"label": TEXT, "value": TEXT}),
    "notice_on": TEXT,
    "payment": ListOf({"label": TEXT, "value": TEXT}),
    "phrases": dict.fromkeys(PHRASES, TEXT),
    "reference": TEXT,
    "seller": {"name": TEXT, "phone": TEXT},
}
DUNNING: Names = {
    "announced": ListOf(TEXT),
    "charges": TEXT,
    "consequences": ListOf(TEXT),
    "disputed": ListOf({"invoice_id": TEXT, "amount": TEXT}),
    "invoice_count": NUMBER,
    "invoice_ids": ListOf(TEXT),
    "invoices": ListOf(
        {
            "id": TEXT, "po_number": TEXT, "issued_on": TEXT, "due_on": TEXT, "days_past_due": NUMBER,
            "due": TEXT, "open": TEXT, "original": TEXT, "charges": TEXT, "disputed": TEXT,
        }
    ),
    "new_charges": ListOf({"invoice_id": TEXT, "name": TEXT, "amount": TEXT, "posted_on": TEXT}),
    "oldest_days_past_due": NUMBER,
    "oldest_due_on": TEXT,
    "principal": TEXT,
    "respond_by": TEXT,
    "total": TEXT,
    "unapplied": ListOf({"name": TEXT, "reference": TEXT, "amount": TEXT, "dated_on": TEXT}),
}  # fmt: skip
PLAN: Names = {
    "grace_days": NUMBER,
    "instalments": ListOf(
        {"number": NUMBER, "due_on": TEXT, "amount": TEXT, "open": TEXT, "is_missed": FLAG}
    ),
    "interest_due": FLAG,
    "invoice_ids": ListOf(TEXT),
    "invoices": ListOf(
        {"id": TEXT, "po_number": TEXT, "due_on": TEXT, "open": TEXT, "charges": TEXT}
    ),
    "left": TEXT,
    "made_on": TEXT,
    "misses_left": NUMBER,
    "open": TEXT,
    "plan_total": TEXT,
    "total": TEXT,
}


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
_SORTS: Mapping[type, _Told] = {
    Letter: _Told(DUNNING, _dunning),
    PlanLetter: _Told(PLAN, _plan),
}

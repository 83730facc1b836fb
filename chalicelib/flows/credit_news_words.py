"""The mail that tells customer service about an account's credit: internal, English (R8.6)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from chalicelib.core.releases import CreditNews

NAME_MAX = 120  # characters of a name in a subject
_STATUS = {"open": "open", "on_hold": "on hold", "prepaid": "prepaid only"}


@dataclass(frozen=True, slots=True)
class NewsMail:
    """A mail's subject, its plain text, and the same as HTML."""

    subject: str
    text: str
    html: str


def write_news(account_id: str, name: str, news: CreditNews) -> NewsMail:
    """Return the mail about a change of credit status or a temporary release."""
    who = _one_line(f"{account_id} {name}")
    lines = [f"Account {who}", *_what(news), *_why(news), *_until(news)]
    lines.append("Pastdue wrote this by itself on " + news.on.isoformat() + ".")
    text = "\n".join(lines) + "\n"
    items = "\n".join(f"<p>{escape(line)}</p>" for line in lines)
    html = f'<!DOCTYPE html>\n<html lang="en"><body>\n{items}\n</body></html>\n'
    return NewsMail(f"{_headline(news)}: {who}", text, html)


def _headline(news: CreditNews) -> str:
    if news.until is not None:
        return f"Credit released until {news.until.isoformat()}"
    return f"Credit {_STATUS[news.status]}"


def _what(news: CreditNews) -> list[str]:
    lines = []
    if news.status != news.status_before:
        was, now = _STATUS[news.status_before], _STATUS[news.status]
        lines.append(f"Credit status: {now} (was: {was}), since {news.on.isoformat()}.")
    else:
        lines.append(f"Credit status: {_STATUS[news.status]}, as before.")
    lines.append("May be shipped to: yes." if news.may_ship else "May be shipped to: no.")
    return lines


def _why(news: CreditNews) -> list[str]:
    return [f"Hold: {reason}, since {since.isoformat()}." for reason, since in news.reasons]


def _until(news: CreditNews) -> list[str]:
    if news.until is None:
        return []
    which = ", ".join(news.released)
    day = news.until.isoformat()
    return [f"Temporary release of {which}: until {day}, that day included; then held again."]


def _one_line(text: str) -> str:
    """Return a text that may stand in a header: no line breaks, not too long."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:NAME_MAX]

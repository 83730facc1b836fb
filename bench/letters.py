"""Measures the rendering of notices, in a process of its own, and prints it as JSON.

    python bench/letters.py --letters 10000 --seed 7
    python bench/letters.py --letters 10000 --seed 7 --by plain_jinja    (a baseline)
    python bench/letters.py --letters 10000 --seed 7 --by babel_calls    (a baseline)

Accounts of 1 to 60 invoices walk through the days of the shipped policies; every notice that the
core makes on the way becomes a letter, as just before sending. Among them are letters about payment
plans. Measured is rendering alone: subject, text, HTML, attachments and digest; making the letters
is not. The baselines loop over the same letters in a template without words and layout, with
values as they are, or with each amount and date written by a call of Babel's own functions.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment
from letter_mix import made

from chalicelib.core.money import plain_amount
from chalicelib.flows.letter_plan import PlanLetter
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.mail.render import render

RSS_BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss
FIRST_PEAK_AT = 1_000  # letters
PLAIN_LINES = """{{ letter.account_name }} {{ letter.reference }} {{ day(letter.notice_on) }}
{% for line in lines %}
<tr><td>{{ line.invoice_id }}</td><td>{{ line.po_number }}</td><td>{{ day(line.due_on) }}</td>
{% for minor in amounts(line) %}<td>{{ amount(minor) }}</td>{% endfor %}</tr>
{% for charge in line.charges %}
<tr><td>{{ charge.kind }}</td><td>{{ day(charge.posted_on) }}</td>
<td>{{ amount(charge.open_minor) }}</td></tr>
{% endfor %}
{% endfor %}
{% for part in parts %}
<tr><td>{{ part.number }}</td><td>{{ day(part.due_on) }}</td>
<td>{{ amount(part.open_minor) }}</td></tr>
{% endfor %}
{{ amount(letter.total_minor) }}
"""

Renderer = Callable[[AnyLetter], int]


@dataclass(slots=True)
class Tally:
    """What one kind of letter came to."""

    letters: int = 0
    lines: int = 0
    seconds: float = 0.0
    html_bytes: int = 0
    html_bytes_max: int = 0

    def figures(self) -> dict[str, object]:
        """Return them, each of a letter."""
        return {
            "letters": self.letters,
            "invoices_each": round(self.lines / self.letters, 2),
            "ms_each": round(self.seconds * 1000 / self.letters, 2),
            "html_bytes_each": self.html_bytes // self.letters,
            "html_bytes_largest": self.html_bytes_max,
        }


@dataclass(slots=True)
class Measured:
    """All that was rendered, by kind and by locale."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    locales: dict[str, int] = field(default_factory=dict)
    peaks_mib: list[float] = field(default_factory=list)
    processor_s: float = 0.0

    def add(self, letter: AnyLetter, seconds: float, html_bytes: int) -> None:
        """Count one letter that was rendered in so many seconds to so many bytes."""
        tally = self.kinds.setdefault(letter.kind.value, Tally())
        tally.letters += 1
        tally.lines += len(lines_of(letter))
        tally.seconds += seconds
        tally.html_bytes += html_bytes
        tally.html_bytes_max = max(tally.html_bytes_max, html_bytes)
        self.locales[letter.locale] = self.locales.get(letter.locale, 0) + 1


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--by", choices=sorted(RENDERERS), default="shipped")
    given = parser.parse_args()
    print(json.dumps(measure(given.letters, given.seed, given.by)))


def measure(letters: int, seed: int, by: str) -> dict[str, object]:
    """Return seconds, letters a second and peak memory of rendering so many letters, one by one."""
    renderer, measured = RENDERERS[by], Measured()
    early = min(FIRST_PEAK_AT, letters)
    started = time.perf_counter()
    for number, letter in enumerate(islice(made(random.Random(seed)), letters), start=1):
        begun, used = time.perf_counter(), time.process_time()
        html_bytes = renderer(letter)
        measured.processor_s += time.process_time() - used
        measured.add(letter, time.perf_counter() - begun, html_bytes)
        if number in (early, letters):
            measured.peaks_mib.append(peak_mib())
    wall_s = time.perf_counter() - started
    rendering_s = sum(tally.seconds for tally in measured.kinds.values())
    return {
        "letters": letters,
        "seed": seed,
        "rendered_by": by,
        "rendering_s": round(rendering_s, 2),
        "of_which_processor_s": round(measured.processor_s, 2),
        "letters_per_s": round(letters / rendering_s, 1),
        "making_the_letters_s": round(wall_s - rendering_s, 2),
        f"peak_mib_after_{early}": measured.peaks_mib[0],
        "peak_mib": measured.peaks_mib[-1],
        "by_kind": {kind: tally.figures() for kind, tally in sorted(measured.kinds.items())},
        "by_locale": dict(sorted(measured.locales.items())),
    }


def peak_mib() -> float:
    """Return the most memory that this process has had so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_BYTES / 2**20, 1)


def lines_of(letter: AnyLetter) -> tuple[Any, ...]:
    """Return the invoices that a letter lists."""
    return letter.covers if isinstance(letter, PlanLetter) else letter.invoices


def shipped(letter: AnyLetter) -> int:
    """Render as it is done before sending."""
    return len(render(letter).html.encode())


def plain_jinja(letter: AnyLetter) -> int:
    """Set the values as they are, once as HTML and once as text."""
    return _plain(letter, lambda minor: plain_amount(minor, letter.digits), date.isoformat)


def babel_calls(letter: AnyLetter) -> int:
    """The same, each amount and date written by a call of Babel."""
    return _plain(
        letter,
        lambda minor: format_decimal(plain_amount(minor, letter.digits), locale=letter.locale),
        lambda on: format_date(on, "medium", locale=letter.locale),
    )


def _plain(letter: AnyLetter, amount: Callable[[int], str], day: Callable[[date], str]) -> int:
    values = {
        "letter": letter,
        "lines": lines_of(letter),
        "parts": getattr(letter, "instalments", ()),
        "amounts": lambda line: (line.open_minor, line.asked_minor),
        "amount": amount,
        "day": day,
    }
    html, text = (template.render(values) for template in PLAIN)
    return len(html.encode()) + 0 * len(text)


# Once as HTML, once as text, which needs no escaping.
PLAIN = [
    Environment(autoescape=escaped).from_string(PLAIN_LINES)  # noqa: S701 - nothing is sent
    for escaped in (True, False)
]
RENDERERS: dict[str, Renderer] = {
    "shipped": shipped,
    "plain_jinja": plain_jinja,
    "babel_calls": babel_calls,
}

if __name__ == "__main__":
    main()

"""The letters that are looked at, in every language that has words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources

from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.mail.render import Rendered, render
from tests.mail.build_account_letters import ACCOUNT_SAMPLES
from tests.mail.build_letters import (
    final_letter,
    full_letter,
    invoice,
    letter,
    long_letter,
    small_letter,
    statutory_letter,
)
from tests.mail.build_plan_letters import PLAN_SAMPLES
from tests.mail.build_statements import long as long_statement
from tests.mail.build_statements import usual as usual_statement


def letter_of_interest(invoice_count: int) -> AnyLetter:
    """Return a notice of so many invoices, each with a long working of interest and a fixed sum."""
    sample = statutory_letter()
    fees = sample.invoices[0].charges
    lines = [
        invoice(
            f"INV-{index:05d}", 40 + index % 60, 1_000_000 + index, po_number="88-1", charges=fees
        )
        for index in range(invoice_count)
    ]
    return letter(*lines, kind=sample.kind, currency=sample.currency, locale=sample.locale)


LETTERS: dict[str, AnyLetter] = {
    "reminder": small_letter(),
    "late_fee": full_letter(),
    "final_demand": final_letter(),
    "interest": statutory_letter(),
    "lean_list": letter_of_interest(20),
    "250_invoices": long_letter(),
    **{f"plan_{name}": sample for name, sample in PLAN_SAMPLES.items()},
    "statement": usual_statement(),
    "long_statement": long_statement(),
    **{name.replace(" ", "_").replace(",", ""): one for name, one in ACCOUNT_SAMPLES.items()},
}


def languages() -> list[str]:
    """Return every language that has a folder of words."""
    folder = resources.files("chalicelib.mail") / "templates"
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())


@cache
def rendered(name: str, language: str = "") -> Rendered:
    """Return a letter as it is sent, in its own locale or in a language's."""
    sample = LETTERS[name]
    return render(replace(sample, locale=language) if language else sample)

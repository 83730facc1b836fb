"""Laws of reading: nothing is lost, nothing is taken silently, and what was written is read."""

import csv
import io
from datetime import date, timedelta

from chalicelib.core.facts import InvoiceIssued
from chalicelib.core.money import plain_amount
from chalicelib.flows.currencies import CURRENCY_DIGITS
from hypothesis import given
from hypothesis import strategies as st
from tests.flows.ledger_files import INVOICE, facts_of, read_invoices

NAMES = (*INVOICE, "account_name")
names = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters='"'), max_size=8)
broken = st.sampled_from(
    [{"amount": "-1"}, {"amount": "x"}, {"currency": "EURO"}, {"due_on": "2024-02-30"},
     {"issued_on": ""}, {"invoice_id": "I 1"}]
)  # fmt: skip


def written(rows: list[dict[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, NAMES)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


@given(st.lists(st.tuples(st.booleans(), broken, names), max_size=20))
def test_a_refused_row_is_reported_and_every_other_row_is_taken(
    plan: list[tuple[bool, dict[str, str], str]],
) -> None:
    rows = [
        {**INVOICE, "account_id": f"A{n}", "invoice_id": f"I{n}", "account_name": name}
        | ({} if good else change)
        for n, (good, change, name) in enumerate(plan)
    ]

    ledger = read_invoices(written(rows))

    good_rows = {f"A{n}" for n, (good, _, _) in enumerate(plan) if good}
    bad_lines = {n + 2 for n, (good, _, _) in enumerate(plan) if not good}
    assert set(ledger.accounts) == good_rows
    assert {fault.line for fault in ledger.faults} == bad_lines
    counts = ledger.counts[0]
    assert (counts.read, counts.taken, counts.refused) == (
        len(plan), len(good_rows), len(bad_lines),
    )  # fmt: skip


@given(st.binary(max_size=300))
def test_any_bytes_give_a_ledger_or_a_clear_refusal(noise: bytes) -> None:
    header = (",".join(NAMES) + "\n").encode()
    text = header + noise.decode("utf-8", "replace").encode()

    counts = read_invoices(text).counts[0]

    assert counts.read == counts.taken + counts.replaced + counts.duplicates + counts.refused


invoices = st.builds(
    lambda number, currency, amount, issued, days, part: (number, currency, amount, issued, days,
                                                          min(part, amount)),
    st.integers(0, 10**6), st.sampled_from(sorted(CURRENCY_DIGITS)), st.integers(0, 10**12),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 400), st.integers(0, 10**12),
)  # fmt: skip


@given(st.lists(invoices, max_size=10, unique_by=lambda invoice: invoice[0]))
def test_what_was_written_is_read(
    drawn: list[tuple[int, str, int, date, int, int]],
) -> None:
    expected = {
        InvoiceIssued(
            on=issued, invoice_id=f"I{number}", currency=currency, amount_minor=amount,
            open_minor=part, issued_on=issued, due_on=issued + timedelta(days=days),
            seen_on=issued, delivered_on=issued,
        )
        for number, currency, amount, issued, days, part in drawn
    }  # fmt: skip
    lines = ["account_id;invoice_id;issued_on;due_on;currency;amount;open_amount"] + [
        ";".join(
            ["A1", fact.invoice_id, str(fact.issued_on), str(fact.due_on), fact.currency]
            + [plain_amount(minor, CURRENCY_DIGITS[fact.currency])
               for minor in (fact.amount_minor, fact.open_minor)]
        )
        for fact in expected
    ]  # fmt: skip

    ledger = read_invoices("\n".join(lines))

    assert ledger.faults == ()
    assert set(facts_of(ledger) if expected else ()) == expected

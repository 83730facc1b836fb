"""Laws of the export feed's lines: whoever books them all stands where the charges stand (R7.6)."""

from __future__ import annotations

from collections import Counter

from chalicelib.core.account import Account
from chalicelib.core.export_lines import CHARGE, ExportLine, export_lines
from hypothesis import given, settings
from tests.property.stories import Story, stories
from tests.property.walk import walk


def owed_or_paid(account: Account) -> Counter[str]:
    """What is open of each charge, and what payments that stayed have paid on it."""
    found: Counter[str] = Counter()
    for invoice in (*account.invoices.values(), *account.closed.values()):
        for charge in invoice.charges:
            found[charge.id] += charge.open_minor
    for money in account.money.values():
        for taken in money.allocations:
            if taken.charge_id is not None:
                found[taken.charge_id] += taken.amount_minor
    return +found


@settings(max_examples=80, deadline=None)
@given(stories())
def test_lines_add_up_to_what_is_owed_or_paid_of_each_charge(story: Story) -> None:
    booked: Counter[str] = Counter()
    seen_ids: set[str] = set()
    for version, seen in enumerate(walk(story), start=1):
        lines = export_lines(seen.before, seen.after, seen.entries, version)
        for line in lines:
            assert line.amount_minor > 0
            assert line.id not in seen_ids
            seen_ids.add(line.id)
            booked[line.charge_id] += signed(line)
        assert +booked == owed_or_paid(seen.after), seen.fact
        assert min(booked.values(), default=0) >= 0


def signed(line: ExportLine) -> int:
    return line.amount_minor if line.kind == CHARGE else -line.amount_minor

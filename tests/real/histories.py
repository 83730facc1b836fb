"""What the late-payment histories come to under a shipped policy, worked out by a short script.

It imports nothing of the product, and knows only what this ledger needs: one currency, every invoice
paid once, in whole and on the day it was received, whole disputes from issue until paid, nothing
taken in late, and amounts too small for a cap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import holidays

ONE_DAY = timedelta(days=1)
Row = Mapping[str, str]


@dataclass(frozen=True)
class Ladder:
    """A policy's ladder: days of each stage, the interval, and how old a warning must be."""

    stages: Mapping[str, int]
    interval_days: int
    warn_days: int
    minimum_cents: int = 1_000
    skip_below_cents: int = 2_500

    @property
    def names(self) -> list[str]:
        return list(self.stages)


STANDARD = Ladder({"reminder": 15, "late_fee_30": 30, "late_fee_60": 60, "final_demand": 90}, 6, 7)
RAPID = Ladder({"reminder": 3, "late_fee_7": 7, "late_fee_14": 14, "final_demand": 30}, 2, 3)


@dataclass
class Bill:
    """One invoice on its way up the ladder. `next`: the index of the stage it has not reached."""

    cents: int
    issued: date
    due: date
    settled: date
    disputed: bool
    next: int = 0
    fees: int = 0
    warned: date | None = None
    listed: date | None = None
    owed: set[int] = field(default_factory=set)

    def is_asked(self, today: date) -> bool:
        return self.due < today < self.settled and not self.disputed


def bills(rows: Iterable[Row]) -> dict[str, list[Bill]]:
    accounts: dict[str, list[Bill]] = {}
    for row in sorted(rows, key=lambda row: (row["due_date"], row["invoice_number"])):
        dates = [date.fromisoformat(row[n]) for n in ("invoice_date", "due_date", "settled_date")]
        whole, _, fraction = row["amount"].partition(".")
        assert len(fraction) == 2
        cents = int(whole + fraction)
        bill = Bill(cents, dates[0], dates[1], dates[2], row["disputed"] == "1")
        accounts.setdefault(row["customer_id"], []).append(bill)
    return accounts


def tally(rows: Iterable[Row], ladder: Ladder, first: date, last: date) -> Counter[str]:
    """Count stages, fees (and their cents) and notices by stage."""
    counts: Counter[str] = Counter()
    public = holidays.country_holidays("US")
    for account in bills(rows).values():
        noticed: dict[bool, date] = {}
        today = first
        while today <= last:
            if today.weekday() < 5 and today not in public:
                take_day(account, ladder, today, noticed, counts)
            today += ONE_DAY
    return counts


def take_day(
    account: list[Bill],
    ladder: Ladder,
    today: date,
    noticed: dict[bool, date],
    counts: Counter[str],
) -> None:
    asked = [bill for bill in account if bill.is_asked(today)]
    fees = sum(bill.fees for bill in account if not (bill.disputed and today < bill.settled))
    if 0 < sum(bill.cents for bill in asked) + fees < ladder.minimum_cents:
        return
    for bill in asked:
        climb(bill, ladder, today, counts)
    owing = [bill for bill in asked if bill.owed]
    if not owing:
        return
    top = max(max(bill.owed) for bill in owing)
    final = ladder.names[top] == "final_demand"
    before = [day for was_final, day in noticed.items() if was_final or not final]
    if any((today - day).days < ladder.interval_days for day in before):
        return
    counts[f"notice {ladder.names[top]}"] += 1
    noticed[final] = today
    announced = any(ladder.names[i] != "final_demand" for bill in owing for i in bill.owed)
    for bill in asked:
        bill.listed, bill.owed = today, set()
        bill.warned = bill.warned or (today if announced else None)


def climb(bill: Bill, ladder: Ladder, today: date, counts: Counter[str]) -> None:
    """Take the next stage if it is reached, no notice is owed, and its warning is old enough."""
    if bill.next == len(ladder.names) or bill.owed:
        return
    name = ladder.names[bill.next]
    if (today - bill.due).days < ladder.stages[name]:
        return
    if bill.listed and (today - bill.listed).days < ladder.interval_days:
        return
    if bill.next > 0:
        if bill.warned is None:
            bill.owed.add(bill.next - 1)
            return
        if (today - bill.warned).days < ladder.warn_days:
            return
        if bill.cents >= ladder.skip_below_cents:
            fee = (2 * bill.cents * 15 + 1_000) // 2_000  # 1.5%, half-up
            bill.fees += fee
            counts[f"charge {name}"] += 1
            counts[f"cents {name}"] += fee
    counts[f"stage {name}"] += 1
    bill.owed.add(bill.next)
    bill.next += 1

"""Laws of interest: whatever the days on which it is posted, it adds up to the whole (R4.3, R4.4).

The whole is worked out a second time, from what happened alone: day by day, in fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from random import Random

from chalicelib.core.account import Account
from chalicelib.core.apply import book_fact
from chalicelib.core.book import Book
from chalicelib.core.facts import CreditNote, DisputeOpened, DisputeResolved, Fact, Payment
from chalicelib.core.interest import accrue, posted_minor
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.policy import InterestRules
from chalicelib.core.rates import RateSpan, RateTable
from chalicelib.core.suspensions import Span
from tests.unit.accounts import policy

HISTORIES = 10_000
FIRST = date(2019, 1, 1)
YEARS = {"actual/365": 365, "actual/360": 360, "30/360": 360}
POLICY = policy()
ONE_DAY = timedelta(days=1)


@dataclass
class Debt:
    """What the days of an invoice are worth, from what happened to it alone. Minor units."""

    amount: int
    open: int
    disputed: int = 0
    conceded: int = 0  # disputed, and taken by credit notes
    was_disputed: bool = False
    went: list[tuple[date, int]] = field(default_factory=list)  # value dates of what bore interest

    def take(self, fact: Fact) -> None:
        """Let a fact happen to it."""
        match fact:
            case Payment():
                taken = min(fact.amount_minor, self.open)
                self.disputed -= max(0, taken - (self.open - self.disputed))
                self.open -= taken
                self.went.append((fact.received_on, taken))
            case CreditNote():
                taken = min(fact.amount_minor, self.open)
                part = min(taken, self.disputed)
                self.disputed -= part
                self.conceded += part
                self.open -= taken
                self.went.append((fact.issued_on or fact.on, taken - part))
            case DisputeOpened() if self.open:
                self.disputed = min(fact.amount_minor or 0, self.open)
                self.was_disputed = True
            case DisputeResolved() if self.was_disputed:
                if fact.outcome == "partly":
                    self.disputed = min(fact.won_minor, self.disputed)
                elif fact.outcome == "lost":
                    self.disputed = 0

    def base_on(self, day: date) -> int:
        """What bears interest on a day; a payment of that day is still late."""
        base = self.amount - self.disputed - self.conceded
        for value_on, amount in self.went:
            if value_on < day:
                base -= amount
        return base


@dataclass(frozen=True)
class History:
    """What happens to an invoice of 1,000 to 10 million, and on which days interest is posted."""

    due_on: date
    amount: int
    facts: tuple[Fact, ...]
    posting_days: tuple[date, ...]
    rules: InterestRules
    rests: tuple[Span, ...]

    def total(self, debt: Debt, through: date) -> int:
        """The running total through a day, day by day."""
        by_rate: dict[date | None, int] = {}
        day, is_30_360 = self.due_on + ONE_DAY, self.rules.day_count == "30/360"
        while day <= through:
            base = debt.base_on(day)
            if base > 0 and not (self.rests and self._rests(day)):
                asked = self._asked(day)
                worth = base * (weight(day) if is_30_360 else 1)
                by_rate[asked] = by_rate.get(asked, 0) + worth
            day += ONE_DAY
        exact = sum((worth * self._rate(asked) for asked, worth in by_rate.items()), Fraction(0))
        exact /= YEARS[self.rules.day_count]
        return floor(exact + Fraction(1, 2)) if exact >= 0 else -floor(Fraction(1, 2) - exact)

    def _rests(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.rests)

    def _asked(self, day: date) -> date | None:
        """The day of which the reference rate governs a day; None: the contract's governs all."""
        if self.rules.rates is None:
            return None
        if self.rules.mode == "floating_half_year":
            return date(day.year, 1 if day.month < 7 else 7, 1)
        starts = self.due_on + ONE_DAY
        return date(starts.year, 6, 30) if starts.month >= 7 else date(starts.year - 1, 12, 31)

    def _rate(self, asked: date | None) -> Fraction:
        if asked is None:
            return Fraction(self.rules.annual_rate or 0)
        assert self.rules.rates is not None
        (span,) = (one for one in self.rules.rates.spans if one.since <= asked <= one.through)
        return Fraction(span.rate) + Fraction(self.rules.margin or 0)


def weight(day: date) -> int:
    """How many days of 30/360 a day brings: each month has 30, also February."""
    if day.day == 31:
        return 0
    return 31 - (day - ONE_DAY).day if (day.month, day.day) == (3, 1) else 1


def test_postings_add_up_to_the_whole_in_ten_thousand_histories() -> None:
    """And the whole is what the days are worth, each by itself, as it is known on each posting."""
    chance = Random(5)
    rose = fell = 0
    for number in range(HISTORIES):
        history = random_history(chance)
        worth, posted = lived(history)
        assert posted == max(0, *worth), (number, history)
        rose += worth[-1] > 0
        fell += any(after < before for before, after in pairwise(worth))
    assert rose > HISTORIES / 2  # or the law says nothing
    assert fell > HISTORIES / 100


def test_nothing_is_lost_between_postings_where_nothing_is_disputed_or_told_late() -> None:
    chance = Random(6)
    for number in range(HISTORIES // 10):
        history = random_history(chance, plain=True)
        worth, posted = lived(history)
        assert posted == worth[-1], (number, history)


def lived(history: History) -> tuple[list[int], int]:
    """Live a history: what the days are worth on each day of posting, and what was posted."""
    invoice = Invoice(
        "I", "USD", history.amount, history.amount, history.amount,
        history.due_on, history.due_on, history.due_on, history.due_on,
    )  # fmt: skip
    book, debt = Book(Account("A", invoices={"I": invoice})), Debt(history.amount, history.amount)
    left, worth = list(history.facts), []
    for day in history.posting_days:
        while left and left[0].on <= day:
            fact = left.pop(0)
            book_fact(book, fact, POLICY)
            debt.take(fact)
        worth.append(history.total(debt, day))
        post(book, history, day, worth[-1])
    return worth, posted_minor(book.invoices.get("I") or book.closed["I"])


def post(book: Book, history: History, day: date, worth: int) -> None:
    """Post what of the running total was not posted before, never less than nothing."""
    invoice = book.invoices.get("I") or book.closed["I"]
    running = accrue(invoice, history.rules, history.rests, day).running_minor
    assert running == worth, (day, history)
    amount = running - posted_minor(invoice)
    if amount > 0:
        charge = Charge(f"I:{len(invoice.charges)}", "late", "interest", day, amount, amount)
        book.put_charge(invoice, charge)


def random_history(chance: Random, *, plain: bool = False) -> History:
    """A history; `plain`: without disputes, without facts that are booked late, no rate below 0."""
    due_on = FIRST + timedelta(days=chance.randint(0, 1_500))
    if chance.random() < 0.3:  # so that rates change soon after it
        due_on = date(due_on.year, chance.choice((6, 12)), chance.randint(15, 30))
    length = chance.choice((5, 10, 15, 20, 30, 90))
    amount = chance.choice((1_000, 99_999, 10**9)) + chance.randint(0, 999)
    days = [
        due_on + timedelta(days=chance.randint(-10, length)) for _ in range(chance.randint(0, 5))
    ]
    facts = [
        random_fact(chance, number, day, amount, plain=plain)
        for number, day in enumerate(sorted(days))
    ]
    posts = chance.sample(range(1, length + 1), min(length, chance.randint(1, 3)))
    return History(
        due_on,
        amount,
        tuple(facts),
        tuple(due_on + timedelta(days=number) for number in sorted(posts)),
        chance.choice(PLAIN_RULES if plain else RULES),
        tuple(random_rests(chance, due_on)),
    )


def random_fact(chance: Random, number: int, on: date, amount: int, *, plain: bool) -> Fact:
    part = chance.randint(1, amount)
    value_on = on if plain or chance.random() < 0.7 else on - timedelta(days=chance.randint(1, 20))
    match chance.choice("pppccc" if plain else "pppcccddlwy"):
        case "p":
            return Payment(on, f"P{number}", value_on, "USD", part, ("I",))
        case "c":
            return CreditNote(on, f"C{number}", "USD", part, "I", issued_on=value_on)
        case "d":
            return DisputeOpened(on, "I", part)
        case "l":
            return DisputeResolved(on, "I", "lost")
        case "w":
            return DisputeResolved(on, "I", "won")
        case _:
            return DisputeResolved(on, "I", "partly", chance.randint(1, amount))


def random_rules(chance: Random, least: int) -> InterestRules:
    day_count = chance.choice(tuple(YEARS))
    if chance.random() < 0.3:
        return InterestRules(annual_rate=rate(chance, 0), day_count=day_count)
    table = RateTable("t", "Base rate", "made up", FIRST, tuple(random_spans(chance, least)))
    margin = rate(chance, 0) if chance.random() < 0.8 else None
    mode = chance.choice(("locked", "floating_half_year"))
    return InterestRules(table="t", margin=margin, mode=mode, day_count=day_count, rates=table)


def random_spans(chance: Random, least: int) -> Iterator[RateSpan]:
    """Rates of every length, from before the first day that is asked for to after the last."""
    since = date(2018, 12, 1)
    while since < date(2024, 6, 1):
        through = since + timedelta(days=chance.randint(0, 700))
        yield RateSpan(since, through, rate(chance, least))
        since = through + ONE_DAY


def rate(chance: Random, least: int) -> Decimal:
    return Decimal(chance.randint(least, 2_000)).scaleb(-4) / chance.choice((1, 1, 8))


def random_rests(chance: Random, due_on: date) -> Iterator[Span]:
    day = due_on + timedelta(days=chance.randint(-20, 40))
    for _ in range(chance.choice((0, 0, 0, 1, 1, 3))):
        last = day + timedelta(days=chance.randint(0, 25))
        yield day, last
        day = last + timedelta(days=chance.randint(2, 30))


RULES = [random_rules(Random(number), least=-200) for number in range(300)]
PLAIN_RULES = [random_rules(Random(number), least=0) for number in range(300)]

"""The order in which a person works tasks, and what each place rests on (R3.3, R6.1, R12.1).

Accounts are ranked, and the tasks of one account stay together: a collector works accounts. An
account stands where the first of its tasks does:

1. calls agreed for a time of today, in order of their time, once that half of the day has come;
2. what can be done now: see `standing_of`;
3. calls for the other half of today;
4. what falls due on a later day, by day (only when it was asked for).

In each of them the highest tier that the account reaches in any currency comes first (R3.3), then
the higher expected loss, score x past-due total (R12.1), then the larger past-due total, the older
debt, the account's id. Losses are compared in the reporting currency. An account with a currency
that has no rate there is compared by the currency that reaches its highest tier, with accounts of
that currency only: currencies without a rate follow each other in the order in which the default
policy lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Task
from chalicelib.core.calls import half_of
from chalicelib.core.head import Head
from chalicelib.core.people import tier_of
from chalicelib.core.policy import PeopleRules
from chalicelib.flows.reporting_rates import ReportingRates

APPOINTMENT, NOW, LATER_TODAY, LATER_DAY = range(4)
SCORE_MAX = 100

Key = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a list is read: the day, and the half of it, "am" or "pm"."""

    today: date
    part: str


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What amounts are compared in: the reporting currency, if any, and the order of the others."""

    rates: ReportingRates | None = None
    currencies: Sequence[str] = ()

    def place_of(self, currency: str) -> int:
        """Return a currency's place: the reporting currency's, then as listed, then all others."""
        listed = list(self.currencies)
        if self.rates is not None and currency == self.rates.currency:
            return 0
        return 1 + (listed.index(currency) if currency in listed else len(listed))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account's place rests on. Amounts in minor units of `currency`.

    `tier` counts from 1, and is 0 when the policy has no tiers. `loss_hundredths` is the expected
    loss times 100, exact; without a risk score the whole past-due total is taken. `currency` is
    empty when nothing is past due.
    """

    account_id: str
    tier: int
    tiers: int
    currency: str
    place: int
    past_due_minor: int
    score: int | None
    oldest_days: int

    @property
    def loss_hundredths(self) -> int:
        """The expected loss times 100: score x past-due total, all of it without a score."""
        score = SCORE_MAX if self.score is None else self.score
        return score * self.past_due_minor

    @property
    def loss_minor(self) -> int | None:
        """The expected loss, rounded half-up; None without a score."""
        return None if self.score is None else (self.loss_hundredths + 50) // 100

    @property
    def key(self) -> Key:
        """What accounts are sorted by, within their part of the list."""
        return (
            -self.tier, self.place, self.currency, -self.loss_hundredths, -self.past_due_minor,
            -self.oldest_days, self.account_id,
        )  # fmt: skip


def standing_of(
    account_id: str, head: Head, people: PeopleRules, today: date, yardstick: Yardstick
) -> Standing:
    """Return what an account's place rests on, of its head and its policy's tiers (R3.3, R12.1)."""
    past_due = {c: amount for c, amount in head.past_due(today).items() if amount}
    tier = tier_of(people, past_due) + 1 if people.tiers else 0
    currency, minor = _compared(past_due, people, yardstick)
    return Standing(
        account_id,
        tier,
        len(people.tiers),
        currency,
        yardstick.place_of(currency),
        minor,
        head.risk_score,
        head.oldest_days_past_due(today),
    )


def _compared(
    past_due: Mapping[str, int], people: PeopleRules, yardstick: Yardstick
) -> tuple[str, int]:
    """Return the currency in which an account is compared, and its past-due total there."""
    rates = yardstick.rates
    if not past_due:
        return "", 0
    if rates is not None and all(c in rates.rates or c == rates.currency for c in past_due):
        return rates.currency, sum(rates.convert(minor, c) for c, minor in past_due.items())
    first = min(
        past_due,
        key=lambda c: (-tier_of(people, {c: past_due[c]}), yardstick.place_of(c), c),
    )
    return first, past_due[first]


def task_key(task: Task, moment: Moment) -> Key:
    """Return where a task stands among others: its part of the list, its time, its date, its id."""
    band, when = _band(task, moment)
    return (band, when, task.due_on.isoformat(), task.id)


def _band(task: Task, moment: Moment) -> tuple[int, str]:
    """Return the part of the list that a task belongs to, and its order in it.

    A time that was agreed for an earlier day is gone: the call is to be made whenever it can be.
    """
    if task.due_on > moment.today:
        return LATER_DAY, task.due_on.isoformat()
    part = part_of(task)
    if task.due_on == moment.today:
        if part == "pm" and moment.part == "am":
            return LATER_TODAY, task.at_time
        if task.at_time:
            return APPOINTMENT, task.at_time
    return NOW, ""


def part_of(task: Task) -> str:
    """Return the half of the day that a task is for: "am", "pm", or "" for either."""
    if task.part or not task.at_time:
        return task.part
    return half_of(task.at_time)


@dataclass(frozen=True, slots=True)
class Line:
    """A task in its place. `key` is what lines are sorted by: the account's part first."""

    standing: Standing
    task: Task
    key: Key
    band: int  # the part of the list in which the account stands


def ranked(tasks: Iterable[tuple[Standing, Task]], moment: Moment) -> list[Line]:
    """Return tasks in the order in which to work them, those of an account together."""
    by_account: dict[str, list[tuple[Key, Standing, Task]]] = {}
    for standing, task in tasks:
        found = by_account.setdefault(standing.account_id, [])
        found.append((task_key(task, moment), standing, task))
    lines = []
    for group in by_account.values():
        first = min(key for key, _, _ in group)
        band, when = first[:2]
        for key, standing, task in group:
            whole = (band, when, *standing.key, *key)
            lines.append(Line(standing, task, whole, int(band)))
    return sorted(lines, key=lambda line: line.key)

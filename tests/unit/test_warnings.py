"""No charge without a warning that counts as sent and is old enough (R4.8)."""

from __future__ import annotations

from datetime import date

import pytest
from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts import NoticeCounted
from tests.unit.accounts import DAY, account, days, dunning, invoice, policy

STAGES = """
[[stages]]
id = "reminder"
days = 5
notice = "reminder"
announces = true
[[stages]]
id = "fee"
days = 20
notice = "late_fee"
warn_first = true
warn_days = 7
charges = [ { kind = "flat", amount = { USD = "10.00" } } ]
"""
RULES = policy("[dunning]\nmin_days_between_notices = 0\nwarn_give_up_days = 30", STAGES)


def until(here: Account, first: date, last: date, counted: dict[str, date]) -> list[str]:
    """Decide every day; a notice counts as sent on the day that `counted` says, if any."""
    told, notices = list[str](), list[str]()
    day = first
    while day <= last:
        decision = decide(here, RULES, day)
        notices += [notice.id for notice in decision.notices]
        due = [NoticeCounted(day, name) for name in notices if counted.get(name) == day]
        here = apply_all(decision.account, due, RULES).account
        told += [
            f"{(day - DAY).days} {e.kind} {getattr(e, 'stage', '')}"
            for e in dunning(decision.effects)
        ]
        day += days(1)
    return told


WARNED = f"A:USD:{DAY}"


@pytest.mark.parametrize(
    ("counted_after", "expected"),
    [
        (0, ["15 stage fee", "15 charge fee", "15 notice fee"]),
        (8, ["15 stage fee", "15 charge fee", "15 notice fee"]),
        (9, ["16 stage fee", "16 charge fee", "16 notice fee"]),  # seven days since it counted
        (20, ["27 stage fee", "27 charge fee", "27 notice fee"]),
        (29, ["36 stage fee", "36 charge fee", "36 notice fee"]),
        (None, ["30 stage fee", "30 notice fee"]),  # given up: escalation goes on, uncharged
    ],
)
def test_a_fee_follows_its_warning(counted_after: int | None, expected: list[str]) -> None:
    counted = {} if counted_after is None else {WARNED: DAY + days(counted_after)}
    here = account([invoice("I1", 10_000, 5)], RULES)

    told = until(here, DAY, DAY + days(40), counted)

    assert told[:2] == ["0 stage reminder", "0 notice reminder"]
    assert told[2:] == expected


def test_a_fee_that_was_never_announced_warns_first() -> None:
    late = invoice("I1", 10_000, 25, seen_on=DAY - days(15))  # the reminder was passed over
    told = until(account([late], RULES), DAY, DAY + days(9), {WARNED: DAY})

    assert told == ["0 notice reminder", "7 stage fee", "7 charge fee", "7 notice fee"]

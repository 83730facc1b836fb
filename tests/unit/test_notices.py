"""When a notice goes out, what it bears, lists and asks for (R5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import NoticeCreated
from chalicelib.core.facts import Contact, DisputeOpened, Fact, NoticeCancelled, Pause
from chalicelib.core.policy import Policy
from tests.unit.accounts import DAY, PLAIN, account, days, decided, invoice, paid, policy

TWO_STAGES = """
[[stages]]
id = "first"
days = 5
notice = "reminder"
[[stages]]
id = "{last}"
days = 8
notice = "last"
final = {final}
"""


def notices(decided_effects: Sequence[object]) -> list[tuple[str, tuple[str, ...], int]]:
    found = [effect for effect in decided_effects if isinstance(effect, NoticeCreated)]
    return [(effect.stage, effect.invoice_ids, effect.past_due_minor) for effect in found]


def notice_days(here: Account, rules: Policy, last: int) -> list[tuple[int, str]]:
    """Days after `DAY` on which a notice went out, with the stage it bore."""
    found = []
    for number in range(last + 1):
        decision = decide(here, rules, DAY + days(number))
        here = decision.account
        found += [(number, stage) for stage, _, _ in notices(decision.effects)]
    return found


@pytest.mark.parametrize(
    ("interval", "final", "expected"),
    [
        (6, "false", [(0, "first"), (6, "second")]),  # reached on day 3
        (3, "false", [(0, "first"), (3, "second")]),
        (0, "false", [(0, "first"), (3, "second")]),
    ],
)
def test_a_notice_waits_for_the_interval(
    interval: int, final: str, expected: list[tuple[int, str]]
) -> None:
    stages = TWO_STAGES.format(last="second", final=final)
    rules = policy(f"[dunning]\nmin_days_between_notices = {interval}", stages)

    assert notice_days(account([invoice("I1", 100, 5)], rules), rules, 10) == expected


def test_a_final_notice_does_not_wait_for_an_ordinary_one() -> None:
    """The first invoice's last stage is reached on day 3, the second's on day 8."""
    jump = '[dunning]\nmin_days_between_notices = 6\ncatch_up = "jump"'
    found = {}
    for final in ("true", "false"):
        rules = policy(jump, TWO_STAGES.format(last="second", final=final))
        here = account([invoice("I1", 100, 5), invoice("I2", 100, 0)], rules)
        found[final] = notice_days(here, rules, 12)

    assert found == {
        "true": [(0, "first"), (3, "second"), (9, "second")],
        "false": [(0, "first"), (6, "second"), (12, "second")],
    }


def test_a_notice_bears_the_highest_stage_and_lists_the_oldest_first() -> None:
    rules = policy(stages=TWO_STAGES.format(last="second", final="false"))
    facts = [
        invoice("I3", 100, 5), invoice("I1", 1_000, 1), invoice("I2", 10, 9),
        invoice("I0", 1, 0),
    ]  # fmt: skip

    jumping = policy(
        '[dunning]\ncatch_up = "jump"', TWO_STAGES.format(last="second", final="false")
    )

    assert notices(decided(facts, rules).effects) == [("first", ("I2", "I3", "I1"), 1_110)]
    assert notices(decided(facts, jumping).effects) == [("second", ("I2", "I3", "I1"), 1_110)]


def test_each_currency_has_its_own_notice_in_code_order() -> None:
    rules = policy(currencies='["USD", "EUR"]')
    facts = [invoice("I1", 100), invoice("I2", 200, currency="EUR")]

    effects = decided(facts, rules).effects

    assert notices(effects) == [("reminder", ("I2",), 200), ("reminder", ("I1",), 100)]


def test_unconsolidated_the_highest_stage_comes_first() -> None:
    rules = policy(
        '[dunning]\nconsolidate = false\ncatch_up = "jump"',
        TWO_STAGES.format(last="second", final="false"),
    )
    facts = [invoice("I1", 100, 5), invoice("I2", 200, 9), invoice("I3", 300, 6)]

    assert notices(decided(facts, rules).effects) == [
        ("second", ("I2",), 200), ("first", ("I3",), 300), ("first", ("I1",), 100),
    ]  # fmt: skip


def test_a_disputed_invoice_is_not_listed_and_a_part_is_not_asked_for() -> None:
    facts: list[Fact] = [
        invoice("I1", 1_000),
        invoice("I2", 500),
        DisputeOpened(DAY, "I1", 400),
        DisputeOpened(DAY, "I2"),
    ]

    assert notices(decided(facts, policy()).effects) == [("reminder", ("I1",), 600)]


@pytest.mark.parametrize(
    ("calls_before", "expected"),
    [([], 0), ([0], 0), ([0, 1], 6), ([6, 1], 1), ([7, 1], 0), ([6, 6], 1), ([2, 1, 0], 6)],
)
def test_the_guard_counts_today_and_the_days_before_it(
    calls_before: list[int], expected: int
) -> None:
    """Two contacts in seven days at most; the notice goes out when one has dropped out."""
    rules = policy("[dunning]\nmax_contacts = 2\ncontact_window_days = 7")
    calls: list[Fact] = [Contact(DAY - days(n), "out", "call") for n in calls_before]
    here = account([invoice("I1", 100, 15), *calls], rules)

    assert notice_days(here, rules, 8) == [(expected, "reminder")]


def test_a_paid_invoice_drops_out_of_what_is_owed() -> None:
    rules = policy("[dunning]\nmax_contacts = 1")
    here = account([invoice("I1", 100, 15), Contact(DAY, "out", "call")], rules)
    owing = decide(here, rules, DAY).account

    free = apply_all(owing, [paid(100, "I1", on=DAY + days(1))], rules).account

    assert owing.invoices["I1"].owed
    assert notice_days(free, rules, 10) == []


def test_a_cancelled_notice_owes_again_what_it_settled() -> None:
    rules = policy()
    first = decided([invoice("I1", 100, 15)], rules)
    cancelled = NoticeCancelled(DAY, first.notices[0].id)

    here = apply_all(first.account, [cancelled], rules).account

    assert [owed.stage for owed in here.invoices["I1"].owed] == ["reminder"]


def test_a_final_notice_says_by_when_to_answer() -> None:
    stages = '[[stages]]\nid = "f"\ndays = 5\nnotice = "n"\nfinal = true\nrespond_within_days = 10'

    (notice,) = decided([invoice("I1", 100, 5)], policy(stages=stages)).notices

    assert notice.respond_by == date(2024, 3, 18) + timedelta(days=10)


def test_unconsolidated_a_later_period_is_a_higher_stage() -> None:
    """R4.2: a stage that repeats stands for a series of stages."""
    rules = policy("[dunning]\nconsolidate = false", PLAIN + "repeat_every_days = 10\n")
    facts: list[Fact] = [
        invoice("I1", 100, 30),
        invoice("I2", 200, 25),
        Pause(DAY, DAY - days(1), "I1"),
    ]
    before = decided(facts, rules, DAY - days(10))

    today = decide(before.account, rules, DAY)

    assert [names for _, names, _ in notices(before.effects)] == [("I2",)]
    assert [names for _, names, _ in notices(today.effects)] == [("I2",), ("I1",)]

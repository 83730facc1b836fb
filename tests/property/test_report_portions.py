"""Laws of snapshots in portions: wherever they are cut, they say what one in one go says."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core.account import Account
from chalicelib.flows.report import PORTION_S
from chalicelib.flows.snapshot_rows import AccountView
from chalicelib.flows.snapshot_sums import Sums, read_sums
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.machine import TODAY, Machine, invoice
from tests.flows.snapshot_days import items_of, report_of, rows_of, summary_of
from tests.property.stories import Story, stories
from tests.property.walk import walk

PARTS = ("account_parts", "open_item_parts")
INVOICE = st.tuples(st.integers(-40, 200), st.integers(1, 10**12), st.sampled_from(["USD", "EUR"]))
ACCOUNTS = st.dictionaries(
    st.text("ab~.19ü", min_size=1, max_size=3),
    st.tuples(st.sampled_from(["", "key"]), st.lists(INVOICE, max_size=3)),
    max_size=12,
)


def machine_of(accounts: dict[str, tuple[str, list[tuple[int, int, str]]]]) -> Machine:
    machine = Machine()
    for name, (account_class, owed) in accounts.items():
        facts = [
            invoice(f"{name}-{number}", days, minor, currency=currency)
            for number, (days, minor, currency) in enumerate(owed)
        ]
        machine.take_in(name, *facts, account_class=account_class)
    machine.let_run()
    return machine


def told(machine: Machine) -> tuple[dict[str, Any], list[Any], list[Any]]:
    summary = {name: value for name, value in summary_of(machine).items() if name not in PARTS}
    return summary, rows_of(machine, "accounts"), items_of(machine)


@settings(max_examples=30, deadline=None)
@given(ACCOUNTS, st.integers(1, 5), st.integers(1, 5), st.data())
def test_a_snapshot_cut_anywhere_is_the_one_in_one_go(
    accounts: dict[str, tuple[str, list[tuple[int, int, str]]]],
    each: int,
    page: int,
    data: st.DataObject,
) -> None:
    """Time passes as it likes, messages come in any order, some of them twice."""
    machine, whole = machine_of(accounts), machine_of(accounts)
    report_of(whole).write(TODAY)
    seconds = [0.0]

    def monotonic() -> float:
        seconds[0] += data.draw(st.sampled_from([0.0, PORTION_S / 2, PORTION_S]))
        return seconds[0]

    report = report_of(machine, TODAY, monotonic, each, page)
    waiting = machine.report_queue.sent

    report.write(TODAY)
    while waiting:
        message = waiting.pop(data.draw(st.integers(0, len(waiting) - 1)))
        report.go_on(*message)
        if data.draw(st.integers(0, 9)) == 0:
            report.go_on(*message)

    assert told(machine) == told(whole)


@settings(max_examples=15, deadline=None)
@given(st.lists(stories(), min_size=1, max_size=4), st.integers(0, 4))
def test_sums_that_were_kept_and_put_together_are_those_of_all_accounts(
    lives: list[Story], cut: int
) -> None:
    whole, one, other = (Sums((30, 60, 90)) for _ in range(3))
    for number, story in enumerate(lives):
        seen = list(walk(story))
        if not seen:
            continue
        account: Account = seen[-1].after
        for sums in (whole, one if number < cut else other):
            sums.add(AccountView(account, story.policy, (30, 60, 90), seen[-1].day))

    again = [read_sums(json.loads(json.dumps(sums.kept()))) for sums in (one, other)]
    assert again == [one, other]
    put_together = Sums((30, 60, 90))
    for sums in again:
        put_together.take(sums)

    assert put_together.values() == whole.values()
    assert put_together.kept()["unbalanced"] == 0

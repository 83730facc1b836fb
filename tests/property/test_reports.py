"""Laws of reports: what is aged is what the ledger says is open, and the past stays as it was."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.aging import age_account, out_of_balance
from chalicelib.core.apply import apply_all
from chalicelib.core.effects import ENTRY_SIGN, NoticeCreated, StatementCreated
from chalicelib.core.facts import InvoiceVoided
from chalicelib.core.policy import AgingRules
from chalicelib.flows.ports import Change
from chalicelib.flows.snapshot_rows import BASES, AccountView
from chalicelib.flows.snapshot_sums import Sums
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.machine import Machine
from tests.flows.snapshot_days import aging_rows, listed, reported
from tests.property.stories import Story, stories
from tests.property.walk import walk


def ledger_of(account: Account, currency: str) -> int:
    """What the running totals of the ledger come to in a currency (R7.5)."""
    totals = account.totals.get(currency, {})
    return sum(ENTRY_SIGN[kind] * minor for kind, minor in totals.items())


@settings(max_examples=25, deadline=None)
@given(stories(), st.sampled_from([(30, 60, 90), (7,), (1, 2)]))
def test_buckets_and_charges_less_unapplied_cash_are_what_the_ledger_says(
    story: Story, edges: tuple[int, ...]
) -> None:
    for seen in walk(story):
        currencies = {*seen.after.totals, *seen.after.unapplied}
        for base in BASES:
            rows = {
                r.currency: r for r in age_account(seen.after, AgingRules(edges, base), seen.day)
            }
            for currency in currencies:
                row = rows.get(currency)
                told = row.principal_minor + row.charges_minor - row.unapplied_minor if row else 0
                assert told == ledger_of(seen.after, currency)
        assert out_of_balance(seen.after) == {}


@settings(max_examples=20, deadline=None)
@given(st.lists(stories(), min_size=1, max_size=4))
def test_the_sums_of_a_snapshot_are_those_of_its_accounts_however_grouped(
    told: list[Story],
) -> None:
    """Per currency; and what was collected on charges is what is gone and was not given up."""
    sums = Sums((30, 60, 90))
    accounts: list[Account] = []
    for number, story in enumerate(told):
        seen = list(walk(story))
        if not seen:
            continue
        day, account = seen[-1].day, seen[-1].after
        if number % 2 == 0:  # voids of invoices with open charges are rare in stories
            voids = [InvoiceVoided(day, name) for name in account.invoices]
            account = apply_all(account, voids, story.policy).account
        accounts.append(account)
        sums.add(AccountView(account, story.policy, (30, 60, 90), day))
        assert sums.unbalanced == 0, number
    values = sums.values()
    for currency, ledger in values["ledger"].items():
        told_minor = ledger["principal_minor"] + ledger["charges_minor"] - ledger["unapplied_minor"]
        assert told_minor == sum(ledger_of(account, currency) for account in accounts)
        for base in BASES:
            for group in ("currency", "collector", "class"):
                rows = [r for r in values["aging"][base][group] if r["currency"] == currency]
                assert sum(sum(r["buckets_minor"]) for r in rows) == ledger["principal_minor"]
                assert sum(r["charges_minor"] for r in rows) == ledger["charges_minor"]
                assert sum(r["unapplied_minor"] for r in rows) == ledger["unapplied_minor"]
        assert collected(ledger) == paid_on_charges(accounts, currency)


def collected(ledger: dict[str, int | dict[str, int]]) -> int:
    entries = ledger["entries"]
    assert isinstance(entries, dict)
    gone = entries.get("charge", 0) - entries.get("charge_reversal", 0) - entries.get("waiver", 0)
    still_open, voided = ledger["charges_minor"], ledger["voided_charges_minor"]
    assert isinstance(still_open, int)
    assert isinstance(voided, int)
    return gone - voided - still_open


def paid_on_charges(accounts: list[Account], currency: str) -> int:
    """What payments and credits are allocated to charges: the same figure, from the other side."""
    return sum(
        part.amount_minor
        for account in accounts
        for money in account.money.values()
        if money.currency == currency and not money.bounced
        for part in money.allocations
        if part.charge_id is not None
    )


@settings(max_examples=15, deadline=None)
@given(stories(), st.integers(0, 60))
def test_what_is_booked_later_changes_no_report_of_a_past_day(story: Story, split: int) -> None:
    days = list(story.days)
    as_of, last = days[min(split, len(days) - 2)], days[-1]
    machine = Machine()
    booked(machine, story, as_of)
    reported(machine, as_of)
    questions: list[dict[str, Any]] = [
        {"as_of": as_of, "by": by} for by in ("currency", "account", "collector", "class")
    ]
    before = [aging_rows(machine, **question) for question in questions], listed(machine)

    booked(machine, story, last)
    reported(machine, last)

    after = (
        [aging_rows(machine, **question) for question in questions],
        listed(machine, as_of=as_of),
    )
    assert after == before


def booked(machine: Machine, story: Story, through: date) -> None:
    """Put the account as it is at the end of a day into the machine's store."""
    states = [seen.after for seen in walk(story) if seen.day <= through]
    if states:
        machine.accounts.kept.pop("A", None)
        machine.accounts.commit(Change(machine.accounts.load("A"), states[-1], None))


@settings(max_examples=25, deadline=None)
@given(stories())
def test_every_notice_that_was_created_is_left_or_counted_or_was_cancelled(story: Story) -> None:
    created: Counter[str] = Counter()
    for seen in walk(story):
        created.update(e.notice for e in seen.effects if isinstance(e, NoticeCreated))
        created.update(e.kind for e in seen.effects if isinstance(e, StatementCreated))
        left = Counter(notice.notice for notice in seen.after.notices.values())
        for kind, counts in seen.after.notice_counts.items():
            gone = counts.get("counted", 0) + counts.get("cancelled", 0)
            assert counts["created"] == created[kind] == left[kind] + gone
        assert created.keys() == seen.after.notice_counts.keys()

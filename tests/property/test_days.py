"""Laws of days: which are decided, in which pieces, how often, and in which order of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply
from chalicelib.core.effects import CaseOpened, ChargeReversed, Effect
from chalicelib.core.facts import CreditNote, InvoiceIssued, Payment
from chalicelib.core.policy import CaseRules, Policy
from chalicelib.flows.effects_file import as_line
from chalicelib.flows.ledger_read import ROLES, LedgerAccount, read_ledger
from chalicelib.flows.policies import load
from chalicelib.flows.simulate import Simulation, simulate
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.property.stories import FIRST_DAY, LAST_DAY, STORY_DAYS, Story, stories
from tests.property.walk import carry_on, effects_of, walk
from tests.second_opinion.random_ledger import RandomCase, random_case
from tests.second_opinion.test_simulation import FILES

SEEDS = st.integers(10_000, 20_000)


def simulate_story(story: Story, *, every_day: bool = False) -> Simulation:
    accounts = {"A": (AccountDetails(), story.facts)}
    return simulate(accounts, story.policy, FIRST_DAY, LAST_DAY, every_day=every_day)


def monthly_and_repeating(policy: Policy) -> Policy:
    """The policy with a case a month and letters that come again (R6.4)."""
    stages = tuple(replace(s, repeat_notice=s.notice is not None) for s in policy.stages)
    return replace(policy, stages=stages, case=CaseRules("first_run_of_month"))


def accounts_of(case: RandomCase) -> dict[str, LedgerAccount]:
    contents = zip(ROLES, FILES, strict=True)
    sources = [(role, name, case.files[name].encode()) for role, name in contents]
    return dict(read_ledger(sources).accounts)


def lines(
    case: RandomCase, accounts: dict[str, LedgerAccount], *, every_day: bool = False
) -> list[str]:
    known = {name: (a.details, a.facts) for name, a in accounts.items()}
    result = simulate(known, load(case.policy.encode()), case.first, case.last, every_day=every_day)
    return [as_line(effect) for effect in result.effects]


def one_line_per_charge_and_day(effects: Sequence[Effect]) -> list[Effect]:
    """What a day's payments, booked one by one, took back of a charge, added up (R5.10)."""
    found: dict[object, Effect] = {}
    for place, effect in enumerate(effects):
        if isinstance(effect, ChargeReversed):
            told = found.get((effect.on, effect.id))
            before = told.amount_minor if isinstance(told, ChargeReversed) else 0
            amount = before + effect.amount_minor
            found[(effect.on, effect.id)] = replace(effect, amount_minor=amount)
        else:
            found[place] = effect
    return list(found.values())


@settings(max_examples=40, deadline=None)
@given(stories())
def test_deciding_only_whom_the_wake_list_names_equals_deciding_every_day(story: Story) -> None:
    woken, daily = simulate_story(story), simulate_story(story, every_day=True)

    assert woken.effects == daily.effects
    assert woken.aging == daily.aging


@settings(max_examples=25, deadline=None)
@given(stories())
def test_the_wake_list_foresees_letters_that_come_again_and_monthly_cases(story: Story) -> None:
    monthly = replace(story, policy=monthly_and_repeating(story.policy))
    woken, daily = simulate_story(monthly), simulate_story(monthly, every_day=True)

    assert woken.effects == daily.effects


@settings(max_examples=20, deadline=None)
@given(stories())
def test_a_day_brings_one_letter_again_and_a_month_one_case_at_most(story: Story) -> None:
    monthly = replace(story, policy=monthly_and_repeating(story.policy))
    once, again = effects_of(walk(monthly)), effects_of(walk(monthly, twice=True))

    opened = [(e.on.year, e.on.month) for e in once if isinstance(e, CaseOpened)]
    assert again == once
    assert len(opened) == len(set(opened))


@settings(max_examples=12, deadline=None)
@given(SEEDS)
@example(13_537)  # once drew a policy whose smallest charge was above its largest
def test_the_wake_list_loses_nothing_of_a_whole_ledger(seed: int) -> None:
    case = random_case(seed)
    accounts = accounts_of(case)

    assert lines(case, accounts) == lines(case, accounts, every_day=True)


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.data())
def test_the_order_of_the_accounts_does_not_matter(seed: int, data: st.DataObject) -> None:
    case = random_case(seed)
    accounts = accounts_of(case)
    names = data.draw(st.permutations(sorted(accounts)))

    assert lines(case, {name: accounts[name] for name in names}) == lines(case, accounts)


@settings(max_examples=25, deadline=None)
@given(stories(), st.integers(1, STORY_DAYS))
def test_a_run_of_days_in_two_pieces_equals_the_run_in_one(story: Story, cut: int) -> None:
    whole = carry_on(Account("A"), story, story.days)

    middle, first = carry_on(Account("A"), story, story.days[:cut])
    last, second = carry_on(middle, story, story.days[cut:])

    assert (last, first + second) == whole


@settings(max_examples=25, deadline=None)
@given(stories())
def test_the_simulation_equals_the_core_taken_through_its_days(story: Story) -> None:
    walked = one_line_per_charge_and_day(effects_of(walk(story)))

    assert sorted(walked, key=repr) == sorted(simulate_story(story).effects, key=repr)


@settings(max_examples=25, deadline=None)
@given(stories())
def test_deciding_a_day_again_brings_nothing(story: Story) -> None:
    once, again = effects_of(walk(story)), effects_of(walk(story, twice=True))

    assert again == once


@settings(max_examples=25, deadline=None)
@given(stories())
def test_booking_an_invoice_or_money_again_changes_nothing(story: Story) -> None:
    for seen in walk(story):
        if isinstance(seen.fact, InvoiceIssued | Payment | CreditNote):
            booking = apply(seen.after, seen.fact, story.policy)

            assert (booking.account, booking.effects, booking.entries) == (seen.after, (), ())

"""Laws of statements: they come whoever decides how often, and change nothing else (R5.1, R5.3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.book import Book
from chalicelib.core.calendar import WEEKDAYS, Calendar
from chalicelib.core.decide import decide
from chalicelib.core.effects import Effect, StatementCreated
from chalicelib.core.facts import NoticeCounted
from chalicelib.core.policy import Policy
from chalicelib.core.policy_letters import StatementRules
from chalicelib.core.statements import NEVER, wanted_from
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.stories import ANY_DAY, Story, stories
from tests.property.walk import effects_of, walk

RULES = st.builds(
    StatementRules,
    weekly=st.sampled_from([None, *WEEKDAYS]),
    monthly=st.sampled_from([0, 1, 15, 29, 31]),
)
CALENDARS = st.builds(
    Calendar,
    processing_days=st.sampled_from([frozenset(range(7)), frozenset(range(5)), frozenset({1, 3})]),
    holidays=st.frozensets(ANY_DAY, max_size=8),
)


@dataclass
class Office:
    """An account decided on some days, under the policy of each day."""

    story: Story
    changed_on: date
    changed: Policy
    every_day: bool

    def effects(self) -> list[Effect]:
        account, found, wake_on = Account("A"), list[Effect](), None
        for day in self.story.days:
            policy = self.changed if day >= self.changed_on else self.story.policy
            facts = self.story.facts_of(day)
            booking = apply_all(account, facts, policy)
            account = booking.account
            found += booking.effects
            named = [on for on in (wake_on, account.statement_on) if on is not None and on <= day]
            # A change of policy wakes the accounts concerned (R2.2).
            if not (facts or named or self.every_day or day == self.changed_on):
                continue
            while True:
                decision = decide(account, policy, day)
                account, wake_on = decision.account, decision.wake_on
                found += decision.effects
                if not decision.notices:
                    break
                counted = [NoticeCounted(day, notice.id) for notice in decision.notices]
                account = apply_all(account, counted, policy).account
        return found


@settings(max_examples=20, deadline=None)
@given(stories(), ANY_DAY, RULES, CALENDARS)
def test_statements_come_on_the_same_days_whoever_decides_how_often_and_whatever_policy_comes(
    story: Story, changed_on: date, rules: StatementRules, calendar: Calendar
) -> None:
    changed = replace(story.policy, statements=rules, calendar=calendar, version="changed")

    daily, named = (
        Office(story, changed_on, changed, every_day=every_day).effects()
        for every_day in (True, False)
    )

    assert named == daily


@settings(max_examples=20, deadline=None)
@given(stories(), RULES)
def test_without_statements_everything_else_is_the_same(
    story: Story, rules: StatementRules
) -> None:
    def rest(statements: StatementRules) -> list[Effect]:
        policy = replace(story.policy, statements=statements)
        seen = effects_of(walk(replace(story, policy=policy)))
        return [effect for effect in seen if not isinstance(effect, StatementCreated)]

    assert rest(rules) == rest(StatementRules())


@settings(max_examples=20, deadline=None)
@given(stories(), RULES, CALENDARS)
def test_a_statement_comes_once_on_a_processing_day_and_only_while_there_is_something_to_state(
    story: Story, rules: StatementRules, calendar: Calendar
) -> None:
    policy = replace(story.policy, statements=rules, calendar=calendar)
    seen = list(walk(replace(story, policy=policy), twice=True))
    made = [(one, e) for one in seen for e in one.effects if isinstance(e, StatementCreated)]

    assert max(Counter(e.id for _, e in made).values(), default=1) == 1
    for one, effect in made:
        assert calendar.is_processing_day(effect.on)
        assert 0 <= effect.past_due_minor <= effect.open_minor > 0
        assert one.before.statement_on is not None
        assert one.before.statement_on <= effect.on


@settings(max_examples=20, deadline=None)
@given(stories(), RULES)
def test_an_account_waits_for_a_statement_exactly_while_one_may_come(
    story: Story, rules: StatementRules
) -> None:
    policy = replace(story.policy, statements=rules)
    for seen in walk(replace(story, policy=policy)):
        if seen.fact is not None:
            continue
        kinds = ["weekly"] * (rules.weekly is not None) + ["monthly"] * bool(rules.monthly)
        comes = any(wanted_from(Book(seen.after), kind) != NEVER for kind in kinds)
        assert (seen.after.statement_on is not None) == comes
        if seen.after.statement_on is not None:
            assert seen.after.invoices
            assert policy.calendar.is_processing_day(seen.after.statement_on)

"""Laws of dunning: whom it never reaches, and how often at most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.effects import ChargePosted, HoldPlaced, NoticeCreated, StageApplied
from chalicelib.core.plans import judge_plans
from hypothesis import given, settings
from tests.property.stories import Story, stories
from tests.property.walk import Seen, walk


def dunned(seen: Seen) -> set[str]:
    """The invoices that a decision applied a stage to, charged, or listed in a stage's notice."""
    names: set[str] = set()
    for effect in seen.effects:
        if isinstance(effect, NoticeCreated) and effect.stage:
            names.update(effect.invoice_ids)
        elif isinstance(effect, StageApplied | ChargePosted):
            names.add(effect.invoice_id)
    return names


def a_paid_or_future_invoice_is_never_dunned(_: Story, days: Sequence[Seen]) -> None:
    for seen in days:
        if seen.fact is None:
            for name in dunned(seen):
                invoice = seen.before.invoices[name]
                assert invoice.open_minor > 0
                assert invoice.days_past_due(seen.day) > 0


def a_blocked_invoice_is_never_dunned(story: Story, days: Sequence[Seen]) -> None:
    for seen in days:
        if seen.fact is None:
            book = Book(seen.before)
            judge_plans(book, story.policy, seen.day)  # one that breaks today blocks no more
            found = survey(book, story.policy, seen.day)
            for name in dunned(seen):
                assert found.on(seen.before.invoices[name]) == ()


def nothing_is_dunned_on_a_day_that_is_not_a_processing_day(
    story: Story, days: Sequence[Seen]
) -> None:
    for seen in days:
        if seen.fact is None and not story.policy.calendar.is_processing_day(seen.day):
            assert dunned(seen) == set()


def notices_are_never_closer_than_the_interval(story: Story, days: Sequence[Seen]) -> None:
    """Per currency, or per invoice; a final one waits only for a final one (R5.3)."""
    stages, interval = story.policy.stage_by_id, story.policy.dunning.min_days_between_notices
    last: dict[tuple[object, bool], date] = {}
    for seen in days:
        for effect in seen.effects:
            if not (isinstance(effect, NoticeCreated) and effect.stage):
                continue
            whole = story.policy.dunning.consolidate
            line = effect.currency if whole else effect.invoice_ids
            final = stages[effect.stage].final
            for was_final in (False, True):
                before = last.get((line, was_final))
                if before is not None:
                    needed = max(interval, 1) if was_final or not final else 1
                    assert (effect.on - before).days >= needed
            last[(line, final)] = effect.on


def no_stage_of_an_invoice_is_applied_twice(_: Story, days: Sequence[Seen]) -> None:
    applied = [
        (effect.invoice_id, effect.stage, effect.days)
        for seen in days
        for effect in seen.effects
        if isinstance(effect, StageApplied)
    ]

    assert len(applied) == len(set(applied))


def one_hold_per_reason_is_in_force(_: Story, days: Sequence[Seen]) -> None:
    for seen in days:
        for effect in seen.effects:
            if isinstance(effect, HoldPlaced):
                assert effect.reason not in seen.before.holds
                assert effect.reason in seen.after.holds


LAWS = (
    a_paid_or_future_invoice_is_never_dunned,
    a_blocked_invoice_is_never_dunned,
    nothing_is_dunned_on_a_day_that_is_not_a_processing_day,
    notices_are_never_closer_than_the_interval,
    no_stage_of_an_invoice_is_applied_twice,
    one_hold_per_reason_is_in_force,
)


@settings(max_examples=60, deadline=None)
@given(stories())
def test_every_law_of_dunning_holds_on_every_day_of_a_story(story: Story) -> None:
    """All laws look at one walk through the days, for the walk is what takes time."""
    days = list(walk(story))

    for law in LAWS:
        law(story, days)

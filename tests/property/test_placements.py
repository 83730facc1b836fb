"""Laws of placements: what is never placed, and what holds of what is, whatever happens (R10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta

from chalicelib.core.account import Account
from chalicelib.core.effects_placements import PlacementMoved
from chalicelib.core.placements import Placement
from hypothesis import HealthCheck, given, settings
from tests.property.naive_checklist import WITH_AGENCY, Letters, forbidden, rests_for
from tests.property.stories import Story, placed_stories
from tests.property.test_days import simulate_story
from tests.property.walk import Seen, effects_of, walk

OPEN = ("draft", "pending_approval", *WITH_AGENCY)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SOME = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def just_before(seen: Seen) -> Account:
    """The account before a booking, or a decision once its promises and plans were judged."""
    if seen.fact is not None:
        return seen.before
    values = {one.name: getattr(seen.before, one.name) for one in fields(Account)}
    return Account(**(values | {"plans": seen.after.plans, "promises": seen.after.promises}))


def offered(seen: Seen) -> Iterator[Placement]:
    for effect in seen.effects:
        if isinstance(effect, PlacementMoved) and effect.move == "approve":
            yield seen.after.placements[effect.id]


def placed_all_along(seen: Seen) -> set[str]:
    """The invoices that were with an agency before, and still are."""
    there = seen.before.placements
    return {
        name
        for one in seen.after.placements.values()
        if one.state in WITH_AGENCY and one.id in there and there[one.id].state in WITH_AGENCY
        for name in one.invoice_ids
    }


@SOME
@given(placed_stories())
def test_nothing_is_ever_placed_that_the_checklist_forbids(story: Story) -> None:
    letters = Letters(story.policy)
    for seen in walk(story):
        letters.read(seen)
        for placed in offered(seen):
            against = forbidden(just_before(seen), placed, story.policy, seen.day, letters)
            assert against == []


@FEW
@given(placed_stories())
def test_only_time_or_a_person_who_did_not_propose_it_approves(story: Story) -> None:
    wait = timedelta(days=story.policy.escalation.auto_approve_after_days)
    for seen in walk(story):
        for one in offered(seen):
            if seen.fact is None:
                assert one.submitted_on is not None
                assert wait
                assert one.submitted_on + wait <= seen.day
                assert story.policy.calendar.is_processing_day(seen.day)
            else:
                assert one.approved_by not in {one.made_by, one.submitted_by}


@FEW
@given(placed_stories())
def test_an_invoice_is_in_one_open_placement_and_the_account_held_just_as_long(
    story: Story,
) -> None:
    for seen in walk(story):
        there = seen.after.placements.values()
        names = [name for one in there if one.state in OPEN for name in one.invoice_ids]

        assert len(names) == len(set(names))
        assert ("placed" in seen.after.holds) == any(one.state in WITH_AGENCY for one in there)


@FEW
@given(placed_stories())
def test_what_is_with_an_agency_is_not_dunned_and_rests_while_anything_stops_it(
    story: Story,
) -> None:
    for seen in walk(story):
        if seen.fact is not None:
            continue
        placed = placed_all_along(seen)
        for effect in seen.effects:
            if effect.kind in {"stage", "charge", "notice"}:
                names = {*getattr(effect, "invoice_ids", ()), getattr(effect, "invoice_id", "")}
                assert not names & placed
        for one in seen.after.placements.values():
            if one.state in {"active", "suspended", "recall_pending"}:
                why = rests_for(seen.after, one, story.policy, seen.day)
                assert one.suspended_for - {"creditor"} == why
            if one.state in {"active", "suspended"}:
                assert (one.state == "suspended") == bool(one.suspended_for)


@SOME
@given(placed_stories())
def test_the_wake_list_foresees_all_that_time_does_to_placements(story: Story) -> None:
    woken, daily = simulate_story(story), simulate_story(story, every_day=True)

    assert woken.effects == daily.effects
    assert woken.failed == []


@FEW
@given(placed_stories())
def test_deciding_a_day_again_moves_no_placement(story: Story) -> None:
    once, again = effects_of(walk(story)), effects_of(walk(story, twice=True))

    assert again == once

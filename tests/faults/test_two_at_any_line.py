"""Somebody else acts whole between any two lines of the worker: one letter, or none (R11.1, R11.3)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from chalicelib.core.facts import DisputeOpened, Fact, Payment

from tests.faults.line import STORIES, Line, broken_laws, notice_of
from tests.faults.memory import Place, Template, at_new_line, stage_of, two_people
from tests.flows.machine import NOTICE, TODAY, Machine

pytestmark = pytest.mark.no_cover  # it looks at each line itself


@pytest.fixture(scope="module")
def template() -> Template:
    return Template(two_people())


def another_worker(line: Line) -> None:
    """The queue gave the same message twice."""
    line.tried(lambda: line.send("A1", NOTICE))


def the_reconcile(line: Line) -> None:
    """The worker takes so long that its lease ends."""
    line.parts.clock.pass_by(minutes=11)
    line.reconcile()
    line.work()


def the_next_day(line: Line) -> None:
    """The worker sleeps for a day, and all that time brings goes on."""
    for hours in (1, 12, 12):
        line.parts.clock.pass_by(hours=hours)
        line.say()
        line.reconcile()
        line.work()


ACTORS: dict[str, Callable[[Line], None]] = {
    "another worker": another_worker,
    "the reconcile": the_reconcile,
    "the next day": the_next_day,
}


@pytest.mark.parametrize(
    ("actor", "story"),
    [
        ("another worker", "it says delivered before it answers"),
        ("the reconcile", "it says nothing"),
        ("the next day", "it says nothing"),
    ],
)
def test_what_another_one_does_at_any_line_makes_no_second_letter(
    template: Template, actor: str, story: str
) -> None:
    seen: set[Place] = set()
    while True:
        machine, post = template.fresh()
        line = Line(machine, post, STORIES[story])
        act = partial(ACTORS[actor], line)
        with at_new_line(seen, stage_of(machine, post), act) as where:
            line.work()
        line.live_on("A1")
        found = list(broken_laws(line, "A1", NOTICE))
        assert not found, f"at {where}: {found}; {line.failures}"
        assert len(post.taken) == 1, f"at {where}"
        if not where:
            break
    assert len(seen) > 150


FACTS: dict[str, Fact] = {
    "a payment": Payment(TODAY, "P1", TODAY, "USD", 100_000),
    "a dispute": DisputeOpened(TODAY, "I1"),
}


def book(line: Line, fact: Fact, before: list[str]) -> None:
    """Somebody books a fact; how far the notice was by then is added to `before`."""
    before.append(notice_of(line, "A1", NOTICE)[1].state)
    assert isinstance(line.parts, Machine)
    line.parts.take_in("A1", fact)


@pytest.mark.parametrize("fact", FACTS)
def test_what_is_booked_before_the_claim_stops_the_letter(template: Template, fact: str) -> None:
    ends = set()
    seen: set[Place] = set()
    while True:
        machine, post = template.fresh()
        line = Line(machine, post, STORIES["it says delivered"])
        before: list[str] = []
        act = partial(book, line, FACTS[fact], before)
        with at_new_line(seen, stage_of(machine, post), act) as where:
            line.work()
        line.live_on("A1")
        found = list(broken_laws(line, "A1", NOTICE))
        assert not found, f"at {where}: {found}"
        if not where:
            break
        is_stopped = before == ["pending"]
        assert len(post.taken) == (0 if is_stopped else 1), f"at {where}"
        ends.add(is_stopped)
    assert ends == {True, False}

"""What is known of a letter only ever grows, whatever the order of its events (R11.3)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise

import pytest
from chalicelib.mail.events import MailEvent, MailEventKind
from chalicelib.mail.send_record import (
    SendRecord,
    counts_as_sent,
    counts_as_sent_since,
    merged,
    rank,
    with_event,
)
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 3, 18, 7, 0, tzinfo=UTC)
KINDS = {kind.value: kind for kind in MailEventKind}


def event(kind: MailEventKind, hours: float) -> MailEvent:
    return MailEvent(
        notice_id="A1:USD:2026-03-18",
        attempt=1,
        kind=kind,
        at=START + timedelta(hours=hours),
        message_id="0100-1",
        recipients=("ap@brightline.example",),
    )


def record(*events: tuple[str, float]) -> SendRecord:
    return reduce(with_event, (event(KINDS[kind], hours) for kind, hours in events), SendRecord())


@pytest.mark.parametrize(
    ("events", "hours"),
    [
        ([], None),
        ([("delivery", 1)], 1),
        ([("send", 0)], 72),
        ([("send", 0), ("delivery", 1)], 1),
        ([("send", 0), ("delivery", 80)], 72),
        ([("send", 0), ("bounce_hard", 1)], None),
        ([("send", 0), ("bounce_soft", 71.9)], None),
        ([("send", 0), ("bounce_hard", 72)], 72),
        ([("send", 0), ("delivery", 1), ("bounce_hard", 2)], 1),
        ([("send", 0), ("bounce_soft", 1), ("delivery", 5)], 5),
        ([("send", 0), ("delivery_delay", 1)], 72),
        ([("send", 0), ("complaint", 30)], 72),
        ([("send", 0), ("reject", 0)], None),
        ([("send", 0), ("rendering_failure", 0)], None),
        ([("bounce_hard", 1)], None),
        ([("delivery_delay", 1)], None),
    ],
)
def test_a_notice_counts_as_sent_from_its_delivery_or_72_quiet_hours_after_sending(
    events: Sequence[tuple[str, float]], hours: float | None
) -> None:
    since = counts_as_sent_since(record(*events))

    assert since == (None if hours is None else START + timedelta(hours=hours))


def test_a_sent_notice_counts_only_once_its_72_hours_are_over() -> None:
    sent = record(("send", 0))

    assert not counts_as_sent(sent, START + timedelta(hours=71, minutes=59))
    assert counts_as_sent(sent, START + timedelta(hours=72))


def test_a_notice_nothing_is_known_of_does_not_count_and_is_not_settled() -> None:
    assert not counts_as_sent(SendRecord(), START)
    assert not SendRecord().is_settled
    assert record(("send", 0)).is_settled


def test_every_kind_has_a_rank_of_its_own() -> None:
    ranks = [rank(kind) for kind in MailEventKind]

    assert len(set(ranks)) == len(MailEventKind)


events_in_time = st.builds(
    event, st.sampled_from(MailEventKind), st.integers(0, 200).map(lambda half: half / 2)
)
histories = st.lists(events_in_time, max_size=12)


reorderings = histories.flatmap(
    lambda history: st.tuples(st.just(history), st.permutations(history + history[::2]))
)


@given(reorderings)
def test_order_and_repetition_of_events_change_nothing(
    reordering: tuple[list[MailEvent], list[MailEvent]],
) -> None:
    history, repeated = reordering

    assert reduce(with_event, repeated, SendRecord()) == reduce(with_event, history, SendRecord())


@given(histories)
def test_the_shown_state_never_moves_back(history: list[MailEvent]) -> None:
    states = []
    known = SendRecord()
    for happened in history:
        known = with_event(known, happened)
        states.append(0 if known.status is None else rank(known.status))

    assert all(before <= after for before, after in pairwise(states))


@given(histories, histories, histories)
def test_merging_is_a_join(a: list[MailEvent], b: list[MailEvent], c: list[MailEvent]) -> None:
    one, two, three = (reduce(with_event, history, SendRecord()) for history in (a, b, c))

    assert merged(one, two) == merged(two, one)
    assert merged(one, merged(two, three)) == merged(merged(one, two), three)
    assert merged(one, one) == one
    assert merged(one, SendRecord()) == one


@given(histories)
def test_delivery_is_never_forgotten(history: list[MailEvent]) -> None:
    later = reduce(with_event, history, record(("delivery", 1)))

    assert counts_as_sent(later, START + timedelta(hours=1))

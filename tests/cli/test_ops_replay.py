"""Replaying dead letters: none is lost, whatever happens in between."""

from __future__ import annotations

import pytest
from local.ops.queues import Queue, UnknownQueueError, find_queues, named
from local.ops.replay import first_dead_letters, replay

from tests.fakes_sqs import FakeSqs


def queue_of(sqs: FakeSqs, name: str = "mail", fifo: str = "") -> Queue:
    """Return a stage's queue of this name as it stands; its dead letters are beside it."""
    urls = {one: sqs.url(f"pastdue-test-{one}{fifo}") for one in (name, f"{name}-dead")}
    return named(find_queues(sqs, urls, "test"), name)


def with_dead(*bodies: str, fifo: str = "", group: str = "") -> FakeSqs:
    """Return queues of which one gave up on messages."""
    sqs = FakeSqs()
    sqs.put(f"pastdue-test-mail-dead{fifo}", *bodies, group=group)
    queue_of(sqs, fifo=fifo)
    return sqs


def test_a_queue_knows_its_dead_letters_by_what_sqs_says() -> None:
    queue = queue_of(with_dead("one", "two"))

    assert (queue.name, queue.waiting, queue.dead) == ("mail", 0, 2)


def test_a_queue_that_is_not_there_is_told_with_those_that_are() -> None:
    sqs = with_dead()
    urls = {url: url for url in sqs.queues}

    with pytest.raises(UnknownQueueError, match="there are mail"):
        named(find_queues(sqs, urls, "test"), "post")


def test_what_is_looked_at_stays_and_can_be_seen_again() -> None:
    sqs = with_dead("one", "two")

    first = first_dead_letters(sqs, queue_of(sqs), 1)

    assert [one.received for one in first] == [1]
    assert queue_of(sqs).dead == 2
    assert len(first_dead_letters(sqs, queue_of(sqs), 10)) == 2


def test_each_is_sent_before_it_is_deleted() -> None:
    sqs = with_dead("one")

    assert replay(sqs, queue_of(sqs), 10, lambda _: None) == 1

    assert [call.partition(" ")[0] for call in sqs.calls] == ["send", "delete"]
    assert sqs.bodies("pastdue-test-mail") == ["one"]
    assert queue_of(sqs).dead == 0


def test_a_crash_between_the_two_leaves_it_in_both_queues() -> None:
    sqs = with_dead("one", "two")
    sqs.dies_after = 1

    with pytest.raises(ConnectionError):
        replay(sqs, queue_of(sqs), 10, lambda _: None)

    assert sqs.bodies("pastdue-test-mail") == ["one", "two"]
    assert sqs.bodies("pastdue-test-mail-dead") == ["two"]


def test_only_as_many_are_moved_as_were_asked_for() -> None:
    sqs = with_dead("one", "two", "three")
    heard: list[int] = []

    assert replay(sqs, queue_of(sqs), 2, heard.append) == 2
    assert (heard, queue_of(sqs).dead) == ([1, 2], 1)


def test_all_are_moved_by_sqs_itself_where_it_can() -> None:
    sqs = with_dead("one", "two")
    sqs.moves = True

    assert replay(sqs, queue_of(sqs), None, lambda _: None) == 2
    assert sqs.calls == ["move arn:pastdue-test-mail-dead"]


def test_all_are_moved_one_by_one_where_it_cannot() -> None:
    sqs = with_dead(*"abcdefghijklm")

    assert replay(sqs, queue_of(sqs), None, lambda _: None) == 13
    assert sqs.bodies("pastdue-test-mail") == list("abcdefghijklm")


def test_a_message_of_a_group_stays_in_it_and_is_taken_once() -> None:
    sqs = with_dead("one", fifo=".fifo", group="agency-7")
    sqs.dies_after = 0
    with pytest.raises(ConnectionError):
        replay(sqs, queue_of(sqs, fifo=".fifo"), 10, lambda _: None)
    [dead] = sqs.queues[sqs.url("pastdue-test-mail-dead.fifo")]
    dead.is_hidden, sqs.dies_after = False, 1

    replay(sqs, queue_of(sqs, fifo=".fifo"), 10, lambda _: None)

    [again] = sqs.queues[sqs.url("pastdue-test-mail.fifo")]
    assert (again.body, again.group) == ("one", "agency-7")


def test_a_queue_without_dead_letters_is_left_alone() -> None:
    sqs = with_dead()

    assert replay(sqs, queue_of(sqs), None, lambda _: None) == 0
    assert sqs.calls == []

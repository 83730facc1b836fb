"""A large ledger's snapshot is made in portions, and whatever becomes of one, it is whole or none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.errors import ConflictError, LimitError, NotFoundError, UnavailableError
from chalicelib.flows import snapshot_ids
from chalicelib.flows.report import FINISHED_WITHIN, PORTION_S, Report
from chalicelib.flows.snapshot_draft import Draft, Drafts
from chalicelib.flows.snapshot_files import FORMAT, read_part, summary_key
from chalicelib.flows.snapshot_ids import IdSearch
from tests.fakes_report import Message
from tests.fakes_store import MemoryArchive
from tests.flows.machine import TODAY, Machine, invoice
from tests.flows.snapshot_days import items_of, report_of, rows_of, snapshots, summary_of

NAMES = [f"A{number}" for number in range(7)]
PARTS = ("account_parts", "open_item_parts")


def ledger(archive: MemoryArchive | None = None) -> Machine:
    """Seven accounts, each with an invoice or two."""
    machine = Machine(archive=archive or MemoryArchive())
    for number, name in enumerate(NAMES):
        machine.take_in(name, invoice(f"I{number}", 15 + number, 1_000 * number + 1))
    machine.take_in("A3", invoice("I3b", 95, 7))
    machine.let_run()
    return machine


@dataclass
class Ticks:
    """Seconds that pass by so many each time somebody looks."""

    step_s: float
    at_s: float = field(default=0.0)

    def __call__(self) -> float:
        self.at_s += self.step_s
        return self.at_s


def slow() -> Ticks:
    """A clock by which every portion is over after its first account."""
    return Ticks(PORTION_S)


def work(machine: Machine, report: Report, picked: Callable[[list[Message]], int]) -> int:
    """Do what messages ask for until none is left; return how many portions there were."""
    waiting, done = machine.report_queue.sent, 0
    while waiting:
        report.go_on(*waiting.pop(picked(waiting)))
        done += 1
        assert done < 200, "it does not end"
    return done


def first(waiting: list[Message]) -> int:
    return 0


def told(machine: Machine) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """What a snapshot says, whatever its parts are."""
    summary = {name: value for name, value in summary_of(machine).items() if name not in PARTS}
    return summary, rows_of(machine, "accounts"), items_of(machine)


def in_one_go() -> tuple[dict[str, Any], list[Any], list[Any]]:
    machine = ledger()
    report_of(machine).write(TODAY)
    assert machine.report_queue.sent == []
    return told(machine)


def is_there(machine: Machine) -> bool:
    return summary_key(TODAY) in machine.archive.files


@pytest.mark.parametrize(("each", "page"), [(100, 100), (100, 2), (3, 100), (3, 2), (1, 1)])
def test_a_snapshot_in_portions_says_what_one_in_one_go_says(each: int, page: int) -> None:
    machine = ledger()
    report = report_of(machine, TODAY, slow(), each, page)

    report.write(TODAY)
    assert not is_there(machine)
    work(machine, report, first)

    assert told(machine) == in_one_go()


@pytest.mark.parametrize("looks", range(1, 9))
def test_a_portion_that_is_over_at_any_look_at_the_clock_loses_nothing(looks: int) -> None:
    machine = ledger()
    report = report_of(machine, TODAY, Ticks(PORTION_S / looks), each=3, page=2)

    report.write(TODAY)
    work(machine, report, first)

    assert told(machine) == in_one_go()


def test_stretches_are_worked_in_any_order_and_each_has_parts_of_its_own() -> None:
    machine = ledger()
    report = report_of(machine, each=3)

    counts = report.write(TODAY)
    assert counts == {"report_portions_asked": 3}
    work(machine, report, lambda waiting: len(waiting) - 1)

    assert [part["first"] for part in summary_of(machine)["account_parts"]] == ["A0", "A3", "A6"]
    assert told(machine) == in_one_go()


def test_the_last_stretch_to_end_writes_the_summary_and_tells_its_counts() -> None:
    machine = ledger()
    report = report_of(machine, each=4)
    report.write(TODAY)
    one, other = machine.report_queue.sent

    assert report.go_on(*one) == {"report_stretches_done": 1}
    assert not is_there(machine)
    counts = report.go_on(*other)

    assert counts["report_stretches_done"] == 1
    assert counts["open_items"] == 8
    assert is_there(machine)


def test_a_message_that_comes_twice_changes_nothing() -> None:
    machine = ledger()
    report = report_of(machine, TODAY, slow(), each=3, page=2)
    report.write(TODAY)
    seen: list[Message] = []
    while machine.report_queue.sent:
        message = machine.report_queue.sent.pop(0)
        seen.append(message)
        report.go_on(*message)
        again = len(machine.report_queue.sent)
        report.go_on(*message)
        del machine.report_queue.sent[again:]
    before = dict(machine.archive.files)

    for message in seen:
        assert report.go_on(*message) == {"report_portions_done_before": 1}

    assert machine.archive.files == before
    assert told(machine) == in_one_go()


@dataclass
class Between(MemoryArchive):
    """An archive in which something else happens just before a stretch is kept."""

    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def put(self, key: str, content: bytes, media_type: str) -> None:
        if "/stretches/" in key and self.meanwhile:
            self.meanwhile.pop()()
        super().put(key, content, media_type)


def test_a_message_that_is_worked_twice_at_once_changes_nothing() -> None:
    """The other one comes further: what is kept last is behind, and goes on from there."""
    archive = Between()
    machine = ledger(archive)
    report = report_of(machine, TODAY, slow(), each=3)
    report.write(TODAY)
    message = machine.report_queue.sent.pop(0)
    quick = report_of(machine, TODAY, each=3)
    archive.meanwhile.append(lambda: quick.go_on(*message))

    report.go_on(*message)
    work(machine, report, first)

    assert archive.meanwhile == []
    assert told(machine) == in_one_go()


def test_of_two_starts_the_later_one_writes_the_snapshot() -> None:
    machine = ledger()
    report = report_of(machine, each=3)
    report.write(TODAY)
    earlier = list(machine.report_queue.sent)
    machine.report_queue.sent.clear()
    machine.take_in("A9", invoice("I9", 1, 5))
    machine.clock.pass_by(minutes=1)
    report.write(TODAY)

    assert [report.go_on(*message) for message in earlier] == [{"report_superseded": 1}] * 3
    assert not is_there(machine)
    work(machine, report, first)

    assert summary_of(machine)["accounts"] == 8


def test_a_snapshot_that_is_written_again_leaves_the_earlier_one_whole_until_it_is_there() -> None:
    machine = ledger()
    report_of(machine).write(TODAY)
    before = told(machine)
    machine.take_in("A0", invoice("I9", 1, 5))
    machine.clock.pass_by(minutes=1)
    report = report_of(machine, each=3)
    report.write(TODAY)
    report.go_on(*machine.report_queue.sent[0])

    assert told(machine) == before


class Broken(MemoryArchive):
    """An archive that takes so many files and then answers no more."""

    def __init__(self) -> None:
        super().__init__()
        self.takes = 10_000

    def put(self, key: str, content: bytes, media_type: str) -> None:
        if self.takes == 0:
            raise UnavailableError("the archive does not answer now")
        self.takes -= 1
        super().put(key, content, media_type)


@pytest.mark.parametrize("takes", range(30))
def test_after_a_crash_anywhere_there_is_no_snapshot_or_a_whole_one_and_it_goes_on(
    takes: int,
) -> None:
    archive = Broken()
    machine = ledger(archive)
    report = report_of(machine, TODAY, slow(), each=4, page=3)
    archive.takes = takes
    waiting = machine.report_queue.sent

    def tried(portion: Callable[[], object], message: Message | None) -> None:
        try:
            portion()
        except UnavailableError:
            if is_there(machine):
                assert told(machine) == in_one_go()
            archive.takes = 10_000  # it answers again
            if message is None:
                report.write(TODAY)
            else:
                waiting.insert(0, message)

    tried(lambda: report.write(TODAY), None)
    while waiting:
        message = waiting.pop(0)
        tried(lambda: report.go_on(*message), message)  # noqa: B023 - called at once

    assert told(machine) == in_one_go()


def test_a_hand_out_that_was_lost_is_made_again_by_its_message() -> None:
    machine = ledger()
    report = report_of(machine, TODAY, slow(), each=3, page=4)
    report.write(TODAY)
    [search] = machine.report_queue.sent
    machine.report_queue.sent.clear()
    machine.report_queue.is_down = True
    with pytest.raises(UnavailableError):
        report.go_on(*search)
    machine.report_queue.is_down = False

    assert report.go_on(*search) == {"report_portions_asked": 3}
    work(machine, report, first)

    assert told(machine) == in_one_go()


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_what_was_begun_on_its_day_is_finished_past_midnight_within_twelve_hours(
    late: timedelta,
) -> None:
    machine = ledger()
    report_of(machine, each=3).write(TODAY)
    machine.clock.at += FINISHED_WITHIN + late
    tomorrow = report_of(machine, TODAY + timedelta(days=1), each=3)

    if late:
        with pytest.raises(ConflictError, match="not finished after 12 hours"):
            work(machine, tomorrow, first)
    else:
        work(machine, tomorrow, first)

    assert is_there(machine) is not bool(late)


def test_a_start_that_nobody_knows_is_left_alone() -> None:
    machine = ledger()

    assert report_of(machine).go_on(TODAY, "nobody", 0) == {"report_superseded": 1}


def test_a_draft_that_is_gone_is_an_error() -> None:
    machine = ledger()
    report_of(machine).write(TODAY)  # in one go: it claimed its day, and kept no draft
    [latest] = [key for key in machine.archive.files if key.endswith("latest.json")]
    start = json.loads(machine.archive.get(latest))["start"]

    with pytest.raises(NotFoundError):
        report_of(machine).go_on(TODAY, start, 0)


@dataclass(frozen=True)
class Scattered:
    """Pages of ids in no order, some of them empty, as a table has them."""

    found: tuple[tuple[str, ...], ...] = ((), ("B", "Z", "M"), (), ("Q",), ("A", "Y"), ())

    def account_page(self, after: str, most: int) -> tuple[tuple[str, ...], str]:
        number = int(after or 0)
        return self.found[number], str(number + 1) if number + 1 < len(self.found) else ""


@pytest.mark.parametrize(("held", "lists"), [(100, 1), (2, 3), (1, 4)])
def test_ids_are_cut_in_order_however_few_of_them_are_held(held: int, lists: int) -> None:
    drafts = Drafts(MemoryArchive())
    draft = Draft(TODAY, "s", Machine().clock.now(), (30,), "due_date", {})

    draft, few = IdSearch(Scattered(), drafts, each=4, held=held).go_on(draft, lambda: False)

    assert few == []
    assert [list(drafts.ids(key)) for key in draft.stretches or ()] == [list("ABMQ"), list("YZ")]
    assert len(draft.found) == lists
    assert draft.accounts == 6


def test_a_long_search_that_finds_no_account_ends_in_an_empty_snapshot() -> None:
    machine = ledger()
    report = replace(report_of(machine, TODAY, slow()), pages=Scattered(((), (), ())))

    report.write(TODAY)
    assert not is_there(machine)
    work(machine, report, first)

    assert summary_of(machine)["accounts"] == 0
    assert rows_of(machine, "accounts") == []


class Endless:
    """Pages that find a million accounts each, and do not end."""

    def account_page(self, after: str, most: int) -> tuple[range, str]:
        return range(1_000_000), "more"


def test_a_ledger_of_too_many_accounts_is_refused_in_words() -> None:
    drafts = Drafts(MemoryArchive())
    draft = Draft(TODAY, "s", Machine().clock.now(), (30,), "due_date", {}, accounts=19_500_000)
    search = IdSearch(Endless(), drafts)  # type: ignore[arg-type]  # numbers stand for the ids

    with pytest.raises(LimitError, match="at most 20,000,000 accounts"):
        search.go_on(draft, lambda: False)
    assert snapshot_ids.ACCOUNTS_MAX == 20_000_000


def test_a_summary_of_the_format_before_is_read_with_its_numbered_parts() -> None:
    machine = ledger()
    report_of(machine).write(TODAY)
    summary = summary_of(machine)
    assert summary["format"] == FORMAT
    rows = rows_of(machine, "accounts")
    [part] = summary["account_parts"]
    machine.archive.put(
        f"runs/{TODAY}/accounts/0000.jsonl.gz", machine.archive.get(part.pop("key")), ""
    )
    old = json.dumps(summary | {"format": 2}).encode()
    machine.archive.put(summary_key(TODAY), old, "application/json")

    found, _ = snapshots(machine).part_of_list(
        snapshots(machine).of(TODAY), None, 100, lambda row: [("", row)]
    )

    assert found == rows
    assert read_part(machine.archive, f"runs/{TODAY}/accounts/0000.jsonl.gz") == rows

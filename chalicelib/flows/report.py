"""The snapshot of a run: its exact figures, a row per account, every open item (R3, R13.3).

A ledger of any size is reported in portions that each fit into a function's time:

1. *The search* finds every account id and cuts the sorted list into stretches.
2. *Each stretch* is gone through by itself, several at a time, each in as many portions as it takes:
   its rows and open items go into parts of its own, its sums are kept.
3. *Whoever finds all stretches done* adds the sums and writes the summary.

A portion that ends before its work keeps how far it came and asks for the next one by a message. A
small ledger never needs one: the start does all of it. Without a summary there is no snapshot, and
each names its own parts, which nobody replaces: there is none, or a whole one, at any instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from chalicelib.core.errors import ConflictError
from chalicelib.flows.counts import Counts
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, Clock, Registry
from chalicelib.flows.ports_registry import AccountPages
from chalicelib.flows.ports_report import ReportQueue
from chalicelib.flows.run_figures import run_figures
from chalicelib.flows.snapshot_draft import Draft, Drafts, Stretch, start_of
from chalicelib.flows.snapshot_ids import STRETCH_ACCOUNTS, IdSearch
from chalicelib.flows.snapshot_stretch import StretchWork
from chalicelib.flows.snapshot_summary import write_summary
from chalicelib.flows.snapshot_sums import Sums

PORTION_S = 600.0  # a portion ends by itself after ten minutes; Lambda ends it after fifteen
FINISHED_WITHIN = timedelta(hours=12)  # of its start; what takes longer is of no one day


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Writes run snapshots. Written again on its day, one replaces the other.

    A snapshot is of its day, not of an instant: an account counts as it stands when it is read, in
    a small ledger within seconds, in a large one within hours; within an account all agrees. An
    account that comes after the search has passed is in the next day's. The figures of the run are
    those when the snapshot began. Of two starts of a day the later one writes the snapshot; the
    earlier one ends with its next portion.

    `monotonic` gives seconds, for the time that a portion may take.
    """

    accounts: Accounts
    pages: AccountPages
    registry: Registry
    archive: Archive
    policies: PolicyShelf
    queue: ReportQueue
    clock: Clock
    today: Callable[[], date]
    monotonic: Callable[[], float]
    each: int = STRETCH_ACCOUNTS

    def write(self, run_on: date) -> Counts:
        """Begin the snapshot of a day's run; what does not fit into a portion is asked for.

        Returns the run's figures and the report's when it is whole, else how many portions were
        asked for.

        Raises:
            ConflictError: the day is over. What was booked since would be in its snapshot, and a
                report of a past day must not change with money that is received later (R3).
            LimitError: there are more accounts than a snapshot holds.
            UnavailableError: store, archive or queue do not answer now.
        """
        if run_on < self.today():
            raise ConflictError(
                f"the snapshot of {run_on} can be begun on that day only: accounts have moved on"
            )
        rules = self.policies.default(run_on).aging
        now = self.clock.now()
        draft = Draft(run_on, start_of(now), now, rules.edges, rules.base, self._figures(run_on))
        self._drafts.claim(draft)
        return self._search(draft, self._portion())

    def go_on(self, run_on: date, start: str, stretch: int | None) -> Counts:
        """Do the next portion of a stretch, or of the search for ids (None), unless it was done.

        A snapshot that was begun on its day is finished within 12 hours, also past midnight.

        Raises:
            ConflictError: it was begun more than 12 hours ago; accounts have moved on (R3).
            NotFoundError: there is no draft of that start.
            UnavailableError: store, archive or queue do not answer now; the same again is right.
        """
        if not self._drafts.is_latest(run_on, start):
            return {"report_superseded": 1}
        draft = self._drafts.get(run_on, start)
        if draft.is_written:
            return {"report_portions_done_before": 1}
        if self.clock.now() - draft.begun_at > FINISHED_WITHIN:
            raise ConflictError(
                f"the snapshot of {run_on} was begun at {draft.begun_at:%H:%M} UTC and is not finished "
                "after 12 hours: accounts have moved on"
            )
        if draft.stretches is None:
            if stretch is not None:  # of a search that a message which came twice does once more
                return {"report_portions_done_before": 1}
            return self._search(draft, self._portion())
        if stretch is None:  # a message that came twice, or the hand-out was lost
            return self._hand_out(draft)
        return self._do(draft, stretch)

    def _search(self, draft: Draft, is_over: Callable[[], bool]) -> Counts:
        """Find ids until all are there; go through them at once if they are one stretch."""
        draft, ids = IdSearch(self.pages, self._drafts, self.each).go_on(draft, is_over)
        if draft.stretches == ("",):
            return self._do_few(draft, ids, is_over)
        self._drafts.put(draft)
        if draft.stretches is None:
            self.queue.send_portions(draft.run_on, draft.start, [None])
            return {"report_portions_asked": 1}
        return self._hand_out(draft)

    def _hand_out(self, draft: Draft) -> Counts:
        numbers = range(len(draft.stretches or ()))
        self.queue.send_portions(draft.run_on, draft.start, numbers)
        return {"report_portions_asked": len(numbers)}

    def _do_few(self, draft: Draft, ids: list[str], is_over: Callable[[], bool]) -> Counts:
        """Go through the only stretch; nothing of it is kept unless the time is over first."""
        stretch = Stretch(0, "", Sums(draft.edges))
        self._work.go_on(draft, stretch, ids, is_over)
        if stretch.is_done:
            return write_summary(self.archive, draft, [stretch])
        stretch.ids = self._drafts.put_ids(draft, ids)
        draft = replace(draft, stretches=(stretch.ids,))
        self._drafts.put_stretch(draft, stretch)
        self._drafts.put(draft)
        return self._hand_out(draft)

    def _do(self, draft: Draft, number: int) -> Counts:
        """Go on with a stretch; after its end, write the summary if it was the last."""
        stretch = self._drafts.stretch(draft, number)
        if not stretch.is_done:
            ids = list(self._drafts.ids(stretch.ids))
            self._work.go_on(draft, stretch, ids, self._portion())
            self._drafts.put_stretch(draft, stretch)
        if not stretch.is_done:
            self.queue.send_portions(draft.run_on, draft.start, [number])
            return {"report_portions_asked": 1}
        if not self._all_done(draft) or not self._drafts.is_latest(draft.run_on, draft.start):
            return {"report_stretches_done": 1}
        counts = write_summary(self.archive, draft, self._stretches(draft))
        self._drafts.put(replace(draft, is_written=True))
        return {"report_stretches_done": 1, **counts}

    def _all_done(self, draft: Draft) -> bool:
        """Return whether every stretch is done; the last ones, which are done last, are read first."""
        numbers = range(len(draft.stretches or ()))
        return all(self._drafts.stretch(draft, number).is_done for number in reversed(numbers))

    def _stretches(self, draft: Draft) -> Iterator[Stretch]:
        numbers = range(len(draft.stretches or ()))
        return (self._drafts.stretch(draft, number) for number in numbers)

    def _portion(self) -> Callable[[], bool]:
        """Return what says whether the portion that begins now is over."""
        until = self.monotonic() + PORTION_S
        return lambda: self.monotonic() >= until

    @property
    def _drafts(self) -> Drafts:
        return Drafts(self.archive)

    @property
    def _work(self) -> StretchWork:
        return StretchWork(self.accounts, self.archive, self.policies)

    def _figures(self, run_on: date) -> dict[str, Any]:
        """Return a run's exact figures: accounts done, skips by block, failed, left."""
        figures = run_figures(self.accounts, run_on, most=None)
        del figures["is_complete"]  # a report always is
        state = self.registry.run_state(run_on)
        return {
            "state": state.state if state else "not_started",
            "reason": state.reason if state else "",
            "accounts_due": state.accounts_due if state else 0,
            **figures,
        }

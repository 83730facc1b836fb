"""How a notice ends other than by mail: cancelled, left to post, left to a person (R11.1, R11.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from chalicelib.core.account import Notice
from chalicelib.core.facts import NoticeCancelled, NoticeMoved, TaskOpened
from chalicelib.flows.counts import Counts
from chalicelib.flows.kept_letters import KeptLetters
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.ports import Clock, Loaded
from chalicelib.flows.ports_letters import RenderedLetter
from chalicelib.flows.restored import LetterFence

NO_ADDRESS = "The account has no e-mail address that can be written to."


@dataclass(frozen=True, slots=True)
class Endings:
    """Ends notices on the account as it was read; someone else's change makes it stale."""

    bookings: Bookings
    kept: KeptLetters
    clock: Clock

    def today(self) -> date:
        """Return the seller's calendar day."""
        return self.bookings.day_of(self.clock.now())

    def cancel(self, loaded: Loaded, notice: Notice, reason: str) -> Counts:
        """Nothing is left to ask: what it settled and is still open is owed again (R11.1)."""
        self.kept.keep_cancelled(notice.id, reason)
        cancelled = NoticeCancelled(self.today(), notice.id)
        self.bookings.book(loaded, (cancelled,), self.clock.now())
        self.bookings.forget(loaded.account.id, notice.id, notice.hand_overs)
        return {"mail_cancelled": 1, f"mail_cancelled_{reason}": 1}

    def sent_before(self, loaded: Loaded, notice: Notice, fence: LetterFence) -> Counts:
        """It was sent in the history that a restore took back: book that, and send nothing.

        Where nobody knows what became of it, it is unknown, and a person's after a day (R11.3): it
        never counts as sent by itself.
        """
        state: Literal["sent", "unknown"] = "sent" if fence.is_sent else "unknown"
        now = self.clock.now()
        moved = NoticeMoved(
            self.today(),
            notice.id,
            state,
            now,
            fence.attempt,
            message_id=fence.message_id,
            went_to=fence.went_to,
        )
        self.bookings.book(loaded, (moved,), now)
        self.bookings.forget(loaded.account.id, notice.id, notice.hand_overs)
        unknown = {} if fence.is_sent else {"mail_unknown": 1}
        return {"mail_sent_before_restore": 1, **unknown}

    def leave_to_post(self, loaded: Loaded, notice: Notice, rendered: RenderedLetter) -> Counts:
        """There is nobody to write to: a person posts the kept letter and finds a contact (R11.2)."""
        self.kept.keep(notice.id, rendered, rendered.printed())
        account, today = loaded.account, self.today()
        tasks = (
            self.bookings.task(account, notice.id, "send_letter", today, NO_ADDRESS),
            self.bookings.task(account, "", "find_contact", today, NO_ADDRESS),
        )
        self._leave(loaded, notice, tasks)
        return {"mail_left_to_post": 1}

    def fail(self, loaded: Loaded, notice: Notice, why: str) -> Counts:
        """It cannot go: a person looks at it (R11.3)."""
        task = self.bookings.review(loaded.account, notice.id, self.today(), why)
        self._leave(loaded, notice, (task,))
        return {"mail_failed": 1}

    def _leave(self, loaded: Loaded, notice: Notice, tasks: Sequence[TaskOpened]) -> None:
        failed = NoticeMoved(self.today(), notice.id, "failed", self.clock.now())
        self.bookings.book(loaded, (failed, *tasks))
        self.bookings.forget(loaded.account.id, notice.id, notice.hand_overs)

"""Whether a notice may leave now, and until when it waits if it may not (R11, R13.1).

What waits stays in the outbox, put off until it may go: nobody looks at it before, nothing is lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta

from chalicelib.core.account import Notice
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.pace import Pacing, Unpaced
from chalicelib.flows.ports import Clock, Loaded, Queues, Registry
from chalicelib.flows.sending_times import SendingTimes
from chalicelib.flows.work import HANDED_OVER_WITHIN, outbox_id

HELD_FOR = timedelta(minutes=30)  # by the day's quota, of which some comes free at any time


@dataclass(frozen=True, slots=True)
class Departures:
    """Lets notices leave at their times, at the account's pace, while sending is on."""

    bookings: Bookings
    registry: Registry
    queues: Queues
    clock: Clock
    times: SendingTimes = field(default_factory=SendingTimes)
    pace: Pacing = field(default_factory=Unpaced)

    def why_it_waits(self, loaded: Loaded, notice: Notice) -> str:
        """Return why a notice is not sent now, as a code, empty if it is; its outbox row stays."""
        if notice.state == "sending":
            return "mail_sent_elsewhere"  # an expired lease is the reconcile's (R11.3)
        now = self.clock.now()
        if notice.lease_until is not None and now < notice.lease_until:
            # Its next attempt has its own time, and mostly a message that is on its way already.
            self._put_off(loaded, notice, notice.lease_until - now + HANDED_OVER_WITHIN)
            return "mail_not_yet"
        if self.registry.sending_paused():
            self._put_off(loaded, notice, timedelta())  # handed over when sending is on again
            return "mail_held_back"
        policy = self.bookings.policies.of(loaded.account.details, self.bookings.day_of(now))
        if not self.times.is_open(notice, policy, now):
            self._put_off(loaded, notice, self.times.send_at(notice, policy, now) - now)
            return "mail_outside_window"
        held = self.pace.why_held()
        if held:
            self._put_off(loaded, notice, HELD_FOR)
        return held

    def why_not_its_turn(self, loaded: Loaded, notice: Notice, recipients: int) -> str:
        """Wait for the next turn; return why the notice may not leave after all, empty if it may.

        All is looked at again after the wait: someone may have turned the kill switch meanwhile.
        """
        wait_s = self.pace.wait(recipients)
        if wait_s:
            self.queues.send_mail(loaded.account.id, [notice.id], math.ceil(wait_s))
            return "mail_waits_its_turn"
        return self.why_it_waits(loaded, notice)

    def _put_off(self, loaded: Loaded, notice: Notice, span: timedelta) -> None:
        until = self.clock.now() + span
        row_id = outbox_id(notice.id, notice.hand_overs)
        self.bookings.accounts.put_off(loaded.account.id, row_id, until)

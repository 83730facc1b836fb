"""Every minute: hands over what a crash left behind, and settles what nobody reported (R11.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, groupby, islice
from operator import itemgetter

from chalicelib.core.account import Account, Notice
from chalicelib.core.facts import Fact, NoticeCounted, NoticeMoved
from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.credit_news import OUTBOX_KIND
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.ports import Queues, Registry
from chalicelib.flows.unfinished import unfinished

AGAIN_AFTER = timedelta(minutes=15)  # for what was handed over and is still there
COUNTS_AFTER = timedelta(hours=72)  # sent, and no bounce came
UNKNOWN_FOR_GOOD_AFTER = timedelta(hours=24)
LEASES_ENDED = "leases_ended"
EACH_TIME_MAX = 1_000  # rows and notices of one minute; the next minute takes the rest
NOBODY_KNOWS = "For 24 hours nobody could say whether this notice was sent. It is not sent again."


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Ends what was left unfinished. One account that fails stops no other.

    `told` hears what was done in a minute in which something else failed: it counts all the same.
    """

    bookings: Bookings
    registry: Registry
    queues: Queues
    told: Callable[[Counts], None] = lambda counts: None

    def reconcile(self, now: datetime) -> Counts:
        """Hand over the outbox rows whose time has come, and settle notices whose time is up.

        Large changes that were only stored are written out, so that nobody must look for that.

        Raises:
            Exception: the first failure of an account, after all the others were done.
        """
        failures: list[Exception] = []
        # The hand-over comes last: a long one may use up the minute, and keeps nothing else back.
        steps = (
            self._settle(now, failures),
            self._finish(failures),
            self._hand_over(now, failures),
        )
        counts = add_up(chain.from_iterable(steps))
        if failures:
            self.told(counts)
            raise failures[0]
        return counts

    def _hand_over(self, now: datetime, failures: list[Exception]) -> Iterator[Counts]:
        """Hand over what may leave now; while sending is paused it stays where it is.

        That is what waited for its place in the sending window, and what a crash left behind.
        """
        if self.registry.sending_paused():
            return
        rows = self.bookings.accounts.outbox_before(now)
        some = sorted(
            (account_id, row.subject, row.id)
            for account_id, row in islice(rows, EACH_TIME_MAX)
            if row.kind in ("notice", OUTBOX_KIND)
        )
        for account_id, group in groupby(some, key=itemgetter(0)):
            mail_ids = {subject: row_id for _, subject, row_id in group}
            yield from _alone(partial(self._send, account_id, mail_ids, now), failures)

    def _send(self, account_id: str, mail_ids: Mapping[str, str], now: datetime) -> Counts:
        """Hand over what some outbox rows are of, and look at these again in a while only.

        Else the queue would fill, minute by minute, with messages about what it holds already.
        """
        self.queues.send_mail(account_id, list(mail_ids))
        for row_id in mail_ids.values():
            self.bookings.accounts.put_off(account_id, row_id, now + AGAIN_AFTER)
        return {"handed_over": len(mail_ids)}

    def _finish(self, failures: list[Exception]) -> Iterator[Counts]:
        for account_id in list(unfinished(self.bookings.accounts)):
            yield from _alone(partial(self._finish_one, account_id), failures)

    def _finish_one(self, account_id: str) -> Counts:
        self.bookings.accounts.load(account_id)
        return {"finished_later": 1}

    def _settle(self, now: datetime, failures: list[Exception]) -> Iterator[Counts]:
        doubts = list(islice(self.bookings.accounts.notices_in_doubt(now), EACH_TIME_MAX))
        for account_id, notice_id in doubts:
            yield from _alone(partial(self._settle_one, account_id, notice_id, now), failures)

    def _settle_one(self, account_id: str, notice_id: str, now: datetime) -> Counts:
        settled: dict[str, int] = {}  # what it is counted by, with its outbox rows so far

        def facts_for(account: Account, notice: Notice) -> Sequence[Fact]:
            name, facts = self._due(account, notice, now)
            settled.clear()
            if facts:
                settled[name] = notice.hand_overs
            return facts

        self.bookings.settle(account_id, notice_id, facts_for, now)
        left: Counts = {}
        for hand_overs in settled.values():
            left = self.bookings.forgotten(account_id, notice_id, hand_overs)
        # A crash between sending and recording is one more send of which nobody knows.
        unknown = {"mail_unknown": 1} if LEASES_ENDED in settled else {}
        return {**dict.fromkeys(settled, 1), **unknown, **left}

    def _due(self, account: Account, notice: Notice, now: datetime) -> tuple[str, Sequence[Fact]]:
        """Return what time alone says of a notice's send, under the name it is counted by (R11.3)."""
        since = notice.state_at or now
        if notice.state == "sending" and notice.lease_until and notice.lease_until <= now:
            on = self.bookings.day_of(now)
            return LEASES_ENDED, (NoticeMoved(on, notice.id, "unknown", now),)
        if notice.state == "sent" and since + COUNTS_AFTER <= now:
            on = self.bookings.day_of(since + COUNTS_AFTER)
            return "counted_without_news", (NoticeCounted(on, notice.id),)
        if notice.state == "unknown" and since + UNKNOWN_FOR_GOOD_AFTER <= now:
            on = self.bookings.day_of(now)
            task = self.bookings.review(account, notice.id, on, NOBODY_KNOWS)
            return "unknown_for_good", (NoticeMoved(on, notice.id, "failed", now), task)
        return "", ()


def _alone(run: Callable[[], Counts], failures: list[Exception]) -> Iterator[Counts]:
    """Yield what one account's step did; keep what it raised, so that the others go on (R13.1)."""
    try:
        yield run()
    except Exception as error:  # raised at the end, whatever it is
        failures.append(error)
        yield {"failed": 1}

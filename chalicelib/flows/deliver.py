"""Delivers one notice: read, write, claim, send, record (R11.1, R11.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.core.account import Account, Notice
from chalicelib.core.errors import (
    InvalidInputError,
    LimitError,
    StaleVersionError,
    UnavailableError,
)
from chalicelib.core.facts import Fact, NoticeMoved
from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.departures import Departures
from chalicelib.flows.envelopes import Envelope, envelope_of, sender_domain
from chalicelib.flows.kept_letters import ByReference, reference_to
from chalicelib.flows.letter_writers import writer_of
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.letters import NothingToAsk
from chalicelib.flows.notice_endings import Endings
from chalicelib.flows.notice_state import State
from chalicelib.flows.ports import Loaded, Queues
from chalicelib.flows.ports_letters import AnyLetter, RenderedLetter, Renderer
from chalicelib.flows.ports_mail import (
    Accepted,
    Mailer,
    OutgoingMail,
    Refused,
    SendOutcome,
)
from chalicelib.flows.restored import LetterFence

LEASE = timedelta(minutes=10)  # well over the mail worker's own time limit
TRIES = 4  # to claim, while others change the account
ATTEMPTS_MAX = 6  # sends of one notice that the mail service refuses for now
THROTTLED_S = 60  # before the next attempt when the mail service was asked too fast
HAND_OVERS_MAX = 4  # of a notice that nobody knows: more than one can have
DELAYS_S = (60, 300, 900)  # before the next attempt; the last one again after it


@dataclass(frozen=True, slots=True)
class Prepared:
    """A letter ready to be claimed, from the account as it was read."""

    loaded: Loaded
    notice: Notice
    rendered: RenderedLetter
    mail: OutgoingMail
    envelope: Envelope
    shown: ByReference | None = None  # as it is kept for good, where it names a person


@dataclass(frozen=True, slots=True)
class Deliver:
    """Delivers notices, each at most once whatever happens in between (R11.3)."""

    endings: Endings
    departures: Departures
    queues: Queues
    mailer: Mailer
    renderer: Renderer
    letterhead: Callable[[], Letterhead]
    sender: str
    message_host: str = "email.amazonses.com"  # of the ids that the mail service gives (R11.5)
    # Whether it was sent in a history that a restore from backup took back.
    fence: Callable[[Notice], LetterFence | None] = lambda _: None

    def deliver(self, account_id: str, notice_id: str) -> Counts:
        """Send one notice if it waits to be sent; any number of times is the same as once.

        Raises:
            StaleVersionError: others kept changing the account; the queue tries again.
            UnavailableError: something that is needed does not answer; the queue tries again.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                prepared = self._prepare(account_id, notice_id)
                if not isinstance(prepared, Prepared):
                    return prepared
                waits = self._why_not_its_turn(prepared)
                if waits:
                    return {waits: 1}
                # A payment that was committed since the read makes this stale: the letter stops.
                self._claim(prepared)
            except StaleVersionError:
                if not tries_left:
                    raise
            else:
                return self._send(prepared)
        raise AssertionError("the last try returns or raises")

    def _prepare(self, account_id: str, notice_id: str) -> Prepared | Counts:
        """Return the letter ready to be claimed, or what was done instead."""
        loaded = self.endings.bookings.load(account_id, notice_id)
        notice = loaded.account.notices.get(notice_id)
        if notice is None or notice.state not in ("pending", "sending"):
            there = notice or loaded.account.past_notices.get(notice_id)
            hand_overs = HAND_OVERS_MAX if there is None else there.hand_overs
            self.endings.bookings.forget(account_id, notice_id, hand_overs)
            return {"mail_nothing_to_do": 1}
        fence = self.fence(notice) if notice.state == "pending" else None
        if fence is not None:
            return self.endings.sent_before(loaded, notice, fence)
        waits = self.departures.why_it_waits(loaded, notice)
        return {waits: 1} if waits else self._written(loaded, notice)

    def _why_not_its_turn(self, prepared: Prepared) -> str:
        """Wait for the letter's turn; return why it is not sent now after all, empty if it is."""
        recipients = prepared.mail.recipients
        return self.departures.why_not_its_turn(prepared.loaded, prepared.notice, recipients)

    def _written(self, loaded: Loaded, notice: Notice) -> Prepared | Counts:
        # A fault of these two is a fault of the deployment: it fails the message, not the notice.
        head = self.letterhead()
        today = self.endings.today()
        account = loaded.account
        policy = self.endings.bookings.policies.of(account.details, today)
        try:
            hosts = (sender_domain(self.sender), self.message_host)
            envelope = envelope_of(account, notice, policy, head, hosts)
            write = writer_of(notice)
            letter = write(account, notice, policy, head, today, envelope.addressee)
            if isinstance(letter, NothingToAsk):
                return self.endings.cancel(loaded, notice, letter.reason)
            rendered = self.renderer(letter, policy.id)
            if not envelope.to:
                return self.endings.leave_to_post(loaded, notice, rendered)
            mail = self._mail(notice, letter, rendered, envelope)
            shown = self._by_reference(account.id, letter, policy.id, envelope)
            return Prepared(loaded, notice, rendered, mail, envelope, shown)
        except (InvalidInputError, LimitError) as error:
            why = f"The letter could not be written ({error.code})."
            return self.endings.fail(loaded, notice, why)

    def _by_reference(
        self, account_id: str, letter: AnyLetter, policy_id: str, envelope: Envelope
    ) -> ByReference | None:
        """Return the letter without the name of the person whom it greets; None: it names nobody."""
        person = envelope.addressee
        if person is None or not letter.contact_name:
            return None
        shown = replace(letter, contact_name=reference_to(person.id))
        return ByReference(account_id, person.id, self.renderer(shown, policy_id))

    def _mail(
        self, notice: Notice, letter: AnyLetter, rendered: RenderedLetter, envelope: Envelope
    ) -> OutgoingMail:
        return OutgoingMail(
            notice_id=notice.id,
            attempt=notice.attempt + 1,
            sender=self.sender,
            to=tuple(one.email for one in envelope.to),
            cc=envelope.cc,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            reply_to=(letter.collector.email,),
            references=envelope.references,
            attachments=rendered.attachments,
        )

    def _claim(self, prepared: Prepared) -> None:
        now = self.endings.clock.now()
        claim = NoticeMoved(
            self.endings.today(),
            prepared.notice.id,
            "sending",
            now,
            attempt=prepared.mail.attempt,
            lease_until=now + LEASE,
            went_to=prepared.envelope.went_to(prepared.mail.attempt),
        )
        self.endings.bookings.book(prepared.loaded, (claim,))

    def _send(self, prepared: Prepared) -> Counts:
        """Keep the letter, send it, record the outcome."""
        try:
            self.endings.kept.keep_mail(
                prepared.notice.id,
                prepared.rendered,
                prepared.mail,
                prepared.envelope,
                prepared.shown,
            )
        except Exception:  # also a crash: the claim must not be left open
            # Whatever it was, nothing has left yet: the attempt counts for none.
            self._settle(prepared, "pending", attempts=prepared.notice.attempt)
            raise
        try:
            outcome = self.mailer.send(prepared.mail)
        except (InvalidInputError, LimitError) as error:
            why = f"The letter cannot be sent as it is ({error.code})."
            return self._ended(prepared, "failed", why=why)
        counts = self._record(prepared, outcome)
        if isinstance(outcome, Accepted):
            return add_up((counts, self._complete(prepared, outcome.message_id)))
        return counts

    def _complete(self, prepared: Prepared, message_id: str) -> Counts:
        """Add the message's id to the kept record; it is with the notice too, should this fail."""
        try:
            self.endings.kept.complete(prepared.notice.id, prepared.mail.attempt, message_id)
        except UnavailableError:
            return {"mail_record_incomplete": 1}
        return {}

    def _record(self, prepared: Prepared, outcome: SendOutcome) -> Counts:
        attempt = prepared.mail.attempt
        if isinstance(outcome, Accepted):
            return self._ended(prepared, "sent", message_id=outcome.message_id)
        if not isinstance(outcome, Refused):
            return self._ended(prepared, "unknown")
        if outcome.is_throttled:
            return self._throttled(prepared)
        if not outcome.retryable or attempt >= ATTEMPTS_MAX:
            why = f"The mail service refused it ({outcome.code}), at attempt {attempt}."
            return self._ended(prepared, "failed", why=why)
        delay_s = DELAYS_S[min(attempt, len(DELAYS_S)) - 1]
        self._try_again(prepared, attempt, delay_s)
        return {"mail_refused_for_now": 1}

    def _throttled(self, prepared: Prepared) -> Counts:
        """The mail service takes nothing for now: nothing left, so the attempt counts for none."""
        self.departures.pace.throttled()
        self._try_again(prepared, prepared.notice.attempt, THROTTLED_S)
        return {"mail_throttled": 1}

    def _try_again(self, prepared: Prepared, attempts: int, delay_s: int) -> None:
        self._settle(prepared, "pending", delay_s=delay_s, attempts=attempts)
        # Lost, it is handed over by the reconcile: the outbox row is still there.
        self.queues.send_mail(prepared.loaded.account.id, [prepared.notice.id], delay_s)

    def _ended(
        self, prepared: Prepared, state: State, *, message_id: str = "", why: str = ""
    ) -> Counts:
        self._settle(prepared, state, message_id=message_id, why=why)
        account, notice = prepared.loaded.account, prepared.notice
        row = self.endings.bookings.forgotten(account.id, notice.id, notice.hand_overs)
        return {f"mail_{state}": 1, **row}

    def _settle(
        self,
        prepared: Prepared,
        state: State,
        *,
        message_id: str = "",
        why: str = "",
        delay_s: int = 0,
        attempts: int | None = None,
    ) -> None:
        """Record a send's outcome, unless the mail service's own events were first."""
        attempt = prepared.mail.attempt
        bookings = self.endings.bookings

        def facts_for(account: Account, notice: Notice) -> Sequence[Fact]:
            if notice.state not in ("sending", "unknown") or notice.attempt != attempt:
                return ()
            now, on = self.endings.clock.now(), self.endings.today()
            until = now + timedelta(seconds=delay_s) if delay_s else None
            done = attempt if attempts is None else attempts
            move = NoticeMoved(on, notice.id, state, now, done, until, message_id)
            return (move, bookings.review(account, notice.id, on, why)) if why else (move,)

        bookings.settle(prepared.loaded.account.id, prepared.notice.id, facts_for)

"""Pauses of dunning, for an account or one invoice, and their end: at the next run, or now (R5.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from chalicelib.core.account import Account, PausedSpan
from chalicelib.core.errors import ConflictError, Fault, LimitError, PastdueError, UnfitInputError
from chalicelib.core.facts import Fact, Pause
from chalicelib.core.facts_details import PauseEnded
from chalicelib.core.policy import Policy
from chalicelib.flows.blocks_view import pause_id
from chalicelib.flows.counts import Counts
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of
from chalicelib.flows.gates import why_not_work
from chalicelib.flows.ports import LARGE_ACCOUNT_INVOICES, DueAccount, Queues, Registry

PAUSE_DAYS_MAX = 366
PAUSES_MAX = 1_000  # of one account
Why = Mapping[str, str]  # `reason_code` and `note` of who decides
When = Literal["next_run", "now"]


@dataclass(frozen=True, slots=True)
class Pauses:
    """Pauses dunning and lets it go on. `decide_now` decides an account as the day's run does."""

    desk: Desk
    registry: Registry
    queues: Queues
    decide_now: Callable[[date, str], Counts]

    def pause(
        self, account_id: str, caller: Caller, until: date, invoice_id: str | None, why: Why
    ) -> Reply:
        """Let dunning of an account, or one open invoice, rest through a day.

        A pause of the same that is in force is replaced.

        Raises:
            NotFoundError: there is no such account.
            UnfitInputError: the day is over or more than 366 days away, or no such invoice is open.
            LimitError: the account has all the pauses that one may have.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            _check(account, invoice_id, until, today)
            there = _in_force(account, invoice_id, today)
            if not there and len(account.pauses) >= PAUSES_MAX:
                raise LimitError(f"an account may have {PAUSES_MAX:,} pauses; pause it as a whole")
            facts: list[Fact] = [PauseEnded(today, invoice_id)] if there else []
            facts.append(Pause(today, until, invoice_id, why["reason_code"]))
            subject = invoice_id or ""
            event = event_of(caller, today, "paused", subject, until_on=until.isoformat(), **why)
            body = {
                "account_id": account_id,
                "id": pause_id(invoice_id, until),
                "invoice_id": invoice_id,
                "since_on": today.isoformat(),
                "until_on": until.isoformat(),
                "reason_code": why["reason_code"],
            }
            return Ruling(facts, lambda _: Reply(200, body), (event,))

        return self.desk.book(account_id, caller, act)

    def resume(
        self, account_id: str, caller: Caller, when: When, invoice_id: str | None, why: Why
    ) -> Reply:
        """End the pause of an account, or of one invoice; the others stay.

        `next_run` leaves the account to the next day's run. `now` decides it at once, by the code
        and under the gates of the day's run (R13.1): the reply says which one is closed. A large
        account goes to its queue, as does one that could not be decided.

        Raises:
            NotFoundError: there is no such account.
            ConflictError: it is not paused.
        """
        run_on = self.desk.day_of(caller.at)
        gate = why_not_work(self.registry, run_on) if when == "now" else None

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            _check_paused(account, invoice_id, today)
            event = event_of(caller, today, "resumed", invoice_id or "", when=when, **why)
            decided = "at_the_next_run"
            if when == "now" and gate is None:
                is_large = len(account.invoices) > LARGE_ACCOUNT_INVOICES
                decided = "soon" if is_large else "now"
            body = {
                "account_id": account_id,
                "invoice_id": invoice_id,
                "decided": decided,
                "held_back_by": gate,
            }
            return Ruling((PauseEnded(today, invoice_id),), lambda _: Reply(200, body), (event,))

        reply = self.desk.book(account_id, caller, act)
        if not reply.is_replayed:
            self._decide(run_on, account_id, reply.body["decided"])
        return reply

    def _decide(self, run_on: date, account_id: str, decided: str) -> None:
        """Decide the account, or hand it to the workers; what is lost here, the next run does."""
        is_large = decided == "soon"
        if decided == "now":
            try:
                self.decide_now(run_on, account_id)
            except PastdueError:
                decided = "soon"
        if decided == "soon":
            self.queues.send_work(run_on, [DueAccount(account_id, run_on, "", is_large)])


def _check(account: Account, invoice_id: str | None, until: date, today: date) -> None:
    faults = []
    latest = today + timedelta(days=PAUSE_DAYS_MAX)
    if not today <= until <= latest:
        faults.append(Fault("/until_on", "out_of_range", f"must be from {today} through {latest}"))
    if invoice_id is not None and invoice_id not in account.invoices:
        said = "is not an open invoice of the account"
        faults.append(Fault("/invoice_id", "unknown_invoice", said))
    if faults:
        raise UnfitInputError("the pause cannot be so", faults)


def _check_paused(account: Account, invoice_id: str | None, today: date) -> None:
    if _in_force(account, invoice_id, today):
        return
    if invoice_id is None:
        names = sorted(s.invoice_id for s in account.pauses if s.invoice_id and today <= s.until)
        listed = ", ".join(names[:10])
        hint = f"; invoices of it are, to be resumed one by one: {listed}" if names else ""
        raise ConflictError(f"the account is not paused as a whole{hint}")
    as_a_whole = _in_force(account, None, today)
    hint = "; the account is, as a whole" if as_a_whole else ""
    raise ConflictError(f"the invoice is not paused by itself{hint}")


def _in_force(account: Account, invoice_id: str | None, today: date) -> list[PausedSpan]:
    return [s for s in account.pauses if s.invoice_id == invoice_id and today <= s.until]

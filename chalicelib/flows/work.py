"""The work of a run: load one account, decide it, commit, hand its notices over (R5.10, R13.1)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from chalicelib.core.account import Notice
from chalicelib.core.decide import Decision, decide
from chalicelib.core.effects import Skipped
from chalicelib.core.errors import PastdueError, StaleVersionError, UnavailableError
from chalicelib.core.policy import Policy
from chalicelib.flows.agency_offers import as_far_as_offered
from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.credit_news import with_news
from chalicelib.flows.gates import why_not_work
from chalicelib.flows.nobody_in import nobody_in
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import (
    Accounts,
    Change,
    Clock,
    Loaded,
    OutboxRow,
    Queues,
    Registry,
    RunRow,
)
from chalicelib.flows.sending_times import SendingTimes

TRIES = 4  # of one message; then the queue tries again
QUEUE_DELAY_MAX = timedelta(minutes=15)  # what a queue keeps back; what waits longer is reconciled
HANDED_OVER_WITHIN = timedelta(minutes=1)  # of its time; then the message may be lost


def outbox_id(notice_id: str, hand_overs: int = 0) -> str:
    """Return the id of the outbox row that stands for a notice's delivery.

    Each time that the notice waits to be sent anew it has another row (`Notice.hand_overs`), so
    that whoever ends the delivery before cannot take it away.
    """
    return f"notice+{hand_overs}:{notice_id}" if hand_overs else f"notice:{notice_id}"


@dataclass(frozen=True, slots=True)
class Work:
    """Decides accounts for a run, one at a time. Any number of times is the same as once.

    `takes_offers` says whether an agency is there and active: a decision offers by itself to no
    other (R10.2).
    """

    accounts: Accounts
    registry: Registry
    queues: Queues
    policies: PolicyShelf
    clock: Clock
    times: SendingTimes = field(default_factory=SendingTimes)
    takes_offers: Callable[[str], bool] = lambda _: False

    def decide_account(self, run_on: date, account_id: str) -> Counts:
        """Decide one account for a day's run, commit, and hand its notices to the mail queue.

        A closed gate holds the account back: it stays due and the next sweep hands it out again.
        An account that is not due any more, or was decided for a later day, is left alone.

        Raises:
            StaleVersionError: others kept changing the account; the queue tries again.
            UnavailableError: the store does not answer now.
        """
        gate = why_not_work(self.registry, run_on)
        if gate is not None:
            return {"work_held_back": 1, f"work_held_back_{gate}": 1}
        for tries_left in reversed(range(TRIES)):
            try:
                return self._decide_once(run_on, self.accounts.load(account_id))
            except StaleVersionError:
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _decide_once(self, run_on: date, loaded: Loaded) -> Counts:
        last = loaded.account.last_decided_on
        if last is not None and run_on < last:
            return {"work_decided_later": 1}
        if not _is_due(loaded, run_on):
            return {"work_not_due": 1}
        try:
            policy = self.policies.of(loaded.account.details, run_on)
            offering = as_far_as_offered(policy, loaded.account, self.takes_offers)
            decision = decide(loaded.account, offering, run_on)
        except Exception as error:
            self._remember_failure(run_on, loaded, error)
            raise  # it fails alone, is reported, and is tried again (R13.1)
        outcomes = outcomes_of(decision)
        outcomes |= nobody_in(decision.account, policy, run_on)
        if last == run_on:
            del outcomes["accounts_decided"]  # the run's figures count each account once
        change = Change(
            loaded=loaded,
            after=decision.account,
            wake_on=self.policies.look_again(decision.account.details, decision.wake_on, run_on),
            entries=decision.entries,
            effects=decision.effects,
            outbox=self._outbox(decision.notices, policy),
            run_row=RunRow(run_on, outcomes) if outcomes else None,
            policy=policy.label,
        )
        now = self.clock.now()
        change = with_news(change, policy, run_on, now)
        delays = {row.subject: row.waits_until - now for row in change.outbox}
        at_once = {name: delay for name, delay in delays.items() if delay <= QUEUE_DELAY_MAX}
        rows = (_given_time(row) if row.subject in at_once else row for row in change.outbox)
        self.accounts.commit(replace(change, outbox=tuple(rows)))
        return add_up((outcomes, self._hand_over(loaded.account.id, at_once)))

    def _outbox(self, notices: Sequence[Notice], policy: Policy) -> tuple[OutboxRow, ...]:
        """Return a row for each notice, which waits for the notice's place in the sending window."""
        now = self.clock.now()
        times = ((notice.id, self.times.send_at(notice, policy, now)) for notice in notices)
        return tuple(
            OutboxRow(outbox_id(name), "notice", name, now, due_at) for name, due_at in times
        )

    def _hand_over(self, account_id: str, delays: Mapping[str, timedelta]) -> Counts:
        """Send the messages of notices and news; what is lost here, the reconcile sends again."""
        by_delay: dict[int, list[str]] = {}
        for mail_id, delay in delays.items():
            by_delay.setdefault(math.ceil(delay.total_seconds()), []).append(mail_id)
        try:
            for delay_s, mail_ids in by_delay.items():
                self.queues.send_mail(account_id, mail_ids, delay_s)
        except UnavailableError:
            return {"hand_over_failed": 1}
        return {}

    def _remember_failure(self, run_on: date, loaded: Loaded, error: Exception) -> None:
        """Write the account's failure into the run's figures; the account itself stays as it is."""
        code = error.code if isinstance(error, PastdueError) else "crashed"
        row = RunRow(run_on, {"failed": 1, f"failed_{code}": 1})
        try:
            self.accounts.commit(Change(loaded, loaded.account, loaded.wake_on, run_row=row))
        except PastdueError:
            return  # the figure is lost, the failure itself is raised and tried again


def _given_time(row: OutboxRow) -> OutboxRow:
    """Return a row that is handed over now: the reconcile looks at it when that may be lost."""
    return replace(row, due_at=row.waits_until + HANDED_OVER_WITHIN)


def _is_due(loaded: Loaded, run_on: date) -> bool:
    """Whether an account is to be decided: it is on the wake list, or its statement's day has come."""
    days = (loaded.wake_on, loaded.account.statement_on)
    return any(day is not None and day <= run_on for day in days)


def outcomes_of(decision: Decision) -> dict[str, int]:
    """Return what a decision came to as codes with counts: the account's line in a run's figures.

    `accounts_decided`, effects by kind in the plural, and `skip_<block>` by block.
    """
    codes = ["accounts_decided"]
    for effect in decision.effects:
        if isinstance(effect, Skipped):
            codes.append(f"skip_{effect.block}")
        else:
            codes.append(_PLURALS[effect.kind])
    return add_up({code: 1} for code in codes)


_PLURALS = {
    "stage": "stages",
    "charge": "charges",
    "notice": "notices",
    "hold_placed": "holds_placed",
    "hold_released": "holds_released",
    "charge_reversed": "charges_reversed",
    "charge_stopped": "charges_stopped",
    "task": "tasks",
    "task_closed": "tasks_closed",
    "promise": "promises_ended",
    "case_opened": "cases_opened",
    "case_closed": "cases_closed",
    "plan": "plans_moved",
    "instalment_missed": "instalments_missed",
    "statement": "statements",
    "placement": "placements_moved",
    "placement_balance": "placement_balances",
    "placement_invoice": "placed_invoices_ended",
}

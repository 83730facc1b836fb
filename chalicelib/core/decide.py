"""`decide`: the one pure decision. The day run, previews, explanations and the simulation call it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.account import Account, Notice, Task
from chalicelib.core.account_letters import begin_letters, create_account_letters
from chalicelib.core.blocks import Survey, survey
from chalicelib.core.book import Book
from chalicelib.core.cases import judge_case
from chalicelib.core.effects import Effect, Entry
from chalicelib.core.holds import judge_holds
from chalicelib.core.judge_placements import judge_candidates, judge_placements
from chalicelib.core.notices import create_notices
from chalicelib.core.placement_money import follow_decision
from chalicelib.core.plan_letters import create_plan_letters
from chalicelib.core.plans import judge_plans
from chalicelib.core.policy import Policy
from chalicelib.core.promises import judge_promises
from chalicelib.core.risk import risk_of
from chalicelib.core.stages import apply_stages, change_policy, forget_ended_blocks, onboard
from chalicelib.core.statements import create_statements, next_statement_on
from chalicelib.core.tasks import open_tasks
from chalicelib.core.wake import wake_on


@dataclass(frozen=True, slots=True)
class Decision:
    """What a day brings for one account.

    `account` is the account afterwards; `effects` what happened, in the order of R5.10; `entries`
    the ledger lines; `notices` those created; `tasks` those opened; `blocks` what lay on each
    past-due invoice; `wake_on` the next day to decide, None: only when a fact comes.
    """

    account: Account
    effects: tuple[Effect, ...]
    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...]
    tasks: tuple[Task, ...]
    blocks: tuple[tuple[str, tuple[str, ...]], ...]
    wake_on: date | None


def decide(account: Account, policy: Policy, today: date) -> Decision:
    """Decide an account for one day, after the day's facts were booked (R5.10).

    Deciding the same day again gives no further effects. An account is never decided for a day
    before its last one.

    Raises:
        ValueError: `today` lies before the account's last decision.
    """
    if account.last_decided_on is not None and today < account.last_decided_on:
        raise ValueError(f"decided for {account.last_decided_on} already, not for {today}")
    book = Book(account)
    first_day = account.first_decided_on in (None, today)
    begin_letters(book, today)
    change_policy(book, policy, today)
    onboard(book, policy)
    judge_promises(book, policy, today)
    judge_plans(book, policy, today)
    judge_placements(book, policy, today)
    found = survey(book, policy, today)
    forget_ended_blocks(book, found)
    is_processing_day = policy.calendar.is_processing_day(today)
    if is_processing_day:
        apply_stages(book, policy, found)
    letters = create_plan_letters(book, policy, today)
    notices = create_notices(book, policy, found) if is_processing_day else []
    statements = create_statements(book, policy, today)
    onboarding = first_day and any(invoice.seen_past_due for invoice in book.invoices.values())
    judge_holds(book, policy, found, onboarding=onboarding)
    judge_case(book, policy, found)
    letters += create_account_letters(book, policy, found)
    open_tasks(book, policy, found, notices)
    if is_processing_day:
        judge_candidates(book, policy, found)
    return _close_the_day(book, policy, found, [*notices, *letters, *statements])


def next_look(account: Account, policy: Policy, today: date) -> date | None:
    """Return when to decide an account next, after facts that were booked on a decided day.

    For facts that bring nothing new on their own day, such as that a notice counts as sent: what
    `decide` would answer, without deciding.
    """
    book = Book(account)
    return wake_on(book, policy, survey(book, policy, today))


def _close_the_day(book: Book, policy: Policy, found: Survey, notices: list[Notice]) -> Decision:
    """Forget what no later day needs, and say when to look again."""
    today = found.today
    follow_decision(book, policy, today)
    book.first_decided_on = book.first_decided_on or today
    book.last_decided_on = today
    window = timedelta(days=max(policy.dunning.contact_window_days, 1))
    book.contacts = tuple(day for day in book.contacts if day > today - window)
    book.pauses = tuple(span for span in book.pauses if span.until >= today)
    wake = wake_on(book, policy, found)
    book.statement_on = next_statement_on(book, policy, today)
    if policy.risk is not None:
        risk = risk_of(book.freeze(), policy, today)
        book.risk_score = None if risk is None else risk.score
    return Decision(
        account=book.freeze(),
        effects=tuple(book.effects),
        entries=tuple(book.entries),
        notices=tuple(notices),
        tasks=tuple(book.opened_tasks),
        blocks=found.reported(),
        wake_on=wake,
    )

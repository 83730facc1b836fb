"""Worklists: whom to call today and why, for each person (R6.1, R6.2, R12.1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.errors import NotFoundError, PolicyError
from chalicelib.core.head import Head
from chalicelib.core.people import Choice
from chalicelib.flows.hold_lookup import amounts
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, Registry
from chalicelib.flows.ports_tasks import TASK_KINDS, OpenTask, TaskReads
from chalicelib.flows.reporting_rates import RatesError, ReportingRates, rates_of
from chalicelib.flows.task_holders import TaskHolders
from chalicelib.flows.worklist_rank import Line, Moment, Yardstick, ranked, standing_of
from chalicelib.flows.worklist_words import reasons, why_now

TASKS_MAX = 2_000  # that are ranked in one list
INVOICES_SHOWN = 20  # of those that a task names
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose list, and what of it. No `assignee`: the tasks that nobody owns. No `kind`: all.

    `due_by` None: today, for a call of a later day is not work of today.
    """

    assignee: str
    kind: str = ""
    due_by: date | None = None


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A part of a worklist. `waiting` is how many tasks are in the whole list.

    `warnings` are what whoever reads it should know, each with a stable code.
    """

    moment: Moment
    is_away: bool
    waiting: int
    warnings: list[dict[str, str]]
    rows: list[Row]
    mark: str | None


@dataclass(frozen=True, slots=True)
class _Held:
    """A task of the list, with its account and who has it today."""

    found: OpenTask
    head: Head
    choice: Choice | None  # None: nobody owns it


@dataclass(frozen=True, slots=True)
class Worklist:
    """Answers what a person is to do."""

    reads: TaskReads
    accounts: Accounts
    registry: Registry
    policies: PolicyShelf
    archive: Archive

    def page(self, asked: Asked, mark: str, limit: int, now: Moment) -> WorkPage:
        """Return at most `limit` tasks of a person's list, ranked, from after a mark.

        The list has what the person owns, and what passes to them today because its owner is away
        (R6.1). What they own is in it while they are away as well: `passed_to` says who has it.

        The whole list is ranked for each part of it, at most 2,000 tasks: the first to fall due. A
        part goes on after the place of the last row, in the order of the day and the half of the
        day in which the list began. So a task that is done moves no other; one whose account was
        paid or decided meanwhile may be missing or come twice.

        Reads a query for the person and each of those whom they act for, one for each 100
        accounts, and the exchange rates if there are several currencies.
        """
        moment, after = _read_mark(mark, now)
        holders = TaskHolders(self.registry, self.policies, moment.today)
        found, is_cut = self._tasks(asked, holders, asked.due_by or moment.today)
        heads = self.accounts.heads(sorted({one.account_id for one in found}))
        held = list(_held(found, heads, asked.assignee, holders))
        yardstick, fault = self._yardstick((one.head for one in held), moment.today)
        lines = _lines(held, holders, moment, yardstick)
        left = [(rank, line) for rank, line in enumerate(lines, 1) if list(line.key) > after]
        by_id = {(one.found.account_id, one.found.task.id): one for one in held}
        rows = [
            _row(rank, line, by_id[line.standing.account_id, line.task.id], moment)
            for rank, line in left[:limit]
        ]
        next_mark = _write_mark(moment, left[limit - 1][1]) if len(left) > limit else None
        warnings = list(_warnings(held, is_cut=is_cut, fault=fault))
        is_away = bool(asked.assignee) and holders.is_away(asked.assignee)
        return WorkPage(moment, is_away, len(lines), warnings, rows, next_mark)

    def _tasks(
        self, asked: Asked, holders: TaskHolders, due_by: date
    ) -> tuple[list[OpenTask], bool]:
        """Return the tasks to rank, the first to fall due, and whether there are more."""
        most = TASKS_MAX + 1
        if asked.assignee:
            owners = (asked.assignee, *holders.passing_to(asked.assignee))
            queues = [self.reads.of_assignee(one, due_by, most) for one in owners]
        else:
            kinds = (asked.kind,) if asked.kind else TASK_KINDS
            queues = [self.reads.unassigned(kind, due_by, most) for kind in kinds]
        found = [one for queue in queues for one in queue]
        if asked.kind:
            found = [one for one in found if one.task.kind == asked.kind]
        found.sort(key=lambda one: (one.task.due_on, one.task.id))
        is_cut = len(found) > TASKS_MAX or any(len(queue) == most for queue in queues)
        return found[:TASKS_MAX], is_cut

    def _yardstick(self, heads: Iterable[Head], today: date) -> tuple[Yardstick, str]:
        """Return what amounts are compared in, and what is wrong with the rates, "" for nothing."""
        currencies = {c for head in heads for c, amount in head.past_due(today).items() if amount}
        if len(currencies) < 2:  # noqa: PLR2004 - one currency is compared with itself
            return Yardstick(), ""
        rates, fault = self._rates(today)
        try:
            listed: Sequence[str] = self.policies.default(today).currencies
        except (NotFoundError, PolicyError):
            listed = ()
        return Yardstick(rates, listed), fault

    def _rates(self, today: date) -> tuple[ReportingRates | None, str]:
        try:
            return rates_of(self.archive, today), ""
        except RatesError as error:
            return None, str(error)


def _held(
    found: Sequence[OpenTask], heads: Mapping[str, Head], person: str, holders: TaskHolders
) -> Iterable[_Held]:
    """Yield the tasks that a person owns, or has today."""
    for one in found:
        head = heads.get(one.account_id, Head())
        owner = one.task.assignee
        choice = holders.holder(owner, holders.people_rules(head.details)) if owner else None
        if choice is None or person in (owner, choice.person):
            yield _Held(one, head, choice)


def _lines(
    held: Sequence[_Held], holders: TaskHolders, moment: Moment, yardstick: Yardstick
) -> list[Line]:
    standings = {
        one.found.account_id: standing_of(
            one.found.account_id,
            one.head,
            holders.people_rules(one.head.details),
            moment.today,
            yardstick,
        )
        for one in {one.found.account_id: one for one in held}.values()
    }
    return ranked(((standings[one.found.account_id], one.found.task) for one in held), moment)


def _row(rank: int, line: Line, held: _Held, moment: Moment) -> Row:
    """Return a task in its place as plain values."""
    task, head, standing = line.task, held.head, line.standing
    choice, loss = held.choice, standing.loss_minor
    passed = choice is not None and choice.person != task.assignee
    return {
        "rank": rank,
        "account_id": standing.account_id,
        "account_name": head.details.name,
        "task": {
            "task_id": task.id,
            "kind": task.kind,
            "due_on": task.due_on.isoformat(),
            "part": task.part or None,
            "at_time": task.at_time or None,
            "subject": task.subject or None,
            "invoice_ids": list(task.invoice_ids[:INVOICES_SHOWN]),
            "invoice_count": len(task.invoice_ids),
            "opened_on": task.opened_on.isoformat() if task.opened_on else None,
        },
        "why": why_now(head, task, moment),
        "reasons": reasons(line),
        "overdue_days": max(0, (moment.today - task.due_on).days),
        "assignee": task.assignee or None,
        "passed_to": choice.person if choice is not None and passed else None,
        "nobody_in": choice is not None and choice.nobody_in,
        "past_due": amounts(head.past_due(moment.today)),
        "oldest_days_past_due": standing.oldest_days,
        "credit_status": head.credit_status,
        "case_number": head.case.number if head.case is not None else None,
        "risk_score": head.risk_score,
        "tier": standing.tier or None,
        "expected_loss": None
        if loss is None or not standing.currency
        else {"amount_minor": loss, "currency": standing.currency},
    }


def _warnings(held: Sequence[_Held], *, is_cut: bool, fault: str) -> Iterable[dict[str, str]]:
    if is_cut:
        yield {
            "code": "too_many_tasks",
            "detail": f"More than {TASKS_MAX:,} tasks wait. The {TASKS_MAX:,} that fell due first "
            "are ranked; the others come up as these are done.",
        }
    alone = {one.found.account_id for one in held if one.choice and one.choice.nobody_in}
    if alone:
        yield {
            "code": "nobody_in",
            "detail": f"For {len(alone)} account{'s' if len(alone) > 1 else ''} nobody is in: the "
            "last of the line has them.",
        }
    if fault:
        yield {
            "code": "invalid_rates",
            "detail": f"{fault[:200]}: amounts of different currencies are not compared.",
        }


def _write_mark(moment: Moment, line: Line) -> str:
    return json.dumps([moment.today.isoformat(), moment.part, *line.key])


def _read_mark(mark: str, now: Moment) -> tuple[Moment, list[int | str]]:
    """Return when the list began and the place after which it goes on."""
    if not mark:
        return now, []
    today, part, *key = json.loads(mark)
    return Moment(date.fromisoformat(today), part), key

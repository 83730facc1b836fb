"""What happens next and when, what stands in the way, and why what happened did (R13.3).

The future is asked of `decide` itself, day after day of its own wake list, so that an explanation
is what the run would do. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.decide import Decision, decide, next_look
from chalicelib.core.effects import Effect, StatementCreated
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import Delivery, NoticeCounted
from chalicelib.core.policy import Policy
from chalicelib.core.statement_waits import statement_outlook
from chalicelib.flows.block_list import shown
from chalicelib.flows.blocks_view import blocks_of, lies_on
from chalicelib.flows.effect_rules import rules_of
from chalicelib.flows.explain_letters import letters_of
from chalicelib.flows.explain_placements import candidates_of, placements_of
from chalicelib.flows.explain_values import (
    policy_told,
    stage_told,
    statement_told,
    task_asked,
    tasks_by_day,
    waits_told,
)
from chalicelib.flows.explain_words import figures_of, in_words
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts

HORIZON_DAYS = 180  # how far ahead is looked
DECISIONS_MAX = 40  # days that are decided for one answer
STEPS_MAX = 25
INVOICES_MAX = 100
BLOCKS_MAX = 200
TASKS_MAX = 50
LOG_LINES_MAX = 300  # of the account's log that are searched for an invoice's past
ASSUMES = (
    "Nothing else is booked meanwhile, no task is done, and letters are delivered on their day."
)


@dataclass(frozen=True, slots=True)
class Explain:
    """Explains accounts and invoices as they are now."""

    accounts: Accounts
    policies: PolicyShelf

    def account(self, account_id: str, today: date) -> dict[str, Any]:
        """Return what happens next to an account, and everything that blocks it.

        Raises:
            NotFoundError: there is no such account.
        """
        account = self._read(account_id)
        now = _decided(account, today)
        policy = self.policies.of(account.details, now)
        found = list(self._steps(account, now))
        blocks = blocks_of(account, policy, now)
        book = Book(account)
        seen = survey(book, policy, now)
        waiting = [
            {"invoice_id": invoice.id, "waits": waits_told(book, policy, now, invoice)}
            for invoice in seen.past_due[:INVOICES_MAX]
        ]
        return {
            "account_id": account.id,
            "as_of": now.isoformat(),
            "policy": policy_told(policy),
            "next_on": found[0]["on"] if found else None,
            "next_steps": [step for step in found if step["on"] == found[0]["on"]],
            "later_steps": [step for step in found if step["on"] != found[0]["on"]],
            "looked_through": (now + timedelta(days=HORIZON_DAYS)).isoformat(),
            "assumes": ASSUMES,
            "statement": statement_told(statement_outlook(book, policy, now)),
            "blocks": [shown(block) for block in blocks[:BLOCKS_MAX]],
            "blocks_count": len(blocks),
            "past_due_invoices": waiting,
            "past_due_invoices_count": len(seen.past_due),
            "open_tasks": [task_asked(task) for task in tasks_by_day(account)[:TASKS_MAX]],
            "open_tasks_count": len(account.tasks),
            "letters": letters_of(account),
            "placements": placements_of(account, policy, now),
            "placement_candidates": candidates_of(account, policy, now),
        }

    def invoice(self, account_id: str, invoice_id: str, today: date) -> dict[str, Any]:
        """Return what happens next to an invoice, what it waits for, and what happened to it.

        Raises:
            NotFoundError: there is no such account or invoice.
        """
        account = self._read(account_id, invoice_id)
        invoice = account.invoices.get(invoice_id) or account.closed.get(invoice_id)
        if invoice is None:
            raise NotFoundError(f"account {account_id} has no invoice {invoice_id!r}")
        now = _decided(account, today)
        policy = self.policies.of(account.details, now)
        about = _ids_about(account, invoice_id)
        steps = [s for s in self._steps(account, now) if _concerns(s, about)]
        step = policy.step_after(invoice.highest_days) if invoice.open_minor else None
        past, is_whole = self._past(account_id, about)
        return {
            "account_id": account.id,
            "invoice_id": invoice.id,
            "as_of": now.isoformat(),
            "policy": policy_told(policy),
            "days_past_due": invoice.days_past_due(now),
            "effective_due_on": invoice.effective_due_on.isoformat(),
            "next_stage": None if step is None else stage_told(account, invoice, policy, step),
            "waits": waits_told(Book(account), policy, now, invoice),
            "blocks": [
                shown(block)
                for block in blocks_of(account, policy, now)
                if lies_on(block, invoice.id, invoice.currency)
            ],
            "next_steps": steps,
            "looked_through": (now + timedelta(days=HORIZON_DAYS)).isoformat(),
            "assumes": ASSUMES,
            "open_tasks": [
                task_asked(task)
                for task in tasks_by_day(account)
                if invoice_id in task.invoice_ids or task.subject in about
            ][:TASKS_MAX],
            "past": past,
            "past_is_complete": is_whole,
        }

    def _read(self, account_id: str, invoice_id: str = "") -> Account:
        needs = (Delivery(date.min, invoice_id),) if invoice_id else ()
        loaded = self.accounts.load(account_id, needs)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        return loaded.account

    def _steps(self, account: Account, now: date) -> Iterator[dict[str, Any]]:
        """Yield what the run would do from a day on, as the simulation counts letters (`cli.md`).

        Each day goes by the policy version that is in force on it (R2.2).
        """
        day: date | None = now
        last = now + timedelta(days=HORIZON_DAYS)
        told = 0
        for _ in range(DECISIONS_MAX):
            if day is None or day > last or told >= STEPS_MAX:
                return
            policy = self.policies.of(account.details, day)
            decision = decide(account, policy, day)
            # They come every week, and change nothing else: the next one is told apart.
            effects = [e for e in decision.effects if not isinstance(e, StatementCreated)]
            for effect in effects[: STEPS_MAX - told]:
                yield _told(effect)
            told += len(effects)
            account, next_day = _the_day_after(decision, policy, day)
            day = self.policies.look_again(account.details, next_day, day)

    def _past(self, account_id: str, about: frozenset[str]) -> tuple[list[dict[str, Any]], bool]:
        """Return what the log tells of an invoice, newest first, and whether that is all of it."""
        page = self.accounts.timeline(account_id, "", LOG_LINES_MAX)
        found = [
            _told(effect) | {"policy": line.policy}
            for line in page.rows
            for effect in line.effects
            if _concerns(_told(effect), about)
        ]
        return found, page.mark is None


def _decided(account: Account, today: date) -> date:
    """Return the day to explain: an account is never decided for a day before its last one."""
    return max(today, account.last_decided_on or today)


def _the_day_after(decision: Decision, policy: Policy, day: date) -> tuple[Account, date | None]:
    if not decision.notices:
        return decision.account, decision.wake_on
    sent = [NoticeCounted(day, notice.id) for notice in decision.notices]
    account = apply_all(decision.account, sent, policy).account
    return account, next_look(account, policy, day)


def _told(effect: Effect) -> dict[str, Any]:
    return {
        "on": effect.on.isoformat(),
        "kind": effect.kind,
        "rules": list(rules_of(effect)),
        "sentence": in_words(effect),
        "figures": figures_of(effect),
    }


def _ids_about(account: Account, invoice_id: str) -> frozenset[str]:
    """Return the ids of an invoice, of its disputes, and of what was agreed about it."""
    found = {promise.id for promise in account.promises if invoice_id in promise.invoice_ids}
    found |= {plan.id for plan in account.plans.values() if invoice_id in plan.invoice_ids}
    found |= {one.id for one in account.disputes.values() if one.invoice_id == invoice_id}
    found |= {one.id for one in account.placements.values() if invoice_id in one.invoice_ids}
    return frozenset(found | {invoice_id})


def _concerns(step: dict[str, Any], about: frozenset[str]) -> bool:
    """Whether an effect is about an invoice; `about`: its id, and those of its agreements."""
    figures = step["figures"]
    if figures.get("invoice_id") in about or not about.isdisjoint(figures.get("invoice_ids", ())):
        return True
    found = str(figures.get("id", ""))
    return found in about or ("task" in figures and found.rpartition(":")[2] in about)

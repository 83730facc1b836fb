"""Payment plans as people agree them: previewed, made, approved, declined, cancelled (R9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.agreements import Plan, PlanTerms
from chalicelib.core.apply import Booking
from chalicelib.core.effects import Event
from chalicelib.core.errors import (
    BlockedError,
    Blocker,
    Fault,
    NotFoundError,
    SecondPersonError,
    UnfitInputError,
)
from chalicelib.core.facts import Fact
from chalicelib.core.facts_collections import PlanApproved, PlanCancelled, PlanMade
from chalicelib.core.plan_draft import draft_plan
from chalicelib.core.plans import why_not_approve
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.invoice_act import Why, at_hand, event_with
from chalicelib.flows.plan_view import allowed_actions, find_plan, plan_body


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan as it is asked for. `currencies`: of each amount that was said, by JSON pointer."""

    terms: PlanTerms
    currencies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanDesk:
    """Books what is agreed with customers about paying in instalments."""

    desk: Desk

    def preview(self, account_id: str, asked: Asked, caller: Caller) -> Reply:
        """Return the plan that these terms would make now; nothing is changed (R9.6).

        Raises:
            NotFoundError, UnfitInputError, LimitError: as in `make`.
        """
        today = self.desk.day_of(caller.at)
        loaded = self.desk.accounts.load(account_id, _needs(asked))
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        account = loaded.account
        policy = self.desk.policies.of(account.details, today)
        plan = _drafted(account, asked, policy, today, caller)
        return Reply(200, plan_body(account, plan, policy, is_preview=True))

    def make(self, account_id: str, asked: Asked, note: str, caller: Caller) -> Reply:
        """Make a plan: active at once, or waiting for an approval (R9.1, R9.2).

        Raises:
            NotFoundError: there is no such account.
            UnfitInputError: it cannot be so; every fault is named.
            LimitError: the account has all the plans that one may have.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            plan = _drafted(account, asked, policy, today, caller)
            figures = {
                "covered_minor": str(plan.covered_minor),
                "currency": plan.currency,
                "instalments": str(len(plan.instalments)),
                "first_on": plan.instalments[0].due_on.isoformat(),
                "last_on": plan.instalments[-1].due_on.isoformat(),
                "state": plan.state,
            }
            event = event_of(caller, today, "plan_made", plan.id, note=note, **figures)
            fact = PlanMade(today, asked.terms, caller.principal.person)

            def reply(booking: Booking) -> Reply:
                made = find_plan(booking.account, plan.id)
                where = f"/v1/accounts/{account.id}/payment_plans/{plan.id}"
                return Reply(201, plan_body(booking.account, made, policy), where)

            return Ruling((fact,), reply, (event,))

        return self.desk.book(account_id, caller, act, needs=_needs(asked))

    def approve(self, account_id: str, plan_id: str, why: Why, caller: Caller) -> Reply:
        """Let a plan that waits begin today; a second person does it (R9.2).

        Raises:
            NotFoundError: there is no such account, or it keeps no such plan.
            PreconditionFailedError: the plan is not as the caller read it.
            BlockedError: it waits for no approval, or has to be made anew; every reason is named.
            SecondPersonError: who approves is who made it.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            plan = _to_answer(account, plan_id, policy, caller, "approved")
            blockers = [
                Blocker(fault.code, fault.detail)
                for fault in why_not_approve(account, plan, policy, today)
            ]
            if blockers:
                said = f"payment plan {plan_id} cannot be approved"
                raise BlockedError(said, blockers, ("decline", "cancel"))
            event = event_with(caller, today, "plan_approved", plan_id, why)
            return _ruling(PlanApproved(today, plan_id), plan_id, policy, event)

        return self.desk.book(account_id, caller, act)

    def decline(self, account_id: str, plan_id: str, why: Why, caller: Caller) -> Reply:
        """Refuse a plan that waits for an approval: it never begins (R9.2).

        Raises:
            NotFoundError, PreconditionFailedError, SecondPersonError: as in `approve`.
            BlockedError: it waits for no approval.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            _to_answer(account, plan_id, policy, caller, "declined")
            event = event_with(caller, today, "plan_declined", plan_id, why)
            fact = PlanCancelled(today, plan_id, why.reason_code)
            return _ruling(fact, plan_id, policy, event)

        return self.desk.book(account_id, caller, act)

    def cancel(self, account_id: str, plan_id: str, why: Why, caller: Caller) -> Reply:
        """End a plan that is active or waits: dunning resumes where it is (R9, R5.6).

        Raises:
            NotFoundError: there is no such account, or it keeps no such plan.
            PreconditionFailedError: the plan is not as the caller read it.
            BlockedError: it has ended.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            plan = find_plan(account, plan_id)
            check_match(caller, plan_body(account, plan, policy))
            if "cancel" not in allowed_actions(plan):
                raise _refused(plan, "cancelled")
            figures = {"open_minor": str(plan.open_minor), "currency": plan.currency}
            event = event_with(caller, today, "plan_cancelled", plan_id, why, **figures)
            fact = PlanCancelled(today, plan_id, why.reason_code)
            return _ruling(fact, plan_id, policy, event)

        return self.desk.book(account_id, caller, act)


def _needs(asked: Asked) -> list[Fact]:
    """Name the invoices that are to be at hand, so that those that are paid are told as such."""
    return [fact for name in asked.terms.invoice_ids for fact in at_hand(name)]


def _drafted(account: Account, asked: Asked, policy: Policy, today: date, caller: Caller) -> Plan:
    """Return the plan that is asked for.

    Raises:
        UnfitInputError: it cannot be so; every fault is named.
        LimitError: the account has all the plans that one may have.
    """
    said = f"must be {asked.terms.currency}, the plan's currency"
    faults = [
        Fault(f"{at}/currency", "other_currency", said)
        for at, currency in asked.currencies.items()
        if currency != asked.terms.currency
    ]
    try:
        plan = draft_plan(account, asked.terms, policy, today, caller.principal.person)
    except UnfitInputError as error:
        raise UnfitInputError("the payment plan cannot be so", (*faults, *error.faults)) from None
    if faults:
        raise UnfitInputError("the payment plan cannot be so", faults)
    return plan


def _to_answer(account: Account, plan_id: str, policy: Policy, caller: Caller, what: str) -> Plan:
    """Return a plan that waits for an approval, and that the caller may answer for."""
    plan = find_plan(account, plan_id)
    check_match(caller, plan_body(account, plan, policy))
    if plan.state != "pending_approval":
        raise _refused(plan, what)
    if plan.made_by == caller.principal.person:
        raise SecondPersonError("a plan is approved or declined by someone other than who made it")
    return plan


def _refused(plan: Plan, what: str) -> BlockedError:
    state = plan.state.replace("_", " ")
    blocker = Blocker(plan.state, f"it is {state}")
    said = f"payment plan {plan.id} cannot be {what}"
    return BlockedError(said, [blocker], allowed_actions(plan))


def _ruling(fact: Fact, plan_id: str, policy: Policy, event: Event) -> Ruling:
    """Return what an act on a plan comes to, answered with the plan as it then is."""

    def reply(booking: Booking) -> Reply:
        plan = find_plan(booking.account, plan_id)
        return Reply(200, plan_body(booking.account, plan, policy))

    return Ruling((fact,), reply, (event,))

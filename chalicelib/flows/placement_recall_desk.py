"""What people decide about what is with an agency: rests, recalls, settlements (R10.4, R10.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.account import Account
from chalicelib.core.errors import (
    BlockedError,
    Blocker,
    Fault,
    NotFoundError,
    UnfitInputError,
)
from chalicelib.core.facts_placements import PlacementAct, SettlementAnswered
from chalicelib.core.placement_moves import Move
from chalicelib.core.placements import ACTIVE, OFFERED, RECALL_PENDING, SUSPENDED, Placement
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling
from chalicelib.flows.invoice_act import Why, event_with
from chalicelib.flows.placement_desk import refused, ruling, to_change
from chalicelib.flows.placement_view import allowed_actions, sentence_of

_What = tuple[Move, str]  # a move, and the kind of its line in the timeline
AHEAD_DAYS = 366  # how far ahead a recall may take effect


@dataclass(frozen=True, slots=True)
class RecallDesk:
    """Books what people decide about placements that an agency has. Each act needs a reason.

    All raise NotFoundError (no such account or placement), PreconditionFailedError (it is not as
    the caller read it) and BlockedError (its state does not allow it: why, and what it does allow).
    """

    desk: Desk

    def suspend(self, account_id: str, placement_id: str, why: Why, caller: Caller) -> Reply:
        """Let a placement rest until a person lets it go on."""

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            if placement.state != ACTIVE:
                raise refused(placement, "suspended", today)
            return _moved(placement, ("suspend", "placement_suspended"), policy, today, caller, why)

        return self.desk.book(account_id, caller, act)

    def resume(self, account_id: str, placement_id: str, why: Why, caller: Caller) -> Reply:
        """Let a placement go on that rests by a person's word alone."""

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            actions = allowed_actions(placement, today)
            if placement.state != SUSPENDED:
                raise refused(placement, "resumed", today)
            if "resume" not in actions:
                blockers = [
                    Blocker(code, sentence_of(code)) for code in sorted(placement.suspended_for)
                ]
                raise BlockedError(f"placement {placement.id} rests", blockers, actions)
            return _moved(placement, ("resume", "placement_resumed"), policy, today, caller, why)

        return self.desk.book(account_id, caller, act)

    def recall(
        self,
        account_id: str,
        placement_id: str,
        why: Why,
        caller: Caller,
        effective_on: date | None = None,
    ) -> Reply:
        """Ask for a placement back; what is only offered is withdrawn at once (R10.4).

        Without a day it takes effect as reason and policy say. What is closing is refused.

        Raises:
            UnfitInputError: the day is past, or more than 366 days ahead.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            _check_day(effective_on, today)
            if placement.state == OFFERED:
                kind = "placement_withdrawn"
                return _moved(placement, ("withdraw", kind), policy, today, caller, why)
            if placement.state not in (ACTIVE, SUSPENDED):
                raise refused(placement, "recalled", today)
            kind = "placement_recalled"
            return _moved(placement, ("recall", kind), policy, today, caller, why, effective_on)

        return self.desk.book(account_id, caller, act)

    def move_recall(
        self, account_id: str, placement_id: str, why: Why, caller: Caller, effective_on: date
    ) -> Reply:
        """Let a recall take effect on another day; today: at once.

        Raises:
            UnfitInputError: the day is past, or more than 366 days ahead.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            if placement.state != RECALL_PENDING:
                raise refused(placement, "recalled on another day", today)
            _check_day(effective_on, today)
            kind = "placement_recall_moved"
            return _moved(
                placement, ("move_recall", kind), policy, today, caller, why, effective_on
            )

        return self.desk.book(account_id, caller, act)

    def cancel_recall(self, account_id: str, placement_id: str, why: Why, caller: Caller) -> Reply:
        """Take a recall back, within 7 days of the request: the agency goes on."""

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            if placement.state != RECALL_PENDING or placement.recall is None:
                raise refused(placement, "left with the agency", today)
            last = placement.recall.cancel_by
            if today > last:
                said = f"a recall may be taken back until {last}, seven days after the request"
                actions = allowed_actions(placement, today)
                why_not = [Blocker("too_late", said)]
                raise BlockedError(f"placement {placement.id} stays recalled", why_not, actions)
            kind = "placement_recall_cancelled"
            return _moved(placement, ("cancel_recall", kind), policy, today, caller, why)

        return self.desk.book(account_id, caller, act)

    def answer_settlement(
        self,
        account_id: str,
        placement_id: str,
        proposal_id: str,
        why: Why,
        caller: Caller,
        *,
        is_agreed: bool,
    ) -> Reply:
        """Agree to a settlement that waits for an answer, or decline it (R10.7)."""

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            _check_proposal(placement, proposal_id, today)
            kind = "settlement_approved" if is_agreed else "settlement_declined"
            event = event_with(caller, today, kind, placement_id, why, proposal=proposal_id)
            fact = SettlementAnswered(today, placement_id, proposal_id, is_agreed, why.reason_code)
            return ruling(fact, placement_id, policy, today, event)

        return self.desk.book(account_id, caller, act)


def _moved(
    placement: Placement,
    what: _What,
    policy: Policy,
    today: date,
    caller: Caller,
    why: Why,
    effective_on: date | None = None,
) -> Ruling:
    """Return what a person's move of a placement comes to."""
    move, kind = what
    figures = {"agency": placement.agency, "currency": placement.currency}
    if effective_on is not None:
        figures["effective_on"] = effective_on.isoformat()
    event = event_with(caller, today, kind, placement.id, why, **figures)
    fact = PlacementAct(
        today,
        placement.id,
        move,
        caller.principal.person,
        why.reason_code,
        effective_on=effective_on,
    )
    return ruling(fact, placement.id, policy, today, event)


def _check_day(day: date | None, today: date) -> None:
    if day is None or today <= day <= today + timedelta(days=AHEAD_DAYS):
        return
    said = f"must be from today ({today}) through {today + timedelta(days=AHEAD_DAYS)}"
    fault = Fault("/effective_on", "out_of_range", said)
    raise UnfitInputError("a recall cannot take effect then", [fault])


def _check_proposal(placement: Placement, proposal_id: str, today: date) -> None:
    """Refuse an answer to what is not proposed, or was answered."""
    offer = placement.settlement
    if offer is None or offer.id != proposal_id:
        said = f"no settlement {proposal_id[:250]!r} is proposed for placement {placement.id}"
        raise NotFoundError(said)
    if offer.state != "pending":
        blocker = Blocker(offer.state, f"it was agreed to, and is to be paid by {offer.pay_by}")
        said = f"settlement {proposal_id} waits for no answer"
        raise BlockedError(said, [blocker], allowed_actions(placement, today))

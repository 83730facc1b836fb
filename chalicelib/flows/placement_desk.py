"""Placements as finance makes them: proposed, submitted, approved, declined (R10.1, R10.2).

What comes after an offer is in `placement_recall_desk`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.book import Book
from chalicelib.core.effects import Event
from chalicelib.core.errors import (
    BlockedError,
    Blocker,
    Fault,
    SecondPersonError,
    UnfitInputError,
)
from chalicelib.core.facts import Fact
from chalicelib.core.facts_placements import PlacementAct, PlacementProposed
from chalicelib.core.placement_rules import Checklist, checklist
from chalicelib.core.placements import DRAFT, PENDING, Placement
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.invoice_act import Why, event_with
from chalicelib.flows.placement_candidates import next_id, would_go_to
from chalicelib.flows.placement_view import (
    allowed_actions,
    find_placement,
    guarded,
    missing_of,
    placement_body,
    sentence_of,
    why_not_offer,
)
from chalicelib.flows.ports_agency import Agencies, Agency


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked to be placed. No `invoice_ids`: all that may be; no `agency`: the rules choose.

    `submit`: it waits for an approval at once, else it is a draft.
    """

    currency: str
    invoice_ids: tuple[str, ...] = ()
    agency: str = ""
    submit: bool = True


@dataclass(frozen=True, slots=True)
class PlacementDesk:
    """Books what people decide about placing an account's invoices with an agency."""

    desk: Desk
    agencies: Agencies

    def propose(self, account_id: str, asked: Asked, note: str, caller: Caller) -> Reply:
        """Propose a placement: a draft, or submitted for an approval at once (R10.1, R10.2).

        Raises:
            NotFoundError: there is no such account.
            UnfitInputError: an invoice may not be placed, or there is no such agency; every fault.
            BlockedError: the checklist does not hold, or one waits for an approval; every item.
        """
        known = self._known()

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            among = frozenset(asked.invoice_ids) or None
            found = checklist(Book(account), policy, asked.currency, today, among=among)
            _check_proposal(account, asked, found)
            names = tuple(sorted(set(asked.invoice_ids or found.invoice_ids)))
            agency = asked.agency or would_go_to(account, names, asked.currency, policy, today)
            _check_agency(agency, known, is_named=bool(asked.agency))
            placement_id, by = next_id(account, asked.currency, today), caller.principal.person
            proposed = PlacementProposed(today, asked.currency, by, names, agency)
            facts: list[Fact] = [proposed]
            if asked.submit:
                facts.append(PlacementAct(today, placement_id, "submit", by))
            figures = {"currency": asked.currency, "invoices": str(len(names)), "agency": agency}
            event = event_of(
                caller, today, "placement_proposed", placement_id, note=note, **figures
            )

            def reply(booking: Booking) -> Reply:
                made = find_placement(booking.account, placement_id)
                body = placement_body(booking.account, made, policy, today)
                where = f"/v1/accounts/{account.id}/placements/{placement_id}"
                return Reply(201, body, where)

            return Ruling(facts, reply, (event,))

        return self.desk.book(account_id, caller, act)

    def submit(self, account_id: str, placement_id: str, note: str, caller: Caller) -> Reply:
        """Let a draft wait for an approval (R10.2).

        Raises:
            NotFoundError: there is no such account, or it keeps no such placement.
            PreconditionFailedError: the placement is not as the caller read it.
            BlockedError: it is no draft, or the checklist does not hold; every item.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            if placement.state != DRAFT:
                raise refused(placement, "submitted", today)
            _check_still(account, placement, policy, today, "submitted")
            event = event_of(caller, today, "placement_submitted", placement_id, note=note)
            fact = PlacementAct(today, placement_id, "submit", caller.principal.person)
            return ruling(fact, placement_id, policy, today, event)

        return self.desk.book(account_id, caller, act)

    def approve(
        self, account_id: str, placement_id: str, why: Why, caller: Caller, agency: str = ""
    ) -> Reply:
        """Offer what waits to its agency, or to the one that is named; a second person does (R10.2).

        Raises:
            NotFoundError, PreconditionFailedError: as in `submit`.
            UnfitInputError: there is no such agency, or it is not active.
            BlockedError: it waits for no approval, or the checklist holds no more; every item.
            SecondPersonError: who approves is who proposed or submitted it.
        """
        known = self._known()

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            if placement.state != PENDING:
                raise refused(placement, "approved", today)
            if caller.principal.person in (placement.made_by, placement.submitted_by):
                said = "a placement is approved by someone other than who proposed it"
                raise SecondPersonError(said)
            _check_still(account, placement, policy, today, "approved")
            chosen = agency or placement.agency
            _check_agency(chosen, known, is_named=bool(agency))
            event = event_with(
                caller, today, "placement_approved", placement_id, why, agency=chosen
            )
            fact = PlacementAct(
                today,
                placement_id,
                "approve",
                caller.principal.person,
                why.reason_code,
                agency=chosen,
            )
            return ruling(fact, placement_id, policy, today, event)

        return self.desk.book(account_id, caller, act)

    def decline(self, account_id: str, placement_id: str, why: Why, caller: Caller) -> Reply:
        """Make what waits for an approval a draft again: nothing is offered (R10.4).

        Raises:
            NotFoundError, PreconditionFailedError: as in `submit`.
            BlockedError: it waits for no approval.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            placement = to_change(account, placement_id, policy, today, caller)
            if placement.state != PENDING:
                raise refused(placement, "declined", today)
            event = event_with(caller, today, "placement_declined", placement_id, why)
            person = caller.principal.person
            fact = PlacementAct(today, placement_id, "decline", person, why.reason_code)
            return ruling(fact, placement_id, policy, today, event)

        return self.desk.book(account_id, caller, act)

    def _known(self) -> Mapping[str, Agency]:
        return {one.id: one for one in self.agencies.all()}


def to_change(
    account: Account, placement_id: str, policy: Policy, today: date, caller: Caller
) -> Placement:
    """Return a placement that the caller may change as they read it.

    Raises:
        NotFoundError: the account keeps no such placement.
        PreconditionFailedError: it is not as the caller read it.
    """
    placement = find_placement(account, placement_id)
    if caller.if_match:
        check_match(caller, guarded(placement_body(account, placement, policy, today)))
    return placement


def refused(placement: Placement, what: str, today: date) -> BlockedError:
    """Return the refusal of what a placement's state does not allow (R10.4)."""
    blocker = Blocker(placement.state, f"it is {placement.state.replace('_', ' ')}")
    said = f"placement {placement.id} cannot be {what}"
    return BlockedError(said, [blocker], allowed_actions(placement, today))


def ruling(fact: Fact, placement_id: str, policy: Policy, today: date, event: Event) -> Ruling:
    """Return what an act on a placement comes to, answered with the placement as it then is."""

    def reply(booking: Booking) -> Reply:
        after = find_placement(booking.account, placement_id)
        return Reply(200, placement_body(booking.account, after, policy, today))

    return Ruling((fact,), reply, (event,))


def _check_proposal(account: Account, asked: Asked, found: Checklist) -> None:
    """Refuse what may not be placed: nobody can override the checklist (R10.1).

    Raises:
        UnfitInputError: an invoice that is named may not be placed; each is named with why.
        BlockedError: the checklist does not hold, or a placement waits for an approval.
    """
    blockers = missing_of(found)
    for one in account.placements.values():
        if one.currency == asked.currency and one.state == PENDING:
            said = f"Placement {one.id} of the currency waits for an approval."
            blockers.append(Blocker(PENDING, said))
    left_out = dict(found.left_out)
    faults = []
    for index, name in enumerate(asked.invoice_ids):
        if name in found.invoice_ids:
            continue
        why = " ".join(sentence_of(code) for code in left_out.get(name, ()))
        detail = f"invoice {name} may not be placed: {why or f'not past due in {asked.currency}'}"
        faults.append(Fault(f"/invoice_ids/{index}", "not_placeable", detail))
    if faults:
        raise UnfitInputError("these invoices cannot be placed", faults)
    if blockers:
        raise BlockedError(f"nothing in {asked.currency} can be placed now", blockers)


def _check_still(
    account: Account, placement: Placement, policy: Policy, today: date, what: str
) -> None:
    """Refuse what the checklist does not let be placed any more (R10.1)."""
    blockers = why_not_offer(account, placement, policy, today)
    if blockers:
        actions = [one for one in allowed_actions(placement, today) if one == "decline"]
        raise BlockedError(f"placement {placement.id} cannot be {what}", blockers, actions)


def _check_agency(agency: str, known: Mapping[str, Agency], *, is_named: bool) -> None:
    """Refuse an agency that is not there, or takes no offers.

    Raises:
        UnfitInputError: the caller named it.
        BlockedError: the policy chose it.
    """
    found = known.get(agency)
    if found is not None and found.is_active:
        return
    if not agency:
        code, said = "no_agency", "no rule of the policy chooses an agency"
    elif found is None:
        code, said = "unknown_agency", f"there is no agency {agency!r}"
    else:
        code, said = "inactive_agency", f"agency {agency!r} is not active"
    if is_named:
        raise UnfitInputError("the agency cannot be chosen", [Fault("/agency", code, said)])
    raise BlockedError("no agency can be chosen", [Blocker(code, f"{said}; name another")])

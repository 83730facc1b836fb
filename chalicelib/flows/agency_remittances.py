"""What agencies hand over, checked once more when it is applied, and what finance answers (R10.6)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.core.account import Account
from chalicelib.core.errors import UnfitInputError
from chalicelib.core.facts import Fact, TaskOpened
from chalicelib.core.facts_placements import RemittanceConfirmed
from chalicelib.core.policy import Policy
from chalicelib.flows.agency_money_ids import ledger_payment_id
from chalicelib.flows.agency_told import caller_of
from chalicelib.flows.desk import Act, Caller, Desk, Reply, Ruling, event_of
from chalicelib.flows.ports_agency import (
    Agency,
    AgencyReport,
    AgencyShelf,
    PaymentRow,
    Remittance,
)
from chalicelib.flows.principal import Principal
from chalicelib.flows.remittances import payment_ids_of, remittance_faults, remittance_of

REMITTANCE, CONFIRMATION = "remittance", "confirmation"
DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a report changes on the agency's own shelf; `account_id`: of the account it is about."""

    payments: Sequence[PaymentRow] = ()
    remittance: Remittance | None = None
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class AgencyRemittances:
    """Takes remittances of one agency, and books what finance says of them."""

    agency: Agency
    shelf: AgencyShelf
    desk: Desk

    def take(self, report: AgencyReport) -> Kept:
        """Return a remittance with its payments, which it holds from now on.

        They are compared with the payments as they now stand: one may have bounced since.

        Raises:
            UnfitInputError: it does not fit what was reported; every line's fault is named.
        """
        body = json.loads(report.body)
        rows = self.shelf.find_payments(payment_ids_of(body))
        faults = remittance_faults(body, rows, self.agency.remit)
        if faults:
            raise UnfitInputError("the remittance does not fit what was reported", faults)
        taken = remittance_of(body, report.received_at)
        return Kept([replace(row, remittance_id=taken.id) for row in rows], taken)

    def answered(self, report: AgencyReport, now: datetime) -> Kept:
        """Book finance's answer: what is confirmed is settled on each account, once.

        What was declined is free for another remittance.

        Raises:
            NotFoundError: there is no such remittance.
        """
        remittance = self.shelf.remittance(json.loads(report.body)["remittance_id"])
        rows = self.shelf.find_payments([line.payment_id for line in remittance.lines])
        held = [row for row in rows if row.remittance_id == remittance.id]
        if remittance.state == DECLINED:
            return Kept([replace(row, remittance_id="") for row in held])
        for account_id, placed in sorted(self._by_account(held).items()):
            caller = self._caller(report, remittance, now, account_id)
            self.desk.book(account_id, caller, _confirmed(remittance, placed, caller))
        return Kept()

    def _by_account(self, rows: Sequence[PaymentRow]) -> dict[str, dict[str, list[str]]]:
        """Return the ledger's ids of payments by account and placement."""
        found: dict[str, dict[str, list[str]]] = defaultdict(dict)
        accounts: dict[str, str] = {}
        for row in rows:
            name = row.placement_id
            if name not in accounts:
                accounts[name] = self.shelf.dossier(name).account_id
            payment_id = ledger_payment_id(self.agency.id, row)
            found[accounts[name]].setdefault(name, []).append(payment_id)
        return found

    def _caller(
        self, report: AgencyReport, remittance: Remittance, now: datetime, account_id: str
    ) -> Caller:
        """Return who confirmed it: the person of finance, not the agency."""
        caller = caller_of(report, self.agency, now, account_id)
        return replace(caller, principal=Principal(remittance.answered_by, frozenset()))


def _confirmed(remittance: Remittance, placed: Mapping[str, Sequence[str]], caller: Caller) -> Act:
    """Return the act by which an account has what a confirmed remittance holds of it."""
    sums = {"collected": 0, "commission": 0}
    for line in remittance.lines:
        if line.placement_id in placed:
            sums["collected"] += line.amount_minor
            sums["commission"] += line.commission_minor

    def act(account: Account, policy: Policy, today: date) -> Ruling:
        facts: list[Fact] = [
            RemittanceConfirmed(today, name, remittance.id, tuple(placed[name]))
            for name in sorted(placed)
        ]
        facts.extend(_questions(account, remittance, placed, policy, today))
        event = event_of(
            caller,
            today,
            "remittance_confirmed",
            remittance.id,
            amount_minor=str(sums["collected"]),
            commission_minor=str(sums["commission"]),
            currency=remittance.currency,
            placement_ids=" ".join(sorted(placed)),
        )
        return Ruling(facts, lambda _: Reply(200, {}), (event,))

    return act


def _questions(
    account: Account,
    remittance: Remittance,
    placed: Mapping[str, Sequence[str]],
    policy: Policy,
    today: date,
) -> Iterator[Fact]:
    """Yield a task for each placement of which a remittance holds another commission than is earned.

    It changed since the remittance was taken; of what bounced meanwhile the core asks itself.
    """
    for name in sorted(placed):
        there = account.placements.get(name)
        if there is None:
            continue
        of_it = [one for one in there.takings if one.payment_id in placed[name]]
        said = sum(one.commission_minor for one in remittance.lines if one.placement_id == name)
        earned = sum(one.commission_minor for one in of_it)
        if said == earned or any(one.bounced for one in of_it):
            continue
        yield TaskOpened(
            today,
            f"{account.id}:review_account:remitted_changed:{name}",
            "review_account",
            policy.calendar.business_day_from(today),
            f"Remittance {remittance.id} holds other commission than placement {name} earns now: "
            "settle it with the agency.",
        )


def lanes_of(report: AgencyReport) -> frozenset[str]:
    """Return within what reports must keep their order: placements, and a remittance's life."""
    if report.kind == CONFIRMATION:
        return frozenset({f"remittance:{json.loads(report.body)['remittance_id']}"})
    if report.kind == REMITTANCE:
        lines = json.loads(report.body)["lines"]
        return frozenset({f"remittance:{report.id}", *(line["placement_id"] for line in lines)})
    return frozenset({report.placement_id})

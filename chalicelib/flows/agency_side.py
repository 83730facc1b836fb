"""What an agency reports: checked against its own shelf, kept there, and answered at once (R10.5).

`AgencyReport.body` is the validated request as JSON, with every field, also those left out. What
the worker reads of each kind (M: `{"amount_minor": 100, "currency": "EUR"}`; days are `YYYY-MM-DD`;
a text that was left out is "", anything else null):

    every kind           id: the agency's own, as in `AgencyReport.id`
    accept               agency_reference
    reject               reason_code, note
    activity             code (of `practice.md` 3.3), on (null: when it was received), contact_id, note,
                         channel ("", call, email, letter, sms, visit, other)
    promise              amount M, pay_by, invoice_ids, note
    dispute              invoice_ids (none: all), amount M or null (with one invoice only),
                         reason_code, note
    contact              contact_id (null: a new one), name, email, phone, address (lines), note
    payment              received_on, amount M, invoice_ids (none: by the waterfall), reference
    payment_reversal     payment_id (the path's), on (null: when it was received), reason_code, note
    settlement_proposal  amount M, pay_by, note
    recall_response      answer (confirm, object), reason_code (null of confirm), note
    return               close_code (of `practice.md` 3.3), note
    remittance           kind, period_from, period_until, currency,
                         lines: placement_id, payment_id, amount M, commission M each,
                         totals: count, collected M, commission M, paid M;
                         `flows.remittances.remittance_of` reads it

`AgencyReport.placement_id` is the path's; of a remittance "".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.errors import (
    Blocker,
    Fault,
    KeyReusedError,
    NotFoundError,
    UnfitInputError,
    WrongStateError,
)
from chalicelib.flows.agency_allowed import actions_of, allowed_in
from chalicelib.flows.ports_agency import AgencyReport, AgencyShelf, DossierRow, ReportKind
from chalicelib.flows.remittances import payment_ids_of, remittance_faults

PROPOSED = ("name", "email", "phone", "address", "note")  # of a contact
NEVER_ACCEPTED = frozenset({"rejected", "expired", "withdrawn"})  # of such no money was taken


@dataclass(frozen=True, slots=True)
class Reported:
    """What an agency reports, as it was validated. `placement_id`: the path's, "" of a remittance."""

    kind: ReportKind
    body: Mapping[str, Any]
    placement_id: str = ""

    @property
    def id(self) -> str:
        """The agency's own id of it."""
        return str(self.body["id"])

    @property
    def digest(self) -> str:
        """What tells the same from another under one id."""
        said = json.dumps([self.placement_id, self.body], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AgencySide:
    """Takes what one agency reports: all that it reads and writes is that agency's shelf."""

    shelf: AgencyShelf

    def take(self, said: Reported, key_id: str, at: datetime) -> AgencyReport:
        """Keep a report for the worker, once by its kind and id, and return what is kept.

        What can be seen from the agency's own shelf is refused at once; all else the worker finds.

        Raises:
            NotFoundError: there is no such placement, or it is another agency's.
            KeyReusedError: the id was used before for something else.
            WrongStateError: the placement's state does not allow it (R10.4).
            UnfitInputError: it does not fit the dossier, or the payments; every fault is named.
        """
        row = placement_row(self.shelf, said.placement_id) if said.placement_id else None
        there = self._there(said)
        if there is None:
            if row is not None:
                check_state(row, said.kind)
                _refuse(dossier_faults(row, said))
            if said.kind == "payment_reversal":
                self._check_reversal(said)
            if said.kind == "remittance":
                found = self.shelf.find_payments(payment_ids_of(said.body))
                _refuse(remittance_faults(said.body, found, self.shelf.remit()))
            there = self.shelf.take_report(
                AgencyReport(
                    id=said.id,
                    kind=said.kind,
                    digest=said.digest,
                    body=json.dumps(said.body, ensure_ascii=False, separators=(",", ":")),
                    received_at=at,
                    key_id=key_id,
                    placement_id=said.placement_id,
                )
            )
        if there.digest != said.digest:
            raise KeyReusedError(
                f"the id {said.id!r} was used before for another {said.kind.replace('_', ' ')}"
            )
        return there

    def _there(self, said: Reported) -> AgencyReport | None:
        try:
            return self.shelf.report(said.kind, said.id)
        except NotFoundError:
            return None

    def _check_reversal(self, said: Reported) -> None:
        """Refuse to reverse what was not taken for the placement, or has bounced already."""
        payment_id = said.body["payment_id"]
        for row in self.shelf.find_payments([payment_id]):
            if row.placement_id == said.placement_id and row.by == "agency":
                if row.bounced:
                    raise WrongStateError(
                        "the payment cannot be reversed",
                        [Blocker("bounced", "it has bounced already")],
                    )
                return
        try:
            waiting = self.shelf.report("payment", payment_id)
        except NotFoundError:
            waiting = None
        is_coming = waiting is not None and waiting.state == "received"
        if waiting is None or not is_coming or waiting.placement_id != said.placement_id:
            raise NotFoundError("there is no such payment of this placement")


def placement_row(shelf: AgencyShelf, placement_id: str) -> DossierRow:
    """Return the row of a placement.

    Raises:
        NotFoundError: there is none, in the same words for what is another agency's.
    """
    try:
        return shelf.dossier(placement_id)
    except NotFoundError:
        raise NotFoundError("there is no such placement") from None


def check_state(row: DossierRow, kind: ReportKind) -> None:
    """Refuse what the state of a placement does not allow, as the agency's shelf has it.

    Raises:
        WrongStateError: with the state, and what is allowed instead.
    """
    settlement = json.loads(row.body)["settlement"] if row.body else None
    allowed = allowed_in(
        row.state,
        was_accepted=row.outcome not in NEVER_ACCEPTED,
        has_settlement=settlement is not None,
    )
    if kind in allowed:
        return
    blocker = Blocker(row.state, f"it is {row.state.replace('_', ' ')}")
    if kind == "settlement_proposal" and settlement is not None:
        said = f"settlement {settlement['proposal_id']} is {settlement['state']}"
        blocker = Blocker("settlement_open", said)
    said = f"the placement takes no {kind.replace('_', ' ')} now"
    raise WrongStateError(said, [blocker], actions_of(allowed))


def dossier_faults(row: DossierRow, said: Reported) -> Iterator[Fault]:
    """Yield what does not fit the dossier: another currency, invoices and contacts not in it."""
    money = said.body.get("amount")
    if money is not None and money["currency"] != row.currency:
        detail = f"is in {money['currency']}, the placement in {row.currency}"
        yield Fault("/amount/currency", "other_currency", detail)
    named = said.body.get("invoice_ids", [])
    if said.kind == "dispute" and money is not None and len(named) != 1:
        yield Fault("/amount", "one_invoice_only", "goes with one invoice; name it")
    if said.kind == "recall_response" and (said.body["answer"] == "object") != bool(
        said.body["reason_code"]
    ):
        yield Fault("/reason_code", "with_objection", "goes with an objection, and only with it")
    if said.kind == "contact" and not any(said.body[name] for name in PROPOSED):
        yield Fault("", "nothing_said", f"says nothing: give one of {', '.join(PROPOSED)}")
    if not row.body:
        return
    dossier = json.loads(row.body)
    placed = {one["invoice_id"] for one in dossier["invoices"]}
    placed.update(dossier["withdrawn_invoice_ids"])
    for place, name in enumerate(named):
        if name not in placed:
            yield Fault(f"/invoice_ids/{place}", "not_placed", "is no invoice of the placement")
    contact = said.body.get("contact_id")
    if contact and contact not in {one["contact_id"] for one in dossier["debtor"]["contacts"]}:
        yield Fault("/contact_id", "unknown_contact", "is no contact of the dossier")


def _refuse(faults: Iterator[Fault] | list[Fault]) -> None:
    if found := list(faults):
        raise UnfitInputError("the report does not fit what is there", found)

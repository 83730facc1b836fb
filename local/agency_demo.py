"""What `pastdue agency-demo` plays: finance places an account, an agency works it, both see what is so.

Both sides use the public API and nothing else, each with tokens of its own: finance `/v1`, the
agency `/agency/v1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import PastdueError
from local.agency_client import GONE, AgencyClient
from local.agency_steps import (
    Step,
    checklist_step,
    dossier_step,
    feed_step,
    money_of,
    placement_step,
    reconciliation_step,
    remittance_step,
    said,
)
from local.http_json import Caller

Values = Mapping[str, Any]
REFUSED = (401, 403)  # by the API itself, or by the gateway before it
BY_ASKING = {"contact_attempts", "contact_channels", "second_contact_tried"}  # a person's calls
CALLS_MAX = 5
STAGE, CURRENCY = "final_demand", "USD"
CONTACT_ID = "director"
CONTACT = {"name": "Robin Hale", "phone": "+1 207 555 0146"}
TAKEN_MINOR, DIRECT_MINOR = 300_000, 150_000  # what the agency takes, what reaches the seller


class NoCandidateError(PastdueError):
    """No account of the stage can be placed: of none does enough of the checklist hold."""

    code = "no_candidate"


@dataclass(frozen=True, slots=True)
class Finance:
    """The people of finance, each with a token: who proposes is not who approves."""

    collector: Caller
    approver: Caller
    admin: Caller
    erp: Caller


@dataclass(slots=True)
class AgencyDemo:
    """The story. `open_agency` gives an agency's client for its key; `settle` waits for workers.

    `tell` hears each step as it is done. Every step raises what the API refuses.
    """

    finance: Finance
    open_agency: Callable[[str], AgencyClient]
    settle: Callable[[], object]
    tell: Callable[[Step], None]

    def play(self) -> None:
        """Play the whole story.

        Raises:
            NoCandidateError: there is nothing to place.
            RefusedCallError: the API refused a call that should have been taken.
        """
        account_id, day = self.find()
        where = self.place(account_id)
        placement_id = where.rpartition("/")[2]
        agency_id = str(self.finance.collector.get(where)["agency"])
        key = self.make_key(agency_id)
        agency = self.open_agency(str(key["token"]))
        self.accept(agency, placement_id)
        self.collect(agency, placement_id, day)
        self.pay_directly(agency, account_id, day)
        self.remit(agency, agency_id, day)
        self.show_placement(where, "What finance sees of the placement")
        self.recall(agency, where, placement_id)
        self.end_key(agency, agency_id, str(key["key_id"]))

    def find(self) -> tuple[str, str]:
        """Return an account for which all holds that no person can mend, and the stage's day."""
        found = self.finance.collector.get(f"/v1/accounts?stage={STAGE}&limit=200")
        for row in found["data"]:
            account_id = row["account_id"]
            answer, candidate = self._candidate(account_id)
            missing = {item["code"] for item in candidate["items"] if not item["holds"]}
            if candidate["items"] and missing <= BY_ASKING:
                self.tell(checklist_step("What stands for and against placing", answer, candidate))
                return account_id, answer["as_of"]
        raise NoCandidateError(f"of {len(found['data'])} account(s) none can be placed")

    def place(self, account_id: str) -> str:
        """Try to reach somebody until the checklist holds; propose and approve; return the place."""
        people = self.finance
        place = f"/v1/accounts/{account_id}"
        answer, candidate = self._candidate(account_id)
        if not candidate["holds"]:
            people.collector.put(f"{place}/contacts/{CONTACT_ID}", CONTACT)
        calls = 0
        while not candidate["holds"] and calls < CALLS_MAX:
            body = {"channel": "call", "direction": "out", "outcome": "no_answer"}
            people.collector.post(f"{place}/activities", body | {"contact_id": CONTACT_ID})
            calls += 1
            answer, candidate = self._candidate(account_id)
        title = f"The same after {calls} call(s) to a second contact"
        self.tell(checklist_step(title, answer, candidate))
        note = "No answer to the final demand, to letters or to calls."
        proposed = people.collector.post(
            f"{place}/placements", {"currency": CURRENCY, "note": note}
        )
        where = f"{place}/placements/{proposed['placement_id']}"
        self.tell(placement_step("Proposed by a collector", proposed))
        why = {"reason_code": "no_answer", "note": "The owner agrees."}
        approved = people.approver.post(f"{where}/approve", why)
        self.tell(placement_step("Approved by a second person: offered", approved))
        self.settle()
        return where

    def make_key(self, agency_id: str) -> Values:
        """Make a key of the agency and return it with its token, which is shown this once."""
        body = {"scopes": ["read", "report", "remit"], "expires_in_days": 1, "label": "Demo"}
        key = self.finance.admin.post(f"/v1/agencies/{agency_id}/keys", body)
        shown = {"key": key["key_id"], "scopes": " ".join(key["scopes"])}
        shown["its token ends in"] = key["last_characters"]
        self.tell(said("finance", "A key for the agency, shown once", shown))
        return key

    def end_key(self, agency: AgencyClient, agency_id: str, key_id: str) -> None:
        """Revoke the agency's key: the very next call with it is refused."""
        self.finance.admin.post(f"/v1/agencies/{agency_id}/keys/{key_id}/revoke", None)
        answer = agency.api.ask("GET", "/agency/v1/feed")
        self.tell(said("agency", "With its key revoked", {"answer": str(answer.status)}))
        if answer.status not in REFUSED:
            raise PastdueError(f"a revoked key was answered {answer.status}")

    def accept(self, agency: AgencyClient, placement_id: str) -> None:
        """Let the agency find the offer, read its dossier and take it on."""
        self._feed(agency, "The feed: an offer")
        self.tell(
            dossier_step("The dossier, each read of it recorded", agency.dossier(placement_id))
        )
        body = {"id": "acc-1", "agency_reference": "SBX-1001"}
        self._report(agency, placement_id, "accept", body)
        self._feed(agency, "The feed: taken on, with the collection fee")

    def collect(self, agency: AgencyClient, placement_id: str, day: str) -> None:
        """Let the agency call, hear a promise and take money."""
        call = {"id": "act-1", "code": "contacted", "channel": "call", "note": "Will pay a part."}
        promise = {"id": "ptp-1", "amount": _usd(TAKEN_MINOR), "pay_by": day}
        money = {"id": "P-1001", "received_on": day, "amount": _usd(TAKEN_MINOR)}
        taken = [
            agency.report(placement_id, "activities", call),
            agency.report(placement_id, "promises", promise),
            agency.report(placement_id, "payments", money),
        ]
        self.settle()
        became = [agency.outcome(one) for one in taken]
        rows = tuple((one["kind"], one["id"], one["status"]) for one in became)
        self.tell(Step("agency", "What it reported", ("kind", "its id", "became"), rows))
        self._feed(agency, "The feed: money that the agency took")

    def pay_directly(self, agency: AgencyClient, account_id: str, day: str) -> None:
        """Let the customer pay the seller, and the agency hear of it."""
        body = {"payment_id": "BANK-7001", "received_on": day, "amount": _usd(DIRECT_MINOR)}
        paid = self.finance.erp.post(f"/v1/accounts/{account_id}/payments", body)
        title = "The customer pays the seller directly"
        shown = {"payment": paid["payment_id"], "amount": money_of(paid["amount"])}
        self.tell(said("finance", title, shown))
        self.settle()
        self._feed(agency, "The feed: the direct payment")

    def remit(self, agency: AgencyClient, agency_id: str, day: str) -> None:
        """Let the agency hand over what it took, finance confirm it, and both compare."""
        kind = str(self.finance.admin.get(f"/v1/agencies/{agency_id}")["remit"])
        body = agency.remit("R-1", day, kind, CURRENCY)
        self.settle()
        agency.outcome({"kind": "remittance", "id": body["id"]})
        self.tell(remittance_step("Handed over, with control totals", body))
        why = {"reason_code": "bank_statement", "note": "The money is there."}
        where = f"/v1/agencies/{agency_id}/remittances/{body['id']}"
        confirmed = self.finance.approver.post(f"{where}/confirm", why)
        shown = {"remittance": confirmed["remittance_id"], "state": confirmed["state"]}
        self.tell(said("finance", "Confirmed", shown | {"paid": money_of(confirmed["paid"])}))
        self.settle()
        self._feed(agency, "The feed: the remittance is confirmed")
        self._compare(agency)

    def recall(self, agency: AgencyClient, where: str, placement_id: str) -> None:
        """Take the placement back at once: afterwards the agency reads no personal data."""
        why = {"reason_code": "creditor_error", "note": "They pay by instalments now."}
        recalled = self.finance.approver.post(f"{where}/recall", why)
        self.tell(placement_step("Recalled, at once for this reason", recalled))
        self.settle()
        self._feed(agency, "The feed: recalled")
        answer = agency.ask(placement_id)
        if answer.status != GONE:
            raise PastdueError(f"the dossier was answered {answer.status}, not {GONE}")
        shown = {"answer": str(answer.status)} | {
            name: str(value) for name, value in answer.body.items()
        }
        self.tell(said("agency", "All that is left of the dossier", shown))
        self._compare(agency)

    def show_placement(self, where: str, title: str) -> None:
        """Show a placement as finance reads it."""
        self.tell(placement_step(title, self.finance.collector.get(where)))

    def _candidate(self, account_id: str) -> tuple[Values, Values]:
        answer = self.finance.collector.get(f"/v1/accounts/{account_id}/placement_candidates")
        found = [one for one in answer["candidates"] if one["currency"] == CURRENCY]
        return answer, found[0] if found else {"items": [], "holds": False}

    def _report(self, agency: AgencyClient, placement_id: str, where: str, body: Values) -> None:
        taken = agency.report(placement_id, where, body)
        self.settle()
        agency.outcome(taken)

    def _feed(self, agency: AgencyClient, title: str) -> None:
        self.tell(feed_step(title, agency.pull()))

    def _compare(self, agency: AgencyClient) -> None:
        self.tell(reconciliation_step("What differs between both books", agency.reconcile()))


def _usd(amount_minor: int) -> Values:
    return {"amount_minor": amount_minor, "currency": CURRENCY}


def as_document(steps: Sequence[Step]) -> dict[str, Any]:
    """Return the story as one JSON document."""
    return {"steps": [step.document() for step in steps]}

"""What questions are about: a deployment in which every route has something to answer.

Its ids are those of the examples in the document, so that the examples work on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib import wiring
from chalicelib.core.account import digest_of
from chalicelib.core.facts import NoticeCounted, PromiseMade
from chalicelib.core.facts_letters import LetterReported
from chalicelib.core.facts_placements import PlacementAct, SettlementProposed
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports import RunState
from chalicelib.flows.ports_agency import AgencyReport, DossierRead, Remittance, RemittanceLine
from chalicelib.messages import UploadMessage

from tests.api.client import WHY, Api
from tests.api.placing import AGENCY
from tests.api.placing import change as let_be_tried
from tests.flows.machine import NOW, TODAY, Machine, invoice
from tests.flows.snapshot_days import report_of
from tests.flows.statements import HEADER, item
from tests.workers.deployment import FakeDeployment

OPEN, DISPUTED, UNSENT = "R-2024-0042", "R-2024-0044", "R-2024-0050"
HELD, FREE = "4711", "4712"
PLACED, DRAFTED = "4714", "4715"  # what is with an agency
ACCOUNTS = (HELD, FREE)
AT = f"/v1/accounts/{HELD}"
TEXT = {"title": "A friendly reminder"}  # of finance's own
NOTE = {"credit_note_id": "crn_2024_0007", "reason": "Two boxes."}
SETTLED_BY_THE_IMPORT = 3  # the count that the example of an approval names


@dataclass(frozen=True)
class Known:
    """A filled machine, and what is there by the names of path parameters, the best first."""

    machine: Machine
    ids: Mapping[str, tuple[str, ...]]


def known() -> Known:
    """Return a machine with all that an answer can be about, made by Bert."""
    machine = Machine()
    bert = Api(machine, who="bert")
    made = {"import_id": _import_that_waits(machine)}  # first: it speaks of every account
    for name in ACCOUNTS:
        _invoices(machine, name)
    for days in (50, 35, 18, 4, 0):
        _run(machine, TODAY - timedelta(days=days))
    made |= _money(bert) | _holds(bert) | _people(bert) | _policies(bert)
    made |= _letter_texts(bert)
    made |= _promises(bert) | _plans(bert)
    made |= _agencies(bert) | _placements(bert) | _webhooks(bert)
    _stops(bert)
    made["run_id"] = (TODAY.isoformat(),)
    trial = _ok(bert.post("/v1/runs", {"as_of": TODAY.isoformat(), "dry_run": True}))
    made["job_id"] = (trial["run_id"],)
    made |= _evidence(bert)
    made["account_id"] = (*ACCOUNTS, PLACED)
    made["invoice_id"] = tuple(machine.account(HELD).invoices)
    made["task_id"] = tuple(machine.account(HELD).tasks)
    made["notice_id"] = tuple(machine.account(HELD).past_notices)
    return Known(machine, made)


def let_it_wait(machine: Machine) -> None:
    """Make the day's run one that waits for a person, as its example says."""
    machine.registry.put_run(RunState(TODAY, "waiting", 1_250, "too many"))


def _ok(answer: Any) -> dict[str, Any]:
    assert answer.status < 300, answer.text
    found: dict[str, Any] = answer.body
    return found


def _invoices(machine: Machine, name: str) -> None:
    """An account with invoices of every age, two of them known for long."""
    long_ago = TODAY - timedelta(days=80)
    machine.take_in(
        name,
        invoice(OPEN, 15, 123_450),
        invoice("R-2024-0043", 20),
        invoice(DISPUTED, 44, seen_on=long_ago),
        invoice("R-2024-0031", 70, seen_on=long_ago),
        invoice(UNSENT, -10, delivered_on=None),
        wake_on=long_ago,
    )


def _run(machine: Machine, day: date) -> None:
    """Decide the accounts, count what was announced as received, and keep the day's figures."""
    for name in ACCOUNTS:
        machine.decide(name, day)
        for notice_id in machine.account(name).notices:
            machine.take_in(name, NoticeCounted(day, notice_id), wake_on=day)
    report_of(machine, day).write(day)


def _money(bert: Api) -> dict[str, tuple[str, ...]]:
    """A payment and a credit note that are not all applied, a charge, and one that was waived."""
    payment = {
        "payment_id": "pay_2024_000815",
        "received_on": "2024-03-15",
        "amount": {"amount_minor": 5_000, "currency": "USD"},
        "invoice_ids": ["R-2024-0099"],
    }
    _ok(bert.post(f"{AT}/payments", payment))
    note = NOTE | {"amount": {"amount_minor": 5_000, "currency": "USD"}}
    _ok(bert.post(f"{AT}/credit_notes", note))
    charges = [row["charge_id"] for row in _ok(bert.get(f"{AT}/charges"))["data"]]
    _ok(bert.post(f"{AT}/charges/{charges[1]}/waive", WHY))
    disputed = {"reason_code": "pricing", "note": "Too dear.", "amount": note["amount"]}
    disputed_now = _ok(bert.post(f"{AT}/invoices/{DISPUTED}/dispute", disputed))
    return {
        "payment_id": ("pay_2024_000815",),
        "credit_note_id": ("crn_2024_0007",),
        "charge_id": tuple(charges),
        "dispute_id": (disputed_now["dispute_id"],),
    }


def _holds(bert: Api) -> dict[str, tuple[str, ...]]:
    """Holds of the rules and of a person, and a request that waits."""
    _ok(bert.post(f"{AT}/holds", {"kind": "on_hold", "reason_code": "odd_orders", "note": "Odd."}))
    order = {
        "order_total": {"amount_minor": 1_000, "currency": "USD"},
        "reference": "SO-10041",
        "note": "Urgent.",
    }
    asked = _ok(bert.post(f"{AT}/release_requests", order))["request_id"]
    holds = [row["hold_id"] for row in _ok(bert.get(f"{AT}/holds"))["data"]]
    return {"hold_id": tuple(holds), "request_id": (asked,)}


def _promises(bert: Api) -> dict[str, tuple[str, ...]]:
    """A promise in force, and one of the other account that waits for an approval."""
    ago = TODAY - timedelta(days=30)
    broken = [PromiseMade(ago, "USD", 100, ago, (OPEN,)) for _ in range(2)]
    bert.machine.take_in(FREE, *broken)
    promised = {"amount": {"amount_minor": 1_000, "currency": "USD"}, "by": "2024-03-22"}
    made = _ok(bert.post(f"{AT}/promises", promised | {"invoice_ids": [UNSENT]}))
    waits = _ok(bert.post(f"/v1/accounts/{FREE}/promises", promised))
    assert (made["state"], waits["state"]) == ("in_force", "pending_approval")
    return {"promise_id": (made["promise_id"], waits["promise_id"])}


def _plans(bert: Api) -> dict[str, tuple[str, ...]]:
    """A plan that waits for an approval, on what is promised too."""
    plan = {
        "currency": "USD",
        "frequency": "weekly",
        "count": 100,
        "first_on": "2024-03-22",
        "invoice_ids": [UNSENT],
    }
    made = _ok(bert.post(f"{AT}/payment_plans", plan))
    assert made["state"] == "pending_approval"
    return {"plan_id": (made["plan_id"],)}


def _people(bert: Api) -> dict[str, tuple[str, ...]]:
    person = {"name": "Dana Reyes", "email": "dana@seller.example"}
    _ok(bert.put("/v1/people/dana", person))
    contact = {"name": "Jo Park", "roles": ["accounts"], "email": "jo@customer.example"}
    _ok(bert.put(f"{AT}/contacts/jo", contact))
    sam = {"name": "Sam Lee", "roles": ["sales"], "email": "sam@customer.example"}
    _ok(bert.put(f"{AT}/contacts/sam", sam))
    digest = digest_of("sam@customer.example")
    gone = f"{HELD}:USD:2019-03-18"  # the address refuses mail since, though no letter is kept
    bert.machine.take_in(HELD, LetterReported(TODAY, gone, 1, "bounced", NOW, (digest,)))
    return {"person_id": ("dana",), "contact_id": ("jo",)}


def _policies(bert: Api) -> dict[str, tuple[str, ...]]:
    """A version of the standard policy that waits for a second person."""
    etag = bert.get("/v1/policies/standard").headers["ETag"]
    document = shipped_document("standard").decode() + "# with another comment\n"
    proposed = _ok(
        bert.put(
            "/v1/policies/standard",
            {"document": document},
            Idempotency_Key="propose",
            If_Match=etag,
        )
    )
    return {"policy_id": ("standard", "rapid"), "version": (proposed["version"],)}


def _letter_texts(bert: Api) -> dict[str, tuple[str, ...]]:
    """A text of finance's own in the place of the shipped reminder."""
    at = "/v1/policies/standard/letter_texts/en/reminder"
    _ok(bert.put(at, {"blocks": TEXT}, Idempotency_Key="text"))
    return {"language": ("en", "de_DE"), "text": ("reminder", "final_demand", "plan_agreed")}


def _agencies(bert: Api) -> dict[str, tuple[str, ...]]:
    """Two agencies: one with a key, a report that waits, and a remittance to answer."""
    for name in (AGENCY, "south"):
        _ok(bert.put(f"/v1/agencies/{name}", {"name": name.title()}, Idempotency_Key=f"put-{name}"))
    key = _ok(bert.post(f"/v1/agencies/{AGENCY}/keys", {"scopes": ["read", "report", "remit"]}))
    shelf = bert.machine.agencies.shelf(AGENCY)
    said = '{"code": "left_message"}'
    shelf.take_report(AgencyReport("NG-7", "activity", "digest", said, NOW, key["key_id"], "plc"))
    lines = (RemittanceLine("plc", "NG-8", 50_000, 10_000),)
    first, last = TODAY - timedelta(days=30), TODAY - timedelta(days=1)
    sums = (lines, 50_000, 10_000, 50_000)
    shelf.remitted["RM-1"] = Remittance("RM-1", "gross", first, last, "USD", *sums, NOW)
    shelf.record_read(DossierRead(NOW, key["key_id"], ("plc",), "r1"))
    return {
        "agency_id": (AGENCY, "south"),
        "key_id": (key["key_id"],),
        "report_kind": ("activity",),
        "report_id": ("NG-7",),
        "remittance_id": ("RM-1",),
    }


def _webhooks(bert: Api) -> dict[str, tuple[str, ...]]:
    """Two webhooks, one of them disabled, and a delivery that waits."""
    body = {"url": "https://hooks.crm.example/pastdue"}
    _ok(bert.put("/v1/webhooks/orders", body))
    _ok(bert.put("/v1/webhooks/crm", {**body, "enabled": False}))
    ping = _ok(bert.post("/v1/webhooks/orders/test"))
    return {"webhook_id": ("orders", "crm"), "event_id": (ping["event_id"],)}


def _placements(bert: Api) -> dict[str, tuple[str, ...]]:
    """An account with a placement in each state that people answer, one with a draft of another."""
    machine, names = bert.machine, [f"R-2024-01{number:02}" for number in range(6)]
    cara = bert.as_("approver", "cara")
    for account_id in (PLACED, DRAFTED):
        machine.take_in(account_id, *(invoice(name, 120) for name in names))
        let_be_tried(machine, account_id, *names)
    made: list[str] = []
    for name in names[:5]:
        body = {"currency": "USD", "invoice_ids": [name]}
        made.append(_ok(bert.post(f"/v1/accounts/{PLACED}/placements", body))["placement_id"])
        if name != names[4]:
            _ok(cara.post(f"/v1/accounts/{PLACED}/placements/{made[-1]}/approve", WHY))
            accepted = PlacementAct(TODAY, made[-1], "accept", AGENCY, reference="NG-1")
            machine.take_in(PLACED, accepted)
    active, rests, recalled, settles, waits = made
    at = f"/v1/accounts/{PLACED}/placements"
    _ok(bert.post(f"{at}/{rests}/suspend", WHY))
    _ok(bert.post(f"{at}/{recalled}/recall", WHY))
    pay_by = TODAY + timedelta(days=14)
    machine.take_in(PLACED, SettlementProposed(TODAY, settles, "NG-9", 60_000, pay_by))
    draft_body: dict[str, Any] = {"currency": "USD", "submit": False}
    draft = _ok(bert.post(f"/v1/accounts/{DRAFTED}/placements", draft_body))["placement_id"]
    return {
        "placement_id": (active, rests, recalled, settles, waits, draft),
        "proposal_id": ("NG-9",),
    }


def _stops(bert: Api) -> None:
    """The other account is stopped, paused, and its customer waits for a reply."""
    at = f"/v1/accounts/{FREE}"
    _ok(bert.post(f"{at}/pause", {"until_on": "2024-04-30", **WHY}))
    _ok(bert.post(f"{at}/legal_stops", {"kind": "insolvency", **WHY}))
    replied = {"channel": "call", "direction": "in", "outcome": "replied"}
    _ok(bert.post(f"{at}/activities", replied))


def _evidence(bert: Api) -> dict[str, tuple[str, ...]]:
    """An archive of an account that a job has made."""
    asked = _ok(bert.post(f"{AT}/evidence", WHY))
    deployment, sent = FakeDeployment(bert.machine), bert.machine.job_queue.sent
    mine = [one for one in sent if one[0] == asked["evidence_id"]]
    with wiring.using(deployment):
        for one in mine:
            sent.remove(one)
            deployment.job(*one)
    return {"evidence_id": (asked["evidence_id"],)}


def _import_that_waits(machine: Machine) -> tuple[str, ...]:
    """A statement that would settle three invoices of four, one that was taken before."""
    rows = [item(f"I{n}", "1000.00", account="4713") for n in range(4)]
    for minute, content in enumerate((HEADER + "\n".join(rows), HEADER + rows[0])):
        key, raw = "uploads/erp/open_items.csv", content.encode()
        machine.archive.put(key, raw, "text/csv")
        deployment = FakeDeployment(machine)
        deployment.ports.settings = replace(deployment.ports.settings, ledger_kind="mirror")
        with wiring.using(deployment):
            at = datetime(2024, 3, 18, 4, minute, tzinfo=UTC)
            deployment.upload(UploadMessage(key, f"etag-{minute}", len(raw), at))
            while machine.job_queue.sent:
                deployment.job(*machine.job_queue.sent.pop(0))
    found = Api(machine).get("/v1/imports").body["data"]
    assert [row["state"] for row in found] == ["waiting", "taken"]
    return tuple(row["import_id"] for row in found)

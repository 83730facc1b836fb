"""Batches of invoices: each row has an answer of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.core.facts import Fact
from chalicelib.flows.desk import Caller, Desk
from chalicelib.flows.invoice_batch import InvoiceBatch, Row
from chalicelib.flows.invoice_posting import Posted
from chalicelib.flows.ports import Loaded
from chalicelib.flows.principal import Principal
from tests.api.client import Answered, Api
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import NOW, TODAY, Machine

PATH = "/v1/invoices/batch"


@pytest.fixture
def api() -> Api:
    return Api(machine_with("A1", "A2"))


def machine_with(*account_ids: str, accounts: MemoryAccounts | None = None) -> Machine:
    machine = Machine() if accounts is None else Machine(accounts=accounts)
    for account_id in account_ids:
        machine.take_in(account_id)
    return machine


def row(account_id: str, invoice_id: str, amount_minor: Any = 1_000, **more: Any) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "invoice_id": invoice_id,
        "amount": {"amount_minor": amount_minor, "currency": "USD"},
        "issued_on": "2024-02-02",
        "terms": "net 30",
    } | more


def sent(api: Api, *rows: Any, **more: Any) -> Answered:
    return api.post(PATH, {"invoices": list(rows), **more}, Idempotency_Key="")


def statuses(answer: Answered) -> list[str]:
    return [one["status"] for one in answer.body["data"]]


def test_every_row_is_answered_in_order(api: Api) -> None:
    sent(api, row("A1", "I1"))
    answer = sent(
        api,
        row("A2", "I1"),
        row("A1", "I1"),
        row("A1", "I1", 2_000),
        row("A9", "I1"),
        row("A1", "I2", 1.5),
        row("A1", "I3"),
        "nonsense",
    )

    assert answer.status == 200
    assert statuses(answer) == [
        "created", "unchanged", "conflict", "invalid", "invalid", "created", "invalid",
    ]  # fmt: skip
    assert [one["index"] for one in answer.body["data"]] == list(range(7))
    assert answer.body["counts"] == {
        "created": 2, "updated": 0, "unchanged": 1, "conflict": 1, "invalid": 3, "failed": 0,
    }  # fmt: skip


def test_faults_point_into_the_batch(api: Api) -> None:
    sent(api, row("A1", "I1"))
    answer = sent(
        api,
        row("A1", "I1", 2_000),
        row("A9", "I1"),
        row("A1", "I2", 1.5, colour="red"),
        row("A1", "I2", terms=None, issued_on="2024-04-01"),
        7,
    )
    pointers = [sorted(fault["pointer"] for fault in one["errors"]) for one in answer.body["data"]]

    assert pointers == [
        ["/invoices/0/amount/amount_minor"],
        ["/invoices/1/account_id"],
        ["/invoices/2/amount/amount_minor", "/invoices/2/colour"],
        ["/invoices/3/due_on", "/invoices/3/issued_on"],
        ["/invoices/4"],
    ]


def test_an_account_is_one_change(api: Api) -> None:
    before = api.machine.accounts.kept["A1"].version
    sent(api, row("A1", "I1"), row("A2", "I1"), row("A1", "I2"))

    assert api.machine.accounts.kept["A1"].version == before + 1
    assert set(api.machine.account("A1").invoices) == {"I1", "I2"}


def test_a_batch_may_be_sent_again(api: Api) -> None:
    rows = row("A1", "I1"), row("A2", "I1")
    sent(api, *rows)

    assert statuses(sent(api, *rows)) == ["unchanged", "unchanged"]
    assert statuses(api.post(PATH, {"invoices": list(rows)})) == ["unchanged", "unchanged"]


def test_a_row_that_is_no_invoice_may_come_under_a_key(api: Api) -> None:
    rows = {"invoices": ["nonsense", {"account_id": 7, "x": [1.5]}, row("A1", "I1")]}

    assert statuses(api.post(PATH, rows, Idempotency_Key="k")) == ["invalid", "invalid", "created"]


def test_of_two_rows_of_one_invoice_the_first_counts(api: Api) -> None:
    answer = sent(api, row("A1", "I1"), row("A1", "I1"), row("A1", "I1", 5))

    assert statuses(answer) == ["created", "unchanged", "conflict"]


def test_invoices_change_only_when_that_is_asked_for(api: Api) -> None:
    sent(api, row("A1", "I1"))
    new = row("A1", "I1", po_number="PO-2")

    assert statuses(sent(api, new)) == ["conflict"]
    assert statuses(sent(api, new, update=True)) == ["updated"]
    assert api.get("/v1/accounts/A1/invoices/I1").body["po_number"] == "PO-2"
    assert statuses(sent(api, row("A1", "I1", 7), update=True)) == ["conflict"]


def test_a_row_and_a_single_put_mean_the_same(api: Api) -> None:
    said = row("A1", "I1")
    body = {name: said[name] for name in said if not name.endswith("_id")}
    api.put("/v1/accounts/A1/invoices/I1", body)

    assert statuses(sent(api, said)) == ["unchanged"]


def test_a_batch_is_in_the_timeline_of_each_account(api: Api) -> None:
    sent(api, row("A1", "I1"), row("A1", "I2"), row("A1", "I3", 1.5))
    events = [event for line in api.machine.accounts.kept["A1"].log for event in line.events]

    assert [(one.kind, one.figures["created"]) for one in events] == [("invoices_posted", "2")]


@pytest.mark.parametrize("rows", [[], [row("A1", "I1")] * 501])
def test_a_batch_has_1_to_500_rows(api: Api, rows: list[Any]) -> None:
    answer = api.post(PATH, {"invoices": rows})

    assert (answer.status, answer.pointers) == (400, ["/invoices"])


@pytest.mark.parametrize("body", [{}, {"rows": []}, [], {"invoices": 1}, {"invoices": {}}])
def test_what_is_no_batch_is_refused(api: Api, body: Any) -> None:
    assert api.post(PATH, body).status == 400


def test_only_the_erp_and_administrators_send_batches(api: Api) -> None:
    body = {"invoices": [row("A1", "I1")]}

    assert api.as_("").post(PATH, body).status == 401
    assert api.as_("viewer,collector,approver,agency").post(PATH, body).status == 403
    assert api.as_("service").post(PATH, body).status == 200


def test_500_rows_of_500_accounts_are_all_taken_in() -> None:
    names = [f"A{n}" for n in range(500)]
    api = Api(machine_with(*names))
    answer = sent(api, *(row(name, "I1") for name in names))

    assert answer.body["counts"]["created"] == 500
    assert all("I1" in api.machine.account(name).invoices for name in names)


class Troubled(MemoryAccounts):
    """A store that does not answer for one account."""

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        if account_id == "A2" and facts:
            raise UnavailableError("table pastdue-secret-name does not answer")
        return super().load(account_id, facts)


def test_an_account_that_fails_stops_no_other() -> None:
    api = Api(machine_with("A1", "A2", "A3", accounts=Troubled()))
    answer = sent(api, row("A1", "I1"), row("A2", "I1"), row("A3", "I1"))

    assert statuses(answer) == ["created", "failed", "created"]
    failed = answer.body["data"][1]
    assert failed["retryable"]
    assert "secret" not in str(failed)


@dataclass
class SlowClock:
    """A second passes whenever somebody looks."""

    seconds: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def monotonic(self) -> float:
        with self.lock:
            self.seconds += 1.0
            return self.seconds


def test_accounts_that_are_not_reached_in_time_are_to_be_sent_again() -> None:
    names = [f"A{n}" for n in range(30)]
    machine = machine_with(*names)
    desk = Desk(machine.accounts, machine.policies, lambda at: at.date())
    said = Posted("I1", "USD", 100, TODAY, TODAY, "", TODAY)
    rows = [Row(place, name, said) for place, name in enumerate(names)]
    caller = Caller(Principal("erp", frozenset({"service"})), NOW)

    reply = InvoiceBatch(desk, SlowClock().monotonic).post(rows, (), caller, update=False)

    assert reply.body["counts"]["created"] == 20
    late = [one for one in reply.body["data"] if one["status"] == "failed"]
    assert len(late) == 10
    assert all(one["retryable"] and one["errors"][0]["code"] == "not_reached" for one in late)

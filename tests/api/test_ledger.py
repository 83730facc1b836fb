"""Heartbeat, export feed and imports that wait, through the API (R7.6, R13.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from chalicelib import wiring
from chalicelib.core.facts import ChargeWaived, NoticeCounted
from chalicelib.messages import UploadMessage
from tests.api.client import WHY, Api
from tests.flows.machine import FRIDAY, TODAY, Machine, invoice
from tests.flows.statements import HEADER, item
from tests.workers.deployment import FakeDeployment

HEARTBEAT = "/v1/ledger/heartbeat"
EXPORT = "/v1/ledger_export"
FILE = "uploads/erp/open_items.csv"
ITEMS = tuple(item(f"I{n}", "1000.00") for n in range(4))


@pytest.fixture
def api() -> Api:
    return Api(Machine())


def test_a_heartbeat_makes_the_ledger_fresh_through_its_day(api: Api) -> None:
    answer = api.as_("service").post(HEARTBEAT, {"covers_through": TODAY.isoformat()})

    assert (answer.status, answer.body) == (200, {"fresh_through": TODAY.isoformat()})
    assert api.machine.registry.fresh_through() == TODAY


def test_an_earlier_heartbeat_moves_nothing_back(api: Api) -> None:
    answer = api.post(HEARTBEAT, {"covers_through": "2024-03-01"})

    assert answer.body == {"fresh_through": FRIDAY.isoformat()}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"covers_through": (TODAY + timedelta(days=1)).isoformat()}, "/covers_through"),
        ({"covers_through": "18.03.2024"}, "/covers_through"),
        ({}, "/covers_through"),
        ({"covers_through": TODAY.isoformat(), "all": True}, "/all"),
    ],
)
def test_a_heartbeat_that_cannot_be_is_refused(
    api: Api, body: dict[str, Any], pointer: str
) -> None:
    answer = api.post(HEARTBEAT, body)

    assert (answer.status, answer.pointers) == (400, [pointer])
    assert api.machine.registry.fresh_through() == FRIDAY


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("POST", HEARTBEAT, "viewer,collector,approver"),
        ("GET", EXPORT, "viewer,collector,approver"),
        ("GET", "/v1/imports", "agency"),
        ("GET", "/v1/imports/imp_1", "agency"),
        ("POST", "/v1/imports/imp_1/approve", "viewer,collector,service"),
        ("POST", "/v1/imports/imp_1/decline", "viewer,collector,service"),
    ],
)
def test_who_may_not_is_told_which_role_may(api: Api, method: str, path: str, roles: str) -> None:
    answer = api.as_(roles).call(method, path, {} if method == "POST" else None)

    assert (answer.status, answer.code) == (403, "forbidden")
    assert api.as_("").call(method, path).status == 401


def charged(api: Api) -> str:
    """Let a run post a late fee; return its id."""
    machine = api.machine
    machine.take_in("A1", invoice("I1", 15))
    for days in (0, 15, 30, 45):
        day = TODAY + timedelta(days=days)
        machine.decide("A1", day)
        for notice_id in machine.account("A1").notices:
            machine.take_in("A1", NoticeCounted(day, notice_id), wake_on=day)
    [charge, *_] = machine.account("A1").invoices["I1"].charges
    return charge.id


def test_the_feed_tells_of_a_charge_and_of_its_waiver_and_goes_on_at_its_end(api: Api) -> None:
    charge_id = charged(api)
    service = api.as_("service")

    first = service.get(f"{EXPORT}?limit=1").body
    api.machine.take_in("A1", ChargeWaived(TODAY, "I1", charge_id, "goodwill"))
    rest = service.get(f"{EXPORT}?cursor={first['next_cursor']}").body
    nothing = service.get(f"{EXPORT}?cursor={rest['next_cursor']}").body

    [line] = first["data"]
    assert (line["id"], line["kind"], line["sequence"]) == (charge_id, "charge", 1)
    assert line["amount"] == {"amount_minor": 1_500, "currency": "USD"}
    waiver = rest["data"][-1]
    assert (waiver["kind"], waiver["charge_id"]) == ("waiver", charge_id)
    assert waiver["reason"] == "goodwill"
    assert nothing == {"data": [], "next_cursor": rest["next_cursor"]}


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "since=2024-01-01"])
def test_a_feed_that_is_asked_for_wrongly_is_refused(api: Api, query: str) -> None:
    answer = api.get(f"{EXPORT}?{query}")

    assert (answer.status, len(answer.pointers)) == (400, 1)


@contextmanager
def deployed(api: Api, kind: str = "mirror") -> Iterator[FakeDeployment]:
    deployment = FakeDeployment(api.machine)
    deployment.ports.settings = replace(deployment.ports.settings, ledger_kind=kind)
    with wiring.using(deployment):
        yield deployment


def upload(api: Api, content: str, minute: int = 0, key: str = FILE, kind: str = "mirror") -> None:
    """Put a file and let its job be done."""
    raw = content.encode()
    api.machine.archive.put(key, raw, "text/csv")
    at = datetime(2024, 3, 18, 6, minute, tzinfo=UTC)
    with deployed(api, kind) as deployment:
        deployment.upload(UploadMessage(key, f"etag-{len(raw)}", len(raw), at))
    work(api, kind)


def work(api: Api, kind: str = "mirror") -> None:
    with deployed(api, kind) as deployment:
        queue = api.machine.job_queue.sent
        while queue:
            deployment.job(*queue.pop(0))


@pytest.fixture
def waiting(api: Api) -> str:
    """A statement waits that would settle 3 of 4 invoices; its id."""
    upload(api, HEADER + "\n".join(ITEMS))
    upload(api, HEADER + ITEMS[0], 1)
    [newest, _] = api.get("/v1/imports").body["data"]
    return str(newest["import_id"])


def test_a_statement_that_waits_says_what_it_would_do(api: Api, waiting: str) -> None:
    told = api.as_("viewer").get(f"/v1/imports/{waiting}").body

    assert (told["state"], told["open_before"], told["settled"]) == ("waiting", 4, 3)
    assert told["amounts"] == [
        {"what": "settled", "amount_minor": 300_000, "currency": "USD"},
    ]
    assert (told["as_of"], told["asked_by"]) == (TODAY.isoformat(), "upload")
    assert len(api.machine.account("A1").invoices) == 4


def test_an_approved_statement_is_booked_by_its_job(api: Api, waiting: str) -> None:
    answer = api.as_("approver").post(f"/v1/imports/{waiting}/approve", {"count": 3, **WHY})
    assert (answer.status, answer.body["state"]) == (202, "approved")

    work(api)

    told = api.get(answer.headers["Location"]).body
    assert (told["state"], told["taken"], told["decided_by"]) == ("taken", {"settled": 3}, "anna")
    assert (told["reason_code"], told["fresh_through"]) == ("goodwill", "2024-03-17")
    assert list(api.machine.account("A1").invoices) == ["I0"]


@pytest.mark.parametrize(("verb", "more"), [("approve", {"count": 3}), ("decline", {})])
def test_a_statement_is_decided_as_it_was_read_or_not_at_all(
    api: Api, waiting: str, verb: str, more: dict[str, Any]
) -> None:
    path, read = f"/v1/imports/{waiting}", api.get(f"/v1/imports/{waiting}").headers["ETag"]
    stale = api.post(f"{path}/{verb}", more | WHY, If_Match='"as it once was"')

    answer = api.post(f"{path}/{verb}", more | WHY, If_Match=read)

    assert (stale.status, stale.code) == (412, "precondition_failed")
    assert answer.status in (200, 202)


def test_an_approval_given_twice_books_once(api: Api, waiting: str) -> None:
    path, body = f"/v1/imports/{waiting}/approve", {"count": 3, **WHY}
    first = api.post(path, body, Idempotency_Key="once")
    again = api.post(path, body, Idempotency_Key="once")

    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len({job for job, _ in api.machine.job_queue.sent}) == 1


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("approve", {"count": 2, **WHY}, 409),
        ("approve", {"count": -1, **WHY}, 400),
        ("approve", {"count": 3}, 400),
        ("approve", WHY, 400),
        ("decline", {"count": 3, **WHY}, 400),
    ],
)
def test_a_decision_that_cannot_be_changes_nothing(
    api: Api, waiting: str, verb: str, body: dict[str, Any], status: int
) -> None:
    answer = api.post(f"/v1/imports/{waiting}/{verb}", body)

    assert answer.status == status
    assert api.get(f"/v1/imports/{waiting}").body["state"] == "waiting"


def test_a_declined_statement_is_never_booked(api: Api, waiting: str) -> None:
    answer = api.post(f"/v1/imports/{waiting}/decline", WHY)
    assert (answer.status, answer.body["state"]) == (200, "declined")

    late = api.post(f"/v1/imports/{waiting}/approve", {"count": 3, **WHY})

    assert (late.status, late.code) == (409, "conflict")
    assert len(api.machine.account("A1").invoices) == 4


def test_a_statement_that_would_settle_more_by_now_waits_again(api: Api, waiting: str) -> None:
    api.post(f"/v1/imports/{waiting}/approve", {"count": 3, **WHY})
    new = invoice("I9", 20)
    api.machine.take_in("A9", new)

    work(api)

    told = api.get(f"/v1/imports/{waiting}").body
    assert (told["state"], told["settled"]) == ("waiting", 4)
    assert len(api.machine.account("A1").invoices) == 4


def test_an_import_that_is_not_there_is_not_found(api: Api) -> None:
    assert api.get("/v1/imports/imp_1").status == 404
    assert api.post("/v1/imports/imp_1/approve", {"count": 1, **WHY}).status == 404
    assert api.post("/v1/imports/imp_1/decline", WHY).status == 404


def test_imports_are_listed_newest_first_page_by_page(api: Api, waiting: str) -> None:
    first = api.get("/v1/imports?limit=1").body
    rest = api.get(f"/v1/imports?limit=1&cursor={first['next_cursor']}").body

    assert [row["import_id"] for row in first["data"]] == [waiting]
    assert [row["state"] for row in rest["data"]] == ["taken"]
    assert rest["next_cursor"] is None
    assert date.fromisoformat(rest["data"][0]["as_of"]) == TODAY

"""Two agencies can see nothing of each other, whatever ids, cursors and keys they try (R10.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from chalicelib.api.operation import AGENCY_OPERATIONS, Operation
from chalicelib.api.shapes.base import ListQuery
from tests.api.agency_calls import AgencyApi, usd
from tests.api.client import WHY, Answered, Api
from tests.api.placing import placing
from tests.flows.machine import Machine

CALLS = 7  # of each route that has ids, by each agency
OTHERS = {"default": "Quiet Harbour", "south": "Loud Mountain"}  # whom the other agency asks
TAKEN = {"default": 31_415, "south": 27_182}  # what each agency took
OF_PATH = re.compile(r"{(\w+)}")
NAMES_OF = {"id": "report_id", "invoice_ids": "invoice_id"}  # of a body, as the paths call them


@dataclass
class Side:
    """One agency, and what nobody else may know of it."""

    agency: AgencyApi
    ids: dict[str, list[str]]
    secrets: tuple[str, ...]


@pytest.fixture(scope="module")
def sides() -> tuple[Side, Side]:
    """Each agency works one placement and is offered another; with money, remittances, reports."""
    machine = Machine()
    north = side(machine, "default", ("NA1", "NA2"), "Loud Mountain")
    south = side(machine, "south", ("SA1", "SA2"), "Quiet Harbour")
    return north, south


def side(machine: Machine, agency_id: str, accounts: tuple[str, str], name: str) -> Side:
    placed = []
    for account_id in accounts:
        placing(f"{account_id}-I1", f"{account_id}-I2", machine=machine, account_id=account_id)
        kept = machine.accounts.kept[account_id]
        kept.account = replace(kept.account, details=replace(kept.account.details, name=name))
        placed.append(offer(machine, account_id, agency_id))
    agency = AgencyApi(machine, agency_id)
    agency.work()
    letter = agency_id[0].upper()
    work_it(agency, placed[0], letter)
    dossier = agency.get(f"/placements/{placed[0]}").body
    assert dossier["debtor"]["name"] == name
    own = {
        "placement_id": placed,
        "payment_id": [f"{letter}-pay-1", f"{letter}-pay-2"],
        "remittance_id": [f"{letter}-rem-1", f"{letter}-rem-2"],
        "report_id": [f"{letter}-acc-1", f"{letter}-pay-1", f"{letter}-rem-2"],
        "invoice_id": [one["invoice_id"] for one in dossier["invoices"]],
    }
    balance = str(dossier["amounts"]["balance"]["amount_minor"])
    secrets = (name, *accounts, *placed, f"{letter}-", str(TAKEN[agency_id]), balance)
    return Side(agency, own, secrets)


def offer(machine: Machine, account_id: str, agency_id: str) -> str:
    finance = Api(machine)
    asked = {"currency": "USD", "agency": agency_id}
    place = finance.post(f"/v1/accounts/{account_id}/placements", asked).headers["Location"]
    answer = finance.as_("approver", "bert").post(f"{place}/approve", WHY)
    assert answer.status == 200, answer.text
    return place.rpartition("/")[2]


def work_it(agency: AgencyApi, placement_id: str, letter: str) -> None:
    """Accept, take money twice, and remit it in two parts."""
    place = f"/placements/{placement_id}"
    done = [agency.post(f"{place}/accept", {"id": f"{letter}-acc-1", "agency_reference": letter})]
    agency.work()
    for number in (1, 2):
        amount = usd(TAKEN[agency.agency_id])
        paid = {"id": f"{letter}-pay-{number}", "received_on": "2024-03-18", "amount": amount}
        done.append(agency.post(f"{place}/payments", paid))
        agency.work()
        line = {
            "placement_id": placement_id,
            "payment_id": f"{letter}-pay-{number}",
            "amount": amount,
            "commission": usd(0),
        }
        totals = {"count": 1, "collected": amount, "commission": usd(0), "paid": amount}
        remitted = {
            "id": f"{letter}-rem-{number}", "kind": "gross", "period_from": "2024-03-01",
            "period_until": "2024-03-31", "currency": "USD", "lines": [line], "totals": totals,
        }  # fmt: skip
        done.append(agency.post("/remittances", remitted))
        agency.work()
    assert [one.status for one in done] == [202] * 5, [one.text for one in done]


def paths(one: Operation, choose: Any) -> str:
    kinds = Random(one.route).choice(("accept", "payment", "remittance"))
    filled = OF_PATH.sub(lambda at: kinds if at[1] == "kind" else choose(at[1]), one.path)
    return filled.removeprefix("/agency/v1")


def aimed(value: Any, choose: Any, name: str = "") -> Any:
    """Return an example's value with its ids replaced by chosen ones."""
    if isinstance(value, dict):
        return {key: aimed(one, choose, key) for key, one in value.items()}
    if isinstance(value, list):
        return [aimed(one, choose, name) for one in value]
    name = NAMES_OF.get(name, name)
    return choose(name) if name.endswith("_id") and name != "contact_id" else value


def calls(one: Operation, mine: Side, theirs: Side, random: Random) -> Iterator[tuple[str, Any]]:
    """Give calls of a route with ids of both agencies, each with one of the other's at least."""

    def choose(name: str) -> str:
        owner = mine if random.random() < 0.3 else theirs
        return random.choice(owner.ids[name])

    named = {foreign for ids in theirs.ids.values() for foreign in ids}
    made = 0
    for _ in range(CALLS * 20):
        body = None
        if one.body is not None:
            example = random.choice(one.body.model_json_schema()["examples"])
            if random.random() < 0.5 and "invoice_ids" in one.body.model_fields:
                example = example | {"invoice_ids": ["one"]}
            body = aimed(example, choose)
        path = paths(one, choose)
        if any(foreign in f"{path} {json.dumps(body)}" for foreign in named):
            yield path, body
            made += 1
        if made == CALLS:
            return


def said(answer: Answered, back: Mapping[str, str]) -> tuple[int, str, str]:
    """An answer, with what nobody has called as what the other agency has."""
    text, headers = answer.text, str(sorted(answer.headers.items()))
    for unknown, foreign in back.items():
        text, headers = text.replace(unknown, foreign), headers.replace(unknown, foreign)
    return answer.status, text, headers


def swapped(value: str, names: Mapping[str, str]) -> str:
    for one, other in names.items():
        value = value.replace(one, other)
    return value


def test_what_is_anothers_is_answered_as_what_nobody_has(sides: tuple[Side, Side]) -> None:
    """Each call with the other's ids has a twin with ids that nobody has: both answer the same."""
    statuses: dict[int, int] = {}
    for mine, theirs in (sides, sides[::-1]):
        ids = {foreign for found in theirs.ids.values() for foreign in found}
        unknown = {one: f"Z{one[1:]}" for one in sorted(ids)}
        back = {fresh: one for one, fresh in unknown.items()}
        for one in AGENCY_OPERATIONS:
            random = Random(one.route)
            for path, body in calls(one, mine, theirs, random):
                answer = mine.agency.call(one.method, path, body)
                text = json.dumps(body)
                twin_body = None if body is None else json.loads(swapped(text, unknown))
                twin = mine.agency.call(one.method, swapped(path, unknown), twin_body)

                assert said(answer, back) == said(twin, back), f"{one.route}: {path} {text}"
                leaks = leaked(theirs, answer, f"{path} {text}")
                assert leaks == [], f"{one.route}: {path} {text}"
                statuses[answer.status] = statuses.get(answer.status, 0) + 1

    assert sum(statuses.values()) >= 200
    assert {202, 404, 422} <= set(statuses), "calls of every kind were made"


def leaked(theirs: Side, answer: Answered, asked: str) -> list[str]:
    """What an answer tells of the other agency that the question did not."""
    told = f"{answer.text} {answer.headers}"
    return [one for one in theirs.secrets if one in told and one not in asked]


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_what_an_agency_lists_is_its_own(sides: tuple[Side, Side], accept: str) -> None:
    for mine, theirs in (sides, sides[::-1]):
        seen = ""
        for one in AGENCY_OPERATIONS:
            if one.method == "GET" and "{" not in one.path:
                path = one.path.removeprefix("/agency/v1")
                answer = mine.agency.get(f"{path}?limit=200", Accept=accept)
                assert (answer.status, leaked(theirs, answer, "")) == (200, [])
                seen += answer.text

        assert all(one in seen for one in mine.ids["placement_id"]), "there is something to see"
        assert mine.ids["payment_id"][0] in seen


def test_a_foreign_placement_has_the_answer_of_an_unknown_one(sides: tuple[Side, Side]) -> None:
    north, south = sides
    foreign = north.agency.get(f"/placements/{south.ids['placement_id'][0]}")
    unknown = north.agency.get(f"/placements/plc_{'0' * 20}")

    assert (foreign.status, foreign.text) == (404, unknown.text)
    assert foreign.headers == unknown.headers


def lists() -> list[Operation]:
    return [one for one in AGENCY_OPERATIONS if one.query is ListQuery]


@pytest.mark.parametrize("one", lists(), ids=lambda one: one.route)
def test_a_cursor_of_another_agency_or_of_nobody_is_refused(
    one: Operation, sides: tuple[Side, Side]
) -> None:
    north, south = sides
    path = one.path.removeprefix("/agency/v1")
    cursor = south.agency.get(f"{path}?limit=1").body["next_cursor"]
    assert south.agency.get(f"{path}?limit=1&cursor={cursor}").status == 200
    forged = ("A" if cursor[0] != "A" else "B") + cursor[1:]

    for wrong in (cursor, forged, "x", "15"):
        answer = north.agency.get(f"{path}?cursor={wrong}")
        assert (answer.status, answer.code, answer.pointers) == (400, "malformed", ["cursor"])


def test_another_agencys_cursor_acknowledges_nothing(sides: tuple[Side, Side]) -> None:
    north, south = sides
    cursor = south.agency.get("/feed").body["next_cursor"]

    answer = north.agency.post("/feed/ack", {"cursor": cursor})

    assert (answer.status, answer.code) == (400, "malformed")
    shelf = north.agency.machine.agencies.shelf("default")
    assert shelf.feed_state().acknowledged == 0


def test_a_report_under_anothers_id_is_a_report_of_ones_own(sides: tuple[Side, Side]) -> None:
    north, south = sides
    place = f"/placements/{north.ids['placement_id'][0]}"
    body = {"id": "shared-1", "code": "note", "note": "Ours."}
    theirs = f"/placements/{south.ids['placement_id'][0]}"

    first = south.agency.post(f"{theirs}/activities", body | {"note": "Theirs."})
    second = north.agency.post(f"{place}/activities", body)

    assert [first.status, second.status] == [202, 202]
    report = north.agency.get("/reports/activity/shared-1")
    assert report.body["placement_id"] == north.ids["placement_id"][0]


def test_what_answers_agencies_names_no_account_and_no_port(project: Path) -> None:
    """The scope is structural: views and their flows know the shelf, and nothing to reach past it."""
    views = [
        path
        for path in (project / "chalicelib/api").glob("agency_*.py")
        if '"/agency/v1' in path.read_text()
    ]
    flows = list((project / "chalicelib/flows").glob("agency_side*.py"))

    assert (len(views), len(flows)) == (6, 2)  # feed, placements, reports, money, taking, docs
    for path in (*views, *flows):
        assert not re.search(r"\baccounts\b|\.ports\b|\bdeps\b|desk import Desk", path.read_text())

"""Whatever an agency asks or reports: no answer is our mistake, and none is undocumented.

As `test_fuzz` for finance: a short look in every run, `make fuzz` looks longer.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

import schemathesis
from chalicelib.api.csv_answers import CSV
from chalicelib.api.operation import AGENCY_OPERATIONS
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.api.agency_calls import AgencyApi, usd
from tests.api.client import WHY, Api
from tests.api.placing import placing
from tests.flows.machine import Machine
from tests.fuzz import tally
from tests.fuzz.checks import CHECKS
from tests.fuzz.steps import examples
from tests.fuzz.wsgi import Wsgi

Case = schemathesis.Case[Any]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
BY_ROUTE = {one.route: one for one in AGENCY_OPERATIONS}
STATES = ("offered", "active", "recall_pending", "returned")


def filled() -> tuple[AgencyApi, dict[str, list[str]]]:
    """An agency with a placement in each of some states, money, a remittance and reports."""
    machine = Machine()
    agency = AgencyApi(machine)
    places = []
    for number, state in enumerate(STATES):
        account_id = f"A{number}"
        placing(f"{account_id}-I1", machine=machine, account_id=account_id)
        finance = Api(machine)
        placed = finance.post(f"/v1/accounts/{account_id}/placements", {"currency": "USD"})
        place = placed.headers["Location"]
        finance.as_("approver", "bert").post(f"{place}/approve", WHY)
        places.append(place)
        agency.work()
        at = f"/placements/{place.rpartition('/')[2]}"
        if state != "offered":
            agency.post(f"{at}/accept", {"id": f"acc-{number}", "agency_reference": "N"})
            agency.work()
        if state == "active":
            paid = {"id": "P-2024-118", "received_on": "2024-03-18", "amount": usd(50_000)}
            agency.post(f"{at}/payments", paid)
            agency.work()
        if state == "recall_pending":
            finance.post(f"{place}/recall", WHY)
        if state == "returned":
            agency.post(f"{at}/return", {"id": "ret-1", "close_code": "not_found"})
        agency.work()
    ids = {
        "placement_id": [place.rpartition("/")[2] for place in places],
        "payment_id": ["P-2024-118", "P-9"],
        "remittance_id": ["R-2024-03"],
        "report_id": ["P-2024-118", "acc-1"],
        "kind": ["payment", "accept"],
    }
    line = {"placement_id": ids["placement_id"][1], "payment_id": "P-2024-118"}
    money = {"amount": usd(50_000), "commission": usd(0)}
    totals = {"collected": usd(50_000), "commission": usd(0), "paid": usd(50_000), "count": 1}
    remitted = {
        "id": "R-2024-03", "kind": "gross", "period_from": "2024-03-01", "currency": "USD",
        "period_until": "2024-03-31", "lines": [line | money], "totals": totals,
    }  # fmt: skip
    assert agency.post("/remittances", remitted).status == 202
    agency.work()
    return agency, ids


agency, ids = filled()
wsgi = Wsgi(agency.machine)
schema = schemathesis.openapi.from_wsgi("/agency/v1/openapi.json", wsgi)


@schema.given(random=st.randoms(use_true_random=False))
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
def test_no_question_of_an_agency_gets_an_answer_that_is_not_documented(
    case: Case, random: Random
) -> None:
    wsgi.begin()
    aim(case, random)
    token = agency.token if random.random() < 0.95 else "pdk_test_wrong"
    for _ in range(random.choice((1, 1, 2))):
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
        tally.ANSWERS[f"{case.method} {case.path}", answer.status_code] += 1


def aim(case: Case, random: Random) -> None:
    """Make most questions be about something that is there."""
    one = BY_ROUTE[f"{case.method} {case.path}"]
    for name in case.path_parameters or ():
        if random.random() < 0.9:
            case.path_parameters[name] = random.choice(ids[name])
    if one.body is not None and random.random() < 0.7:
        made: Any = case.body
        names = sorted(made) if isinstance(made, dict) and random.random() < 0.3 else []
        part = {name: made[name] for name in names[:1]}
        case.body = dict(random.choice(list(examples(one)))) | part
    if CSV in one.media_types and random.random() < 0.5:
        case.headers["Accept"] = CSV
    case.headers.pop("If-None-Match", None)
    if one.etag and random.random() < 0.5:
        first = agency_now().call("GET", case.formatted_path.removeprefix("/agency/v1"))
        case.headers["If-None-Match"] = first.headers.get("ETag", '"none"')


def agency_now() -> AgencyApi:
    """The agency on the machine as it is now."""
    now = AgencyApi.__new__(AgencyApi)
    now.machine, now.agency_id, now.token = wsgi.machine, agency.agency_id, agency.token
    return now

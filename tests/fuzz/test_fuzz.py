"""Whatever is asked, in any role: no answer is our mistake, and none is undocumented.

A short look in every run of the tests; `make fuzz` looks longer (FUZZ_EXAMPLES a route). Each
question begins at the same filled deployment, after some calls that work.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any
from urllib.parse import urlencode

import schemathesis
from chalicelib.api.csv_answers import CSV
from chalicelib.api.operation import Operation
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.api.client import Api
from tests.fuzz import tally
from tests.fuzz.aim import aimed, aimed_body
from tests.fuzz.checks import CHECKS
from tests.fuzz.ledger import known, let_it_wait
from tests.fuzz.steps import ABOUT, BY_ROUTE, WITH_A_BODY, call, etag_of, examples
from tests.fuzz.wsgi import Wsgi

Case = schemathesis.Case[Any]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "4"))
ALL = Api.roles
ROLES = (*[ALL] * 12, "viewer", "collector", "approver", "admin", "service", "agency", "")
filled = known()
wsgi = Wsgi(filled.machine)
schema = schemathesis.openapi.from_wsgi("/openapi.json", wsgi)


@schema.given(role=st.sampled_from(ROLES), random=st.randoms(use_true_random=False))
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
def test_no_question_gets_an_answer_that_is_not_documented(
    case: Case, role: str, random: Random
) -> None:
    wsgi.begin()
    for _ in range(random.choice((0, 0, 1, 3))):
        step = random.choice(WITH_A_BODY)
        call(step, filled, wsgi.machine, random.choice(list(examples(step))))
    aim(case, random)
    who = random.choice(("anna", "anna", "bert"))
    headers = {"Authorization": f"Bearer test {role} {who}"} if role else {}
    for _ in range(random.choice((1, 1, 2))):  # twice: the same key, or a thing done already
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        tally.ANSWERS[f"{case.method} {case.path}", answer.status_code] += 1


def aim(case: Case, random: Random) -> None:
    """Make most questions be about something that is there."""
    route = f"{case.method} {case.path}"
    best = {name: there[0] for name, there in filled.ids.items()} | ABOUT.get(route, {})
    for name in case.path_parameters or ():
        if random.random() < 0.9:
            case.path_parameters[name] = random.choice((best[name], *filled.ids[name]))
    if "/runs/" in route and random.random() < 0.5:
        let_it_wait(wsgi.machine)
    if BY_ROUTE[route].body is not None:
        case.body = aimed_body(route, case.body, filled, random)
    if case.query:
        case.query = aimed(dict(case.query), filled, random)
    if route.startswith("GET") and random.random() < 0.3:
        read_on(case)
    if random.random() < 0.8:
        put_headers(case, BY_ROUTE[route], random)


def put_headers(case: Case, one: Operation, random: Random) -> None:
    """Send what a caller sends who has read before, or who asks again."""
    case.headers.pop("If-Match", None)
    if one.matches and (etag := etag_of(wsgi.machine, case.formatted_path)):
        case.headers["If-Match"] = etag
    if one.method != "GET":
        case.headers["Idempotency-Key"] = random.choice(("once", "example"))
    elif CSV in one.media_types and random.random() < 0.5:
        case.headers["Accept"] = CSV


def read_on(case: Case) -> None:
    """Ask for the second page, where a list has one."""
    query = {**(case.query or {}), "limit": "1", "cursor": ""}
    first = Api(wsgi.machine).get(f"{case.formatted_path}?{urlencode(query)}")
    if first.status == 200 and first.headers["Content-Type"] == "application/json":
        case.query = query | {"cursor": first.body["next_cursor"] or ""}

"""Whatever is asked, in any role: no answer is our mistake, and none is undocumented.

A short look in every run of the tests; `make fuzz` looks longer (FUZZ_EXAMPLES a route).
"""

from __future__ import annotations

import os

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.flows.machine import Machine
from tests.fuzz.ledger import KNOWN, seeded
from tests.fuzz.wsgi import Wsgi

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
ROLES = ("viewer", "collector", "approver", "admin", "service", "agency", "")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_wsgi("/openapi.json", Wsgi(seeded(Machine())))


@schema.given(role=st.sampled_from(ROLES), place=st.integers(0, 7))
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
def test_no_question_gets_an_answer_that_is_not_documented(
    case: schemathesis.Case, role: str, place: int
) -> None:
    if case.path_parameters:
        for name in case.path_parameters:
            known = KNOWN.get(name, ())
            if place < 2 * len(known):  # else a made-up one stays
                case.path_parameters[name] = known[place % len(known)]
    headers = {"Authorization": f"Bearer test {role} anna"} if role else {}
    case.call_and_validate(headers=headers, checks=CHECKS)

"""Calls that work: each operation's examples, on the deployment that they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chalicelib.api.operation import OPERATIONS, Operation
from chalicelib.core.placements import placement_id
from chalicelib.flows.letter_text_shelf import version_of

from tests.api.client import Answered, Api
from tests.flows.machine import TODAY, Machine
from tests.fuzz.ledger import (
    DISPUTED,
    DRAFTED,
    FREE,
    PLACED,
    TEXT,
    UNSENT,
    Known,
    let_it_wait,
)

TEXT_VERSION = version_of("reminder", TEXT)
_ONE = "/v1/accounts/{account_id}/placements/{placement_id}"


def _placement(account_id: str, number: int) -> dict[str, str]:
    return {
        "account_id": account_id,
        "placement_id": placement_id(account_id, "USD", TODAY, number),
    }


# What an example is about where it is not the first of its kind: something in another state.
ABOUT = {
    f"GET {_ONE}": _placement(PLACED, 1),
    f"POST {_ONE}/submit": _placement(DRAFTED, 1),
    f"POST {_ONE}/approve": _placement(PLACED, 5),
    f"POST {_ONE}/decline": _placement(PLACED, 5),
    f"POST {_ONE}/suspend": _placement(PLACED, 1),
    f"POST {_ONE}/resume": _placement(PLACED, 2),
    f"POST {_ONE}/recall": _placement(PLACED, 1),
    f"POST {_ONE}/move_recall": _placement(PLACED, 3),
    f"POST {_ONE}/cancel_recall": _placement(PLACED, 3),
    f"POST {_ONE}/settlements/{{proposal_id}}/approve": _placement(PLACED, 4),
    f"POST {_ONE}/settlements/{{proposal_id}}/decline": _placement(PLACED, 4),
    "POST /v1/accounts/{account_id}/placements": {"account_id": DRAFTED},
    "POST /v1/accounts/{account_id}/invoices/{invoice_id}/deliver": {"invoice_id": UNSENT},
    "POST /v1/accounts/{account_id}/invoices/{invoice_id}/dispute/resolve": {
        "invoice_id": DISPUTED
    },
    "POST /v1/accounts/{account_id}/charges/{charge_id}/reinstate": {
        "charge_id": "R-2024-0031:late_fee_60:percent"
    },
    "POST /v1/accounts/{account_id}/legal_stops/end": {"account_id": FREE},
    "POST /v1/accounts/{account_id}/promises/{promise_id}/approve": {
        "account_id": FREE,
        "promise_id": "ptp_2024-03-18_01",
    },
    "POST /v1/accounts/{account_id}/reply_waiting/end": {"account_id": FREE},
    "POST /v1/accounts/{account_id}/resume": {"account_id": FREE},
    "PUT /v1/accounts/{account_id}/invoices/{invoice_id}": {"invoice_id": "R-2024-0070"},
    "PUT /v1/policies/{policy_id}": {"policy_id": "careful"},
    "POST /v1/policies/{policy_id}/simulate": {"policy_id": "careful"},
    "GET /v1/policies/{policy_id}/letter_texts/{language}/{text}/versions/{version}": {
        "version": TEXT_VERSION
    },
}
WITH_A_BODY = [one for one in OPERATIONS if one.body is not None]
BY_ROUTE = {one.route: one for one in OPERATIONS}


def path_of(one: Operation, known: Known) -> str:
    """Return an operation's path with ids of what is there."""
    ids = {name: values[0] for name, values in known.ids.items()} | ABOUT.get(one.route, {})
    return re.sub(r"{(\w+)}", lambda found: ids[found[1]], one.path)


def examples(one: Operation) -> Iterator[Any]:
    """Give the examples of an operation's body."""
    assert one.body is not None
    yield from one.body.model_json_schema().get("examples", [])


def call(one: Operation, known: Known, machine: Machine, body: Any) -> Answered:
    """Call as Anna, who may do all, and who has read what she changes."""
    anna = Api(machine)
    if one.path.startswith("/v1/runs/"):
        let_it_wait(machine)
    path = path_of(one, known)
    headers = {"Idempotency_Key": "example"}
    if one.matches and (etag := etag_of(machine, path)):
        headers |= {"If_Match": etag}
    return anna.call(one.method, path, body, **headers)


def etag_of(machine: Machine, path: str) -> str:
    """Return the ETag of what is there, "" for nothing."""
    return Api(machine).get(path).headers.get("ETag", "")

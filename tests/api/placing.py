"""An account that may be placed with an agency, and the agency."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.core.account import Case, Tried
from chalicelib.core.facts_placements import PlacementAct
from chalicelib.core.invoice import FinalNotice
from chalicelib.core.placement_moves import Move
from chalicelib.flows.ports_agency import Agency
from tests.api.client import WHY, Api
from tests.flows.machine import NOW, TODAY, Machine, invoice

AGENCY = "default"  # whom the standard policy names
PLACEMENTS = "/v1/accounts/A1/placements"
TRIED = Tried({"email": 3, "phone": 1}, frozenset({"jo"}), sales_owner=True)
DEMANDED = FinalNotice("A1:USD:2024-02-20", TODAY - timedelta(days=5), TODAY - timedelta(days=20))


def placing(*names: str, machine: Machine | None = None, account_id: str = "A1") -> Machine:
    """A machine whose account was warned about invoices of 1,000.00, by default two, and tried."""
    machine = machine or Machine()
    names = names or ("I1", "I2")
    machine.take_in(account_id, *(invoice(name, 100) for name in names))
    change(machine, account_id, *names)
    for number, name in enumerate((AGENCY, "south")):
        machine.agencies.put(Agency(name, f"Agency {number}", NOW))
    return machine


def change(machine: Machine, account_id: str, *names: str) -> None:
    """Let invoices have been in a final demand that came to nothing, and everybody been tried."""
    kept = machine.accounts.kept[account_id]
    there = kept.account.invoices
    warned = {name: replace(there[name], final_notices=(DEMANDED,)) for name in names}
    case = Case("case", TODAY - timedelta(days=90), tried=TRIED)
    kept.account = replace(kept.account, invoices=there | warned, case=case)


def proposed(api: Api, **changes: Any) -> str:
    """Propose all that may be placed; return the path of the placement."""
    answer = api.post(PLACEMENTS, {"currency": "USD", **changes})
    assert answer.status == 201, answer.text
    return answer.headers["Location"]


def offered(api: Api, **changes: Any) -> str:
    """Propose and approve, as two persons; return the path of the placement."""
    at = proposed(api, **changes)
    answer = api.as_("approver", "bert").post(f"{at}/approve", WHY)
    assert answer.status == 200, answer.text
    return at


def active(api: Api) -> str:
    """Let an agency work the placement; return its path."""
    at = offered(api)
    said(api, at, "accept", reference="NG-1")
    return at


def said(api: Api, at: str, move: Move, **more: Any) -> None:
    """Book what the agency says of a placement, as its worker does."""
    placement_id = at.rpartition("/")[2]
    api.machine.take_in("A1", PlacementAct(TODAY, placement_id, move, AGENCY, **more))

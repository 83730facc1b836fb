"""An agency: offered an account, it works it over HTTP with its key until the key is revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from chalicelib.core.account import Case, Tried
from chalicelib.core.invoice import FinalNotice
from chalicelib.flows.ports import Change
from local.agency_client import AgencyClient
from local.agency_demo import AgencyDemo, Finance
from local.http_json import Caller, RefusedCallError, over_http

from tests.flows.machine import TODAY, invoice
from tests.infra.story.customer import NEXT
from tests.infra.story.seller import Seller, good

AGENCY = "/v1/agencies/default"  # whom the policy names
ACCOUNT = "story-agency"
INVOICE_MINOR = 1_000_000
TRIED = Tried({"email": 3, "phone": 1}, frozenset({"jo"}), sales_owner=True)
DEMANDED = FinalNotice("final", TODAY - timedelta(days=5), TODAY - timedelta(days=20))


def tell(seller: Seller) -> None:
    """Enter the agency, place an account with it, and let it collect, remit and lose its key."""
    entered = {"name": "Northgate Collections", "email": "placements@northgate.example"}
    good(seller.admin.put(AGENCY, entered, If_None_Match="*"))
    a_key_opens_what_it_is_for(seller)
    warned_in_vain(seller, ACCOUNT, "AG1", "AG2")
    demo = demo_of(seller)

    where = demo.place(ACCOUNT)
    placement_id = where.rpartition("/")[2]
    key = demo.make_key("default")
    agency = demo.open_agency(str(key["token"]))
    demo.accept(agency, placement_id)
    demo.collect(agency, placement_id, NEXT)
    demo.pay_directly(agency, ACCOUNT, NEXT)
    demo.remit(agency, "default", NEXT)
    an_agency_sees_its_own_side_only(agency)
    what_was_left_half_written_is_finished(seller, agency, placement_id)
    demo.recall(agency, where, placement_id)
    demo.end_key(agency, "default", str(key["key_id"]))


def a_key_opens_what_it_is_for(seller: Seller) -> None:
    """One for reading reports nothing; revoked, it opens nothing at all."""
    key = good(seller.admin.post(f"{AGENCY}/keys", {"scopes": ["read"]}))
    agency = AgencyClient(Caller(over_http(seller.cloud.stack.api_url), key["token"]))
    assert agency.pull() == []
    assert agency.ask("plc_0").status == 404
    with pytest.raises(RefusedCallError, match="answered 403"):
        agency.report("plc_0", "accept", {"id": "a-1", "agency_reference": "N-1"})
    revoke = f"{AGENCY}/keys/{key['key_id']}/revoke"
    good(seller.admin.post(revoke, None, Idempotency_Key="revoke"))
    assert agency.ask("plc_0").status == 401


def warned_in_vain(seller: Seller, account_id: str, *names: str) -> None:
    """An account of which all stands for placing it: warned for the last time, everybody tried."""
    accounts = seller.stage.accounts
    seller.take_in(account_id, *(invoice(name, 100, INVOICE_MINOR) for name in names))
    loaded = accounts.load(account_id)
    warned = {
        name: replace(one, final_notices=(DEMANDED,))
        for name, one in loaded.account.invoices.items()
    }
    case = Case("case", TODAY - timedelta(days=90), tried=TRIED)
    accounts.commit(Change(loaded, replace(loaded.account, invoices=warned, case=case), None))


def demo_of(seller: Seller) -> AgencyDemo:
    """The demo's story, told on the deployed cloud."""
    people = {"collector": "dana", "approver": "sam", "admin": "kim", "service": "bank"}
    finance = Finance(*(seller.caller(name, role) for role, name in people.items()))
    api = seller.cloud.stack.api_url
    return AgencyDemo(
        finance, lambda token: AgencyClient(Caller(over_http(api), token)), seller.settle, print
    )


def an_agency_sees_its_own_side_only(agency: AgencyClient) -> None:
    for path in ("placements", "payments", "remittances", "feed"):
        assert agency.api.ask("GET", f"/agency/v1/{path}").status == 200
    assert agency.api.ask("GET", "/v1/accounts").status == 403


def what_was_left_half_written_is_finished(
    seller: Seller, agency: AgencyClient, placement_id: str
) -> None:
    """The worker that applies a report reads the account, and finishes what somebody left."""
    seller.leave_unfinished(ACCOUNT, invoice("AG3", 1))
    call = {"id": "act-2", "code": "contacted", "channel": "call", "note": "Will call again."}
    taken = agency.report(placement_id, "activities", call)
    seller.settle()
    agency.outcome(taken)

"""An agency at the deployed API, by the demo's client: its key opens its own side, until it ends."""

from __future__ import annotations

import pytest
from local.agency_client import AgencyClient
from local.cloud.machine import LocalCloud
from local.http_json import Caller, RefusedCallError, over_http
from local.token_signer import Signer

from tests.infra.http_api import Person

pytestmark = pytest.mark.emulator
PLACE = "/v1/agencies/http-north"


def test_a_key_opens_the_agencys_own_side_until_it_is_revoked(
    cloud: LocalCloud, signer: Signer
) -> None:
    admin = Person(cloud, signer, "kim", ("admin",))
    made = admin.put(PLACE, {"name": "Northgate Collections"}, If_None_Match="*")
    assert made.status == 201, made.text
    key = admin.post(f"{PLACE}/keys", {"scopes": ["read"]}).body
    agency = AgencyClient(Caller(over_http(cloud.stack.api_url), key["token"]))

    assert agency.pull() == []
    assert agency.ask("plc_0").status == 404
    assert agency.api.ask("GET", "/v1/accounts").status == 403
    with pytest.raises(RefusedCallError, match="answered 403"):
        agency.report("plc_0", "accept", {"id": "a-1", "agency_reference": "N-1"})

    revoked = admin.post(f"{PLACE}/keys/{key['key_id']}/revoke", None, Idempotency_Key="revoke")
    assert revoked.status == 200, revoked.text
    assert agency.ask("plc_0").status == 401

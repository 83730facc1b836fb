"""An agency as its own API sees it: with a key of its own, over memory, and its worker."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.flows.api_keys import SCOPES, ApiKey, ApiKeys
from tests.api.client import Answered, Api
from tests.api.placing import active, offered, placing
from tests.flows.machine import Machine
from tests.workers.deployment import FakeDeployment

USD = "USD"


def usd(amount_minor: int) -> dict[str, Any]:
    """An amount as the API has it."""
    return {"amount_minor": amount_minor, "currency": USD}


def keys_of(machine: Machine, stage: str = "test") -> ApiKeys:
    """The keys of a machine's stage."""
    return ApiKeys(machine.keys, stage, secrets.token_bytes)


def new_key(
    machine: Machine,
    agency_id: str,
    scopes: Sequence[str] = SCOPES,
    life: timedelta = timedelta(days=90),
    now: datetime | None = None,
) -> tuple[str, ApiKey]:
    """Make a key of an agency; return its token, and what is kept."""
    return keys_of(machine).create(
        roles=("agency",),
        owner="anna",
        now=now or machine.clock.now(),
        life=life,
        agency_id=agency_id,
        scopes=scopes,
    )


@dataclass
class AgencyApi:
    """Calls of one agency. `work` lets the worker do what waits, as it does within a minute."""

    machine: Machine
    agency_id: str = "default"
    scopes: Sequence[str] = SCOPES
    token: str = field(init=False)
    key: ApiKey = field(init=False)

    def __post_init__(self) -> None:
        self.token, self.key = new_key(self.machine, self.agency_id, self.scopes)

    def get(self, path: str, **headers: str) -> Answered:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answered:
        return self.call("POST", path, body, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        sent = {"Authorization": f"Bearer {self.token}", "Idempotency_Key": "", **headers}
        return Api(self.machine, roles="").call(method, f"/agency/v1{path}", body, **sent)

    def work(self) -> None:
        FakeDeployment(self.machine).agency(self.agency_id)

    def types(self) -> list[str]:
        """The types of all events of the feed, in order."""
        return [one["type"] for one in self.get("/feed?limit=200").body["data"]]


def with_offer(agency_id: str = "default") -> tuple[AgencyApi, str]:
    """An agency that is offered an account's two invoices; and the placement's id."""
    machine = placing()
    place = offered(Api(machine), agency=agency_id)
    agency = AgencyApi(machine, agency_id)
    agency.work()
    return agency, place.rpartition("/")[2]


def with_work() -> tuple[AgencyApi, str]:
    """An agency that works an account's two invoices; and the placement's id."""
    machine = placing()
    place = active(Api(machine))
    agency = AgencyApi(machine)
    agency.work()
    return agency, place.rpartition("/")[2]

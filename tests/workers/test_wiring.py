"""The real wiring: what is built from the settings, without a call to AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from chalicelib import wiring
from chalicelib.flows.ports import RunState
from chalicelib.mail.sandbox import SandboxMailer
from chalicelib.wiring_mail import mailer, send, tell_news
from chalicelib.wiring_ports import Ports
from tests.flows.machine import Machine
from tests.workers.deployment import SETTINGS, FakeDeployment, FakePorts

LATE = datetime(2024, 3, 18, 23, 30, tzinfo=UTC)


def test_a_run_has_the_day_of_the_sellers_zone() -> None:
    assert wiring.Machine(SETTINGS).run_date(LATE) == date(2024, 3, 19)


def test_outside_production_every_letter_goes_to_the_sandbox() -> None:
    assert isinstance(mailer(SETTINGS), SandboxMailer)
    assert isinstance(mailer(replace(SETTINGS, stage="prod")), SandboxMailer)


def test_outside_production_news_for_customer_service_goes_to_the_sandbox_too() -> None:
    assert isinstance(tell_news(FakePorts(Machine())).mailer, SandboxMailer)


def test_a_message_is_for_a_notice_or_for_news_by_its_id() -> None:
    ports = FakePorts(Machine())

    assert send(ports, "A1", "credit_news/A1/7") == {"news_nothing_to_do": 1}
    assert send(ports, "A1", "A1:USD:2024-03-18") == {"mail_nothing_to_do": 1}


def test_outside_production_facts_have_the_day_of_the_last_run() -> None:
    machine = Machine()
    machine.registry.put_run(RunState(date(2023, 1, 5), "running", 3))

    assert FakePorts(machine).day_of(LATE) == date(2023, 1, 5)


def test_in_production_facts_have_their_own_day() -> None:
    values = replace(SETTINGS, stage="prod", production_account_id=SETTINGS.account_id)
    ports = Ports(values, lambda: LATE, lambda: 0.0)

    assert ports.day_of(LATE) == date(2024, 3, 19)


def test_the_handlers_use_what_they_are_given() -> None:
    deployment = FakeDeployment(Machine())

    with wiring.using(deployment):
        assert wiring.deps() is deployment


LOADED = """
import json, sys
from chalicelib.workers import {worker}
from chalicelib import wiring, {parts}
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    ("worker", "parts", "never"),
    [
        ("sweep", "wiring_run", {"jinja2", "babel", "pydantic"}),
        ("work", "wiring_run", {"jinja2", "babel", "pydantic"}),
        ("mail_events", "wiring_events", {"jinja2", "babel", "pydantic"}),
        ("reconcile", "wiring_events", {"jinja2", "babel", "pydantic"}),
        ("report", "wiring_read", {"jinja2", "babel", "pydantic"}),
    ],
)
def test_a_worker_loads_its_own_part_only(
    project: Path, worker: str, parts: str, never: set[str]
) -> None:
    code = LOADED.format(worker=worker, parts=parts)

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )

    assert never.isdisjoint(json.loads(done.stdout))

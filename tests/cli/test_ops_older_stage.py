"""`pastdue ops` on a stage that runs an older version: it is stopped and mended all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chalicelib.settings import MAY_BE_EMPTY, Settings, read_settings
from chalicelib.store.create import create_table
from chalicelib.store.tables import bind
from chalicelib.wiring import Machine
from chalicelib.wiring_ports import Ports
from local.ops.opened import OpenedStage, using
from moto import mock_aws

from tests.cli.command_line import Done, pastdue
from tests.fakes_mail import FakeQuota
from tests.fakes_sqs import FakeSqs
from tests.flows.machine import NOW
from tests.infra.test_settings import ENVIRONMENT

# What a stage is looked at and stopped with; every other setting may be newer than it.
NEEDED = {"stage", "account_id", "seller_zone", "table_name"}
NEWER = sorted(set(Settings.__slots__) - MAY_BE_EMPTY - NEEDED)


@pytest.fixture(scope="module")
def table() -> Iterator[None]:
    """A table as every version has it."""
    with mock_aws():
        create_table(bind(ENVIRONMENT["TABLE_NAME"]))
        yield


def on_older(lacking: set[str], *args: str) -> Done:
    """Run a command on a stage that is not told these settings."""
    told = {name: text for name, text in ENVIRONMENT.items() if name.lower() not in lacking}
    sqs = FakeSqs()
    sqs.put("pastdue-prod-mail-dead", "one")
    urls = {name: sqs.url(f"pastdue-prod-{name}") for name in ("mail", "mail-dead")}
    settings = read_settings(told, is_older=True)
    client = {"sqs": sqs, "secretsmanager": None}.__getitem__
    ports = Ports(settings, lambda: NOW, lambda: 0.0)
    ports.quota = FakeQuota()  # moto does not know how much an account may send
    stage = OpenedStage(Machine(settings, ports), "operator:anna", "", {}, urls, {}, client)
    with using(stage):
        return pastdue("ops", *args)


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("pause", "--reason", "wrong_figures", "--note", "Looking"),
        ("resume", "--yes"),
        ("dead-letters", "list", "mail"),
        ("replay", "mail", "--no-wait", "--yes"),
        ("keys", "list"),
    ],
    ids=lambda command: command[0],
)
@pytest.mark.usefixtures("table")
def test_a_stage_is_stopped_and_mended_with_what_it_has(command: tuple[str, ...]) -> None:
    done = on_older(set(NEWER), *command)

    assert (done.code, done.err) == (0, "")


@pytest.mark.usefixtures("table")
def test_what_an_older_stage_cannot_do_names_what_it_lacks() -> None:
    done = on_older({"secret_arn"}, "rotate-secret", "--yes")

    assert done.code == 2
    assert "an older version" in done.err
    assert "SECRET_ARN" in done.err

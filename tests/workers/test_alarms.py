"""A charge that a table's end stops is told at once, whoever booked it (R4.4)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from chalicelib.alarms import CHARGE_STOPPED, tell_alarms
from chalicelib.core.account import Account
from chalicelib.core.effects import ChargeStopped, StageApplied
from chalicelib.flows.ports import Change, Loaded
from chalicelib.store.create import create_table
from chalicelib.store.tables import bind
from chalicelib.telemetry import NAMESPACE, SERVICE
from chalicelib.wiring_ports import Ports
from moto import mock_aws
from tests.flows.machine import NOW, TODAY
from tests.workers.deployment import SETTINGS

STAGE = StageApplied(TODAY, "A1", "I1", "late_fee_30", 30)
DETAIL = 'the rate table "gb_bank_rate" has no rate for 2030-01-01: it is known from 2016 to 2026'


def stopped(invoice_id: str) -> ChargeStopped:
    return ChargeStopped(
        TODAY, "A1", f"{invoice_id}:late_fee_30:interest", invoice_id, "late_fee_30", "interest",
        "rate_unknown", DETAIL,
    )  # fmt: skip


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_stopped_charge_is_logged_by_its_ids_and_all_are_counted(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    tell_alarms([STAGE, stopped("I1"), stopped("I2")])

    lines = [vars(record) for record in caplog.records]
    assert [(line["levelname"], line["charge_id"], line["code"]) for line in lines] == [
        ("ERROR", "I1:late_fee_30:interest", "rate_unknown"),
        ("ERROR", "I2:late_fee_30:interest", "rate_unknown"),
    ]
    assert {(line["account_id"], line["detail"]) for line in lines} == {("A1", DETAIL)}
    metric = told(capsys)[-1]
    assert (metric[CHARGE_STOPPED], metric["service"]) == ([2.0], SERVICE)
    [declared] = metric["_aws"]["CloudWatchMetrics"]
    assert (declared["Namespace"], declared["Dimensions"]) == (NAMESPACE, [["service"]])


def test_without_a_stopped_charge_nothing_is_told(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    tell_alarms([STAGE])

    assert (caplog.records, told(capsys)) == ([], [])


def test_what_a_deployment_books_raises_the_alarm_once_it_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with mock_aws():
        create_table(bind(SETTINGS.table_name))
        accounts = Ports(SETTINGS, lambda: NOW, lambda: 0.0).accounts
        after = Account("A1", first_decided_on=date(2024, 3, 18))

        accounts.commit(Change(Loaded(Account("A1"), 0), after, None, effects=(stopped("I1"),)))

        assert accounts.load("A1").account == after
    assert [line for line in told(capsys) if CHARGE_STOPPED in line]

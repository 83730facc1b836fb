"""What fails is told by kind, code and place: never by what it was about."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from chalice.app import SQSEvent
from chalicelib.core.errors import LedgerFileError, UnavailableError
from chalicelib.log_lines import InvocationFailedError
from chalicelib.telemetry import logger
from chalicelib.workers.handler import invoked, queued
from tests.api.client import calling
from tests.api.test_authorizer import ask
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import Machine
from tests.workers.deployment import FakeDeployment
from tests.workers.logged import logged
from tests.workers.test_a_day import Context, messages

ADDRESS = "jane.poe@customer.example"
NAME = "Jane Poe"


def broken() -> Mapping[str, int]:
    """Fail as programs do: with what it was about in every message, note and cause."""
    try:
        try:
            raise LedgerFileError(f"{NAME} has no terms")
        except LedgerFileError as error:
            error.add_note(f"read for {ADDRESS}")
            raise ValueError(f"{NAME} <{ADDRESS}>") from error
    except ValueError:
        nothing: dict[str, int] = {}
        return {ADDRESS: nothing[ADDRESS]}


@invoked
def scheduled(event: Mapping[str, Any]) -> Mapping[str, int]:
    return broken()


@queued
def fed(body: str) -> Mapping[str, int]:
    return broken()


@invoked
def unavailable(event: Mapping[str, Any]) -> Mapping[str, int]:
    raise UnavailableError(f"the table did not take {ADDRESS}")


class Broken:
    """A ledger that fails, whatever is asked of it once it is in use."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        self.kept = accounts.kept

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **named: broken()


def assert_nothing_of_it(text: str) -> None:
    for word in (ADDRESS, NAME, "jane", "Jane", "customer.example"):
        assert word not in text


def test_a_crash_is_told_by_kind_code_and_place_down_to_its_first_cause() -> None:
    with logged() as lines, pytest.raises(InvocationFailedError):
        scheduled({}, Context())

    [line] = lines
    assert (line["message"], line["code"], line["exception_name"]) == (
        "scheduled failed", "KeyError", "KeyError",
    )  # fmt: skip
    told = [(one["type"], one["module"], one["code"]) for one in line["stack_trace"]]
    assert told == [
        ("KeyError", "builtins", ""),
        ("ValueError", "builtins", ""),
        ("LedgerFileError", "chalicelib.core.errors", "invalid_ledger_file"),
    ]
    places = line["stack_trace"][0]["frames"]
    assert [set(place) for place in places] == [{"file", "line", "function"}] * len(places)
    assert places[-1]["function"] == "broken"
    assert_nothing_of_it(json.dumps(lines))


def test_the_runtime_is_left_nothing_to_print() -> None:
    with pytest.raises(InvocationFailedError) as left:
        scheduled({}, Context())

    assert str(left.value) == "scheduled failed: KeyError"
    assert (left.value.__cause__, left.value.__context__) == (None, None)
    assert_nothing_of_it("".join(traceback.format_exception(left.value)))


def test_an_error_of_ours_reaches_the_runtime_as_its_code() -> None:
    with logged() as lines, pytest.raises(InvocationFailedError) as left:
        unavailable({}, Context())

    assert str(left.value) == "unavailable failed: unavailable"
    assert_nothing_of_it(json.dumps(lines) + "".join(traceback.format_exception(left.value)))


def test_a_message_that_fails_comes_back_and_its_lines_say_nothing_of_it() -> None:
    with logged() as lines:
        context: Any = Context()
        answer = fed(SQSEvent(messages("{}"), context))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert [line["message"] for line in lines] == ["fed failed"]
    assert_nothing_of_it(json.dumps(lines))


def test_a_view_that_fails_says_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    machine = Machine()
    machine.accounts = Broken(machine.accounts)  # type: ignore[assignment]  # it fails

    with calling(machine) as api, logged() as lines:
        answered = api.get("/v1/accounts/A1")

    assert answered.status == 500
    assert [line["message"] for line in lines] == ["a view failed"]
    assert lines[0]["exception_name"] == "KeyError"
    assert_nothing_of_it(json.dumps(lines) + answered.text)
    assert_nothing_of_it(capsys.readouterr().out)


def test_an_authorizer_that_fails_leaves_the_runtime_its_code_alone() -> None:
    class Deaf(FakeDeployment):
        def authorize(self, token: str) -> Mapping[str, str]:
            raise UnavailableError(f"no answer about {ADDRESS}")

    with logged() as lines, pytest.raises(InvocationFailedError) as left:
        ask("Bearer test viewer anna", Deaf(Machine()))

    assert str(left.value) == "authz failed: unavailable"
    assert [line["message"] for line in lines] == ["authz failed"]
    assert_nothing_of_it(json.dumps(lines) + "".join(traceback.format_exception(left.value)))


def test_what_aws_refused_is_told_by_its_code() -> None:
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": ADDRESS}}, "PutItem")

    with logged() as lines:
        try:
            raise refused
        except ClientError:
            logger.exception("it failed")

    assert [one["code"] for one in lines[0]["stack_trace"]] == ["AccessDenied"]
    assert_nothing_of_it(json.dumps(lines))

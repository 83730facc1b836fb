"""`pastdue simulate` over promises to pay and payment plans: what was agreed, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.cli.command_line import invoices, pastdue, write

SPAN = ("--from", "2024-03-01", "--to", "2024-06-14")
LEDGER = tuple(
    f"{account},{account}1,2024-01-18,2024-02-17,USD,1000.00"
    for account in ("KEEPS", "BREAKS", "PAYS", "MISSES")
)
PAID = {"KEEPS": ["2024-03-08 1000.00"]}
PAID["PAYS"] = ["2024-03-05 100.00", "2024-04-01 300.00", "2024-04-30 300.00", "2024-05-31 300.00"]
PAID["MISSES"] = ["2024-03-15 150.00"]


def line(on: str, account: str, kind: str, **values: object) -> str:
    return json.dumps({"on": on, "account_id": account, "kind": kind, **values})


def promised(on: str, account: str, amount: str, by: str) -> str:
    return line(on, account, "promise", amount=amount, currency="USD", by=by)


PLAN: Mapping[str, object] = {"currency": "USD", "count": 3}
FACTS = (
    promised("2024-03-01", "KEEPS", "1000.00", "2024-03-08"),
    promised("2024-03-01", "BREAKS", "500.00", "2024-03-04"),
    promised("2024-03-11", "BREAKS", "500.00", "2024-03-13"),
    promised("2024-03-20", "BREAKS", "500.00", "2024-03-28"),
    promised("2024-04-02", "BREAKS", "500.00", "2024-04-20"),
    line("2024-04-04", "BREAKS", "promise_approved", promise_id="ptp_2024-04-02_01"),
    line("2024-04-10", "BREAKS", "promise_withdrawn", promise_id="ptp_2024-04-02_01"),
    line("2024-03-05", "PAYS", "plan", every="monthly", first_on="2024-03-31",
         down_payment="100.00", **PLAN),
    line("2024-03-05", "MISSES", "plan", every="weekly", first_on="2024-03-15", **PLAN),
)  # fmt: skip


@pytest.fixture(scope="module")
def effects(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What `effects.jsonl` says."""
    folder = tmp_path_factory.mktemp("agreements")
    rows = ["payment_id,account_id,received_on,currency,amount"]
    for account, paid in PAID.items():
        for number, said in enumerate(paid):
            on, amount = said.split()
            rows.append(f"{account}-{number},{account},{on},USD,{amount}")
    done = pastdue(
        "simulate",
        "--invoices",
        invoices(folder, *LEDGER),
        "--payments",
        write(folder, "payments.csv", "\n".join(rows) + "\n"),
        "--facts",
        write(folder, "facts.jsonl", "\n".join(FACTS) + "\n"),
        *SPAN,
        "--out",
        folder / "out",
    )
    assert done.code == 0, done.err
    written = (folder / "out/effects.jsonl").read_text(encoding="utf-8")
    return [json.loads(row) for row in written.splitlines()]


def told(effects: list[dict[str, Any]], account: str, *kinds: str) -> Iterator[tuple[Any, ...]]:
    """What of these kinds an account had: the day, how it ended or stood, and the figures."""
    for effect in effects:
        if effect["account_id"] == account and effect["kind"] in kinds:
            how = effect.get("outcome") or effect.get("state") or effect.get("number")
            yield (effect["on"], how, effect.get("received_minor", effect["amount_minor"]))


def of_kind(effects: list[dict[str, Any]], account: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in effects if one["account_id"] == account and one["kind"] == kind]


def test_a_promise_is_kept(effects: list[dict[str, Any]]) -> None:
    assert of_kind(effects, "KEEPS", "promise") == [
        {
            "on": "2024-03-08", "account_id": "KEEPS", "kind": "promise",
            "id": "ptp_2024-03-01_01", "outcome": "kept", "amount_minor": 100_000,
            "received_minor": 100_000, "currency": "USD",
        }
    ]  # fmt: skip
    assert of_kind(effects, "KEEPS", "stage") == []


def test_promises_are_broken_and_then_one_needs_approval_and_is_withdrawn(
    effects: list[dict[str, Any]],
) -> None:
    assert list(told(effects, "BREAKS", "promise")) == [
        ("2024-03-07", "broken", 0),
        ("2024-03-16", "broken", 0),
        ("2024-03-31", "not_approved", 0),
        ("2024-04-10", "withdrawn", 0),
    ]
    reviews = [one["on"] for one in of_kind(effects, "BREAKS", "task") if "promise:" in one["id"]]
    assert reviews == ["2024-03-20", "2024-04-02"]


def test_a_plan_is_kept_to_its_end(effects: list[dict[str, Any]]) -> None:
    assert list(told(effects, "PAYS", "plan", "instalment_missed")) == [
        ("2024-03-05", "active", 100_000),
        ("2024-05-31", "completed", 0),
    ]
    notices = [one["notice"] for one in of_kind(effects, "PAYS", "notice")]
    assert (notices[-2:], of_kind(effects, "PAYS", "charge")) == (
        ["plan_agreed", "plan_completed"], [],
    )  # fmt: skip


def test_a_missed_instalment_breaks_a_plan_and_dunning_goes_on(
    effects: list[dict[str, Any]],
) -> None:
    assert list(told(effects, "MISSES", "instalment_missed", "plan")) == [
        ("2024-03-05", "active", 100_000),
        ("2024-03-19", 1, 18_334),
        ("2024-03-19", "broken", 85_000),
    ]
    later = [
        one["stage"] for one in of_kind(effects, "MISSES", "stage") if one["on"] >= "2024-03-19"
    ]
    assert later == ["late_fee_30", "late_fee_60", "final_demand"]

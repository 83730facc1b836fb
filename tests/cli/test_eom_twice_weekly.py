"""`pastdue simulate --policy eom-twice-weekly`: invoices that do not say when they are due (R6.4)."""

import json
from pathlib import Path
from typing import Any

from tests.cli.command_line import pastdue, write

LEDGER = """account_id,invoice_id,issued_on,currency,amount
A1,I1,2026-06-10,USD,1000.00
A2,I2,2026-07-20,USD,500.00
"""
SPAN = ("--from", "2026-06-01", "--to", "2026-09-04")
EOM = ("--policy", "eom-twice-weekly")


def effects(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "effects.jsonl").read_text().splitlines()]


def test_the_policys_terms_its_letters_and_its_cases_are_in_the_effects(tmp_path: Path) -> None:
    ledger = write(tmp_path, "invoices.csv", LEDGER)
    done = pastdue("simulate", "--invoices", ledger, *SPAN, *EOM, "--out", tmp_path / "out")

    told = effects(tmp_path / "out")
    opened = [(e["on"], e["id"]) for e in told if e["kind"] == "case_opened"]
    letters = [e["on"] for e in told if e["kind"] == "notice" and e["account_id"] == "A2"]
    assert done.code == 0
    assert opened == [("2026-08-04", "A1-C1"), ("2026-09-01", "A2-C1")]
    assert letters == ["2026-09-01", "2026-09-03"]


def test_beside_a_policy_without_terms_each_reads_the_ledger_its_own_way(tmp_path: Path) -> None:
    """`standard` refuses a row without a due date and terms; the exit code says so."""
    with_one_due = LEDGER.replace("currency", "due_on,currency").replace(
        "2026-06-10,", "2026-06-10,2026-07-10,"
    )
    ledger = write(tmp_path, "invoices.csv", with_one_due.replace("07-20,", "07-20,,"))
    both = (*EOM, "--policy", "standard")
    done = pastdue(
        "simulate", "--invoices", ledger, *SPAN, *both, "--out", tmp_path / "out", "--json"
    )

    accounts = {
        policy: {e["account_id"] for e in effects(tmp_path / "out" / policy)}
        for policy in ("eom-twice-weekly", "standard")
    }
    assert done.code == 1
    assert accounts == {"eom-twice-weekly": {"A1", "A2"}, "standard": {"A1"}}
    assert [row["column"] for row in done.document["ledger"]["refused"]] == ["due_on"]
    assert "With the terms eom+30:" in done.err


def test_a_ledger_that_says_when_all_is_due_is_read_once_for_all_policies(tmp_path: Path) -> None:
    due = LEDGER.replace("currency", "due_on,currency").replace(",USD", ",2026-08-30,USD")
    ledger = write(tmp_path, "invoices.csv", due)
    done = pastdue("simulate", "--invoices", ledger, *SPAN, *EOM, "--policy", "standard")

    assert done.code == 0
    assert done.err.count("2 rows, 2 taken") == 1
    assert "terms" not in done.err

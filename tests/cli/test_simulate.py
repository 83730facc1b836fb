"""`pastdue simulate`: files in, effects and a summary out."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.command_line import invoices, pastdue, write

SPAN = ("--from", "2024-03-01", "--to", "2024-05-31")
# 1.5% of USD 10,000.00 is 150.00. Monday 18 March is day 30; the reminder of 4 March announced it.
# Statements go on Mondays; on 1 April the weekly and the monthly one are one.
TINY = ("A1,I1,2024-01-18,2024-02-17,USD,10000.00",)
TINY_PAYMENTS = "payment_id,account_id,received_on,currency,amount,invoice_ids\n"
EXPECTED = """\
{"on": "2024-03-04", "account_id": "A1", "kind": "case_opened", "id": "A1-C1"}
{"on": "2024-03-04", "account_id": "A1", "kind": "notice", "id": "A1:USD:2024-03-04", "notice": \
"reminder", "stage": "reminder", "currency": "USD", "invoice_ids": ["I1"], "past_due_minor": 1000000}
{"on": "2024-03-04", "account_id": "A1", "kind": "stage", "invoice_id": "I1", "stage": "reminder"}
{"on": "2024-03-04", "account_id": "A1", "kind": "statement", "id": "A1:USD:statement:2024-03-04", \
"currency": "USD", "open_minor": 1000000, "past_due_minor": 1000000}
{"on": "2024-03-11", "account_id": "A1", "kind": "statement", "id": "A1:USD:statement:2024-03-11", \
"currency": "USD", "open_minor": 1000000, "past_due_minor": 1000000}
{"on": "2024-03-18", "account_id": "A1", "kind": "charge", "id": "I1:late_fee_30:percent", \
"invoice_id": "I1", "stage": "late_fee_30", "charge": "percent", "amount_minor": 15000, \
"currency": "USD", "capped_by": null}
{"on": "2024-03-18", "account_id": "A1", "kind": "notice", "id": "A1:USD:2024-03-18", "notice": \
"late_fee", "stage": "late_fee_30", "currency": "USD", "invoice_ids": ["I1"], \
"past_due_minor": 1015000}
{"on": "2024-03-18", "account_id": "A1", "kind": "stage", "invoice_id": "I1", "stage": "late_fee_30"}
{"on": "2024-03-18", "account_id": "A1", "kind": "statement", "id": "A1:USD:statement:2024-03-18", \
"currency": "USD", "open_minor": 1015000, "past_due_minor": 1015000}
{"on": "2024-03-18", "account_id": "A1", "kind": "task", "id": "A1:call", "task": "call", \
"due_on": "2024-03-19", "assignee": "manager", "part": "am"}
{"on": "2024-03-25", "account_id": "A1", "kind": "statement", "id": "A1:USD:statement:2024-03-25", \
"currency": "USD", "open_minor": 1015000, "past_due_minor": 1015000}
{"on": "2024-04-01", "account_id": "A1", "kind": "statement", "id": "A1:USD:statement:2024-04-01", \
"currency": "USD", "open_minor": 1015000, "past_due_minor": 1015000}
{"on": "2024-04-02", "account_id": "A1", "kind": "hold_placed", "reason": "oldest_days_past_due"}
{"on": "2024-04-08", "account_id": "A1", "kind": "statement", "id": "A1:USD:statement:2024-04-08", \
"currency": "USD", "open_minor": 1015000, "past_due_minor": 1015000}
{"on": "2024-04-10", "account_id": "A1", "kind": "case_closed", "id": "A1-C1"}
{"on": "2024-04-10", "account_id": "A1", "kind": "charge_reversed", "id": "I1:late_fee_30:percent", \
"invoice_id": "I1", "amount_minor": 15000, "currency": "USD", "because": "value_date"}
{"on": "2024-04-10", "account_id": "A1", "kind": "hold_released", "reason": "oldest_days_past_due"}
{"on": "2024-04-10", "account_id": "A1", "kind": "task_closed", "id": "A1:call", "task": "call", \
"because": "nothing_to_ask"}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[str | Path, ...]:
    """A worked example: one invoice, paid on 18 March and booked on 10 April."""
    row = "P1,A1,2024-03-18,USD,10000.00,I1\n"
    header = TINY_PAYMENTS.replace("received_on", "received_on,booked_on")
    paid = header + row.replace("2024-03-18", "2024-03-18,2024-04-10")
    return (
        "--invoices",
        invoices(tmp_path, *TINY),
        "--payments",
        write(tmp_path, "payments.csv", paid),
    )


def test_a_worked_example_comes_out_byte_by_byte(
    tmp_path: Path, tiny: tuple[str | Path, ...]
) -> None:
    done = pastdue("simulate", *tiny, *SPAN, "--out", tmp_path / "out")

    assert done.code == 0
    assert (tmp_path / "out/effects.jsonl").read_bytes() == EXPECTED.encode()


def test_the_summary_has_the_checksum_of_the_effects(
    tmp_path: Path, tiny: tuple[str | Path, ...]
) -> None:
    pastdue("simulate", *tiny, *SPAN, "--out", tmp_path / "out")

    content = (tmp_path / "out/effects.jsonl").read_bytes()
    summary = json.loads((tmp_path / "out/summary.json").read_text())["policies"]["standard"]
    assert summary["sha256"] == hashlib.sha256(content).hexdigest()
    assert sorted(summary["sha256_by_month"]) == ["2024-03", "2024-04"]


def test_several_policies_stand_side_by_side_with_a_folder_each(
    tmp_path: Path, tiny: tuple[str | Path, ...]
) -> None:
    policies = ("--policy", "standard", "--policy", "rapid")
    done = pastdue("simulate", *tiny, *SPAN, *policies, "--out", tmp_path / "out")

    assert done.code == 0
    assert (tmp_path / "out/standard/effects.jsonl").read_bytes() == EXPECTED.encode()
    assert (tmp_path / "out/rapid/effects.jsonl").read_bytes() != EXPECTED.encode()
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert list(summary["policies"]) == ["standard", "rapid"]
    heading = next(line for line in done.out.splitlines() if "stage or reason" in line)
    assert heading.split()[-2:] == ["standard", "rapid"]


def test_json_is_alone_on_standard_output_and_holds_the_summary(
    tmp_path: Path, tiny: tuple[str | Path, ...]
) -> None:
    done = pastdue("simulate", *tiny, *SPAN, "--out", tmp_path / "out", "--json")

    assert done.code == 0
    written = json.loads((tmp_path / "out/summary.json").read_text())
    assert done.document["policies"] == written["policies"]
    assert done.document["ledger"]["accounts"] == 1


def test_without_an_output_folder_nothing_is_written(
    tmp_path: Path, tiny: tuple[str | Path, ...]
) -> None:
    before = sorted(tmp_path.rglob("*"))

    assert pastdue("simulate", *tiny, *SPAN).code == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_a_refused_row_is_listed_the_rest_is_simulated_and_the_code_is_1(tmp_path: Path) -> None:
    file = invoices(tmp_path, *TINY, "A2,I2,2024-02-30,2024-03-30,USD,5.00")
    done = pastdue("simulate", "--invoices", file, *SPAN, "--out", tmp_path / "out", "--json")

    assert done.code == 1
    [refused] = done.document["ledger"]["refused"]
    assert (refused["line"], refused["column"]) == (3, "issued_on")
    assert "2024-02-30" in done.err
    assert b"late_fee_30" in (tmp_path / "out/effects.jsonl").read_bytes()


def test_strict_refuses_the_whole_ledger_and_writes_nothing(tmp_path: Path) -> None:
    file = invoices(tmp_path, *TINY, "A2,I2,2024-02-30,2024-03-30,USD,5.00")
    done = pastdue("simulate", "--invoices", file, *SPAN, "--out", tmp_path / "out", "--strict")

    assert done.code == 2
    assert f"{file} line 3, column issued_on" in done.err
    assert not (tmp_path / "out").exists()


def test_a_broken_csv_refuses_its_rows_by_line(tmp_path: Path) -> None:
    file = invoices(tmp_path, *TINY, "A2,I2", '"A3,I3,2024-01-01,2024-01-31,USD,5.00')
    done = pastdue("simulate", "--invoices", file, *SPAN, "--json")

    assert done.code == 1
    refused = [(row["line"], row["code"]) for row in done.document["ledger"]["refused"]]
    assert refused == [(3, "too_few_cells"), (4, "unclosed_quote")]


def test_a_wrong_encoding_is_said_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "invoices.csv"
    file.write_bytes(b"account_id,invoice_id\nM\xfcller,I1\n")
    done = pastdue("simulate", "--invoices", file, *SPAN)

    assert done.code == 2
    assert f"{file} line 2: is not UTF-8" in done.err


def test_a_duplicate_id_with_other_content_is_a_conflict_and_the_first_stays(
    tmp_path: Path,
) -> None:
    file = invoices(tmp_path, *TINY, TINY[0].replace("10000.00", "20000.00"))
    done = pastdue("simulate", "--invoices", file, *SPAN, "--json")

    assert done.code == 1
    assert [row["code"] for row in done.document["ledger"]["refused"]] == ["conflict"]
    [charge] = [row for row in done.document["policies"]["standard"]["counts"]
                if row["kind"] == "charge" and row["by"] == "late_fee_30"]  # fmt: skip
    assert charge["amount_minor"] == 15000


def test_update_lets_the_later_row_win(tmp_path: Path) -> None:
    file = invoices(tmp_path, *TINY, TINY[0].replace("10000.00", "20000.00"))
    done = pastdue("simulate", "--invoices", file, *SPAN, "--json", "--update")

    assert done.code == 0
    [charge] = [row for row in done.document["policies"]["standard"]["counts"]
                if row["kind"] == "charge" and row["by"] == "late_fee_30"]  # fmt: skip
    assert charge["amount_minor"] == 30000


def test_an_unknown_currency_refuses_its_row(tmp_path: Path) -> None:
    file = invoices(tmp_path, *TINY, "A2,I2,2024-01-01,2024-01-31,USX,5.00")
    done = pastdue("simulate", "--invoices", file, *SPAN, "--json")

    assert done.code == 1
    [refused] = done.document["ledger"]["refused"]
    assert (refused["line"], refused["column"]) == (3, "currency")


def test_every_fault_of_a_policy_is_said_at_once(tmp_path: Path) -> None:
    policy = write(tmp_path, "mine.toml", FIVE_FAULTS)
    file = invoices(tmp_path, *TINY)
    done = pastdue("simulate", "--invoices", file, *SPAN, "--policy", policy, "--json")

    assert done.code == 2
    assert len(done.document["error"]["faults"]) == 5
    assert all(str(policy) in fault["where"] for fault in done.document["error"]["faults"])


FIVE_FAULTS = """\
id = "mine"
currencies = ["USD", "XXZ"]
descripton = "misspelt key"

[aging]
edges = [60, 30]

[[stages]]
id = "reminder"
days = 0

[dunning]
catch_up = "jumps"
"""

WRONG_ARGUMENTS = [
    (("--from", "2024-02-30", "--to", "2024-03-31"), "2024-02-30 is no day of the calendar"),
    (("--from", "March", "--to", "2024-03-31"), "'March' is no date"),
    (("--from", "2024-04-01", "--to", "2024-03-31"), "is after --to"),
    (("--from", "2000-01-01", "--to", "2024-03-31"), "3,660 at most"),
    (("--from", "2024-01-01"), "Missing option '--to'"),
    ((*SPAN, "--policy", "standrad"), 'did you mean "standard"?'),
    ((*SPAN, "--policy", "standard", "--policy", "standard"), 'has the id "standard"'),
    ((*SPAN, "--payments", "nowhere.csv"), "nowhere.csv"),
    ((*SPAN, "--map", "nowhere.toml"), "nowhere.toml cannot be read: no such file"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_ARGUMENTS)
def test_wrong_arguments_are_said_in_words_and_change_nothing(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    file = invoices(tmp_path, *TINY)
    done = pastdue("simulate", "--invoices", file, *arguments, "--out", tmp_path / "out")

    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()


def test_a_wrong_argument_is_a_json_document_for_programs(tmp_path: Path) -> None:
    file = invoices(tmp_path, *TINY)
    done = pastdue("simulate", "--invoices", file, "--json", *WRONG_ARGUMENTS[0][0])

    assert done.code == 2
    assert done.document["error"]["code"] == "wrong_arguments"


def test_an_output_folder_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    blocked = write(tmp_path, "taken", "a file stands here")
    file = invoices(tmp_path, *TINY)
    done = pastdue("simulate", "--invoices", file, *SPAN, "--out", blocked / "out")

    assert done.code == 2
    assert f"cannot write to {blocked / 'out'}" in done.err
    assert blocked.read_text() == "a file stands here"


def test_an_earlier_result_stays_when_the_next_run_is_refused(
    tmp_path: Path, tiny: tuple[str | Path, ...]
) -> None:
    pastdue("simulate", *tiny, *SPAN, "--out", tmp_path / "out")
    bad = write(tmp_path, "bad.csv", "account_id\n")
    done = pastdue("simulate", "--invoices", bad, *SPAN, "--out", tmp_path / "out")

    assert done.code == 2
    assert (tmp_path / "out/effects.jsonl").read_bytes() == EXPECTED.encode()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "effects.jsonl",
        "summary.json",
    ]


def test_names_that_could_steer_a_terminal_are_shown_harmless(tmp_path: Path) -> None:
    file = invoices(tmp_path, "A1,\x1b[31mI1,2024-01-18,2024-02-31,USD,1.00")
    done = pastdue("simulate", "--invoices", file, *SPAN)

    assert done.code == 1
    assert "\x1b" not in done.err + done.out


STATUTORY = """
id = "own"
currencies = ["USD"]
[interest]
table = "gb_bank_rate"
margin = "0.08"
mode = "locked"
[[stages]]
id = "late"
days = 15
notice = "late_fee"
charges = [{ kind = "interest" }]
"""


def test_charges_that_a_missing_rate_stops_are_told_with_the_table_and_the_day(
    tmp_path: Path,
) -> None:
    """R4.4."""
    rows = [f"A1,I{number},2098-12-01,2098-12-31,USD,100.00" for number in (1, 2)]
    arguments = ("--invoices", invoices(tmp_path, *rows), "--policy",
                 write(tmp_path, "own.toml", STATUTORY), "--from", "2099-01-01", "--to",
                 "2099-02-01")  # fmt: skip

    done, shown = pastdue("simulate", *arguments, "--json"), pastdue("simulate", *arguments)

    summary = done.document["policies"]["own"]
    [stopped] = summary["charges_stopped"]
    assert (stopped["because"], stopped["count"], summary["charges"]) == ("rate_unknown", 2, [])
    assert 'the rate table "gb_bank_rate" has no rate for 2098-12-31' in stopped["detail"]
    assert "Charges stopped: not posted" in shown.out

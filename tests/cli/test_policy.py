"""`pastdue policy`: check, explain, reference."""

from pathlib import Path

from tests.cli.command_line import pastdue, write
from tests.cli.test_simulate import FIVE_FAULTS


def test_a_sound_policy_is_code_0() -> None:
    done = pastdue("policy", "check", "standard", "rapid", "uk-statutory", "eu-statutory")

    assert done.code == 0
    assert done.out.startswith("standard: sound")
    assert done.out.count(": sound") == 4


def test_every_fault_of_every_policy_is_listed_at_once(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.toml", FIVE_FAULTS)
    done = pastdue("policy", "check", file, "standard", tmp_path / "nowhere.toml", "--json")

    assert done.code == 2
    found = {p["policy"]: len(p["faults"]) for p in done.document["policies"]}
    assert found == {str(file): 5, "standard": 0, str(tmp_path / "nowhere.toml"): 1}


def test_a_policy_is_said_in_sentences_with_worked_examples() -> None:
    done = pastdue("policy", "explain", "standard")

    assert done.code == 0
    assert "1.5% of USD 10,000.00 = 150.00" in done.out


def test_a_statutory_policy_is_said_with_a_rate_that_its_table_knows() -> None:
    done = pastdue("policy", "explain", "uk-statutory")

    assert done.code == 0
    assert 'The rate is that of the table "gb_bank_rate" (Bank of England Bank Rate)' in done.out
    assert "Example: a debt due on" in done.out
    assert "GBP 10,000.00 x" in done.out


def test_the_sentences_are_there_for_programs_too() -> None:
    done = pastdue("policy", "explain", "standard", "--json")

    assert done.document["id"] == "standard"
    assert all(part["sentences"] for part in done.document["parts"])


def test_a_broken_policy_cannot_be_explained(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.toml", FIVE_FAULTS)
    done = pastdue("policy", "explain", file)

    assert done.code == 2
    assert done.err.count(f"  {file}: ") == 5


def test_the_reference_is_the_generated_page(project: Path) -> None:
    written = (project / "docs/policy-reference.md").read_text(encoding="utf-8")

    assert pastdue("policy", "reference").out == written

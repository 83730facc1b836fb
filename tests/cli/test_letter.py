"""`pastdue letter`: letters of a policy to look at, and texts of one's own to check."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import pastdue, write

SOUND = '''
letter = "reminder"
locale = "en_GB"
subject = "Open: {{ total }} [{{ reference }}]"
opening = """
{{ phrases.greeting }}

please look at {{ invoice_ids|join(", ") }}.
"""
'''
FAULTY = '''letter = "reminder"
subject = "Please pay {{ totl }}"
opening = """
Hello,

{{ ''.__class__ }}
"""
next = """Soon. {% if days %}
"""
'''


def test_a_letter_is_written_to_files_for_a_sample_account(tmp_path: Path) -> None:
    done = pastdue("letter", "preview", "--letter", "final_demand", "--out", tmp_path)

    assert done.code == 0
    files = {path.name for path in tmp_path.iterdir()}
    stem = "final_demand.en"
    assert files == {f"{stem}.html", f"{stem}.txt", f"{stem}.subject.txt", f"{stem}.pdf"}
    assert "Brightline Interiors" in (tmp_path / f"{stem}.html").read_text("utf-8")
    assert (tmp_path / f"{stem}.subject.txt").read_text("utf-8").startswith("Final demand: USD ")
    assert str(tmp_path / f"{stem}.html") in done.out


def test_a_letter_is_written_with_a_text_of_ones_own(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.toml", SOUND)

    done = pastdue(
        "letter", "preview", "--policy", "uk-statutory", "--text", file, "--out", tmp_path, "--json"
    )

    document = done.document
    assert (done.code, document["letter"], document["locale"]) == (0, "reminder", "en_GB")
    assert document["subject"].startswith("Open: GBP ")
    text = Path(next(one for one in document["files"] if one.endswith("GB.txt"))).read_text("utf-8")
    assert "please look at INV-19002, INV-" in text


def test_a_sound_text_is_code_0(tmp_path: Path) -> None:
    done = pastdue("letter", "check", write(tmp_path, "mine.toml", SOUND))

    assert (done.code, done.out.strip().endswith(": sound")) == (0, True)


def test_every_fault_is_listed_with_its_line_in_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.toml", FAULTY)

    done = pastdue("letter", "check", file, "--json")

    assert done.code == 2
    assert [(one["where"], one["code"]) for one in done.document["faults"]] == [
        (f"{file}:2: subject", "unknown_name"),
        (f"{file}:6: opening", "unknown_name"),
        (f"{file}:8: next", "syntax"),
    ]


def test_keys_that_cannot_be_do_not_hide_what_is_wrong_with_the_words(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.toml", FAULTY + "title = 3\n")

    checked = pastdue("letter", "check", file, "--json")
    shown = pastdue("letter", "preview", "--text", file, "--out", tmp_path / "out")

    codes = [one["code"] for one in checked.document["faults"]]
    assert codes == ["not_a_text", "unknown_name", "unknown_name", "syntax"]
    assert (shown.code, f"{file} has 4 fault(s)" in shown.err) == (2, True)


def test_a_faulty_text_is_not_shown(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.toml", FAULTY)

    done = pastdue("letter", "preview", "--text", file, "--out", tmp_path / "out")

    assert done.code == 2
    assert f"{file}:6: opening: a text has no part" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ("letter = ", ["not_toml"]),
        ('letter = "reminder"\nfooter = "x"\ntitle = 3\n', ["unknown_key", "not_a_text"]),
        ('letter = "reminder"\n', ["missing"]),
    ],
)
def test_what_is_no_text_is_told_as_such(tmp_path: Path, content: str, codes: list[str]) -> None:
    done = pastdue("letter", "check", write(tmp_path, "mine.toml", content), "--json")

    assert done.code == 2
    assert [one["code"] for one in done.document["faults"]] == codes


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        ((), "--letter"),
        (("--letter", "nothing"), "--letter"),
        (("--letter", "reminder", "--locale", "xx"), "--locale"),
    ],
)
def test_an_argument_that_names_nothing_is_code_2(
    arguments: tuple[str, ...], option: str, tmp_path: Path
) -> None:
    done = pastdue("letter", "preview", *arguments, "--out", tmp_path / "out")

    assert (done.code, f"  {option}: " in done.err) == (2, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("opening = 'Gr\u00fc\u00dfe'".encode("latin-1"), "is not UTF-8 text: save it as UTF-8"),
        (b"opening = " + b"[" * 5_000, "is nested too deeply to be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_plain_words(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content)

    done = pastdue("letter", "check", file)

    assert (done.code, said in done.out) == (2, True)


def test_a_file_that_names_no_letter_and_no_language_is_told_both_with_their_lines(
    tmp_path: Path,
) -> None:
    file = write(tmp_path, "mine.toml", 'letter = "remindr"\nlocale = "zz_ZZ"\ntitle = "x"\n')

    done = pastdue("letter", "check", file, "--json")

    assert done.code == 2
    assert [(one["where"], one["code"]) for one in done.document["faults"]] == [
        (f"{file}:1: letter", "unknown_text"),
        (f"{file}:2: locale", "bad_language"),
    ]


def test_a_file_without_a_letter_is_told_so_by_its_name(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.toml", 'title = "x"\n')

    done = pastdue("letter", "check", file, "--json")

    assert [one["where"] for one in done.document["faults"]] == [f"{file}: letter"]


def test_a_remark_refuses_nothing(tmp_path: Path) -> None:
    text = 'letter = "reminder"\nopening = "See you in court."\n'

    done = pastdue("letter", "check", write(tmp_path, "mine.toml", text))

    assert done.code == 0
    assert "remark: " in done.out


def test_what_a_text_can_say_is_listed_with_the_samples_values() -> None:
    done = pastdue("letter", "values", "--letter", "reminder", "--locale", "en_GB", "--json")

    values = {row["name"]: row["sample"] for row in done.document["values"]}
    assert done.code == 0
    assert values["account_name"] == "Brightline Interiors, Inc."
    assert values["invoices[0].id"] == values["invoice_ids"] == "INV-19002"
    assert values["phrases.greeting"] == "Dear Dana Whitfield,"

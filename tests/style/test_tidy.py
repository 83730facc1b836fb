"""The source keeps to the project's sizes, layers and manners."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.style import rules

CORE = "chalicelib/core/"
Rule = Callable[[str], Iterator[str]]


@pytest.fixture(scope="module")
def sources(project: Path) -> dict[str, str]:
    """The text of every file that is, or would be, committed, by its path from the root."""
    if not (project / ".git").exists():
        pytest.skip("needs a git checkout to know which files belong to the project")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=project,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    texts = {}
    for name in filter(None, listed.split("\0")):
        try:
            texts[name] = (project / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture, or a file that was just removed
    assert "pyproject.toml" in texts
    return texts


def faults(sources: dict[str, str], start: str, end: str, rule: Rule) -> list[str]:
    chosen = [name for name in sources if name.startswith(start) and name.endswith(end)]
    assert chosen, f"no file {start}*{end}: the rule looks at nothing"
    return [f"{name}: {fault}" for name in chosen for fault in rule(sources[name])]


def test_no_module_or_function_outgrows_its_cap(sources: dict[str, str]) -> None:
    assert faults(sources, "", ".py", rules.sizes) == []


def test_no_file_names_a_machine_a_registry_or_unfinished_work(sources: dict[str, str]) -> None:
    assert faults(sources, "", "", rules.strays) == []


def test_no_file_holds_a_secret(sources: dict[str, str]) -> None:
    assert faults(sources, "", "", rules.secrets) == []


def test_the_core_imports_the_standard_library_and_itself_only(sources: dict[str, str]) -> None:
    def rule(text: str) -> Iterator[str]:
        return rules.outside_imports(text, own_package="chalicelib.core")

    assert faults(sources, CORE, ".py", rule) == []


def test_every_error_has_a_code_of_its_own(sources: dict[str, str]) -> None:
    if f"{CORE}errors.py" not in sources:
        pytest.skip("there is no error tree yet")
    assert faults(sources, f"{CORE}errors.py", "", rules.code_faults) == []


LONG_FUNCTION = "def long():\n" + "    pass\n" * rules.FUNCTION_LINES_MAX
ERRORS = 'class AError(Exception):\n    code = "a"\n\n\nclass BError(AError):\n'
PLANTED: list[tuple[Rule, str, int]] = [
    (rules.sizes, "x = 1\n" * (rules.MODULE_LINES_MAX + 1), 1),
    (rules.sizes, "x = 1\n" * rules.MODULE_LINES_MAX, 0),
    (rules.sizes, LONG_FUNCTION, 1),
    (rules.sizes, LONG_FUNCTION.replace("    pass\n", "", 1), 0),
    (rules.strays, "open('/" + "home/someone/ledger.csv')", 1),
    (rules.strays, "GET /accounts/A1/work/x and src/home/x", 0),
    (rules.strays, "pip install --index" + "-url x", 1),
    (rules.strays, "# TO" + "DO: later", 1),
    (rules.secrets, "key_id = AK" + "IA" + "ABCDEFGHIJ234567", 1),
    (rules.secrets, "AKIA and an ASIA" + "N country", 0),
    (rules.secrets, "-----BEGIN RSA PRIVATE" + " KEY-----", 1),
    (rules.secrets, "whsec" + "_" + "A" * 43 + "=", 1),
    (rules.secrets, "whsec" + "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 0),
    (rules.secrets, "pdk" + "_prod_" + "0" * 16 + "_" + "a" * 64, 1),
    (rules.secrets, "agx" + "_" + "a" * 32, 1),
    (rules.secrets, "ey" + "J" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 43, 1),
    (lambda text: rules.outside_imports(text, "own.core"), "import boto3", 1),
    (lambda text: rules.outside_imports(text, "own.core"), "from own.corestore import x", 1),
    (
        lambda text: rules.outside_imports(text, "own.core"),
        "import os\nfrom own.core.a import b",
        0,
    ),
    (rules.code_faults, ERRORS + "    pass\n", 1),
    (rules.code_faults, ERRORS + '    code = "a"\n', 1),
    (rules.code_faults, ERRORS + '    code: ClassVar[str] = "b"\n', 0),
]


@pytest.mark.parametrize(("rule", "text", "count"), PLANTED, ids=range(len(PLANTED)))
def test_a_rule_finds_what_is_planted_and_no_more(rule: Rule, text: str, count: int) -> None:
    assert len(list(rule(text))) == count

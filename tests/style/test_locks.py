"""What is installed is what is locked, and the functions get what the tests ran on."""

import re
from importlib import metadata
from pathlib import Path

import pytest

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.I)
Lock = dict[tuple[str, str], set[str]]
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


def pins(text: str) -> Lock:
    """The hashes of each (name, version) of a lock; a lock may hold a name twice, by Python."""
    found: Lock = {}
    current: set[str] = set()
    for line in text.splitlines():
        if pin := PIN.match(line):
            current = found.setdefault((pin[1].lower(), pin[2]), set())
        current.update(HASH.findall(line))
    return found


@pytest.fixture(scope="module")
def functions(project: Path) -> Lock:
    return pins((project / "requirements.txt").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def everything(project: Path) -> Lock:
    return pins((project / "requirements/dev.txt").read_text(encoding="utf-8"))


def test_a_pin_carries_its_version_and_hashes() -> None:
    one = "sha256:" + "a" * 64

    found = pins(f"A-b==1.0 ; x < '3' \\\n    --hash={one}\n    # via c\nd==2\n")

    assert found == {("a-b", "1.0"): {one}, ("d", "2"): set()}


def test_the_functions_get_the_releases_that_are_tested(functions: Lock, everything: Lock) -> None:
    assert functions
    assert {pin: everything.get(pin) for pin in functions} == functions


def test_every_locked_release_has_a_hash(everything: Lock) -> None:
    assert [pin for pin, hashes in everything.items() if not hashes] == []


def test_every_named_dependency_is_locked(project: Path, functions: Lock, everything: Lock) -> None:
    for source, lock in (("runtime.in", functions), ("dev.in", everything)):
        lines = (project / "requirements" / source).read_text(encoding="utf-8").splitlines()
        named = {re.split(r"[\[=<>; ]", line)[0] for line in lines if line[:1].isalnum()}

        assert named, source
        assert named - {name for name, _ in lock} == set(), f"{source}: run `make lock`"


def test_what_runs_is_what_is_locked(everything: Lock) -> None:
    installed = {
        (dist.metadata["Name"].lower().replace("_", "-"), dist.version)
        for dist in metadata.distributions()
    } - {("pastdue", metadata.version("pastdue"))}

    assert sorted(installed - {(name.replace("_", "-"), v) for name, v in everything}) == []

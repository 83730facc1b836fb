"""`pastdue token`: what it issues, and that its key stays its owner's."""

import contextlib
import json
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import jwt
import pytest
from chalicelib.flows.principal import Principal
from chalicelib.identity.issuers import read_issuers
from chalicelib.identity.oidc import LEEWAY, OidcTokens
from local.token_signer import KEY_FILE, SigningKeyError, open_signer

from tests.cli.command_line import pastdue


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of its own, as a person's: its key is made there."""
    with contextlib.chdir(tmp_path):
        yield tmp_path


def stage() -> OidcTokens:
    """What a stage that was started in this folder takes."""
    return OidcTokens(read_issuers(open_signer().issuers()), lambda: 0.0)


def test_a_token_says_who_and_what_for() -> None:
    done = pastdue("token", "issue", "--role", "collector", "--role", "approver", "--name", "anna")

    grant = stage().grant(done.out.strip())

    assert grant.principal == Principal("anna", frozenset({"collector", "approver"}))
    assert (done.out.count("\n"), done.err) == (1, "")


def test_a_token_holds_for_as_long_as_was_asked() -> None:
    document = pastdue("token", "issue", "--expires-in", "30m", "--json").document

    claims = jwt.decode(document["token"], options={"verify_signature": False})
    until = datetime.fromisoformat(document["expires_at"])
    assert claims["exp"] - claims["iat"] == 30 * 60
    assert until.timestamp() == claims["exp"]
    assert stage().grant(document["token"]).until == until + LEEWAY
    assert document["roles"] == ["viewer"]


def test_the_key_is_made_once_and_is_its_owners_alone(folder: Path) -> None:
    first = open_signer().issuers()

    assert open_signer().issuers() == first
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in (folder / KEY_FILE).parent.iterdir()] == [KEY_FILE.name]


def test_a_stage_is_told_the_public_key_only() -> None:
    (issuer,) = json.loads(open_signer().issuers())

    assert set(issuer["jwks"]["keys"][0]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_key_that_others_may_read_signs_nothing(folder: Path) -> None:
    open_signer()
    (folder / KEY_FILE).chmod(0o640)

    done = pastdue("token", "issue")

    assert (done.code, done.out) == (2, "")
    assert f"others may read {KEY_FILE}" in done.err


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff"])
def test_a_broken_key_is_named(folder: Path, content: bytes) -> None:
    (folder / KEY_FILE).parent.mkdir()
    (folder / KEY_FILE).write_bytes(content)
    (folder / KEY_FILE).chmod(0o600)

    with pytest.raises(SigningKeyError, match=KEY_FILE.name):
        open_signer()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--role", "agency"), "'agency' is not one of"),
        (("--role", "king"), "'king' is not one of"),
        (("--expires-in", "8"), "'8' is no span"),
        (("--expires-in", "-8h"), "is no span"),
        (("--expires-in", "0h"), "is no span"),
        (("--expires-in", "8d"), "8d is more than 7 days"),
        (("--name", "anna maria"), "no spaces"),
        (("--name", "key:1"), "no spaces"),
    ],
)
def test_what_no_token_can_say_is_refused(arguments: tuple[str, ...], said: str) -> None:
    done = pastdue("token", "issue", *arguments)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "--role", "service", "--owner", "anna"),
        ("create", "--role", "agency", "--agency", "north", "--scope", "read", "--owner", "anna"),
        ("list",),
        ("revoke", "0" * 16, "--by", "anna"),
    ],
)
def test_keys_are_those_of_a_stage_that_runs(arguments: tuple[str, ...]) -> None:
    done = pastdue("token", "key", *arguments)

    assert done.code == 2
    assert "start one with `pastdue serve`" in done.err


def test_a_scope_is_one_of_those_that_agencies_keys_have() -> None:
    done = pastdue(
        "token", "key", "create", "--role", "agency", "--owner", "anna", "--scope", "all"
    )

    assert done.code == 2
    assert "'read', 'report', 'remit'" in done.err

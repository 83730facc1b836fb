"""The stage's secret: the current key and the one before it, and rotating it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from chalicelib.core.errors import UnavailableError
from chalicelib.store.secrets import SigningKeys, rotate_secret

OLD, NEW, NEWEST = "o" * 40, "n" * 40, "w" * 40
ARN = "arn:of:the:secret"


class FakeSecrets:
    """A secret's versions, as Secrets Manager names them."""

    def __init__(self, **versions: str) -> None:
        self.versions = versions
        self.reads = 0

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, Any]:
        assert SecretId == ARN
        self.reads += 1
        if VersionStage not in self.versions:
            answer: Any = {"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}
            raise ClientError(answer, "GetSecretValue")
        return {"SecretString": self.versions[VersionStage]}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> dict[str, Any]:
        assert SecretId == ARN
        self.versions = {"AWSCURRENT": SecretString, "AWSPREVIOUS": self.versions["AWSCURRENT"]}
        return {"VersionId": "v2"}


class Seconds:
    """A clock that goes when it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_secret_that_was_never_rotated_has_one_key() -> None:
    keys = SigningKeys(FakeSecrets(AWSCURRENT=OLD), ARN, Seconds())

    assert keys.accepted() == (OLD.encode(),)


def test_after_a_rotation_both_keys_are_taken_and_the_new_one_signs() -> None:
    service = FakeSecrets(AWSCURRENT=OLD)

    assert rotate_secret(service, ARN, NEW) == "v2"

    assert SigningKeys(service, ARN, Seconds()).accepted() == (NEW.encode(), OLD.encode())


def test_a_second_rotation_ends_the_first_key() -> None:
    service = FakeSecrets(AWSCURRENT=OLD)
    rotate_secret(service, ARN, NEW)

    rotate_secret(service, ARN, NEWEST)

    assert SigningKeys(service, ARN, Seconds()).accepted() == (NEWEST.encode(), NEW.encode())


def test_keys_are_read_again_after_five_minutes() -> None:
    service, seconds = FakeSecrets(AWSCURRENT=OLD), Seconds()
    keys = SigningKeys(service, ARN, seconds)
    keys.accepted()
    rotate_secret(service, ARN, NEW)

    seconds.now = 299.0
    before = keys.accepted()
    seconds.now = 300.0

    assert (before[0], keys.accepted()[0]) == (OLD.encode(), NEW.encode())


def test_a_doubted_cursor_reads_them_sooner_but_not_each_time() -> None:
    service, seconds = FakeSecrets(AWSCURRENT=OLD), Seconds()
    keys = SigningKeys(service, ARN, seconds)
    keys.accepted()
    rotate_secret(service, ARN, NEW)
    reads = service.reads

    keys.renewed()
    at_once = service.reads
    seconds.now = 5.0

    assert (at_once, keys.renewed()[0]) == (reads, NEW.encode())


def test_a_short_key_is_refused_before_it_is_put() -> None:
    service = FakeSecrets(AWSCURRENT=OLD)

    with pytest.raises(UnavailableError, match="too short"):
        rotate_secret(service, ARN, "short")

    assert service.versions == {"AWSCURRENT": OLD}

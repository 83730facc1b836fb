"""The stage's own secret, which CloudFormation made and nobody has seen; it signs cursors.

It can be rotated at any time: the one before it stays valid until the next rotation, so that a
cursor in flight keeps working.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import UnavailableError
from chalicelib.store.clients import aws_client

SIGNING_KEY_BYTES_MIN = 32
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
READ_AGAIN_S = 300.0  # a process signs with a rotated key for so long at most
DOUBTED_S = 5.0  # and reads them again so soon at most when a cursor is of neither
_NO_SUCH_VERSION = "ResourceNotFoundException"


def secrets_client() -> Any:
    """Return a Secrets Manager client for this process's region and endpoint."""
    return aws_client("secretsmanager", read_timeout_s=5)


def signing_key(client: Any, secret_arn: str) -> bytes:
    """Return the key that cursors are signed with, read now.

    Raises:
        UnavailableError: it cannot be read, or is shorter than 32 bytes.
    """
    try:
        return _read(client, secret_arn, CURRENT)
    except (BotoCoreError, ClientError, KeyError) as error:
        raise UnavailableError(f"the signing key cannot be read: {error}") from error


def previous_key(client: Any, secret_arn: str) -> bytes | None:
    """Return the key that was rotated last, read now; None when none was yet.

    Raises:
        UnavailableError: it cannot be read, or is shorter than 32 bytes.
    """
    try:
        return _read(client, secret_arn, PREVIOUS)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == _NO_SUCH_VERSION:
            return None
        raise UnavailableError(f"the previous signing key cannot be read: {error}") from error
    except (BotoCoreError, KeyError) as error:
        raise UnavailableError(f"the previous signing key cannot be read: {error}") from error


def rotate_secret(client: Any, secret_arn: str, new_key: str) -> str:
    """Make a new key the current one, in one step, and what was current the previous one.

    Returns the new version's id. What was the previous key until now is not taken any more.

    Raises:
        UnavailableError: the key is too short, or the service does not take it now.
    """
    if len(new_key) < SIGNING_KEY_BYTES_MIN:
        raise UnavailableError("the signing key is too short")
    try:
        version: str = client.put_secret_value(SecretId=secret_arn, SecretString=new_key)[
            "VersionId"
        ]
    except (BotoCoreError, ClientError) as error:
        raise UnavailableError(f"the secret cannot be rotated: {error}") from error
    return version


class SigningKeys:
    """`CursorKeys` over the stage's secret, cached. `monotonic` tells how old it is, in seconds."""

    def __init__(self, client: Any, secret_arn: str, monotonic: Callable[[], float]) -> None:
        self._client = client
        self._secret_arn = secret_arn
        self._monotonic = monotonic
        self._read: tuple[float, tuple[bytes, ...]] | None = None

    def accepted(self) -> tuple[bytes, ...]:
        """Return the keys whose cursors are taken, the one to sign with first; 5 min old at most.

        Raises:
            UnavailableError: they cannot be read.
        """
        return self._at_most(READ_AGAIN_S)

    def renewed(self) -> tuple[bytes, ...]:
        """Return the same for a cursor of none of these: another process may know a newer key.

        Read again if they are 5 s old: cursors that somebody made up cost no more than that.

        Raises:
            UnavailableError: they cannot be read.
        """
        return self._at_most(DOUBTED_S)

    def _at_most(self, age_s: float) -> tuple[bytes, ...]:
        now = self._monotonic()
        if self._read is None or now - self._read[0] >= age_s:
            current = signing_key(self._client, self._secret_arn)
            previous = previous_key(self._client, self._secret_arn)
            keys = (current,) if previous is None else (current, previous)
            self._read = (now, keys)
        return self._read[1]


def _read(client: Any, secret_arn: str, stage: str) -> bytes:
    key: str = client.get_secret_value(SecretId=secret_arn, VersionStage=stage)["SecretString"]
    if len(key) < SIGNING_KEY_BYTES_MIN:
        raise UnavailableError("the signing key is too short")
    return key.encode()

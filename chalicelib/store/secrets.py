"""The stage's own secret, which CloudFormation made and nobody has seen."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import UnavailableError
from chalicelib.store.clients import aws_client

SIGNING_KEY_BYTES_MIN = 32


def secrets_client() -> Any:
    """Return a Secrets Manager client for this process's region and endpoint."""
    return aws_client("secretsmanager", read_timeout_s=5)


def signing_key(client: Any, secret_arn: str) -> bytes:
    """Return the key that cursors are signed with, read now.

    Raises:
        UnavailableError: it cannot be read, or is shorter than 32 bytes.
    """
    try:
        key: str = client.get_secret_value(SecretId=secret_arn)["SecretString"]
    except (BotoCoreError, ClientError, KeyError) as error:
        raise UnavailableError(f"the signing key cannot be read: {error}") from error
    if len(key) < SIGNING_KEY_BYTES_MIN:
        raise UnavailableError("the signing key is too short")
    return key.encode()

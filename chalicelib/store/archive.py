"""Files that are kept, in S3: letters as sent, run snapshots."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import NotFoundError, UnavailableError

_PASSING = frozenset({"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout"})


class S3Archive:
    """`Archive` over one bucket. `client` is a boto3 S3 client (`clients.s3_client`)."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, content: bytes, media_type: str) -> None:
        """Store a file under its key; the same key again replaces it.

        Raises:
            UnavailableError: the bucket does not answer now.
        """
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=media_type
            )
        except (BotoCoreError, ClientError) as error:
            raise _ours(error) from error

    def get(self, key: str) -> bytes:
        """Return a file.

        Raises:
            NotFoundError: there is no such file.
            UnavailableError: the bucket does not answer now.
        """
        try:
            body: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise _ours(error, key) from error
        return body


def _ours(error: BotoCoreError | ClientError, key: str = "") -> Exception:
    if isinstance(error, BotoCoreError):
        return UnavailableError(f"the archive does not answer now ({type(error).__name__})")
    code = error.response.get("Error", {}).get("Code", "")
    if code in ("NoSuchKey", "404"):
        return NotFoundError(f"there is no file {key!r}")
    if code in _PASSING:
        return UnavailableError(f"the archive does not answer now ({code})")
    unknown: Exception = error
    return unknown

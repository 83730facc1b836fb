"""Files that are kept, in S3: letters as sent, run snapshots."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import InvalidInputError, NotFoundError, UnavailableError

PEOPLE, PERSON_SLASHES = "people/", 3  # `people/<account>/<contact>/`: nothing else is removed
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

    def erase(self, prefix: str) -> int:
        """Remove every version of every file whose key begins so; return how many versions went.

        Raises:
            InvalidInputError: the prefix does not name one person's files.
            UnavailableError: the bucket does not answer now; the same again is right.
        """
        if not prefix.startswith(PEOPLE) or prefix.count("/") < PERSON_SLASHES or prefix[-1] != "/":
            raise InvalidInputError("only one person's files are erased, with all their versions")
        gone = 0
        try:
            pages = self._client.get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                found = [
                    {"Key": one["Key"], "VersionId": one["VersionId"]}
                    for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
                ]
                if found:
                    self._remove(found)
                    gone += len(found)
        except (BotoCoreError, ClientError) as error:
            raise _ours(error) from error
        return gone

    def _remove(self, found: list[dict[str, str]]) -> None:
        """Remove a page of versions, 1,000 at most: as many as one request takes."""
        answer = self._client.delete_objects(
            Bucket=self._bucket, Delete={"Objects": found, "Quiet": True}
        )
        faults = answer.get("Errors", ())
        if faults:
            codes = ", ".join(sorted({str(one.get("Code")) for one in faults}))
            raise UnavailableError(f"the archive did not remove {len(faults)} files now ({codes})")


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

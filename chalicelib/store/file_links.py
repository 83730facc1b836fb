"""`FileLinks` over one bucket: presigned, by whoever this function may be (its own role)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote


class S3FileLinks:
    """Makes links to the files of one bucket. `client` is a boto3 S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def link(self, key: str, *, name: str, media_type: str, valid_s: int) -> str:
        """Return a link to a file that is downloaded under a name; nothing is asked of S3."""
        link: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                # Never shown in place: a letter's words come from outside in parts.
                "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name)}",
                "ResponseContentType": media_type,
            },
            ExpiresIn=valid_s,
        )
        return link

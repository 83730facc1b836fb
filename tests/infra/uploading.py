"""Files put into the bucket as an ERP does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from local.cloud.machine import LocalCloud

FOLDER = "uploads/erp/2024-03-18/"
QUIET_TIMEOUT_S = 280.0


def put(cloud: LocalCloud, name: str, content: bytes) -> dict[str, Any]:
    """Put a file into the bucket as an ERP does, and return the result that is found beside it."""
    s3, bucket = cloud.client("s3"), cloud.stack.bucket_name
    s3.put_object(Bucket=bucket, Key=FOLDER + name, Body=content)
    cloud.wait_until_quiet(timeout_s=QUIET_TIMEOUT_S)
    return next(results(cloud, f"{FOLDER}{name}.result.json"))


def results(cloud: LocalCloud, key: str) -> Iterator[dict[str, Any]]:
    deadline = time.monotonic() + 20
    while True:
        try:
            body = cloud.client("s3").get_object(Bucket=cloud.stack.bucket_name, Key=key)["Body"]
        except ClientError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            yield json.loads(body.read())

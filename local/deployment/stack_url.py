"""Where CloudFormation reads a template that is too large to be sent along."""

from __future__ import annotations

from typing import Any

from botocore.config import Config


def template_url(s3: Any, bucket: str, key: str) -> str:
    """Return the URL of a bucket's object at the endpoint that a client of S3 talks to."""
    endpoint = s3.meta.endpoint_url.rstrip("/")
    return f"{endpoint}/{bucket}/{key}"


def path_style() -> Config:
    """Return the configuration of a client that names buckets in the path, as the URL does."""
    return Config(s3={"addressing_style": "path"})

"""Clients of AWS with limits on every wait; the environment says region and endpoint."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config


def aws_client(service: str, *, read_timeout_s: int = 10, endpoint_url: str | None = None) -> Any:
    """Return a boto3 client: 2 s to connect, `read_timeout_s` to answer, 4 tries in all."""
    config = Config(
        connect_timeout=2,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": 4},
    )
    return boto3.client(service, config=config, endpoint_url=endpoint_url)


def s3_client() -> Any:
    """Return an S3 client for this process's region and endpoint."""
    return aws_client("s3", read_timeout_s=30)


def s3_signer() -> Any:
    """Return an S3 client whose links open encrypted files, which take the newest signature only."""
    return boto3.client("s3", config=Config(signature_version="s3v4"))

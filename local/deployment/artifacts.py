"""The bucket that stages are deployed from: one for each account and region, in a stack of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.deployment.release import Release
from local.deployment.stacks import StackRequest, Stacks

STACK = "pastdue-artifacts"
TEMPLATE_FILE = Path("infra") / "artifacts" / "stack.yaml"
_ROLE = "ApiLogsRole"
_NOT_FOUND = ("404", "NoSuchKey", "NotFound")


def artifacts_request(project: Path, stacks: Stacks, apigateway: Any) -> StackRequest:
    """Return what the artifacts' stack should be.

    API Gateway gets a role for its logs only where the account has none; once made it stays.
    """
    asked = stacks.parameters(STACK).get(_ROLE)
    if not asked:
        asked = "none" if apigateway.get_account().get("cloudwatchRoleArn") else "make"
    return StackRequest(
        name=STACK,
        parameters={_ROLE: asked},
        template_body=(project / TEMPLATE_FILE).read_text(),
        tags={"service": "pastdue"},
    )


def upload(s3: Any, bucket: str, account_id: str, release: Release, template: str) -> None:
    """Put archive and template into the bucket, under names that are their content's sums.

    The bucket must be this account's: one of the same name elsewhere is not written to.
    """
    if not _is_there(s3, bucket, account_id, release.archive_key):
        with release.archive.open("rb") as content:
            s3.put_object(
                Bucket=bucket,
                Key=release.archive_key,
                Body=content,
                ChecksumAlgorithm="SHA256",
                ExpectedBucketOwner=account_id,
            )
    s3.put_object(
        Bucket=bucket,
        Key=release.template_key,
        Body=template.encode(),
        ExpectedBucketOwner=account_id,
    )


def _is_there(s3: Any, bucket: str, account_id: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=account_id)
    except ClientError as error:
        if error.response["Error"]["Code"] in _NOT_FOUND:
            return False
        raise
    return True

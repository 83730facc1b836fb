"""Starts a restore from backup: into a table of its own, while sending is paused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core.errors import Fault, InvalidInputError
from local.ops.acts import log_act
from local.ops.opened import OpenedStage
from local.ops.status import sending_of

REASON = "restore"


def start_restore(stage: OpenedStage, to: datetime) -> str:
    """Pause sending, and let AWS restore the table as it was at an instant; return the new table.

    The new table has the same key and no indexes: it is only read. It takes AWS 20 minutes or more.

    Raises:
        InvalidInputError: there is no backup of that instant; sending stays as it is.
    """
    dynamodb = stage.client("dynamodb")
    source = stage.settings.table_name
    _check_instant(dynamodb, source, to)
    note = f"Restore to {to.isoformat()}"
    sending_of(stage.ports).turn(stage.caller(), paused=True, why=(REASON, note))
    table = f"{source}-restore-{stage.now():%Y%m%d%H%M%S}"
    described = dynamodb.describe_table(TableName=source)["Table"]
    request: dict[str, Any] = {
        "SourceTableName": source,
        "TargetTableName": table,
        "RestoreDateTime": to,
        "BillingModeOverride": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexOverride": [],
    }
    key = described.get("SSEDescription", {}).get("KMSMasterKeyArn")
    if key:
        request["SSESpecificationOverride"] = {
            "Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key,
        }  # fmt: skip
    dynamodb.restore_table_to_point_in_time(**request)
    log_act(stage, "restore_started", table, to=to.isoformat())
    return table


def table_state(dynamodb: Any, table: str) -> str:
    """Return a table's state, such as `CREATING` or `ACTIVE`; "" when there is none."""
    try:
        state: str = dynamodb.describe_table(TableName=table)["Table"]["TableStatus"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return ""
        raise
    return state


def _check_instant(dynamodb: Any, table: str, to: datetime) -> None:
    described = dynamodb.describe_continuous_backups(TableName=table)
    backups = described["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if backups.get("PointInTimeRecoveryStatus") != "ENABLED":
        fault = Fault("--to", "no_backups", f"the table {table} has no point-in-time recovery")
        raise InvalidInputError("nothing can be restored", [fault])
    first, last = backups.get("EarliestRestorableDateTime"), backups.get("LatestRestorableDateTime")
    too_early = first is not None and to < first
    too_late = last is not None and to > last
    if too_early or too_late:
        detail = f"there are backups from {_said(first)} through {_said(last)}"
        raise InvalidInputError(
            "nothing can be restored", [Fault("--to", "no_backup_of_then", detail)]
        )


def _said(at: datetime | None) -> str:
    return "-" if at is None else at.astimezone(UTC).isoformat(timespec="seconds")

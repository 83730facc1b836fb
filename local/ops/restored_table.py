"""Whether a table is what it is taken for: a restore of this stage's table, and not the live one."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core.errors import Fault, InvalidInputError, NotFoundError

RESTORE = "-restore-"  # after the live table's name, in that of every table that `start` makes
NOT_FOUND = "ResourceNotFoundException"


def check_restored(dynamodb: Any, live: str, table: str) -> None:
    """Refuse a table that is no restore of the live one. Two calls.

    What AWS says of where it came from decides; where it says nothing, its name does.

    Raises:
        InvalidInputError: it is the live table itself, or a restore of another one.
        NotFoundError: it is not there.
    """
    ours: str = dynamodb.describe_table(TableName=live)["Table"].get("TableArn", "")
    try:
        described = dynamodb.describe_table(TableName=table)["Table"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != NOT_FOUND:
            raise
        raise NotFoundError(f"the table {table} is not there") from error
    source: str = described.get("RestoreSummary", {}).get("SourceTableArn", "")
    if table == live or (ours and described.get("TableArn") == ours):
        detail = f"{table} is the live table itself"
    elif source and source != ours:
        detail = f"{table} was restored from {source}, not from {live}"
    elif not source and not table.startswith(live + RESTORE):
        detail = f"nobody says that {table} is a restore of {live}: {live}{RESTORE}... would be one"
    else:
        return
    fault = Fault("--from", "no_restore_of_this_stage", detail)
    raise InvalidInputError("the stage is not compared with it, nor changed", [fault])

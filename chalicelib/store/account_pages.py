"""`AccountPages` over one table: a scan that can be gone on with where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import UnavailableError
from chalicelib.store import keys
from chalicelib.store.tables import Table, client_of


class DynamoAccountPages:
    """Reads the accounts' heads of one table by a scan (for jobs, never for a run)."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def account_page(self, after: str, most: int) -> tuple[Sequence[str], str]:
        """Return some account ids and the mark where the next page begins, "" at the end.

        The order is the table's own. `most` counts the items looked at; an account has several,
        so that a page has fewer ids, or none.
        """
        request: dict[str, Any] = {
            "TableName": self._table.Meta.table_name,
            "FilterExpression": "sk = :head AND begins_with(pk, :live)",
            "ProjectionExpression": "pk, sk",
            "ExpressionAttributeValues": {":head": {"S": keys.HEAD}, ":live": {"S": keys.live("")}},
            "Limit": max(most, 1),  # looked at, so found too
        }
        if after:
            pk, _, sk = after.partition("\n")
            request["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": sk}}
        try:
            page = client_of(self._table).scan(**request)
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError(
                f"the ledger's table does not answer now ({type(error).__name__})"
            ) from error
        ids = [keys.account_of(item["pk"]["S"]) for item in page["Items"]]
        last = page.get("LastEvaluatedKey")
        return ids, f"{last['pk']['S']}\n{last['sk']['S']}" if last else ""

"""The emulator's own process: a program that `emulator.py` starts, and nothing imports.

Two things are added to the emulator's own rights management, both only with `AUTH=true`:

* It is told which keys of a table a call is about (`dynamodb:LeadingKeys`), item by item in a
  transaction as in AWS, so that conditions on them are enforced.
* Asked for it, it writes each of its decisions down, as JSON lines.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

LEADING_KEYS = "dynamodb:LeadingKeys"
_OF_QUERY = re.compile(r"\(?\s*([#\w.]+)\s*=\s*(:\w+)")
_MEMBERS = ("Key", "Item")


class AskedArn(str):
    """The resource of one item of a transaction, with the keys that the item is about."""

    leading_keys: list[str]


def leading_keys(request: Mapping[str, Any], hash_keys: Mapping[str, str]) -> list[str]:
    """Return the partition keys that a DynamoDB request, or an item of a transaction, names.

    `hash_keys` holds the attribute of each table, and of each index (`table/index`). A scan names no
    key.
    """
    return list(dict.fromkeys(_named(request, hash_keys)))


def _named(request: Mapping[str, Any], hash_keys: Mapping[str, str]) -> Iterator[str]:
    for table, asked in (request.get("RequestItems") or {}).items():
        if table not in hash_keys:
            continue
        several = asked.get("Keys", []) if isinstance(asked, dict) else asked
        for one in several:
            for write in one.values() if "PutRequest" in one or "DeleteRequest" in one else [one]:
                yield _value(write.get("Item") or write.get("Key") or write, hash_keys[table])
    table, index = request.get("TableName"), request.get("IndexName")
    name = hash_keys.get(f"{table}/{index}" if index else str(table))
    if name is None:  # there is no such table, or index: the call fails
        return
    for member in _MEMBERS:
        if member in request:
            yield _value(request[member], name)
    names = request.get("ExpressionAttributeNames") or {}
    for left, right in _OF_QUERY.findall(request.get("KeyConditionExpression", "")):
        if names.get(left, left) == name:
            yield next(iter(request["ExpressionAttributeValues"][right].values()))


def _value(item: Mapping[str, Mapping[str, str]], name: str) -> str:
    return next(iter(item[name].values()))


def _hash_keys(tables: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name, table in tables.items():
        found[name] = table["pk_name"]
        for index in table.get("GlobalSecondaryIndexes", []):
            [key] = [key for key in index["KeySchema"] if key["KeyType"] == "HASH"]
            found[f"{name}/{index['IndexName']}"] = key["AttributeName"]
    return found


def tell_leading_keys() -> None:
    """Let the emulator's rights management know the keys that calls of DynamoDB are about."""
    # Not before `main` has set the process up.
    from ministack.core import iam_actions, iam_evaluator  # noqa: PLC0415 - see above
    from ministack.services import dynamodb  # noqa: PLC0415 - see above

    context, checks = iam_actions.dynamodb_service_context, iam_actions.dynamodb_transaction_checks
    enforce = iam_evaluator.enforce

    def context_with_keys(body: bytes) -> dict[str, Any]:
        found = leading_keys(json.loads(body or b"{}"), _hash_keys(dynamodb._tables))
        told: dict[str, Any] = context(body)
        return {**told, LEADING_KEYS: found} if found else told

    def checks_with_keys(action: str, body: bytes, region: str, account: str) -> list[Any]:
        asked = checks(action, body, region, account)
        if not asked:
            return []
        hash_keys = _hash_keys(dynamodb._tables)
        items = [part for item in json.loads(body)["TransactItems"] for part in item.values()]
        found = []
        for (item_action, arn), item in zip(asked, items, strict=True):
            told = AskedArn(arn)
            told.leading_keys = leading_keys(item, hash_keys)
            found.append((item_action, told))
        return found

    def enforce_with_keys(*asked: Any, resource_arn: str = "*", **options: Any) -> Any:
        if isinstance(resource_arn, AskedArn):
            told = {**(options.get("service_context") or {})}
            options["service_context"] = {**told, LEADING_KEYS: resource_arn.leading_keys}
        return enforce(*asked, resource_arn=str(resource_arn), **options)

    iam_actions.dynamodb_service_context = context_with_keys
    iam_actions.dynamodb_transaction_checks = checks_with_keys
    iam_evaluator.enforce = enforce_with_keys


def write_decisions(path: str) -> None:
    """Write a line for each decision of the emulator on a role's call: what was asked and said."""
    from ministack.core import iam_evaluator  # noqa: PLC0415 - not before `main` set the process up

    # One line a write, so that a reader sees whole lines whenever it looks.
    record = Path(path).open("a", buffering=1, encoding="utf-8")  # noqa: SIM115 - until the end
    evaluate, enforce = iam_evaluator.evaluate, iam_evaluator.enforce
    evaluated: ContextVar[list[Any]] = ContextVar("evaluated")

    def evaluate_and_keep(asked: Any, *policies: Any) -> Any:
        result = evaluate(asked, *policies)
        evaluated.get([]).append((asked, result))
        return result

    def enforce_and_tell(*asked: Any, **options: Any) -> Any:
        kept: list[Any] = []
        token = evaluated.set(kept)
        try:
            denied = enforce(*asked, **options)
        finally:
            evaluated.reset(token)
        if kept:  # the role's own policy comes first, then that of the resource, if it has one
            record.write(json.dumps(_line(*kept[0], allowed=denied is None)) + "\n")
        return denied

    iam_evaluator.evaluate = evaluate_and_keep
    iam_evaluator.enforce = enforce_and_tell


def _line(asked: Any, by_role: Any, *, allowed: bool) -> dict[str, object]:
    return {
        "principal": asked.principal_arn,
        "action": asked.action,
        "resource": asked.resource_arn,
        "leading_keys": asked.service_context.get(LEADING_KEYS.lower(), []),
        "allowed": allowed,
        "sid": by_role.matched_sid,
    }


def follow_parent(stop: Callable[[], None]) -> None:
    """Stop when the parent has ended, however that ended: standard input then closes."""

    def wait() -> None:
        os.read(0, 1)
        stop()

    threading.Thread(target=wait, daemon=True).start()


def main(decisions: str) -> None:
    """Run the emulator; write its decisions to the file `decisions`, unless that is empty."""
    follow_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    # The emulator runs functions with `sys.executable`. Under the base interpreter they see their
    # own archive and no virtual environment, as in AWS: what the package lacks is missing too.
    sys.executable = getattr(sys, "_base_executable", sys.executable)
    sys.argv = ["ministack"]
    if os.environ.get("AUTH") == "true":
        tell_leading_keys()
        if decisions:
            write_decisions(decisions)
    runpy.run_module("ministack", run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")

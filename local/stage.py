"""A running stage on this machine, as its operator sees it: its ledger, its runs, its letters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from chalicelib.core.account import Account
from chalicelib.core.effects import Effect
from chalicelib.core.errors import NotFoundError
from chalicelib.flows.simulate import effect_order
from chalicelib.store import keys
from chalicelib.store.archive import S3Archive
from chalicelib.store.codec import from_map
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.registry import DynamoRegistry
from chalicelib.store.rows import LogPart
from chalicelib.store.tables import Table, bind
from local.cloud.emulator import ACCOUNT_ID, REGION

SECRET = "local"  # noqa: S105 - a placeholder, the emulator takes any
STATE_FILE = Path(".pastdue/local.json")  # in the folder where `pastdue serve` runs


class NoStageError(NotFoundError):
    """No stage runs here; the message says how to start one."""

    code = "no_local_stage"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running local stage is: enough for another process to reach it."""

    emulator_url: str
    table_name: str
    bucket_name: str
    api_url: str
    outbox_url: str = ""
    process_id: int = 0
    last_day: str = ""  # the last day that was run, such as 2026-03-12
    ledger_kind: str = "own"  # or "mirror" (R7.6)

    def write(self, path: Path = STATE_FILE) -> None:
        """Let other commands find the stage."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")


def read_address(path: Path = STATE_FILE) -> Address:
    """Return where the local stage runs.

    Raises:
        NoStageError: none was started in this folder, or its file is not readable.
    """
    try:
        return Address(**json.loads(path.read_text()))
    except FileNotFoundError:
        raise NoStageError(
            f"no stage runs here ({path} is not there); start one with `pastdue serve`"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise NoStageError(f"{path} cannot be read ({error}); run `pastdue serve` anew") from error


@dataclass(frozen=True, slots=True)
class Stage:
    """The ports of a running stage, opened from outside its functions."""

    address: Address
    table: Table
    accounts: DynamoAccounts
    registry: DynamoRegistry
    archive: S3Archive

    def every_account(self) -> Iterator[Account]:
        """Yield every account as it is now, in order of the ids."""
        for account_id in sorted(self.accounts.account_ids()):
            yield self.accounts.load(account_id).account

    def effects(self, first_day: date, last_day: date) -> list[Effect]:
        """Return what happened on some days, from the accounts' logs, in the simulation's order."""
        found: list[Effect] = []
        days = self.table.sk.between(f"LOG#{first_day}", f"LOG#{last_day}~")
        for account_id in self.accounts.account_ids():
            for item in self.table.query(keys.history(account_id), days, consistent_read=True):
                found.extend(from_map(LogPart, item.value()).effects)
        found.sort(key=effect_order)
        return found


def open_stage(address: Address, new_shards: int | None = None) -> Stage:
    """Return a stage opened by its address.

    `new_shards`: the stage is new, and its due index gets so many shards.

    Raises:
        UnavailableError: it does not answer.
    """
    import boto3  # noqa: PLC0415 - half a second, and only stages need it

    credentials = (ACCOUNT_ID, SECRET)
    table = bind(
        address.table_name,
        endpoint_url=address.emulator_url,
        region=REGION,
        credentials=credentials,
    )
    registry = DynamoRegistry(table)
    if new_shards is not None:
        registry.set_shards(new_shards)
    s3 = boto3.client(
        "s3",
        endpoint_url=address.emulator_url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key=SECRET,
    )
    archive = S3Archive(s3, address.bucket_name)
    return Stage(address, table, DynamoAccounts(table, registry.shards()), registry, archive)

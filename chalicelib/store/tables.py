"""The one table as a PynamoDB model. `bind` ties it to a table's name and endpoint, once a process.

One model stores every kind of item: its keys, what conditions and indexes look at, and the value
itself under `content` (or `packed`, when it is large). So no query needs a discriminator's filter,
under which items of an unknown kind would silently be passed over.
"""

from __future__ import annotations

import json
import lzma
import zlib
from typing import Any

import botocore.session
from pynamodb.attributes import Attribute, BinaryAttribute, UnicodeAttribute
from pynamodb.constants import MAP, NUMBER
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from chalicelib.store.codec import RawMap
from chalicelib.store.errors import NewerFormatError
from chalicelib.store.sizes import item_bytes

FORMAT = 1  # of every item; a later one is refused by earlier code, never overwritten
PACK_OVER_BYTES = 4_096  # larger values are compressed: they are lists of ids, and cost by size
# Above this the same ids, named far apart, are to be found again: slower, and a half to a third.
PACK_HARDER_OVER_BYTES = 200_000
LZMA_MAGIC, LZMA_PRESET = b"\xfd7zXZ\x00", 3
TIMEOUT_CONNECT_S, TIMEOUT_READ_S, RETRIES = 1, 3, 4


class IntAttribute(Attribute[int]):
    """A whole number; PynamoDB's own passes through binary floating point."""

    attr_type = NUMBER

    def serialize(self, value: Any) -> str:
        """Return the digits.

        Raises:
            TypeError: the value is not an `int`.
        """
        if type(value) is not int:
            raise TypeError(f"{value!r} is not a whole number")
        return str(value)

    def deserialize(self, value: str) -> int:
        """Return the number."""
        return int(value)


class RawMapAttribute(Attribute[RawMap]):
    """A map whose values have their type letters already (`codec.to_map`)."""

    attr_type = MAP


class DueIndex(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # untyped upstream
    """Who is due, and nothing of what they owe. Sparse: asleep is not in it."""

    class Meta:
        """The index's name and what it holds."""

        index_name = "due"
        projection = IncludeProjection(["policy_id"])

    due_shard = UnicodeAttribute(hash_key=True)
    due_on = UnicodeAttribute(range_key=True)


class WorkIndex(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # untyped upstream
    """People's lists: tasks, approvals, placements. Sparse."""

    class Meta:
        """The index's name and what it holds."""

        index_name = "work"
        projection = AllProjection()

    work_queue = UnicodeAttribute(hash_key=True)
    work_rank = UnicodeAttribute(range_key=True)


class Item(Model):
    """One item of the table. Whatever is not a key may be absent."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    v = IntAttribute(null=True, default_for_new=FORMAT)
    content = RawMapAttribute(null=True)
    packed = BinaryAttribute(legacy_encoding=False, null=True)
    # The head's alone: what conditions look at.
    version = IntAttribute(null=True)
    change_id = UnicodeAttribute(null=True)
    unfinished = RawMapAttribute(null=True)
    # What the indexes look at, and when the item may be forgotten (seconds since 1970).
    policy_id = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    due_on = UnicodeAttribute(null=True)
    work_queue = UnicodeAttribute(null=True)
    work_rank = UnicodeAttribute(null=True)
    expires_at = IntAttribute(null=True)
    due = DueIndex()
    work = WorkIndex()

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Any:
        """Return the item as it was read.

        Raises:
            NewerFormatError: a newer version of the code wrote it.
        """
        written = int(data["v"][NUMBER]) if "v" in data else FORMAT
        strange = data.keys() - cls.get_attributes().keys()
        if written > FORMAT or strange:
            what = ", ".join(sorted(strange)) or f"format {written}"
            raise NewerFormatError(
                f"an item of the ledger's table has {what}; this version knows format {FORMAT}"
            )
        return super().from_raw_data(data)

    def value(self) -> RawMap:
        """Return the stored value, unpacked; empty when there is none."""
        packed: bytes | None = self.packed
        if packed is not None:
            unpack = lzma.decompress if packed.startswith(LZMA_MAGIC) else zlib.decompress
            unpacked: RawMap = json.loads(unpack(packed))
            return unpacked
        content: RawMap | None = self.content
        return content or {}

    def hold(self, content: RawMap) -> None:
        """Take a value in: as it is, or packed when it is large."""
        self.content = self.packed = None
        if item_bytes(content) > PACK_OVER_BYTES:
            raw = json.dumps(content, separators=(",", ":")).encode()
            self.packed = zlib.compress(raw, 6)
            if len(self.packed) > PACK_HARDER_OVER_BYTES:
                self.packed = lzma.compress(raw, preset=LZMA_PRESET)
        else:
            self.content = content


Table = type[Item]


def bind(
    name: str,
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    credentials: tuple[str, str] | None = None,
) -> Table:
    """Return the model of one table, connected. Nothing is sent.

    Without `endpoint_url` and `credentials` (key id and secret) the environment says where to.
    """
    meta: dict[str, Any] = {
        "table_name": name,
        "host": endpoint_url,
        "region": region or botocore.session.get_session().get_config_variable("region"),
        "connect_timeout_seconds": TIMEOUT_CONNECT_S,
        "read_timeout_seconds": TIMEOUT_READ_S,
        "max_retry_attempts": RETRIES,
    }
    if credentials is not None:
        meta["aws_access_key_id"], meta["aws_secret_access_key"] = credentials
    make: Any = type(Item)
    bound: Table = make(
        "BoundItem", (Item,), {"Meta": type("Meta", (), meta), "__module__": __name__}
    )
    # Once, here: PynamoDB makes a client at the first use, and two threads would make two.
    client_of(bound)
    return bound


def client_of(table: Table) -> Any:
    """Return the one botocore client under a bound model, for hooks and raw calls."""
    # PynamoDB has no public way to it.
    return table._get_connection().connection.client

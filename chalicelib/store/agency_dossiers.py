"""Dossiers in an agency's partition, in any size, and who read them (R10.5)."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, replace

from chalicelib.core.errors import LimitError, NotFoundError
from chalicelib.flows.ports import Page
from chalicelib.flows.ports_agency import DossierRead, DossierRow
from chalicelib.store import keys
from chalicelib.store.agency_scope import AgencyScope
from chalicelib.store.codec import from_map, to_map
from chalicelib.store.reads import read_keys
from chalicelib.store.tables import Item
from chalicelib.store.writes import unavailable

INSIDE_CHARS_MAX = 50_000  # of a body that lies in the row itself; then a page of them stays small
PART_BYTES = 300_000  # an item may have 400 kB
PARTS_MAX = 10  # in one transaction, which takes 4 MB
TRIES = 5  # against others that write the same dossier


@dataclass(frozen=True, slots=True)
class StoredDossier:
    """A dossier, and in how many items of its own the body lies when it is large."""

    row: DossierRow
    parts: int = 0


class AgencyDossiers(AgencyScope):
    """The dossiers' part of `AgencyShelf`. A dossier's item and its parts carry the same digest."""

    def put_dossier(self, row: DossierRow) -> None:
        """Keep a dossier with its parts, at once, unless a newer one is there.

        Raises:
            LimitError: packed, it is larger than one transaction may be.
            UnavailableError: the store does not answer now, or others are too quick.
        """
        digest = hashlib.sha256(json.dumps(to_map(row), sort_keys=True).encode()).hexdigest()
        head, parts = self._items(row, digest)
        for _ in range(TRIES):
            there = self._get(head.sk)
            had = 0 if there is None else from_map(StoredDossier, there.value()).parts
            same = self._absent
            if there is not None:
                if there.version > row.account_version or there.change_id == digest:
                    return
                same = (self._table.version == there.version) & (
                    self._table.change_id == there.change_id
                )
            gone = [self._part(row.placement_id, number) for number in range(len(parts), had)]
            if not parts and not gone:
                if self._save(head, same):
                    return
            elif self._write([(head, same), *((part, None) for part in parts)], gone):
                return
        raise unavailable("a dossier is written faster than it can be replaced")

    def dossier(self, placement_id: str) -> DossierRow:
        """Return a placement's dossier, whole and of one writing.

        Raises:
            NotFoundError: there is none here.
        """
        for _ in range(TRIES):
            item = self._get(keys.dossier(placement_id))
            if item is None:
                raise NotFoundError(f"there is no placement {placement_id!r}")
            row = self._whole(item)
            if row is not None:
                return row
        raise unavailable("a dossier is written faster than it can be read")

    def dossiers(self, after: str, limit: int) -> Page[DossierRow]:
        """Return dossiers by placement id from after a mark; one query, and a read of large ones."""
        items, more = self._page(keys.DOSSIERS, after, limit)
        rows = []
        for item in items:
            row = self._whole(item)
            rows.append(row or self.dossier(from_map(StoredDossier, item.value()).row.placement_id))
        return Page(rows, more)

    def record_read(self, read: DossierRead) -> None:
        """Write an audit line; the same again is the same line."""
        which = hashlib.sha256("\n".join(read.placement_ids).encode()).hexdigest()[:12]
        sk = keys.dossier_read(read.at, read.key_id, read.request_id, which)
        self._save(self._item(sk, read))

    def reads(self, before: str, limit: int) -> Page[DossierRead]:
        """Return audit lines, newest first, from before a mark; one query."""
        items, more = self._page(keys.READS, before, limit, newest_first=True)
        return Page([from_map(DossierRead, item.value()) for item in items], more)

    def _items(self, row: DossierRow, digest: str) -> tuple[Item, list[Item]]:
        pieces: list[bytes] = []
        if len(row.body) > INSIDE_CHARS_MAX:
            packed = zlib.compress(row.body.encode(), 6)
            pieces = [packed[at : at + PART_BYTES] for at in range(0, len(packed), PART_BYTES)]
        if len(pieces) > PARTS_MAX:
            raise LimitError(
                f"the dossier of {row.placement_id} is beyond {PARTS_MAX * PART_BYTES} bytes when "
                "packed: more than a placement may have"
            )
        kept = StoredDossier(replace(row, body="") if pieces else row, len(pieces))
        head = self._item(keys.dossier(row.placement_id), kept, row.account_version)
        parts = [self._part(row.placement_id, number) for number in range(len(pieces))]
        for part, piece in zip(parts, pieces, strict=True):
            part.packed = piece
        for item in (head, *parts):
            item.change_id = digest
        return head, parts

    def _part(self, placement_id: str, number: int) -> Item:
        return self._table(pk=self._pk, sk=keys.dossier_part(placement_id, number))

    def _whole(self, item: Item) -> DossierRow | None:
        """Return what a dossier's item and its parts say, None if they were written meanwhile."""
        stored = from_map(StoredDossier, item.value())
        if not stored.parts:
            return stored.row
        wanted = [
            (self._pk, keys.dossier_part(stored.row.placement_id, number))
            for number in range(stored.parts)
        ]
        parts = sorted(read_keys(self._table, wanted, self._sleep), key=lambda part: part.sk)
        if [part.change_id for part in parts] != [item.change_id] * stored.parts:
            return None
        body = zlib.decompress(b"".join(part.packed for part in parts)).decode()
        return replace(stored.row, body=body)

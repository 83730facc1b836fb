"""The shelf of API keys in memory; the contract suite keeps it honest."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.core.errors import ConflictError, LimitError, NotFoundError
from chalicelib.flows.api_keys import KEYS_MAX, ApiKey


class MemoryKeys:
    """`KeyShelf` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, ApiKey] = {}

    def get(self, key_id: str) -> ApiKey:
        if key_id not in self.kept:
            raise NotFoundError(f"there is no key {key_id!r}")
        return self.kept[key_id]

    def add(self, key: ApiKey) -> None:
        if len(self.kept) >= KEYS_MAX:
            raise LimitError(f"there are {KEYS_MAX} keys already, revoked ones included")
        if key.id in self.kept:
            raise ConflictError("the key is there already, or is not there")
        self.kept[key.id] = key

    def replace(self, key: ApiKey) -> None:
        if key.id not in self.kept:
            raise ConflictError("the key is there already, or is not there")
        self.kept[key.id] = key

    def all(self) -> Sequence[ApiKey]:
        return sorted(self.kept.values(), key=lambda key: (key.created_at, key.id), reverse=True)

"""What is kept of a snapshot while it is made: how it began, and how far each stretch has come.

Every file either holds what its key says for good (lists of ids, under the digest of their content)
or is whole by itself (the draft, a stretch): whichever of two equal messages writes last, what is
there fits together. `drafts/` ends by itself after some days; snapshots are under `runs/`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

from chalicelib.core.errors import NotFoundError
from chalicelib.flows.ports import Archive
from chalicelib.flows.snapshot_sums import Sums, read_sums

_DIGEST = 24
_JSON = "application/json"
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A snapshot that is being made, as it began, and its account ids as far as they are known.

    `found` names lists of ids, each sorted; `mark` says where the search goes on. `stretches` names
    the lists that are worked, sorted throughout; None: the search is not over. `figures` are those
    of the run when the snapshot began.
    """

    run_on: date
    start: str
    begun_at: datetime
    edges: tuple[int, ...]
    base: str
    figures: Values
    found: tuple[str, ...] = ()
    accounts: int = 0
    mark: str = ""
    stretches: tuple[str, ...] | None = None
    is_written: bool = False


@dataclass(slots=True)
class Stretch:
    """How far a stretch of the ids has come: what was added up, and which parts are stored.

    `ids` names the list it is of. `accounts` of them are done.
    """

    number: int
    ids: str
    sums: Sums
    accounts: int = 0
    open_items: int = 0
    account_parts: list[Values] = field(default_factory=list)
    open_item_parts: list[Values] = field(default_factory=list)
    is_done: bool = False

    def values(self) -> Values:
        """Return it as JSON values, from which `read_stretch` makes the same again."""
        named = {name: getattr(self, name) for name in type(self).__slots__}
        return named | {"sums": self.sums.kept()}


def read_stretch(values: Values) -> Stretch:
    """Return the stretch that `Stretch.values` wrote."""
    return Stretch(**(values | {"sums": read_sums(values["sums"])}))


def start_of(at: datetime) -> str:
    """Return the name of a snapshot's start, made from its instant."""
    return f"{at:%Y%m%dT%H%M%S%f}Z"


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts in the archive. Each method may raise UnavailableError: it does not answer now."""

    archive: Archive

    def claim(self, draft: Draft) -> None:
        """Make a start the latest of its day: what began before ends with its next portion."""
        self._put(_latest_key(draft.run_on), {"start": draft.start})

    def is_latest(self, run_on: date, start: str) -> bool:
        """Return whether no snapshot of the day was started later."""
        try:
            latest = json.loads(self.archive.get(_latest_key(run_on)))
        except NotFoundError:
            return False  # it ended, as drafts do
        return bool(latest["start"] == start)

    def put(self, draft: Draft) -> None:
        """Keep a draft."""
        values = {name: getattr(draft, name) for name in Draft.__slots__}
        values |= {"run_on": draft.run_on.isoformat(), "begun_at": draft.begun_at.isoformat()}
        self._put(_key(draft.run_on, draft.start, "draft"), values)

    def get(self, run_on: date, start: str) -> Draft:
        """Return a draft.

        Raises:
            NotFoundError: there is none of that start.
        """
        values = json.loads(self.archive.get(_key(run_on, start, "draft")))
        stretches = values["stretches"]
        return Draft(
            **values
            | {
                "run_on": run_on,
                "begun_at": datetime.fromisoformat(values["begun_at"]),
                "edges": tuple(values["edges"]),
                "found": tuple(values["found"]),
                "stretches": None if stretches is None else tuple(stretches),
            }
        )

    def put_ids(self, draft: Draft, ids: Iterable[str]) -> str:
        """Keep a list of account ids; return its key, by which it never changes."""
        text = "".join(json.dumps(account_id) + "\n" for account_id in ids)
        content = gzip.compress(text.encode(), mtime=0)
        digest = hashlib.sha256(content).hexdigest()[:_DIGEST]
        key = f"drafts/{draft.run_on}/{draft.start}/ids/{digest}.jsonl.gz"
        self.archive.put(key, content, "application/gzip")
        return key

    def ids(self, key: str) -> Iterator[str]:
        """Yield the ids of a list; what is held of it is what was packed."""
        with gzip.open(BytesIO(self.archive.get(key)), "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)

    def put_stretch(self, draft: Draft, stretch: Stretch) -> None:
        """Keep how far a stretch has come."""
        self._put(_stretch_key(draft, stretch.number), stretch.values())

    def stretch(self, draft: Draft, number: int) -> Stretch:
        """Return how far a stretch has come: nowhere, if nothing is kept of this list of ids."""
        ids = (draft.stretches or ())[number]
        try:
            found = read_stretch(json.loads(self.archive.get(_stretch_key(draft, number))))
        except NotFoundError:
            found = None
        return found if found and found.ids == ids else Stretch(number, ids, Sums(draft.edges))

    def _put(self, key: str, values: Values) -> None:
        self.archive.put(key, json.dumps(values, ensure_ascii=False).encode(), _JSON)


def _latest_key(run_on: date) -> str:
    return f"drafts/{run_on}/latest.json"


def _key(run_on: date, start: str, name: str) -> str:
    return f"drafts/{run_on}/{start}/{name}.json"


def _stretch_key(draft: Draft, number: int) -> str:
    return _key(draft.run_on, draft.start, f"stretches/{number:05d}")

"""One call as a view sees it: read, checked, and with who makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from chalicelib.api.csv_answers import prefers_csv
from chalicelib.api.cursors import read_cursor, write_cursor
from chalicelib.api.shapes.base import ListQuery
from chalicelib.flows.desk import Caller
from chalicelib.flows.principal import Principal
from chalicelib.wiring import deps
from chalicelib.wiring_ports import Ports

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was read and let in. `route` is the method and path template."""

    route: str
    caller: Caller
    path_values: Mapping[str, str] = field(default_factory=dict)
    read_body: BaseModel | None = None
    read_query: BaseModel | None = None
    accept: str = ""

    @property
    def principal(self) -> Principal:
        """Who calls."""
        return self.caller.principal

    @property
    def wants_csv(self) -> bool:
        """Whether the caller asks for CSV rather than JSON."""
        return prefers_csv(self.accept)

    @property
    def ports(self) -> Ports:
        """The deployment's adapters."""
        return deps().ports

    def path(self, name: str) -> str:
        """Return a path parameter."""
        return self.path_values[name]

    def body(self, kind: type[M]) -> M:
        """Return the body, which the operation declares to be of this kind."""
        assert isinstance(self.read_body, kind)
        return self.read_body

    def query(self, kind: type[M]) -> M:
        """Return the query parameters, which the operation declares to be of this kind."""
        assert isinstance(self.read_query, kind)
        return self.read_query

    def mark(self) -> str:
        """Return where the list goes on, "" for its start: the cursor that was given.

        Raises:
            MalformedError: it is none of ours, or of a list with other filters.
        """
        query = self.read_query
        assert isinstance(query, ListQuery)
        if not query.cursor:
            return ""  # the first page needs no secret
        return read_cursor(query.cursor, self._filters(), self.ports.signing_key)

    def listed(self, rows: list[dict[str, Any]], mark: str | None) -> dict[str, Any]:
        """Return a part of a list as it is answered, with the cursor to its next part."""
        cursor = None
        if mark is not None:
            cursor = write_cursor(mark, self._filters(), self.ports.signing_key)
        return {"data": rows, "next_cursor": cursor}

    def _filters(self) -> dict[str, str]:
        """Return what a cursor is bound to: the route, its path, and the filters."""
        assert self.read_query is not None
        asked = self.read_query.model_dump(mode="json", exclude={"cursor", "limit"})
        filters = {name: str(value) for name, value in asked.items() if value is not None}
        return {**filters, **self.path_values, "": self.route}

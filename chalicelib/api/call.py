"""One call as a view sees it: read, checked, and with who makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from chalicelib.api.conditions import names_etag
from chalicelib.api.csv_answers import prefers_csv
from chalicelib.api.cursors import read_cursor, write_cursor
from chalicelib.api.shapes.base import ListQuery
from chalicelib.core.errors import PastdueError
from chalicelib.flows.desk import Caller, etag_of
from chalicelib.flows.ports_agency import AgencyShelf
from chalicelib.flows.principal import Principal
from chalicelib.telemetry import logger
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
    if_none_match: str = ""

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

    @property
    def shelf(self) -> AgencyShelf:
        """The partition of the agency that calls: all that its routes touch (R10.5)."""
        return self.ports.agencies.shelf(self.principal.agency_id)

    def tell_worker(self) -> None:
        """Say that there is something to do for the agency that calls; nothing is lost if it fails.

        What waits is found again within a minute.
        """
        try:
            self.ports.agency_queue.send_agency([self.principal.agency_id])
        except PastdueError as error:
            logger.warning("the agency's worker was not told", extra={"code": error.code})

    def has(self, body: Mapping[str, Any]) -> bool:
        """Return whether the caller has this already, as `If-None-Match` says (304)."""
        return names_etag(self.if_none_match, etag_of(body))

    def sign(self, name: str, mark: str) -> str:
        """Return a cursor of this name for a mark, which this agency's calls alone may use."""
        bound = {"": name, "@agency": self.principal.agency_id}
        return write_cursor(mark, bound, self.ports.signing_keys)

    def signed(self, name: str, cursor: str) -> str:
        """Return the mark of a cursor that `sign` wrote for this name and agency.

        Raises:
            MalformedError: it is none of ours, or another agency's.
        """
        bound = {"": name, "@agency": self.principal.agency_id}
        return read_cursor(cursor, bound, self.ports.signing_keys)

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
        return read_cursor(query.cursor, self._filters(), self.ports.signing_keys)

    def listed(self, rows: list[dict[str, Any]], mark: str | None) -> dict[str, Any]:
        """Return a part of a list as it is answered, with the cursor to its next part."""
        cursor = None
        if mark is not None:
            cursor = write_cursor(mark, self._filters(), self.ports.signing_keys)
        return {"data": rows, "next_cursor": cursor}

    def _filters(self) -> dict[str, str]:
        """Return what a cursor is bound to: the route, its path, and the filters."""
        assert self.read_query is not None
        asked = self.read_query.model_dump(mode="json", exclude={"cursor", "limit"})
        filters = {name: str(value) for name, value in asked.items() if value is not None}
        whose = {"@agency": self.principal.agency_id} if self.principal.agency_id else {}
        return {**filters, **self.path_values, **whose, "": self.route}

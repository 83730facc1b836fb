"""`Agencies` over one table: the agencies by id, and the way into the partition of one (R10.5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from chalicelib.core.errors import LimitError, NotFoundError
from chalicelib.flows.ports_agency import AGENCIES_MAX, Agency
from chalicelib.flows.ports_registry import Put, RecordKey
from chalicelib.store import keys
from chalicelib.store.agency_dossiers import AgencyDossiers
from chalicelib.store.agency_feed import AgencyFeed, Remits
from chalicelib.store.agency_reports import AgencyReports
from chalicelib.store.agency_scope import check_agency_id
from chalicelib.store.records import DynamoRecords
from chalicelib.store.tables import Table


class DynamoAgencyShelf(AgencyFeed, AgencyDossiers, AgencyReports):
    """`AgencyShelf` over one table: one agency's, and no other's, by how it is made."""


class DynamoAgencies:
    """`Agencies` over one table. `sleep` waits between tries, in seconds."""

    def __init__(self, table: Table, sleep: Callable[[float], None] = time.sleep) -> None:
        self._table = table
        self._sleep = sleep
        self._records = DynamoRecords(table)

    def get(self, agency_id: str) -> Agency:
        """Return an agency; one read.

        Raises:
            NotFoundError: there is none of that id.
        """
        # An empty name is no key.
        found = self._records.read(RecordKey(keys.AGENCIES, agency_id or "?"), Agency)
        if found is None:
            raise NotFoundError(f"there is no agency {agency_id!r}")
        return found.value

    def put(self, agency: Agency) -> None:
        """Keep an agency, new or changed; the last word stays. How it remits, its shelf tells too.

        Raises:
            InvalidInputError: no agency can have that id.
            LimitError: there are 100 already.
        """
        check_agency_id(agency.id)
        there = self.all()
        if len(there) >= AGENCIES_MAX and agency.id not in {one.id for one in there}:
            raise LimitError(f"there are {AGENCIES_MAX} agencies already")
        self._records.write(
            Put(RecordKey(keys.AGENCIES, agency.id), agency),
            Put(RecordKey(keys.agency(agency.id), keys.REMITS), Remits(agency.remit)),
        )

    def all(self) -> Sequence[Agency]:
        """Return every agency, by id; one query."""
        found = self._records.list(keys.AGENCIES, Agency, most=AGENCIES_MAX)
        return [record.value for record in found]

    def shelf(self, agency_id: str) -> DynamoAgencyShelf:
        """Return what reads and writes one agency's partition, and can touch no other.

        Raises:
            InvalidInputError: no agency can have that id.
        """
        return DynamoAgencyShelf(self._table, agency_id, self._sleep)

"""What a person decides on imports: look, approve, decline (R7.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.flows.desk import Caller, Reply, check_match
from chalicelib.flows.import_records import (
    APPROVED,
    BOOK,
    DECLINED,
    ImportRecord,
    booking_of,
    decided,
    find_import,
)
from chalicelib.flows.import_upload import values_of
from chalicelib.flows.jobs import Jobs
from chalicelib.flows.ports_registry import Put, Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of


@dataclass(frozen=True, slots=True)
class ImportDesk:
    """Shows imports, and takes what a person decides on one that waits."""

    records: Records
    jobs: Jobs

    def list(self, before: str, most: int) -> tuple[list[dict[str, Any]], str | None]:
        """Return imports, newest first, from before an id, and where the list goes on."""
        found = self.records.list(
            BOOK, ImportRecord, after=before, most=most + 1, newest_first=True
        )
        rows = [values_of(record.value) for record in found[:most]]
        return rows, found[most - 1].key.name if len(found) > most else None

    def get(self, import_id: str) -> dict[str, Any]:
        """Return an import.

        Raises:
            NotFoundError: there is no such import.
        """
        return values_of(find_import(self.records, import_id).value)

    def approve(self, caller: Caller, import_id: str, said: Mapping[str, Any]) -> Reply:
        """Let a waiting import go, for exactly the count that it would settle; it is booked soon.

        Raises:
            NotFoundError, ConflictError, SecondPersonError: as `find_import` and `decided` say.
            PreconditionFailedError: the import is not as the caller read it.
        """
        reply = self._decide(caller, import_id, APPROVED, said)
        record = find_import(self.records, import_id).value
        if record.state == APPROVED and not reply.is_replayed:
            self.jobs.send(booking_of(record, caller.at).id)
        return reply

    def decline(self, caller: Caller, import_id: str, said: Mapping[str, Any]) -> Reply:
        """Say that a waiting import is not to be booked.

        Raises:
            NotFoundError, ConflictError: as `find_import` and `decided` say.
            PreconditionFailedError: the import is not as the caller read it.
        """
        return self._decide(caller, import_id, DECLINED, said)

    def _decide(self, caller: Caller, import_id: str, state: str, said: Mapping[str, Any]) -> Reply:
        def rule() -> Rule:
            found = find_import(self.records, import_id)
            check_match(caller, values_of(found.value))
            after = decided(found.value, caller.principal.person, caller.at, state, said)
            why = {"reason_code": str(said["reason_code"]), "note": str(said["note"])}
            settled = str(after.settled)
            kind = f"import_{state}"
            act = act_of(caller, f"import/{import_id}", kind, import_id, settled=settled, **why)
            status = 202 if state == APPROVED else 200
            puts = [Put(found.key, after, found.revision)]
            if state == APPROVED:
                puts += self.jobs.puts(booking_of(after, caller.at))
            return Rule(puts, Reply(status, values_of(after), f"/v1/imports/{import_id}"), [act])

        return RegistryDesk(self.records).act(caller, rule)

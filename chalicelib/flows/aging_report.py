"""The aging report, answered from the snapshot of a run (R3.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any

from chalicelib.core.errors import NotFoundError
from chalicelib.flows.ports import Archive, Registry
from chalicelib.flows.report import summary_key

RUNS_LOOKED_AT = 8  # the newest may not have its snapshot yet
_ANY_DAY = date(MAXYEAR, 12, 31)


@dataclass(frozen=True, slots=True)
class AgingReport:
    """Answers what is open, by age, without reading an account. Currencies never add up (R3.3)."""

    registry: Registry
    archive: Archive

    def aging(self, as_of: date | None = None) -> dict[str, Any]:
        """Return the buckets, totals per currency, and a row per account and currency.

        `as_of` None: the newest run that has a snapshot; its day is in the answer.

        Raises:
            NotFoundError: there is no snapshot of that day, or none at all.
        """
        if as_of is not None:
            return self._of(as_of)
        for run in self.registry.last_runs(_ANY_DAY, RUNS_LOOKED_AT):
            try:
                return self._of(run.run_on)
            except NotFoundError:
                continue
        raise NotFoundError("there is no snapshot yet: none of the last runs was reported")

    def _of(self, as_of: date) -> dict[str, Any]:
        try:
            summary = json.loads(self.archive.get(summary_key(as_of)))
        except NotFoundError:
            raise NotFoundError(f"there is no snapshot of {as_of}") from None
        return {
            "as_of": summary["run_on"],
            "buckets": summary["buckets"],
            "totals": summary["aging"],
            "accounts": summary["aging_by_account"],
        }

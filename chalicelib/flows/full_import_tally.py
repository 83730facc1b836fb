"""What a statement of all that is open does to a ledger, counted: before it is done, and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from chalicelib.core.money import add
from chalicelib.flows.import_ledger import ImportFault

FAULTS_MAX = 1_000  # listed one by one; the rest are counted


@dataclass(slots=True)
class Tally:
    """Counts of invoices and accounts, and amounts per currency in minor units.

    `counts`: `taken` (new), `increased`, `decreased`, `settled` (nothing is open any more),
    `settled_charges`, `corrected` (other attributes), `known` (as it was). `open_before`: invoices
    with open principal before. `faults` are the first; `faults_total` counts them all.
    """

    open_before: int = 0
    accounts_changed: int = 0
    accounts_same: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    amounts: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[ImportFault] = field(default_factory=list)
    faults_total: int = 0
    failed_accounts: int = 0

    @property
    def settled(self) -> int:
        """How many invoices have nothing open any more by it."""
        return self.counts.get("settled", 0)

    def count(self, word: str) -> None:
        """Count one invoice or charge under a word."""
        self.counts[word] = self.counts.get(word, 0) + 1

    def waits(self, max_disappearing: Decimal) -> bool:
        """Whether it settles a greater share of the open invoices than the policy lets go (R7.6)."""
        return self.settled > max_disappearing * self.open_before

    def add(self, other: Tally) -> None:
        """Add what another part of the ledger came to."""
        self.open_before += other.open_before
        self.accounts_changed += other.accounts_changed
        self.accounts_same += other.accounts_same
        self.failed_accounts += other.failed_accounts
        for word, count in other.counts.items():
            self.counts[word] = self.counts.get(word, 0) + count
        for word, amounts in other.amounts.items():
            for currency, amount in amounts.items():
                add(self.amounts.setdefault(word, {}), currency, amount)
        self.faults_total += max(other.faults_total, len(other.faults))
        self.faults.extend(other.faults[: FAULTS_MAX - len(self.faults)])

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can say."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Tally:
        """Return what `to_json` wrote."""
        said = dict(values)
        faults = [ImportFault(**fault) for fault in said.pop("faults", ())]
        return cls(**said, faults=faults)

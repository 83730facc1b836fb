"""What a snapshot adds up over all accounts, one at a time: aging, ledger totals, notices (R3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.aging import AgingRow, add_aging, bucket_names, out_of_balance
from chalicelib.core.money import add
from chalicelib.core.policy import AgingRules
from chalicelib.core.risk import promises_ended
from chalicelib.flows.reporting_rates import ReportingRates
from chalicelib.flows.snapshot_rows import BASES, AccountView

UNBALANCED_NAMED = 20
GROUPS = ("currency", "collector", "class")
Key = tuple[str, str]  # what it is grouped by, and the currency


@dataclass(slots=True)
class Ledger:
    """Running totals of one currency since ever, and what is open of it, in minor units (R7.5)."""

    entries: dict[str, int] = field(default_factory=dict)
    principal_minor: int = 0
    current_minor: int = 0  # of the principal, what is not past due
    charges_minor: int = 0
    voided_charges_minor: int = 0
    unapplied_minor: int = 0
    promises_kept: int = 0
    promises_broken: int = 0

    def values(self) -> dict[str, Any]:
        """Return it as plain values, from which `Ledger(**values)` is the same again."""
        named = {name: getattr(self, name) for name in type(self).__slots__}
        return named | {"entries": dict(sorted(self.entries.items()))}

    def take(self, other: Ledger) -> None:
        """Add the totals of other accounts."""
        for kind, minor in other.entries.items():
            add(self.entries, kind, minor)
        for name in type(self).__slots__:
            if name != "entries":
                setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Sums:
    """The sums of a snapshot. Its size follows currencies, collectors and classes, not accounts."""

    edges: tuple[int, ...]
    aging: dict[str, dict[str, dict[Key, AgingRow]]] = field(
        default_factory=lambda: {base: {group: {} for group in GROUPS} for base in BASES}
    )
    ledger: dict[str, Ledger] = field(default_factory=dict)
    notices: dict[str, dict[str, int]] = field(default_factory=dict)  # live, by kind and state
    notices_since_ever: dict[str, dict[str, int]] = field(default_factory=dict)
    unbalanced: int = 0
    unbalanced_ids: list[str] = field(default_factory=list)

    def add(self, view: AccountView) -> None:
        """Add one account."""
        account = view.account
        under = {"currency": "", "collector": view.collector,
                 "class": account.details.account_class}  # fmt: skip
        for base in BASES:
            for row in view.aging[base]:
                for group, name in under.items():
                    add_aging(self.aging[base][group], (name, row.currency), row)
        self._add_ledger(view)
        for notice in account.notices.values():
            states = self.notices.setdefault(notice.notice, {})
            states[notice.state] = states.get(notice.state, 0) + 1
        _add_tables(self.notices_since_ever, account.notice_counts)
        if out_of_balance(account):
            self.unbalanced += 1
            if len(self.unbalanced_ids) < UNBALANCED_NAMED:
                self.unbalanced_ids.append(account.id)

    def _add_ledger(self, view: AccountView) -> None:
        account = view.account
        for currency, kinds in account.totals.items():
            here = self._of(currency)
            for kind, minor in kinds.items():
                add(here.entries, kind, minor)
        for currency, minor in account.voided_charges.items():
            self._of(currency).voided_charges_minor += minor
        for row in view.aging["due_date"]:
            here = self._of(row.currency)
            here.principal_minor += row.principal_minor
            here.current_minor += row.buckets[0]
            here.charges_minor += row.charges_minor
            here.unapplied_minor += row.unapplied_minor
        if view.policy is not None:
            made = {promise.currency for promise in account.promises}
            for currency in made | account.past_promises.keys():
                kept, broken = promises_ended(account, view.policy, view.as_of, currency)
                self._of(currency).promises_kept += kept
                self._of(currency).promises_broken += broken

    def take(self, other: Sums) -> None:
        """Add the sums of other accounts, with the same edges; in the order of their ids.

        All but the names of the first unbalanced accounts is the same in any order.
        """
        for base, groups in other.aging.items():
            for group, rows in groups.items():
                for key, row in rows.items():
                    add_aging(self.aging[base][group], key, row)
        for currency, ledger in other.ledger.items():
            self._of(currency).take(ledger)
        _add_tables(self.notices, other.notices)
        _add_tables(self.notices_since_ever, other.notices_since_ever)
        self.unbalanced += other.unbalanced
        self.unbalanced_ids = [*self.unbalanced_ids, *other.unbalanced_ids][:UNBALANCED_NAMED]

    def kept(self) -> dict[str, Any]:
        """Return the sums as JSON values, from which `read_sums` makes the same sums again."""
        return {
            "edges": list(self.edges),
            "aging": {
                base: {group: _rows(rows) for group, rows in groups.items()}
                for base, groups in self.aging.items()
            },
            "ledger": {code: ledger.values() for code, ledger in self.ledger.items()},
            "notices": self.notices,
            "notices_since_ever": self.notices_since_ever,
            "unbalanced": self.unbalanced,
            "unbalanced_ids": self.unbalanced_ids,
        }

    def _of(self, currency: str) -> Ledger:
        return self.ledger.setdefault(currency, Ledger())

    def values(self) -> dict[str, Any]:
        """Return the sums as plain values, in order."""
        return {
            "aging": {
                base: {
                    "buckets": list(bucket_names(AgingRules(self.edges, base))),
                    **{group: _rows(rows) for group, rows in groups.items()},
                }
                for base, groups in self.aging.items()
            },
            "ledger": {code: ledger.values() for code, ledger in sorted(self.ledger.items())},
            "notices": _tables(self.notices),
            "notices_since_ever": _tables(self.notices_since_ever),
            "unbalanced": {"accounts": self.unbalanced, "first": self.unbalanced_ids},
        }


def read_sums(values: Mapping[str, Any]) -> Sums:
    """Return the sums that `Sums.kept` wrote."""
    sums = Sums(
        tuple(values["edges"]),
        ledger={code: Ledger(**ledger) for code, ledger in values["ledger"].items()},
        notices=values["notices"],
        notices_since_ever=values["notices_since_ever"],
        unbalanced=values["unbalanced"],
        unbalanced_ids=list(values["unbalanced_ids"]),
    )
    for base, groups in values["aging"].items():
        for group, rows in groups.items():
            sums.aging[base][group] = {
                (row["key"], row["currency"]): AgingRow(
                    "",
                    row["currency"],
                    tuple(row["buckets_minor"]),
                    row["charges_minor"],
                    row["unapplied_minor"],
                )
                for row in rows
            }
    return sums


def in_reporting_currency(sums: Sums, rates: ReportingRates) -> dict[str, Any]:
    """Return the totals once more in the reporting currency, with the rates they were made with.

    A currency without a rate is named in `missing`, and then there is no total (R3.3).
    """
    totals = {
        base: {code: row for (_, code), row in sums.aging[base]["currency"].items() if _has(row)}
        for base in BASES
    }
    codes = sorted(totals["due_date"].keys() - {rates.currency})
    widths = {base: len(bucket_names(AgingRules(sums.edges, base))) for base in BASES}
    found = {base: rates.total(rows, widths[base]) for base, rows in totals.items()}
    return {
        "currency": rates.currency,
        "rates": [
            {"currency": code, "on": rates.rates[code].on.isoformat(),
             "rate": format(rates.rates[code].rate, "f")}
            for code in codes
            if code in rates.rates
        ],
        "missing": [code for code in codes if code not in rates.rates],
        "totals": {
            base: None if row is None else _rows({("", rates.currency): row})[0]
            for base, row in found.items()
        },
    }  # fmt: skip


def _add_tables(here: dict[str, dict[str, int]], more: Mapping[str, Mapping[str, int]]) -> None:
    for kind, counts in more.items():
        table = here.setdefault(kind, {})
        for name, count in counts.items():
            table[name] = table.get(name, 0) + count


def _tables(counts: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {kind: dict(sorted(table.items())) for kind, table in sorted(counts.items())}


def _has(row: AgingRow) -> bool:
    return any((*row.buckets, row.charges_minor, row.unapplied_minor))


def _rows(rows: dict[Key, AgingRow]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "currency": currency,
            "buckets_minor": list(row.buckets),
            "charges_minor": row.charges_minor,
            "unapplied_minor": row.unapplied_minor,
        }
        for (key, currency), row in sorted(rows.items())
    ]

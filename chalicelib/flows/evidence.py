"""Exports one account as an evidence archive: for a lawyer, a court, or the customer (R13.3)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.evidence_agencies import add_placements
from chalicelib.flows.evidence_arithmetic import (
    CHARGE_COLUMNS,
    DIFFERS,
    SEGMENT_COLUMNS,
    charge_rows,
    charge_values,
    checked_charges,
    segment_rows,
)
from chalicelib.flows.evidence_files import EvidenceFiles, plain
from chalicelib.flows.evidence_gather import Gathered, Sources, gather
from chalicelib.flows.evidence_ledger import (
    BALANCE_COLUMNS,
    LEDGER_COLUMNS,
    Balance,
    balance_rows,
    balances_of,
    ledger_rows,
)
from chalicelib.flows.evidence_letters import add_letters
from chalicelib.flows.evidence_policies import add_policies
from chalicelib.flows.evidence_readme import Asked, readme
from chalicelib.flows.evidence_tables import tables_of
from chalicelib.flows.evidence_timeline import (
    CONTACT_COLUMNS,
    TIMELINE_COLUMNS,
    contact_rows,
    timeline_rows,
    timeline_values,
)

FORMAT = 1  # of the archive: its files and columns
MEDIA_TYPE = "application/zip"
# What of an account has tables of its own, or is read from elsewhere.
_ELSEWHERE = frozenset({"invoices", "closed", "money", "notices", "past_notices", "contact_people"})


@dataclass(frozen=True, slots=True)
class Exported:
    """An evidence archive. `counts` are what is in it, `checks` what its own checks found."""

    content: bytes
    sha256: str
    account_version: int
    files: int
    counts: Mapping[str, int]
    checks: Mapping[str, Mapping[str, int]]
    out_of_balance: tuple[str, ...]  # currencies

    @property
    def is_sound(self) -> bool:
        """Whether the ledger adds up, and every letter and charge is as it was written down."""
        return not self.out_of_balance and not any(
            counts.get(DIFFERS) for counts in self.checks.values()
        )


def export_account(sources: Sources, account_id: str, asked: Asked) -> Exported:
    """Return all that is known of an account as one archive; the same state gives the same bytes.

    Only `asked` itself, in README.txt and manifest.json, tells two exports of one state apart.
    Nothing is written anywhere.

    Raises:
        NotFoundError: there is no such account.
        StaleVersionError: others kept changing the account while it was read.
        EvidenceTooLargeError: the account has more than an archive may hold.
        UnavailableError: store or archive do not answer now.
    """
    found = gather(sources, account_id)
    files = EvidenceFiles()
    balances = _add_money(files, found)
    charges = _add_charges(files, found, sources)
    counts = {name: files.add_csv(f"{name}.csv", table.columns, table.rows) for name, table in
              tables_of(found).items()}  # fmt: skip
    counts |= _add_history(files, found)
    letters = add_letters(files, found, sources.archive)
    add_placements(files, found, sources.agencies)
    policies = add_policies(files, found, sources)
    _add_account(files, found)
    counts |= {"charges": sum(charges.values()), "letters": len(found.notices)}
    counts |= {"policies": len(policies), "ledger_entries": sum(1 for _ in found.entries)}
    checks = {"charges": dict(charges), "letters": dict(Counter(letters))}
    files.add_text("README.txt", readme(found, asked, balances, policies, checks, files.kept))
    files.add_json("manifest.json", _manifest(files, found, asked, balances, counts, checks))
    content = files.close()
    return Exported(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        account_version=found.version,
        files=len(files.kept),
        counts=counts,
        checks=checks,
        out_of_balance=tuple(one.currency for one in balances if not one.holds),
    )


def _add_money(files: EvidenceFiles, found: Gathered) -> tuple[Balance, ...]:
    files.add_csv("ledger.csv", LEDGER_COLUMNS, ledger_rows(found))
    balances = balances_of(found)
    files.add_csv("balance.csv", BALANCE_COLUMNS, balance_rows(balances))
    lines = [line for one in balances for line in (*one.sentences(), "")]
    files.add_text("balance.txt", "\n".join(lines))
    files.add_json("invoices.json", found.invoices)
    files.add_json("payments.json", found.money)
    return balances


def _add_charges(files: EvidenceFiles, found: Gathered, sources: Sources) -> Counter[str]:
    charges = checked_charges(found)
    files.add_csv("charges.csv", CHARGE_COLUMNS, charge_rows(charges))
    files.add_csv("interest_segments.csv", SEGMENT_COLUMNS, segment_rows(charges))
    files.add_json("charges.json", [charge_values(one, sources.policies) for one in charges])
    return Counter(one.check for one in charges)


def _add_history(files: EvidenceFiles, found: Gathered) -> dict[str, int]:
    lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in timeline_values(found)]
    files.add_text("timeline.jsonl", "".join(lines))
    return {
        "timeline": files.add_csv("timeline.csv", TIMELINE_COLUMNS, timeline_rows(found)),
        "contacts_made": files.add_csv(
            "calls_and_contacts.csv", CONTACT_COLUMNS, contact_rows(found)
        ),
    }


def _add_account(files: EvidenceFiles, found: Gathered) -> None:
    account: dict[str, Any] = plain(found.account)
    rest = {name: value for name, value in account.items() if name not in _ELSEWHERE}
    contacts = {one.id: plain(one) for one in found.contacts}
    files.add_json("account.json", rest | {"version": found.version, "contact_people": contacts})


def _manifest(
    files: EvidenceFiles,
    found: Gathered,
    asked: Asked,
    balances: Sequence[Balance],
    counts: Mapping[str, int],
    checks: Mapping[str, Mapping[str, int]],
) -> dict[str, Any]:
    currencies = sorted({one.currency for one in balances})
    return {
        "format": FORMAT,
        "account_id": found.account.id,
        "account_version": found.version,
        "exported": plain(asked),
        "counts": dict(sorted(counts.items())),
        "checks": checks,
        "currency_decimals": {code: CURRENCY_DIGITS.get(code, 2) for code in currencies},
        "balances": [
            {
                "currency": one.currency,
                "entries_minor": one.by_kind,
                "ledger_minor": one.ledger_minor,
                "open_principal_minor": one.open_principal_minor,
                "open_charges_minor": one.open_charges_minor,
                "unapplied_minor": one.unapplied_minor,
                "open_minor": one.open_minor,
                "holds": one.holds,
            }
            for one in balances
        ],
        "files": {
            path: {"sha256": kept.sha256, "size_bytes": kept.size_bytes}
            for path, kept in sorted(files.kept.items())
        },
    }

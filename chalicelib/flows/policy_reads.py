"""Policies as they are told: what is in force, what is to come, and every version there was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.errors import NotFoundError
from chalicelib.flows.policy_table import PolicyCard, read_document, read_table
from chalicelib.flows.policy_version_values import (
    PolicyVersion,
    card_values,
    installed_values,
    log_of,
    version_key,
    version_values,
)
from chalicelib.flows.ports_registry import Records
from chalicelib.flows.registry_desk import acts_in

HISTORY_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PolicyReads:
    """Tells of policies and their versions."""

    records: Records

    def list(self, after: str, most: int, today: date) -> tuple[list[dict[str, Any]], str | None]:
        """Return policies in order of their ids, and the mark of the next page. One read."""
        table = read_table(self.records).value
        ids = [name for name in sorted(table.policies) if name > after]
        rows = [card_values(name, table.policies[name], today) for name in ids[:most]]
        return rows, ids[most - 1] if len(ids) > most else None

    def get(self, policy_id: str, today: date) -> dict[str, Any]:
        """Return a policy with its document in force, its versions and its log. Four reads.

        Raises:
            NotFoundError: there is no such policy.
        """
        card = self._card(policy_id)
        version = card.in_force(today)
        found = self.records.list(
            f"P#{policy_id}", PolicyVersion, prefix="VERSION#", most=HISTORY_SHOWN
        )
        text = read_document(self.records, policy_id, version).decode() if version else None
        versions = sorted((row.value for row in found), key=lambda one: one.proposed_at)
        return card_values(policy_id, card, today) | {
            "document": text,
            "versions": [version_values(one, card, today) for one in reversed(versions)],
            "log": acts_in(self.records, log_of(policy_id)),
        }

    def get_version(self, policy_id: str, version: str, today: date) -> dict[str, Any]:
        """Return a version with its document and who did what with it. Three reads.

        Raises:
            NotFoundError: there is no such version.
        """
        card = self._card(policy_id)
        document = read_document(self.records, policy_id, version).decode()
        record = self.records.read(version_key(policy_id, version), PolicyVersion)
        if record is not None:
            return version_values(record.value, card, today) | {"document": document}
        installed = [entry for entry in card.scheduled if entry.version == version]
        if not installed:
            raise NotFoundError(f"the policy {policy_id!r} has no version {version!r}")
        return installed_values(policy_id, version, card, today) | {"document": document}

    def _card(self, policy_id: str) -> PolicyCard:
        card = read_table(self.records).value.policies.get(policy_id)
        if card is None:
            raise NotFoundError(f"there is no policy {policy_id[:64]!r}")
        return card

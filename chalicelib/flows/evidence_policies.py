"""The policies that acted on an account, in their documents' own words and in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.errors import NotFoundError, PolicyError
from chalicelib.core.rates import RateTable
from chalicelib.flows.evidence_files import Cell, EvidenceFiles
from chalicelib.flows.evidence_gather import Gathered, Sources
from chalicelib.flows.policy_explain import Explained, explain

POLICY_COLUMNS = (
    "policy", "version", "first_acted_on", "last_acted_on", "changes", "document", "kept",
)  # fmt: skip


@dataclass(slots=True)
class Use:
    """How a version was used: from when through when, in how many changes of the account."""

    first_on: date
    last_on: date
    changes: int = 0


def add_policies(files: EvidenceFiles, found: Gathered, sources: Sources) -> tuple[str, ...]:
    """Add every version that acted on the account, and its rate tables; return what they are called.

    A version whose document is not there any more is listed as such.
    """
    uses = _uses(found)
    tables: dict[str, RateTable] = {}
    rows: list[dict[str, Cell]] = []
    for label, use in sorted(uses.items()):
        policy_id, _, version = label.partition("@")
        path = f"policies/{policy_id}_{version}"
        is_kept = True
        try:
            document = sources.registry.policy_document(policy_id, version)
            policy = sources.policies.document(policy_id, version)
        except (NotFoundError, PolicyError):
            is_kept = False
        else:
            files.add(f"{path}.toml", document)
            files.add_text(f"{path}.txt", "".join(_sentences(label, explain(policy))))
            if policy.interest is not None and policy.interest.rates is not None:
                tables[policy.interest.rates.id] = policy.interest.rates
        rows.append(
            {
                "policy": policy_id,
                "version": version,
                "first_acted_on": use.first_on,
                "last_acted_on": use.last_on,
                "changes": use.changes,
                "document": f"{path}.toml" if is_kept else "",
                "kept": is_kept,
            }
        )
    for name in sorted(tables):
        files.add_json(f"rates/{name}.json", tables[name])
    files.add_csv("policies.csv", POLICY_COLUMNS, rows)
    return tuple(sorted(uses))


def _uses(found: Gathered) -> dict[str, Use]:
    uses: dict[str, Use] = {}
    for lines in found.log:
        days = [line.on for line in (*lines.entries, *lines.effects, *lines.events)]
        if not lines.policy or not days:
            continue
        use = uses.setdefault(lines.policy, Use(min(days), max(days)))
        use.first_on, use.last_on = min(use.first_on, *days), max(use.last_on, *days)
        use.changes += 1
    return uses


def _sentences(label: str, parts: tuple[Explained, ...]) -> Iterator[str]:
    yield f"The policy {label}, in plain sentences. The document beside it is what counts.\n"
    for part in parts:
        yield f"\n{part.title}\n"
        yield from (f"- {sentence}\n" for sentence in part.sentences)

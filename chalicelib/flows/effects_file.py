"""`effects.jsonl` and `summary.json`: the simulation's output, byte by byte (`cli.md`, Simulation)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from chalicelib.core.aging import bucket_names, total_aging
from chalicelib.core.effects import (
    ChargePosted,
    ChargeReversed,
    ChargeStopped,
    Effect,
    HoldEnded,
    HoldPlaced,
    NoticeCreated,
    Skipped,
    StageApplied,
    TaskMade,
)
from chalicelib.flows.simulate import Simulation


def as_row(effect: Effect) -> dict[str, Any]:
    """Return an effect with the keys, and in the order, that the file has."""
    row: dict[str, Any] = {
        "on": effect.on.isoformat(),
        "account_id": effect.account_id,
        "kind": effect.kind,
    }
    match effect:
        case StageApplied():
            row |= {"invoice_id": effect.invoice_id, "stage": effect.stage}
        case ChargePosted():
            row |= {
                "id": effect.id,
                "invoice_id": effect.invoice_id,
                "stage": effect.stage,
                "charge": effect.charge,
                "amount_minor": effect.amount_minor,
                "currency": effect.currency,
                "capped_by": effect.capped_by,
            }
        case NoticeCreated():
            row |= {
                "id": effect.id,
                "notice": effect.notice,
                "stage": effect.stage,
                "currency": effect.currency,
                "invoice_ids": list(effect.invoice_ids),
                "past_due_minor": effect.past_due_minor,
            }
        case HoldPlaced() | HoldEnded():
            row |= {"reason": effect.reason}
        case ChargeReversed():
            row |= {
                "id": effect.id,
                "invoice_id": effect.invoice_id,
                "amount_minor": effect.amount_minor,
                "currency": effect.currency,
                "because": effect.because,
            }
        case Skipped():
            row |= {
                "invoice_id": effect.invoice_id,
                "stage": effect.stage,
                "block": effect.block,
            }
        case _:
            row |= _as_values(effect)
    return row


def _as_values(effect: Effect) -> dict[str, Any]:
    """Return what an effect holds beside its day and account, in the order of its fields."""
    names = [name for name in effect.__dataclass_fields__ if name not in ("on", "account_id")]
    values = {name: getattr(effect, name) for name in names}
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}


def as_line(effect: Effect) -> str:
    """Return an effect as its line, newline included: `, ` and `: ` between, non-ASCII as is."""
    return json.dumps(as_row(effect), ensure_ascii=False) + "\n"


def effect_lines(effects: Iterable[Effect]) -> Iterator[str]:
    """Yield the lines of `effects.jsonl`."""
    return (as_line(effect) for effect in effects)


def summarise(simulation: Simulation) -> dict[str, Any]:
    """Return a policy's part of `summary.json`: counts, amounts, aging at the end, checksums."""
    whole, months = _checksums(simulation.effects)
    rules = simulation.policy.aging
    return {
        "version": simulation.policy.version,
        "from": simulation.first_day.isoformat(),
        "to": simulation.last_day.isoformat(),
        "days": (simulation.last_day - simulation.first_day).days + 1,
        "decisions": simulation.decisions,
        "effects": len(simulation.effects),
        "counts": effect_counts(simulation.effects),
        "tasks": task_counts(simulation.effects),
        "charges": charge_sums(simulation.effects),
        "charges_stopped": stopped_counts(simulation.effects),
        "aging": {
            currency: {
                "buckets": dict(zip(bucket_names(rules), row.buckets, strict=True)),
                "principal_minor": row.principal_minor,
                "charges_minor": row.charges_minor,
                "unapplied_minor": row.unapplied_minor,
            }
            for currency, row in total_aging(simulation.aging).items()
        },
        "failed": [{"account_id": name, "error": why} for name, why in simulation.failed],
        "sha256": whole,
        "sha256_by_month": months,
    }


def _checksums(effects: Iterable[Effect]) -> tuple[str, dict[str, str]]:
    whole = hashlib.sha256()
    months: dict[str, Any] = {}
    for effect in effects:
        line = as_line(effect).encode()
        whole.update(line)
        month = f"{effect.on:%Y-%m}"
        if month not in months:
            months[month] = hashlib.sha256()
        months[month].update(line)
    return whole.hexdigest(), {month: digest.hexdigest() for month, digest in months.items()}


def effect_counts(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """Return counts and amounts by kind, stage (or block, reason, cap) and currency, in order."""
    table: dict[tuple[str, str, str, str], list[int]] = {}
    for effect in effects:
        cell = table.setdefault(_cell(effect), [0, 0])
        cell[0] += 1
        cell[1] += getattr(effect, "amount_minor", 0)
    return [
        {"kind": kind, "by": by, "cap": cap, "currency": currency, "count": c, "amount_minor": a}
        for (kind, by, cap, currency), (c, a) in sorted(table.items())
    ]


def _cell(effect: Effect) -> tuple[str, str, str, str]:
    by = next((str(getattr(effect, name)) for name in _BY if hasattr(effect, name)), "")
    if isinstance(effect, NoticeCreated) and not effect.stage:
        by = effect.notice  # a letter about a payment plan bears no stage
    cap = effect.capped_by or "" if isinstance(effect, ChargePosted) else ""
    is_amount = not isinstance(effect, Skipped | StageApplied)
    return (effect.kind, by, cap, getattr(effect, "currency", "") if is_amount else "")


# By what an effect is counted: the first of these that it has.
_BY = ("block", "stage", "task", "move", "because", "reason", "outcome", "state")


def task_counts(effects: Iterable[Effect]) -> dict[str, int]:
    """Return how many tasks were opened, by kind."""
    return dict(sorted(Counter(e.task for e in effects if isinstance(e, TaskMade)).items()))


def charge_sums(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """Return how many charges were made and what they came to, by kind and currency (R4.1).

    Amounts in minor units; one that was capped to nothing counts with nothing.
    """
    table: dict[tuple[str, str], list[int]] = {}
    for effect in effects:
        if isinstance(effect, ChargePosted):
            cell = table.setdefault((effect.charge, effect.currency), [0, 0])
            cell[0] += 1
            cell[1] += effect.amount_minor
    return [
        {"charge": charge, "currency": currency, "count": count, "amount_minor": amount}
        for (charge, currency), (count, amount) in sorted(table.items())
    ]


def stopped_counts(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """Return how many charges were stopped, by why: which table, and which day (R4.4)."""
    found = Counter((e.because, e.detail) for e in effects if isinstance(e, ChargeStopped))
    return [
        {"because": because, "detail": detail, "count": count}
        for (because, detail), count in sorted(found.items())
    ]

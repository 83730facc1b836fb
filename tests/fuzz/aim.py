"""Makes a generated request speak of what is there, so that it reaches further than its first check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from chalicelib.flows.policies import shipped_document

from tests.flows.machine import TODAY
from tests.fuzz.ledger import Known
from tests.fuzz.steps import BY_ROUTE, examples

LISTS_OF = {"invoice_ids": "invoice_id", "account_ids": "account_id"}
DAYS = {"on", "by", "due_by", "until", "covers_through", "as_of", "from", "to"}
OVER = {"issued_on", "received_on", "delivered_on", "covers_through"}  # what has happened
GOOD: Mapping[str, tuple[Any, ...]] = {
    "currency": ("USD",),
    "url": ("https://hooks.crm.example/pastdue",),
    "since": ("2024-03-17T00:00:00Z",),
    "agency": ("default", "south"),
    "assignee": ("junior", "senior", "manager", "nobody", "me"),
    "amount_minor": (1, 100, 1_500, 100_000, 123_450),
    "count": (3,),
    "time": ("09:15", "14:30"),
    "accounts_due": (1_250,),
    "account_class": ("standard", "key"),
    "locale": ("en", "de_AT"),
    "terms": ("net 30", "2/10 net 30"),
    "document": tuple(
        shipped_document(name).decode() + comment
        for name in ("standard", "rapid")
        for comment in ("", "# or so\n")
    ),
}


def aimed(value: Any, known: Known, random: Random, name: str = "") -> Any:
    """Return a JSON value with what it names replaced by what is there, where the type is right."""
    if isinstance(value, dict):
        return {key: aimed(one, known, random, key) for key, one in value.items()}
    if isinstance(value, list):
        of = known.ids.get(LISTS_OF.get(name, ""))
        return [random.choice(of) if of else aimed(one, known, random) for one in value]
    return value if random.random() < 0.1 else _aimed(value, known, random, name)


def _aimed(value: Any, known: Known, random: Random, name: str) -> Any:
    if isinstance(value, str) and (name.endswith("_on") or name in DAYS):
        latest = 0 if name in OVER and random.random() < 0.8 else 45
        return (TODAY + timedelta(days=random.randint(-45, latest))).isoformat()
    there = known.ids.get(name) or GOOD.get(name)
    if there and isinstance(value, type(there[0])) and not isinstance(value, bool):
        return random.choice(there)
    return value


def aimed_body(route: str, generated: Any, known: Known, random: Random) -> Any:
    """Return a body: as generated, aimed, an example, or an example with a part of what was made."""
    shown = list(examples(BY_ROUTE[route]))
    way = random.randrange(4)
    if way == 0 or not isinstance(generated, dict):
        return generated
    if way == 1 or not shown:
        return aimed(generated, known, random)
    example = dict(random.choice(shown))
    if way == 2:
        return aimed(example, known, random)
    parts = random.sample(sorted(generated), min(len(generated), random.randint(0, 2)))
    return example | {name: aimed(generated[name], known, random, name) for name in parts}

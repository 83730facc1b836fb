"""What the outside is told of one change of an account, as values (docs/events.md).

Every type is in the catalogue (`bus_events_types`). Data are ids, codes, days and amounts: never
personal data, notes, or the text of letters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.bus_events_changes import (
    account_tellings,
    agreement_tellings,
    hold_tellings,
    invoice_tellings,
    rest_tellings,
)
from chalicelib.core.bus_events_effects import effect_tellings, timeline_tellings
from chalicelib.core.bus_events_ledger import ledger_tellings
from chalicelib.core.bus_events_letters import address_tellings, letter_tellings
from chalicelib.core.bus_events_values import Telling
from chalicelib.core.effects import Effect, Entry, Event

ID_PREFIX = "evt_"
ID_DIGITS = 32  # of SHA-256, hexadecimal


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """One event of one change: `version` is the account's after it, `index` its place, from 0.

    Both together order all events of an account. `id` follows from the account, both, and the type.
    """

    id: str
    type: str
    account_id: str
    on: date
    version: int
    index: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of an account: from what to what, with its lines. `version`: that it leads to."""

    before: Account
    after: Account
    version: int
    entries: Sequence[Entry] = ()
    effects: Sequence[Effect] = ()
    events: Sequence[Event] = ()


def events_of(changed: Changed, today: date) -> tuple[AccountEvent, ...]:
    """Return what is told of a change, in order; the same change tells the same for ever.

    `today` is the day of what has none of its own. An event about a line has the line's.
    """
    lines = (*changed.entries, *changed.effects, *changed.events)
    on = max((line.on for line in lines), default=today)
    account_id = changed.after.id
    return tuple(
        AccountEvent(
            id=event_id(account_id, changed.version, index, telling.type),
            type=telling.type,
            account_id=account_id,
            on=telling.on or on,
            version=changed.version,
            index=index,
            data=telling.data,
        )
        for index, telling in enumerate(_tellings(changed, on))
    )


def event_id(account_id: str, version: int, index: int, name: str) -> str:
    """Return the id of an event, made from its meaning: told twice, it is the same one."""
    meaning = "\n".join((account_id, str(version), str(index), name))
    return ID_PREFIX + hashlib.sha256(meaning.encode()).hexdigest()[:ID_DIGITS]


def _tellings(changed: Changed, on: date) -> Iterator[Telling]:
    """Yield what is told: who it is, the ledger, what was decided, then what stands differently."""
    before, after = changed.before, changed.after
    yield from account_tellings(before, after, is_new=changed.version == 1)
    yield from address_tellings(before, after)
    yield from ledger_tellings(after, changed.entries)
    yield from invoice_tellings(before, after)
    yield from effect_tellings(before, after, changed.effects)
    yield from agreement_tellings(before, after)
    yield from rest_tellings(before, after, on)
    yield from hold_tellings(before, after, on)
    yield from letter_tellings(before, after)
    yield from timeline_tellings(changed.events)

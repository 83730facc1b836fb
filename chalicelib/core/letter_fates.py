"""What became of a notice's attempts, from all that was said of their addressees (R11.3, R11.4).

Of one addressee a hard bounce outranks all; what arrived outranks a refusal by the mail service,
and that one outranks that it gave up for now. Nothing here depends on the order of events.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from chalicelib.core.account import Notice, SentTo, WentTo, is_stand_in

HARD = frozenset({"bounced", "suppressed"})
ARRIVED = frozenset({"delivered", "complained"})
WENT_TO_MAX = 90  # addressees of all attempts of one notice that are remembered
SOFT_MAX = 2  # that often a mailbox may not take a letter in time; then it has come back

Fate = Literal["", "soft", "rejected", "arrived", "hard"]


def fate_of(one: WentTo) -> Fate:
    """Return what became of a letter to one addressee; "" while nobody knows."""
    said = {what for what, _ in one.said}
    if said & HARD:
        return "hard"
    if said & ARRIVED:
        return "arrived"
    if "rejected" in said:
        return "rejected"
    return "soft" if "soft" in said else ""


def attempt_fate(notice: Notice, attempt: int) -> Fate:
    """Return what became of an attempt: `arrived` with anybody, else "" while that may still be.

    `rejected`, `soft` or `hard`: it came back from everybody; `hard` only when from all for good.
    """
    fates = {fate_of(one) for one in addressed(notice, attempt)}
    if "arrived" in fates:
        return "arrived"
    if not fates or "" in fates:
        return ""
    if "rejected" in fates:
        return "rejected"
    return "soft" if "soft" in fates else "hard"


def addressed(notice: Notice, attempt: int) -> list[WentTo]:
    """Return whom an attempt went to, copies apart."""
    return [one for one in notice.went_to if one.attempt == attempt and not one.is_copy]


def arrived_on(notice: Notice) -> date | None:
    """Return the first day on which the notice arrived with anybody and did not come back."""
    days = (
        on
        for one in notice.went_to
        if not one.is_copy and fate_of(one) == "arrived"
        for what, on in one.said
        if what in ARRIVED
    )
    return min(days, default=None)


def came_back(notice: Notice) -> frozenset[str]:
    """Return the digests of the addresses that this notice is not sent to again.

    Those that bounced, and those that did not take it in time twice.
    """
    soft = [one.digest for one in notice.went_to if fate_of(one) == "soft"]
    twice = {digest for digest in soft if soft.count(digest) >= SOFT_MAX}
    hard = {one.digest for one in notice.went_to if fate_of(one) == "hard"}
    return frozenset(hard | twice)


def with_said(
    notice: Notice, attempt: int, saying: str, on: date, digests: Collection[str]
) -> tuple[Notice, tuple[WentTo, ...]]:
    """Return the notice with what is said of an attempt, and those of whom it is new.

    Without digests it is said of everybody (of a bounce, only where that is one). An address that
    the attempt did not go to may be one that it was forwarded to: of one addressee it is said
    itself; among several nobody knows of whom, and it is remembered like a copy.
    """
    known = notice.went_to
    if not any(one.attempt == attempt for one in known):
        known = (*known, *(WentTo(attempt, "", digest) for digest in sorted(digests) or ("",)))
    here = [one for one in known if one.attempt == attempt]
    named, strange = _named(here, saying, digests)
    if len(known) + len(strange) <= WENT_TO_MAX:
        known = (*known, *(WentTo(attempt, "", digest, is_copy=True) for digest in strange))
    told, new = [], []
    for one in known:
        if one.attempt == attempt and one.digest in named | strange:
            said = _with(one, saying, on)
            if saying not in {what for what, _ in one.said}:
                new.append(said)
            told.append(said)
        else:
            told.append(one)
    return as_told(replace(notice, went_to=tuple(told))), tuple(new)


def _named(
    here: Sequence[WentTo], saying: str, digests: Collection[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return which addresses of an attempt are meant, and which were named that it did not go to."""
    open_ones = frozenset(one.digest for one in here if not one.is_copy)
    if not digests:
        is_clear = saying not in HARD or len(open_ones) == 1
        return (open_ones if is_clear else frozenset()), frozenset()
    known = frozenset(one.digest for one in here)
    strange = frozenset(digests) - known
    if strange and len(open_ones) == 1 and len(known) == 1:
        return open_ones, frozenset()
    erased = frozenset(digest for digest in known if is_stand_in(digest))
    if strange and erased:  # it is of somebody erased: a digest of the address must not come back
        one_only = erased if len(erased) == 1 else frozenset()
        return (frozenset(digests) & known) | one_only, frozenset()
    return frozenset(digests) & known, strange


def as_told(notice: Notice) -> Notice:
    """Return a notice whose `to`, `returns` and `soft_returns` follow from `went_to`."""
    fates = [attempt_fate(notice, n) for n in sorted({one.attempt for one in notice.went_to})]
    soft = fates.count("soft")
    return replace(
        notice,
        to=tuple(_still_there(notice)),
        returns=fates.count("hard") + max(0, soft - SOFT_MAX + 1),
        soft_returns=soft,
    )


def _still_there(notice: Notice) -> Iterator[SentTo]:
    for one in addressed(notice, notice.attempt):
        if fate_of(one) not in ("hard", "soft"):
            yield SentTo(one.contact_id, one.digest)


def _with(one: WentTo, saying: str, on: date) -> WentTo:
    said = dict(one.said)
    said[saying] = min(said.get(saying, on), on)
    return replace(one, said=tuple(sorted(said.items())))

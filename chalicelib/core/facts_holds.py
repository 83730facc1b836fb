"""Facts about credit holds: what people say of them, and what customer service was told (R8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.core.account import Hold
from chalicelib.core.releases import CreditNews, NewsState, ReleaseRequest, TemporaryRelease


@dataclass(frozen=True, slots=True)
class HoldSet:
    """A person places a hold (R8.1); one of the same reason that is there stays as it is."""

    on: date
    hold: Hold


@dataclass(frozen=True, slots=True)
class HoldOverruled:
    """A person releases a hold (R8.3). A rule's is not placed again until it was untrue once.

    Unlike `HoldReleased`, after which the rule decides anew the next day.
    """

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class HoldsReleasedUntil:
    """A person lets an account be shipped to until a day, despite the holds of these reasons (R8.4)."""

    on: date
    reasons: tuple[str, ...]
    release: TemporaryRelease


@dataclass(frozen=True, slots=True)
class ReleaseRequested:
    """Someone asks to let an order through (R8.5); a task asks its assignee for an answer by a day."""

    on: date
    request: ReleaseRequest
    due_on: date
    why: str


@dataclass(frozen=True, slots=True)
class ReleaseAnswered:
    """A release request is answered (R8.5): `request` is how it then stands."""

    on: date
    request: ReleaseRequest


@dataclass(frozen=True, slots=True)
class NewsAdded:
    """Customer service is to be told of something, once (R8.6)."""

    on: date
    news: CreditNews


@dataclass(frozen=True, slots=True)
class NewsMoved:
    """What is known of the telling changes (R8.6). All but `pending` and `sending` end it."""

    on: date
    news_id: str
    state: NewsState
    attempt: int
    lease_until: datetime | None = None


HoldFact = (
    HoldSet
    | HoldOverruled
    | HoldsReleasedUntil
    | ReleaseRequested
    | ReleaseAnswered
    | NewsAdded
    | NewsMoved
)

"""What must be true of a policy's document before anybody may publish it (R2.1, R2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.errors import Fault, InvalidInputError, PolicyError
from chalicelib.core.policy import Policy
from chalicelib.flows.letter_parts import NoticeKind
from chalicelib.flows.policies import load

DOCUMENT = "/document"
AHEAD_DAYS_MAX = 366


def checked_policy(policy_id: str, text: str, effective_on: date | None, today: date) -> Policy:
    """Return the policy of a document that may be published under an id for a day.

    `effective_on` None: any day. The next processing day is by the document's own calendar.

    Raises:
        InvalidInputError: every fault at once; those of the document point to `/document` and name
            the key.
    """
    try:
        policy = load(text.encode())
    except PolicyError as error:
        faults = tuple(Fault(DOCUMENT, f.code, str(f)) for f in error.faults)
        whole = (Fault(DOCUMENT, error.code, str(error).partition("\n")[0]),)
        raise InvalidInputError("the policy cannot be published", faults or whole) from error
    faults = tuple(_faults(policy, policy_id, effective_on, today))
    if faults:
        raise InvalidInputError("the policy cannot be published", faults)
    return policy


def _faults(
    policy: Policy, policy_id: str, effective_on: date | None, today: date
) -> Iterator[Fault]:
    if policy.id != policy_id:
        detail = f"id: the document says {policy.id!r}, the path {policy_id!r}"
        yield Fault(DOCUMENT, "another_id", detail)
    written = set(NoticeKind)
    for stage in policy.stages:
        if stage.notice is not None and stage.notice not in written:
            known = ", ".join(NoticeKind)
            detail = f"stages.{stage.id}.notice: there is no letter {stage.notice!r}, but {known}"
            yield Fault(DOCUMENT, "no_such_letter", detail)
    if effective_on is None:
        return
    earliest = policy.calendar.processing_day_from(today + ONE_DAY)
    if effective_on < earliest:
        detail = f"a version takes effect on the next processing day, {earliest}, at the earliest"
        yield Fault("/effective_on", "too_early", detail)
    if effective_on > today + timedelta(days=AHEAD_DAYS_MAX):
        detail = f"a version is published at most {AHEAD_DAYS_MAX} days ahead"
        yield Fault("/effective_on", "too_far_ahead", detail)

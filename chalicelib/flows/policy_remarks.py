"""What a policy may say but probably does not mean: shown beside the explanation, not refused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chalicelib.core.policy import Policy
from chalicelib.flows.letter_parts import NoticeKind
from chalicelib.flows.policy_remarks_agencies import agency_remarks
from chalicelib.flows.policy_remarks_charges import charge_remarks
from chalicelib.flows.policy_words import days, listed

LETTERS = tuple(kind.value for kind in NoticeKind)


def remarks(policy: Policy) -> Iterator[str]:
    """Yield what is allowed but worth a second look, each a sentence that names the keys."""
    yield from _stage_remarks(policy)
    yield from _final_remarks(policy)
    yield from _order_remarks(policy)
    yield from charge_remarks(policy)
    yield from agency_remarks(policy)
    if policy.cash.write_off_short_payments and not policy.cash.short_payment_tolerance:
        yield "write_off_short_payments has no short_payment_tolerance: nothing is written off."
    if policy.holds.unanswered_final_demand and not any(
        stage.final and stage.respond_within_days is not None for stage in policy.stages
    ):
        yield (
            "unanswered_final_demand never holds anyone: no final stage has respond_within_days."
        )
    for name, wanted in (
        ("minimum_past_due", policy.dunning.minimum_past_due),
        ("past_due_total", policy.holds.past_due_total or {}),
    ):
        missing = [code for code in policy.currencies if wanted and code not in wanted]
        if missing:
            yield f"{name} has no bound in {', '.join(missing)}."


def _stage_remarks(policy: Policy) -> Iterator[str]:
    for stage in policy.stages:
        if stage.notice is not None and stage.notice not in LETTERS:
            yield (
                f'Stage "{stage.id}" has the notice "{stage.notice}", but no letter of that name '
                f"is shipped: pastdue run refuses it; there are {listed(LETTERS)}."
            )
        if stage.call and stage.notice is None:
            yield f'Stage "{stage.id}" has call but no notice: a call only follows a notice.'
        if stage.final and stage.notice is None:
            yield f'Stage "{stage.id}" is final but has no notice: nothing is demanded.'
        if stage.final and stage.repeat_notice:
            yield (
                f'Stage "{stage.id}" is final and has repeat_notice: the final demand is sent '
                "again and again, each with another date for the answer."
            )
        if stage.respond_within_days is not None and not stage.final:
            yield f'Stage "{stage.id}" has respond_within_days but is not final: it is not used.'
        if stage.warn_days and not stage.warn_first:
            yield f'Stage "{stage.id}" has warn_days without warn_first: they are not used.'
        if stage.charges and not stage.warn_first:
            yield f'Stage "{stage.id}" charges without warn_first: no notice announces it before.'


def _final_remarks(policy: Policy) -> Iterator[str]:
    """Yield final demands that leave out what makes one: the date, and what follows (R5.1)."""
    for stage in policy.stages:
        if stage.final and stage.notice is not None and stage.respond_within_days is None:
            yield (
                f'Stage "{stage.id}" is final without respond_within_days: its letter names no '
                "date for an answer, and nothing that follows without one."
            )
        if NoticeKind.FINAL_DEMAND.value in (stage.notice, stage.text) and not stage.final:
            yield (
                f'Stage "{stage.id}" writes a final demand but is not final: the letter names no '
                "date for an answer, and nothing follows it."
            )


def _order_remarks(policy: Policy) -> Iterator[str]:
    interval = policy.dunning.min_days_between_notices
    for before, after in pairwise(policy.stages):
        gap = after.days - before.days
        if gap < interval and before.notice is not None:
            yield (
                f'Stage "{after.id}" comes {days(gap)} after "{before.id}", sooner than '
                f"min_days_between_notices ({days(interval)}): it will wait."
            )
        if after.warn_first and gap < after.warn_days and before.announces:
            yield (
                f'Stage "{after.id}" comes {days(gap)} after "{before.id}", but its warn_days is '
                f"{after.warn_days}: it waits until an earlier warning is that old."
            )

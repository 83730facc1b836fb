"""Explains a policy in plain sentences, for the people whose rules they are (`design/cli.md`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.core.policy import Policy
from chalicelib.flows.policy_explain_agencies import escalation_sentences
from chalicelib.flows.policy_explain_collections import (
    case_sentences,
    dispute_sentences,
    terms_sentences,
)
from chalicelib.flows.policy_explain_examples import Examples
from chalicelib.flows.policy_explain_interest import interest_sentences
from chalicelib.flows.policy_explain_letters import letter_sentences
from chalicelib.flows.policy_explain_money import (
    cap_sentences,
    cash_sentences,
    statement_sentences,
)
from chalicelib.flows.policy_explain_people import (
    collector_sentences,
    hold_sentences,
    plan_sentences,
    promise_sentences,
    risk_sentences,
    safety_sentences,
)
from chalicelib.flows.policy_explain_stages import stage_sentences
from chalicelib.flows.policy_remarks import remarks
from chalicelib.flows.policy_words import amounts, counted, days, listed, weekdays

STORM = {
    "silent": "its earlier stages are passed over without notice or charge",
    "latest": "only the last stage that it had reached is applied",
    "full": "every stage that it had reached is applied, one after the other",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """One part of a policy: a title and plain sentences."""

    title: str
    sentences: tuple[str, ...]


def explain(policy: Policy) -> tuple[Explained, ...]:
    """Return what a policy does, part by part, in plain sentences.

    Each charge comes with a worked example from the code that charges. The last part, when there
    is one, lists what is allowed but worth a second look.
    """
    examples = Examples(policy)
    parts = [
        _part("This policy", _identity(policy)),
        _part("Days", _days(policy)),
        *(
            _part(
                f"Stage {stage.id}, {days(stage.days)} past due",
                stage_sentences(policy, stage, examples),
            )
            for stage in policy.stages
        ),
        _part("Between stages", _dunning(policy)),
        _part("Caps", cap_sentences(policy)),
        _part("Interest", interest_sentences(policy)),
        _part("Money in", cash_sentences(policy)),
        _part("Credit holds", hold_sentences(policy)),
        _part("Collectors", collector_sentences(policy)),
        _part("Statements", statement_sentences(policy)),
        _part("Letters", letter_sentences(policy)),
        _part("Cases", case_sentences(policy)),
        _part("Promises", promise_sentences(policy)),
        _part("Payment plans", plan_sentences(policy)),
        _part("Disputes", dispute_sentences(policy)),
        _part("Agencies", escalation_sentences(policy)),
        _part("Safety", safety_sentences(policy)),
        _part("Risk score", risk_sentences(policy)),
        _part("Worth a second look", remarks(policy)),
    ]
    return tuple(part for part in parts if part.sentences)


def _part(title: str, sentences: Iterable[str]) -> Explained:
    return Explained(title, tuple(sentences))


def _identity(policy: Policy) -> Iterator[str]:
    yield f'The policy "{policy.id}", version {policy.version}.'
    if policy.description:
        yield policy.description
    yield (
        f"It is for invoices in {listed(policy.currencies)}; invoices in other currencies are "
        "blocked and reported."
    )
    yield from terms_sentences(policy)


def _days(policy: Policy) -> Iterator[str]:
    calendar = policy.calendar
    off = f", except on public holidays of {policy.country}" if policy.country else ""
    yield (
        "Stages, charges and notices happen on "
        f"{weekdays(calendar.processing_days)}{off}; what falls on another day waits."
    )
    yield f"Calls and confirmations fall on {weekdays(calendar.business_days)}{off}."
    edges = listed([str(edge) for edge in policy.aging.edges])
    base = "due date" if policy.aging.base == "due_date" else "invoice date"
    yield f"Invoices age by {base}, in buckets that end at {edges} days; one more follows."


def _dunning(policy: Policy) -> Iterator[str]:
    rules = policy.dunning
    if rules.catch_up == "step":
        yield (
            "An invoice takes at most one stage a day, and the next waits for the interval after "
            "the last notice that listed the invoice."
        )
    else:
        yield "All stages that an invoice has reached are applied in one run, with one notice."
    whole = "All that an account owes in a currency is" if rules.consolidate else "Each invoice is"
    yield f"{whole} asked for in one notice."
    if rules.min_days_between_notices:
        yield from _interval(policy)
    else:
        yield "Notices need no interval between them."
    if rules.max_contacts:
        yield (
            f"An account gets at most {counted(rules.max_contacts, 'notice')} and calls, counted "
            f"together, in {days(rules.contact_window_days)}."
        )
    if rules.minimum_past_due:
        least = amounts(rules.minimum_past_due, policy.digits)
        yield (
            f"An account of which less than {least} is demandable in a currency is not dunned in "
            "it; demandable is what is past due, with open charges, and neither disputed nor "
            "blocked."
        )
    yield f"When an invoice comes in already past due, {STORM[rules.onboarding]}."
    yield f"When another policy or version takes effect, {STORM[rules.on_change]}."
    if rules.count_from_delivery:
        yield "An invoice delivered late falls due as many days later."
    if rules.bulk_send_over is not None:
        over = counted(rules.bulk_send_over, "undelivered invoice")
        yield f"More than {over} of an account go to the billing role to be sent."


def _interval(policy: Policy) -> Iterator[str]:
    """Yield how long a notice waits for the one before it, and which one does not (R5.3)."""
    interval = days(policy.dunning.min_days_between_notices)
    about = "in its currency" if policy.dunning.consolidate else "about its invoice"
    yield f"A notice waits until the one before it {about} is at least {interval} old."
    if any(stage.final for stage in policy.stages):
        yield (
            "A final notice does not wait for an ordinary one of an earlier day, only until the "
            f"final one before it {about} is that old."
        )

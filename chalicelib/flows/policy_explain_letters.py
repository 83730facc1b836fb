"""Says in plain sentences when letters leave, and which go beside notices and statements (R11)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.policy import Policy
from chalicelib.core.policy_letters import SendingRules
from chalicelib.flows.policy_words import listed


def letter_sentences(policy: Policy) -> Iterator[str]:
    """Yield which letters a policy sends beside its notices and statements, and when they go."""
    letters = policy.letters
    yield from _times(policy.sending)
    yield (
        "A payment plan is written about when it is agreed, when an instalment is missed, and when "
        "the plan ends."
    )
    if letters.promise:
        yield (
            "A promise to pay is confirmed by a letter, one that needs approval once it has it: the "
            "amount, the date, the invoices, and what happens if it is not kept."
        )
    if letters.hold:
        yield (
            "The customer is told by a letter when shipments stop or need payment in advance, why, "
            "and what would end that; and when it has ended. There is one letter per change of "
            "credit status; temporary releases bring none."
        )
    if letters.thank_you:
        yield (
            "When a case that was reminded of closes because it was paid, a letter says thank you; "
            "not if something of it was written off."
        )
    kinds = (
        ("promises to pay", letters.promise),
        ("credit holds", letters.hold),
        ("paid cases", letters.thank_you),
    )
    missing = [name for name, is_on in kinds if not is_on]
    if missing:
        yield f"No letters go about {listed(missing, 'or')}."
    yield (
        "These letters wait for a business day and for no other notice; under a legal stop none is "
        "written."
    )


def _times(sending: SendingRules) -> Iterator[str]:
    """Yield when letters leave, on the seller's clock."""
    if sending.opens_at is None or sending.closes_at is None:
        yield "Letters leave as soon as they are decided, at any time of day."
        return
    yield (
        f"Letters leave from {sending.opens_at:%H:%M} until {sending.closes_at:%H:%M}, spread "
        "evenly over that time. What is decided later, or is still there at the end, waits for the "
        "next day on which such a letter may go. News for customer service does not wait."
    )

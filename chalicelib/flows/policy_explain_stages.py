"""Says in plain sentences what happens at each stage, with its notice and its charges (R5.1)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.addressees import ADMIN_ROLE
from chalicelib.core.policy import Policy, Stage
from chalicelib.core.policy_letters import ACCOUNTS_ROLE
from chalicelib.flows.policy_explain_charges import charge_sentences
from chalicelib.flows.policy_explain_examples import Examples
from chalicelib.flows.policy_words import days, listed


def stage_sentences(policy: Policy, stage: Stage, examples: Examples) -> Iterator[str]:
    """Yield what happens at one stage, in plain sentences."""
    yield (
        f"An invoice reaches this stage when it is {days(stage.days)} past due and principal is "
        "still open; on a day on which nothing may happen, it waits for the next one."
    )
    if stage.repeat_every_days is not None:
        last = stage is policy.stages[-1]
        until = "as long as principal is open" if last else "until the next stage's days"
        yield f"It comes again every {days(stage.repeat_every_days)} {until}."
    yield from _notice(stage)
    if stage.warn_first:
        yield (
            "It waits until an earlier notice has announced charges for this invoice, counts as "
            f"sent, and is at least {days(stage.warn_days)} old; if there is none, that notice is "
            f"sent first. After {days(policy.dunning.warn_give_up_days)} without success the stage "
            "goes on without its charges."
        )
    if not stage.charges:
        yield "It charges nothing."
    for rule in stage.charges:
        yield from charge_sentences(policy, stage, rule, examples)


def _notice(stage: Stage) -> Iterator[str]:
    if stage.notice is None:
        yield "It sends no notice."
        return
    final = "a final demand, " if stage.final else ""
    yield (
        f'A notice becomes owed, {final}with the letter "{stage.notice}"; it lists all that the '
        "account has past due and that nothing blocks."
    )
    yield from _letter(stage)
    if stage.announces:
        yield "Its notice announces the charges of later stages."
    if stage.respond_within_days is not None:
        yield f"It asks for an answer within {days(stage.respond_within_days)} of its date."
    if stage.repeat_notice:
        yield (
            "The same notice comes again on each later day on which notices happen, without a new "
            "charge, while the invoice is past due, nothing blocks it and no later stage is "
            "reached."
        )
    if stage.call:
        each = "each" if stage.repeat_notice else "the"
        yield f"A call to the customer falls due on the next business day after {each} notice."


def _letter(stage: Stage) -> Iterator[str]:
    """Yield in which words the letter is, whom it reaches, and what goes with it (R11.2, R11.5)."""
    if stage.text is not None and stage.text != stage.notice:
        yield (
            f'It is in the words of the text "{stage.text}"; where there is none of that name, in '
            "the letter's usual words."
        )
    if stage.role != ACCOUNTS_ROLE:
        others = "" if stage.role == ADMIN_ROLE else f", else with the role {ADMIN_ROLE}"
        yield f"It goes to the contacts with the role {stage.role}{others}, else to any other."
    if stage.copy_sales_owner:
        yield "The account's sales owner gets a copy."
    if stage.attach:
        names = listed([name.upper() for name in stage.attach])
        yield f"The list of what is past due goes with it as {names}."

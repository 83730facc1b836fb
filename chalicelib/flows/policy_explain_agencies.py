"""Says in plain sentences when what is past due is placed with an agency, and on what terms (R10)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.account import Account
from chalicelib.core.book import Book
from chalicelib.core.money import Amounts
from chalicelib.core.placement_fees import post_fees
from chalicelib.core.placement_takings import commission_minor
from chalicelib.core.placements import ACTIVE, AGENCY, DIRECT, RULE, Placement, PlacementTerms
from chalicelib.core.policy import Policy
from chalicelib.core.policy_agencies import AgencyRule, CommissionBand
from chalicelib.flows.policy_explain_charges import EVERYDAY_MAJOR, LARGE_MAJOR
from chalicelib.flows.policy_explain_examples import example_invoice
from chalicelib.flows.policy_words import amounts, counted, days, listed, money, percent

NO_AGENCY = "No account is placed with an agency: none is named."
RULES_SHOWN = 12


def escalation_sentences(policy: Policy) -> Iterator[str]:
    """Yield when an account is placed, with whom, and what is agreed with the agency (R10)."""
    if not policy.escalation.agencies:
        yield NO_AGENCY
        return
    yield from _checklist(policy)
    yield from _agencies(policy)
    yield from _course(policy)
    yield from _fee(policy)
    yield from _commission(policy)
    yield from _settlement(policy)


def _checklist(policy: Policy) -> Iterator[str]:
    rules = policy.escalation
    yield (
        "What is past due of an account may be placed with an agency once the answer date of a final "
        "demand that was sent has passed. Each invoice must have been listed in one and delivered, "
        "and nothing may block it, such as a dispute, a promise or a payment plan."
    )
    if rules.min_attempts:
        over = f", over {counted(rules.min_channels, 'channel')}" if rules.min_channels > 1 else ""
        yield (
            f"Before that the customer was tried at least {counted(rules.min_attempts, 'time')}"
            f"{over}, and so was a second contact or the account's sales owner."
        )
    elif rules.min_channels:
        over = counted(rules.min_channels, "channel")
        yield f"Before that the customer was tried over at least {over}."
    if rules.min_placement:
        yield f"Balances below {amounts(rules.min_placement, policy.digits)} are not placed."


def _agencies(policy: Policy) -> Iterator[str]:
    rules = policy.escalation.agencies
    if len(rules) == 1 and not _conditions(policy, rules[0]):
        yield f"All placements are offered to the agency {rules[0].agency}."
        return
    yield (
        "The first of these rules that fits chooses the agency; one from which an earlier placement "
        "of the account came back is passed over while another fits."
    )
    for rule in rules[:RULES_SHOWN]:
        yield f"{_for_what(policy, rule)} {_part(rule, rules)} {rule.agency}."
    if len(rules) > RULES_SHOWN:
        yield f"{counted(len(rules) - RULES_SHOWN, 'more rule')} of that kind follow."
    if all(_conditions(policy, rule) for rule in rules):
        yield "What no rule fits is not placed."


def _for_what(policy: Policy, rule: AgencyRule) -> str:
    conditions = _conditions(policy, rule)
    return f"Placements {' '.join(conditions)} are" if conditions else "Placements of any kind are"


def _conditions(policy: Policy, rule: AgencyRule) -> list[str]:
    found = []
    if rule.countries:
        found.append(f"of accounts in {listed(sorted(rule.countries), 'or')}")
    if rule.currencies:
        found.append(f"in {listed(sorted(rule.currencies), 'or')}")
    if rule.at_least:
        found.append(f"of {amounts(rule.at_least, policy.digits)} or more")
    if rule.below:
        found.append(f"below {amounts(rule.below, policy.digits)}")
    return found


def _part(rule: AgencyRule, rules: tuple[AgencyRule, ...]) -> str:
    if rule.share is None or sum(one.share is not None for one in rules) == 1:
        return "for"
    return f"shared with the others that fit, {counted(rule.share, 'part')} of them for"


def _course(policy: Policy) -> Iterator[str]:
    rules = policy.escalation
    yield (
        "A person with the role approver, other than who proposed it, approves each placement, and "
        "only while all of that holds; the account's owner is asked."
    )
    if rules.auto_approve_after_days:
        after = days(rules.auto_approve_after_days)
        yield f"Without an answer it counts as approved after {after}, if all of that still holds."
    else:
        yield "It never happens without a person's approval."
    yield (
        f"The agency has {days(rules.offer_days)} to accept. From the offer on the account is on "
        "hold, and what is placed is not dunned."
    )
    later = f"{days(rules.recall_days)} after it was asked for" if rules.recall_days else "at once"
    urgent = (
        "; at once for what is paid, insolvent, a matter of law, or our own error"
        if rules.recall_days
        else ""
    )
    yield f"A recall takes effect {later}{urgent}."
    if rules.auto_recall_after_days is not None:
        had = days(rules.auto_recall_after_days)
        yield f"What an agency accepted is recalled by itself after {had}."
    yield (
        f"A placement that has ended stays open for {days(rules.closing_days)}, and until all that "
        "the agency took is remitted, for money that comes late."
    )


def _fee(policy: Policy) -> Iterator[str]:
    rules = policy.escalation
    if rules.collection_fee_percent is None:
        yield "The customer is charged no collection fee."
        return
    most = rules.collection_fee_max
    limit = f", at most {amounts(most, policy.digits)}" if most else ""
    yield (
        "When the agency accepts, the customer is charged a collection fee of "
        f"{percent(rules.collection_fee_percent)} of the undisputed principal placed{limit}. It is "
        "waived by itself if the placement turns out to be an error."
    )
    currency = policy.currencies[0]
    for major in (EVERYDAY_MAJOR, LARGE_MAJOR):
        placed = major * 10 ** policy.digits[currency]
        fee, capped_by = _example_fee(policy, placed)
        if major == EVERYDAY_MAJOR or capped_by:
            yield _example(policy, "placed", placed, "the fee is", fee, capped_by or "")


def _example_fee(policy: Policy, placed_minor: int) -> tuple[int, str | None]:
    """Return the fee that accepting an example placement posts, and what limits it (R4.2)."""
    book = Book(Account("EXAMPLE"))
    invoice = book.put(example_invoice(policy, placed_minor))
    placement = _placement(policy, frozenset({invoice.id}), PlacementTerms())
    book.placements = {placement.id: placement}
    post_fees(book, placement, policy, invoice.due_on)
    charges = book.invoices[invoice.id].charges
    return (charges[0].amount_minor, charges[0].capped_by) if charges else (0, None)


def _placement(policy: Policy, names: frozenset[str], terms: PlacementTerms) -> Placement:
    made_on = example_invoice(policy, 1).due_on
    return Placement("plc_example", policy.currencies[0], ACTIVE, made_on, RULE, names, terms=terms)


def _commission(policy: Policy) -> Iterator[str]:
    rules = policy.escalation
    if not rules.commission:
        yield "No commission for the agency is worked out."
        return
    digits = policy.digits
    *bounded, last = rules.commission
    if not bounded:
        yield f"The agency's commission is {percent(last.percent)} of what it collects."
    else:
        by = (
            "the balance when it was offered"
            if bounded[0].below
            else "how long the oldest invoice was past due when it was offered"
        )
        bands = [f"{percent(band.percent)} below {_bound(band, digits)}" for band in bounded]
        rest = f"{percent(last.percent)} from there on"
        yield f"The agency's commission goes by {by}: {'; '.join((*bands, rest))}."
    direct = "and" if rules.commission_on_direct else "but not"
    yield (
        f"It is earned on what the agency collects, {direct} on what the customer pays to the seller "
        "while the agency works. It changes nothing of what the customer owes."
    )
    currency = policy.currencies[0]
    paid = EVERYDAY_MAJOR * 10 ** digits[currency]
    fits = (
        one for one in rules.commission if currency not in one.below or paid < one.below[currency]
    )
    terms = PlacementTerms(next(fits, last).percent, rules.commission_on_direct)
    placement = _placement(policy, frozenset(), terms)
    fee = commission_minor(placement, AGENCY, paid)
    first = f"at {percent(terms.commission)} the commission is"
    yield _example(policy, "collected", paid, first, fee)
    if terms.commission_on_direct:
        fee = commission_minor(placement, DIRECT, paid)
        yield _example(policy, "paid to the seller", paid, first, fee)


def _bound(band: CommissionBand, digits: Amounts) -> str:
    return days(band.below_days) if band.below_days is not None else amounts(band.below, digits)


def _example(
    policy: Policy, what: str, of_minor: int, says: str, comes_to_minor: int, capped_by: str = ""
) -> str:
    """Return a worked example as a sentence, in the policy's first currency."""
    currency, digits = policy.currencies[0], policy.digits
    limited = f", limited by {capped_by}" if capped_by else ""
    of = money(of_minor, currency, digits)
    return f"Of {of} {what}, {says} {money(comes_to_minor, currency, digits)}{limited}."


def _settlement(policy: Policy) -> Iterator[str]:
    floor = policy.escalation.settlement_floor
    if floor is None:
        yield "A settlement for less needs a person's approval each time."
        return
    yield (
        f"A settlement for less than the balance needs no approval from {percent(floor)} of it on. "
        "The rest is written off once the money has come."
    )

"""How each charge of an account was worked out, and whether the figures give the same again (R4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chalicelib.core.charges import first_id
from chalicelib.core.effects import ChargePosted
from chalicelib.core.errors import PastdueError
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.money import EXACT, round_half_up, round_half_up_ratio, share
from chalicelib.core.policy import Policy
from chalicelib.core.workings import Segment
from chalicelib.flows.effect_rules import rules_of
from chalicelib.flows.evidence_files import Cell, major, plain
from chalicelib.flows.evidence_gather import Gathered
from chalicelib.flows.policy_shelf import PolicyShelf

SAME, DIFFERS, NOT_KEPT = "same", "differs", "not_recomputable"
SIX_DECIMALS = Decimal("0.000001")
CHARGE_COLUMNS = (
    "charge_id", "invoice_id", "stage", "kind", "posted_on", "currency", "amount", "open", "waived",
    "reversed", "reinstated", "capped_by", "base", "rate_per_cent", "fixed", "worked_out",
    "raised_to", "limited_to", "owed_again", "recomputed", "check", "basis", "policy", "rules",
)  # fmt: skip
SEGMENT_COLUMNS = (
    "charge_id", "segment", "since", "through", "days", "year_days", "currency", "base",
    "rate_per_cent", "interest_unrounded", "rate_from",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """A charge with what its kept figures come to again.

    `amount_minor` None: they do not suffice, `why` says what is missing. `policy` is the id and
    version of the policy that posted it, `rules` the rules that it follows.
    """

    invoice: Invoice
    charge: Charge
    amount_minor: int | None
    why: str
    policy: str
    rules: tuple[str, ...]
    posted_in: str  # the key of the change

    @property
    def check(self) -> str:
        """What the comparison says: `same`, `differs`, or `not_recomputable`."""
        if self.amount_minor is None:
            return NOT_KEPT
        return SAME if self.amount_minor == self.charge.amount_minor else DIFFERS


def checked_charges(found: Gathered) -> tuple[Checked, ...]:
    """Return every charge of every invoice, each worked out again from its kept figures."""
    posted: dict[str, tuple[ChargePosted, str, str]] = {}
    for lines in found.log:
        for effect in lines.effects:
            if isinstance(effect, ChargePosted):
                posted[effect.id] = (effect, lines.policy, lines.key)
    return tuple(
        _checked(invoice, charge, posted.get(charge.id))
        for invoice in found.invoices
        for charge in invoice.charges
    )


def _checked(
    invoice: Invoice, charge: Charge, posted: tuple[ChargePosted, str, str] | None
) -> Checked:
    amount, why = recomputed(charge)
    if posted is None:
        why = why or "no decision of Pastdue posted it: it was taken in from another system"
        return Checked(invoice, charge, amount, why, "", (), "")
    effect, policy, key = posted
    return Checked(invoice, charge, amount, why, policy, rules_of(effect), key)


def recomputed(charge: Charge) -> tuple[int | None, str]:
    """Return what a charge's kept figures come to, in minor units, or None and why it cannot be told.

    Interest is added up again from its segments and rounded once; all else is the base times the
    rate plus the fixed amount, rounded once, half-up (R4.1, R4.3); then minimum and caps (R4.5).
    """
    kept = charge.arithmetic
    if kept is None:
        return None, "its figures were not kept: it was taken in, or posted before they were"
    if charge.kind == "interest":
        amount, why = _interest(charge)
        if amount is None:
            return None, why
    else:
        exact = EXACT.add(Decimal(kept.fixed_minor), share(kept.base_minor, kept.rate))
        amount = round_half_up(exact)
    if kept.raised_to_minor is not None:
        amount = max(amount, kept.raised_to_minor)
    if kept.limited_to_minor is not None:
        amount = min(amount, kept.limited_to_minor)
    if kept.again_minor is not None:
        amount = min(amount, kept.again_minor)
    return amount, ""


def _interest(charge: Charge) -> tuple[int | None, str]:
    working = charge.working
    if working is None:
        return None, "the segments of its interest were not kept"
    if working.more_segments:
        return None, f"{working.more_segments} of its segments were too many to be kept with it"
    total = Decimal(0)
    for one in working.segments:
        total = EXACT.add(total, one.product)
    return round_half_up_ratio(total, working.year_days) - working.posted_before_minor, ""


def charge_rows(charges: Sequence[Checked]) -> Iterator[dict[str, Cell]]:
    """Yield every charge with every figure of it."""
    for one in charges:
        charge, currency, kept = one.charge, one.invoice.currency, one.charge.arithmetic

        def told(amount_minor: int | None, currency: str = currency) -> Decimal | None:
            return None if amount_minor is None else major(amount_minor, currency)

        row: dict[str, Cell] = {
            "charge_id": charge.id,
            "invoice_id": one.invoice.id,
            "stage": charge.stage,
            "kind": charge.kind,
            "posted_on": charge.posted_on,
            "currency": currency,
            "amount": told(charge.amount_minor),
            "open": told(charge.open_minor),
            "waived": told(charge.waived_minor),
            "reversed": told(charge.reversed_minor),
            "reinstated": told(charge.reinstated_minor),
            "capped_by": charge.capped_by,
            "recomputed": told(one.amount_minor),
            "check": one.check,
            "basis": charge.basis,
            "policy": one.policy,
            "rules": " ".join(one.rules),
        }
        if kept is not None:
            row |= {
                "base": told(kept.base_minor) if kept.base_minor else None,
                "rate_per_cent": _percent(kept.rate) if kept.rate else None,
                "fixed": told(kept.fixed_minor) if kept.fixed_minor else None,
                "worked_out": told(kept.sum_minor),
                "raised_to": told(kept.raised_to_minor),
                "limited_to": told(kept.limited_to_minor),
                "owed_again": told(kept.again_minor),
            }
        yield row


def segment_rows(charges: Sequence[Checked]) -> Iterator[dict[str, Cell]]:
    """Yield the days, bases and rates that every charge of interest was worked out from (R4.3)."""
    for one in charges:
        working = one.charge.working
        for number, segment in enumerate(working.segments if working else (), start=1):
            assert working is not None
            yield {
                "charge_id": one.charge.id,
                "segment": number,
                "since": segment.since,
                "through": segment.through,
                "days": segment.days,
                "year_days": working.year_days,
                "currency": one.invoice.currency,
                "base": major(segment.base_minor, one.invoice.currency),
                "rate_per_cent": _percent(segment.rate),
                "interest_unrounded": _unrounded(segment, working.year_days, one.invoice.currency),
                "rate_from": segment.source,
            }


def charge_values(one: Checked, policies: PolicyShelf) -> dict[str, Any]:
    """Return a charge as JSON has it: its figures as kept, the rule and the caps that made it."""
    return {
        "invoice_id": one.invoice.id,
        "currency": one.invoice.currency,
        **plain(one.charge),
        "policy": one.policy,
        "rules": list(one.rules),
        "rule": _rule(one, policies),
        "posted_in_change": one.posted_in,
        "check": one.check,
        "recomputed_minor": one.amount_minor,
        "why": one.why,
    }


def _rule(one: Checked, policies: PolicyShelf) -> Mapping[str, Any] | None:
    """Return what the policy's version says of the stage's charge, None where it is not found."""
    policy_id, _, version = one.policy.partition("@")
    try:
        policy: Policy = policies.document(policy_id, version)
    except PastdueError:
        return None
    if first_id(one.charge.id) != one.charge.id:
        return {"owed_again_of": first_id(one.charge.id)}
    stage = policy.stage_by_id.get(one.charge.stage)
    own = [rule for rule in (stage.charges if stage else ()) if rule.kind == one.charge.kind]
    return {
        "charges_of_the_stage": plain(own),
        "caps": plain(policy.caps),
        "collection_fee": {
            "percent": plain(policy.escalation.collection_fee_percent),
            "max": plain(policy.escalation.collection_fee_max),
        }
        if one.charge.kind == "collection_fee"
        else None,
    }


def _unrounded(segment: Segment, year_days: int, currency: str) -> Decimal:
    """Return what a segment comes to in major units, to six decimals, for whoever adds up by hand."""
    minor = EXACT.divide(segment.product, Decimal(year_days))
    return (minor * major(1, currency)).quantize(SIX_DECIMALS, context=EXACT)


def _percent(rate: Decimal) -> Decimal:
    return (rate * 100).normalize(EXACT) + Decimal(0)

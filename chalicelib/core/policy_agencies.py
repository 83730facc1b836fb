"""What a policy says of external agencies: who gets what, and on what terms (R10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from chalicelib.core.money import Amounts


@dataclass(frozen=True, slots=True)
class AgencyRule:
    """One of `[escalation].agencies`: for which placements an agency is chosen (R10.2).

    Empty: whatever the country, the currency. `at_least` and `below` (exclusive) bound the balance
    per currency. `share`: its part among those that fit and have one; None: it is the first choice.
    """

    agency: str
    countries: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    at_least: Amounts = field(default_factory=dict)
    below: Amounts = field(default_factory=dict)
    share: int | None = None


@dataclass(frozen=True, slots=True)
class CommissionBand:
    """One of `[escalation].commission` (R10.6): a rate up to an age, or an amount (exclusive).

    The age is the days past due of the oldest invoice when it is offered, the amount the balance
    then. The last band has neither.
    """

    percent: Decimal
    below_days: int | None = None
    below: Amounts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EscalationRules:
    """`[escalation]` (R10)."""

    min_attempts: int = 0
    min_channels: int = 0
    min_placement: Amounts = field(default_factory=dict)
    collection_fee_percent: Decimal | None = None
    collection_fee_max: Amounts = field(default_factory=dict)
    auto_approve_after_days: int = 0
    agencies: tuple[AgencyRule, ...] = ()
    offer_days: int = 7  # to accept in
    recall_days: int = 10  # from a recall to its effect
    auto_recall_after_days: int | None = None  # from acceptance; None: never by itself
    closing_days: int = 30  # in which money for what has ended is settled
    commission: tuple[CommissionBand, ...] = ()
    commission_on_direct: bool = False
    settlement_floor: Decimal | None = None  # of the balance; None: each needs an approval

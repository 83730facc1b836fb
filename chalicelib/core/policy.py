"""A policy as values: what the rules read, never constants in code (R2, `policy.md`).

`policy_load` makes these from the TOML document and refuses what does not hold together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from chalicelib.core.calendar import Calendar
from chalicelib.core.money import Amounts, format_amount
from chalicelib.core.policy_agencies import EscalationRules
from chalicelib.core.policy_letters import (
    ACCOUNTS_ROLE,
    LetterRules,
    SendingRules,
    StatementRules,
)
from chalicelib.core.rates import RateTable

WATERFALL = ("collection_fee", "advanced", "principal", "interest", "late_fee", "compensation")
LATE_FEE_KINDS = frozenset({"flat", "percent", "tiered"})
NO_AMOUNTS: Amounts = {}
DEBTOR_KINDS = ("company", "natural_person")
FINAL_STAGE = "final"  # R4.3: of interest that is posted when the principal is paid


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a `tiered` or `compensation` charge (R4.1): `below` is exclusive, {} is no bound."""

    below: Amounts = field(default_factory=dict)
    amount: Amounts = field(default_factory=dict)
    percent: Decimal = Decimal(0)  # tiered: of the whole undisputed open principal


@dataclass(frozen=True, slots=True)
class ChargeRule:
    """One charge of a stage (R4.1). Amounts in minor units by currency; a missing one is no bound."""

    kind: str  # "flat" | "percent" | "tiered" | "interest" | "compensation"
    amount: Amounts = field(default_factory=dict)  # flat
    rate: Decimal = Decimal(0)  # percent: of undisputed open principal
    bands: tuple[Band, ...] = ()  # tiered and compensation
    debtor_kind: str = ""  # only for accounts of this kind; "": for all
    min: Amounts = field(default_factory=dict)
    max: Amounts = field(default_factory=dict)
    skip_below: Amounts = field(default_factory=dict)

    def is_for(self, debtor_kind: str) -> bool:
        """Whether the charge is for debtors of a kind of `DEBTOR_KINDS` (R4.1)."""
        return self.debtor_kind in ("", debtor_kind)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of dunning, reached at `days` past due (R5.1)."""

    id: str
    days: int
    notice: str | None = None
    announces: bool = False
    call: bool = False
    final: bool = False
    respond_within_days: int | None = None
    warn_first: bool = False
    warn_days: int = 0
    repeat_every_days: int | None = None
    repeat_notice: bool = False  # its notice again on each processing day, while nothing changes
    text: str | None = None  # the letter's text, when it is not the notice's own
    role: str = ACCOUNTS_ROLE  # of the contacts that its notice goes to (R11.2)
    copy_sales_owner: bool = False
    attach: tuple[str, ...] = ()  # of "pdf" and "csv" (R11.5)
    charges: tuple[ChargeRule, ...] = ()

    def charges_for(self, debtor_kind: str) -> tuple[ChargeRule, ...]:
        """Return the stage's charges that are for debtors of a kind (R4.1)."""
        return tuple(rule for rule in self.charges if rule.is_for(debtor_kind))


@dataclass(frozen=True, slots=True)
class Step:
    """A stage at one of its periods: stages that repeat stand for a series (R4.2)."""

    stage: Stage
    period: int
    days: int


@dataclass(frozen=True, slots=True)
class AgingRules:
    """`[aging]` (R3.1)."""

    edges: tuple[int, ...] = (30, 60, 90)
    base: str = "due_date"


@dataclass(frozen=True, slots=True)
class DunningRules:
    """`[dunning]` (R4.8, R5.2-R5.7)."""

    catch_up: str = "step"
    onboarding: str = "silent"
    on_change: str = "silent"
    min_days_between_notices: int = 6
    warn_give_up_days: int = 30
    consolidate: bool = True
    count_from_delivery: bool = False
    bulk_send_over: int | None = None
    minimum_past_due: Amounts = field(default_factory=dict)
    max_contacts: int = 0  # 0: no guard
    contact_window_days: int = 7


@dataclass(frozen=True, slots=True)
class Caps:
    """`[caps]` (R4.5); None switches a cap off."""

    max_total_percent: Decimal | None = None
    max_annual_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InterestRules:
    """`[interest]` (R4.3, R4.4): contractual (`annual_rate`) or statutory (`table` and `margin`).

    `rates` is the table that `table` names. `annual_rate_stated`: the customer was told what the
    rate comes to a year, which Canada asks for.
    """

    annual_rate: Decimal | None = None
    table: str | None = None
    margin: Decimal | None = None
    mode: str | None = None
    day_count: str = "actual/365"
    grace_days: int = 0
    post_final: bool = False
    annual_rate_stated: bool = False
    rates: RateTable | None = None


@dataclass(frozen=True, slots=True)
class CashRules:
    """`[cash]` (R7.1, R7.3, R4.9)."""

    waterfall: tuple[str, ...] = WATERFALL
    short_payment_tolerance: Amounts = field(default_factory=dict)
    write_off_short_payments: bool = False
    reverse_on_value_date: bool = False


@dataclass(frozen=True, slots=True)
class HoldRules:
    """`[holds]` (R8.1, R8.3); a rule that is not given places no hold."""

    oldest_days_past_due: int | None = None
    past_due_total: Amounts | None = None
    late_of_last: tuple[int, int] | None = None
    release: str = "review"
    release_when: str = "nothing_past_due"
    broken_plan: bool = False
    unanswered_final_demand: bool = False
    onboarding: str = "review"
    never_by_rule: frozenset[str] = frozenset()
    notify: str | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """Accounts with a past-due total of at most `up_to` go to `collector` (R6.1); {} is no bound."""

    collector: str
    up_to: Amounts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is out of office, from a day through a day, and who stands in for whom (R6.1).

    Not of the document: the people themselves say so. Whoever is not in it is in.
    """

    away: Mapping[str, tuple[tuple[date, date], ...]] = field(default_factory=dict)
    stand_ins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_away(self, person: str, today: date) -> bool:
        """Return whether a person is out of office on a day."""
        return any(start <= today <= end for start, end in self.away.get(person, ()))


@dataclass(frozen=True, slots=True)
class PeopleRules:
    """`[people]` (R6), and the staff as they are when the policy is used."""

    tiers: tuple[Tier, ...] = ()
    fallbacks: tuple[str, ...] = ()
    max_attempts: int = 5
    staff: Staff = field(default_factory=Staff)


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """`[promises]` (R6.6)."""

    grace_days: int = 0
    waives_fees: bool = False
    max_broken: int | None = None
    broken_window_days: int | None = None


@dataclass(frozen=True, slots=True)
class PlanRules:
    """`[plans]` (R9)."""

    max_days: int | None = None
    min_instalment: Amounts = field(default_factory=dict)
    min_down_payment_percent: Decimal = Decimal(0)
    grace_days: int = 0
    max_missed: int = 1
    holds: str = "keep"


@dataclass(frozen=True, slots=True)
class CaseRules:
    """`[case]` (R6.5): `opens` is "first_stage" or "first_run_of_month" (R6.4)."""

    opens: str = "first_stage"


@dataclass(frozen=True, slots=True)
class DisputeRules:
    """`[disputes]`: who owns a dispute, by its reason code, and how long it may take.

    An owner is a person, or one of the words `collector` and `sales_owner`; a reason that is not
    named has OWNERS_BY_REASON. `due_days` None: no date.
    """

    due_days: int | None = 14
    owners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RiskRules:
    """`[risk]` (R12.1): a weight for each part of the score, and what counts as worst."""

    share_paid_late: int = 0
    average_days_late: int = 0
    days_late_trend: int = 0
    broken_promises: int = 0
    disputes_lost: int = 0
    over_60_days: int = 0
    worst_days_late: int | None = None


@dataclass(frozen=True, slots=True)
class SafetyRules:
    """`[safety]` (R13.1, R7.6)."""

    max_run_growth: Decimal | None = None
    max_first_run: int | None = None
    max_disappearing: Decimal = Decimal("0.20")


@dataclass(frozen=True)
class Policy:
    """A whole policy, of one version. `digits` are the minor-unit digits of its currencies."""

    id: str
    version: str
    currencies: tuple[str, ...]
    stages: tuple[Stage, ...]
    digits: Mapping[str, int]
    description: str = ""
    terms: str = ""  # of invoices that come with neither a due date nor terms (R3.5, R6.4)
    classes: tuple[str, ...] = ("standard", "key")
    calendar: Calendar = field(default_factory=Calendar)
    country: str = ""
    aging: AgingRules = field(default_factory=AgingRules)
    dunning: DunningRules = field(default_factory=DunningRules)
    caps: Caps = field(default_factory=Caps)
    interest: InterestRules | None = None
    cash: CashRules = field(default_factory=CashRules)
    statements: StatementRules = field(default_factory=StatementRules)
    sending: SendingRules = field(default_factory=SendingRules)
    letters: LetterRules = field(default_factory=LetterRules)
    holds: HoldRules = field(default_factory=HoldRules)
    people: PeopleRules = field(default_factory=PeopleRules)
    promises: PromiseRules = field(default_factory=PromiseRules)
    plans: PlanRules = field(default_factory=PlanRules)
    case: CaseRules = field(default_factory=CaseRules)
    disputes: DisputeRules = field(default_factory=DisputeRules)
    escalation: EscalationRules = field(default_factory=EscalationRules)
    safety: SafetyRules = field(default_factory=SafetyRules)
    risk: RiskRules | None = None

    @cached_property
    def label(self) -> str:
        """Id and version, as every effect records them (R2.1): `standard@3f2a9c1b7d5e`."""
        return f"{self.id}@{self.version}"

    def amount_in_words(self, amount_minor: int, currency: str) -> str:
        """Return an amount as a person in finance reads it: `USD 1,234.50`.

        In a currency that the policy does not list, whose digits it does not know (R2.1), it is told
        in minor units.
        """
        digits = self.digits.get(currency)
        if digits is None:
            return f"{currency} {amount_minor} (minor units)"
        return f"{currency} {format_amount(amount_minor, digits)}"

    @cached_property
    def stage_by_id(self) -> dict[str, Stage]:
        """The stages by their id."""
        return {stage.id: stage for stage in self.stages}

    @cached_property
    def repeating(self) -> frozenset[str]:
        """The ids of the stages whose notice comes again (R6.4)."""
        return frozenset(stage.id for stage in self.stages if stage.repeat_notice)

    @cached_property
    def interval(self) -> timedelta:
        """`[dunning].min_days_between_notices` as a span (R5.3)."""
        return timedelta(days=self.dunning.min_days_between_notices)

    @cached_property
    def step_interval(self) -> timedelta:
        """How long a step waits after a notice (R5.2).

        At least to the next day, for in a day the stages come before the notices (R5.10).
        """
        return max(self.interval, timedelta(days=1))

    def step_after(self, days: int) -> Step | None:
        """Return the first step of the ladder above `days`, or None when there is none (R5.2, R4.2).

        A stage that repeats every n days is a series at days, days + n, ... that ends before the
        next stage's days.
        """
        if days not in self._steps:
            self._steps[days] = self._find_step_after(days)
        return self._steps[days]

    @cached_property
    def _steps(self) -> dict[int, Step | None]:
        return {}

    def _find_step_after(self, days: int) -> Step | None:
        for index, stage in enumerate(self.stages):
            if stage.days > days:
                return Step(stage, 1, stage.days)
            every = stage.repeat_every_days
            if every is None:
                continue
            period = (days - stage.days) // every + 2
            at = stage.days + (period - 1) * every
            if index + 1 == len(self.stages) or at < self.stages[index + 1].days:
                return Step(stage, period, at)
        return None

    def announcing_before(self, step: Step) -> Stage | None:
        """Return the nearest stage before `step` whose notice announces charges (R4.8).

        Earlier periods of a repeating stage are earlier stages of the series it stands for.
        """
        if step.period > 1 and step.stage.announces:
            return step.stage
        found = None
        for stage in self.stages:
            if stage.days < step.stage.days and stage.announces:
                found = stage
        return found

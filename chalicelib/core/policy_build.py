"""Builds the policy's values from a document that was read without a fault."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import date

from chalicelib.core.calendar import Calendar
from chalicelib.core.policy import (
    AgingRules,
    Band,
    Caps,
    CaseRules,
    CashRules,
    ChargeRule,
    DisputeRules,
    DunningRules,
    HoldRules,
    InterestRules,
    PeopleRules,
    PlanRules,
    Policy,
    PromiseRules,
    RiskRules,
    SafetyRules,
    Stage,
    Tier,
)
from chalicelib.core.policy_agencies import AgencyRule, CommissionBand, EscalationRules
from chalicelib.core.policy_letters import LetterRules, SendingRules, StatementRules
from chalicelib.core.policy_reading import Section
from chalicelib.core.rates import RateTable

CLASSES = ("standard", "key")  # the account classes that every ledger knows (R1)


def build_policy(
    section: Section,
    version: str,
    digits: Mapping[str, int],
    holidays_for: Callable[[str], Container[date] | None],
    rate_tables: Mapping[str, RateTable],
) -> Policy:
    """Return the policy of a section without faults, with the digits of its own currencies."""
    values = section.values
    interest = section["interest"]
    risk = section["risk"]
    return Policy(
        id=values["id"],
        version=version,
        currencies=values["currencies"],
        stages=tuple(_stage(stage) for stage in values["stages"]),
        digits={code: digits[code] for code in values["currencies"]},
        description=values["description"],
        terms=values["terms"],
        classes=tuple(dict.fromkeys((*CLASSES, *section["holds"]["never_by_rule"]))),
        calendar=_calendar(section["calendar"], holidays_for),
        country=section["calendar"]["country"],
        aging=AgingRules(**section["aging"].values),
        dunning=DunningRules(**section["dunning"].values),
        caps=Caps(**section["caps"].values),
        interest=None if interest is None else _interest(interest, rate_tables),
        cash=CashRules(**section["cash"].values),
        statements=StatementRules(**section["statements"].values),
        sending=SendingRules(section["sending"]["from"], section["sending"]["until"]),
        letters=LetterRules(**section["letters"].values),
        holds=_holds(section["holds"]),
        people=_people(section["people"]),
        promises=PromiseRules(**section["promises"].values),
        plans=PlanRules(**section["plans"].values),
        case=CaseRules(**section["case"].values),
        disputes=_disputes(section["disputes"]),
        escalation=_escalation(section["escalation"]),
        safety=SafetyRules(**section["safety"].values),
        risk=None if risk is None else RiskRules(**risk.values),
    )


def _stage(stage: Section) -> Stage:
    charges = tuple(_charge(charge) for charge in stage["charges"])
    return Stage(**{**stage.values, "charges": charges})


def _charge(charge: Section) -> ChargeRule:
    kept = {name: value for name, value in charge.values.items() if value is not None}
    kept["bands"] = tuple(_band(band) for band in charge["bands"])
    return ChargeRule(**kept)


def _band(band: Section) -> Band:
    return Band(**{name: value for name, value in band.values.items() if value is not None})


def _interest(interest: Section, rate_tables: Mapping[str, RateTable]) -> InterestRules:
    named = interest["table"]
    rates = None if named is None else rate_tables[named]
    return InterestRules(**interest.values, rates=rates)


def _calendar(calendar: Section, holidays_for: Callable[[str], Container[date] | None]) -> Calendar:
    country = calendar["country"]
    holidays = holidays_for(country) if country else None
    return Calendar(
        processing_days=calendar["processing_days"],
        business_days=calendar["business_days"],
        holidays=frozenset() if holidays is None else holidays,
    )


def _holds(holds: Section) -> HoldRules:
    values = dict(holds.values)
    values["never_by_rule"] = frozenset(values["never_by_rule"])
    values["notify"] = values["notify"] or None
    return HoldRules(**values)


def _people(people: Section) -> PeopleRules:
    tiers = tuple(Tier(**tier.values) for tier in people["tiers"])
    return PeopleRules(**{**people.values, "tiers": tiers})


def _disputes(disputes: Section) -> DisputeRules:
    owners = disputes["owners"].values
    named = {reason: owner for reason, owner in owners.items() if owner is not None}
    return DisputeRules(due_days=disputes["due_days"], owners=named)


def _escalation(escalation: Section) -> EscalationRules:
    values = dict(escalation.values)
    fee = values.pop("collection_fee")
    if fee is not None:
        values["collection_fee_percent"] = fee["percent"]
        values["collection_fee_max"] = fee["max"]
    values["agencies"] = tuple(_agency(one) for one in values["agencies"])
    values["commission"] = tuple(CommissionBand(**one.values) for one in values["commission"])
    return EscalationRules(**values)


def _agency(agency: Section) -> AgencyRule:
    values = dict(agency.values)
    for name in ("countries", "currencies"):
        values[name] = frozenset(values[name])
    return AgencyRule(**values)

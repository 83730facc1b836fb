"""A policy that holds together loads with the values it states and the defaults of the rules."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest
from chalicelib.core.policy import (
    AgingRules,
    Caps,
    CashRules,
    ChargeRule,
    DunningRules,
    HoldRules,
    InterestRules,
    PeopleRules,
    PlanRules,
    Policy,
    PromiseRules,
    SafetyRules,
    Stage,
    Tier,
)
from chalicelib.core.policy_agencies import AgencyRule, CommissionBand, EscalationRules
from chalicelib.core.policy_letters import StatementRules
from tests.unit.policy_documents import (
    INDEPENDENCE_DAY,
    MINIMAL,
    faults_of,
    load,
    with_charges,
    with_stages,
)


def test_the_smallest_policy_has_the_defaults_of_the_values() -> None:
    policy = load(MINIMAL)

    assert policy == Policy(
        id="smallest",
        version=hashlib.sha256(MINIMAL.encode()).hexdigest()[:12],
        currencies=("USD",),
        stages=(Stage("reminder", 15),),
        digits={"USD": 2},
        aging=AgingRules((30, 60, 90), "due_date"),
        dunning=DunningRules(
            catch_up="step",
            onboarding="silent",
            on_change="silent",
            min_days_between_notices=6,
            warn_give_up_days=30,
            consolidate=True,
            contact_window_days=7,
        ),
        caps=Caps(None, None),
        interest=None,
        cash=CashRules(),
        statements=StatementRules(),
        holds=HoldRules(),
        people=PeopleRules(),
        promises=PromiseRules(),
        plans=PlanRules(),
        escalation=EscalationRules(),
        safety=SafetyRules(),
    )
    assert policy.calendar.processing_days == policy.calendar.business_days == frozenset(range(7))


def test_an_empty_table_is_as_good_as_none_but_interest() -> None:
    names = ("calendar", "aging", "dunning", "caps", "cash", "statements", "holds", "people")
    more = ("promises", "plans", "escalation", "safety")
    text = MINIMAL + "".join(f"[{name}]\n" for name in names + more)

    whole, empty = load(MINIMAL), load(text)

    for name in (*names, *more):
        assert getattr(empty, name) == getattr(whole, name)
    assert load(MINIMAL + "[interest]\n").interest == InterestRules(day_count="actual/365")


def test_the_version_is_of_the_bytes_so_a_comment_changes_it() -> None:
    assert load(MINIMAL).version != load(MINIMAL + "# said otherwise\n").version


def test_a_byte_order_mark_is_accepted() -> None:
    assert load(b"\xef\xbb\xbf" + MINIMAL.encode()).id == "smallest"


def test_amounts_are_in_the_minor_units_of_each_currency() -> None:
    policy = load(
        with_charges(
            'kind = "flat", amount = { USD = "15.00", JPY = "1500", KWD = "4.5" }',
            currencies='["USD", "JPY", "KWD"]',
        )
    )

    [charge] = policy.stages[0].charges
    assert charge.amount == {"USD": 1500, "JPY": 1500, "KWD": 4500}
    assert policy.digits == {"USD": 2, "JPY": 0, "KWD": 3}


def test_a_percent_charge_is_read_with_its_bounds() -> None:
    policy = load(
        with_charges(
            'kind = "percent", rate = "0.015", min = { USD = "5" }, max = { USD = "500.00" }, '
            'skip_below = { USD = "25.00" }',
            'kind = "flat", amount = { USD = "0.50" }',
        )
    )

    assert policy.stages[0].charges == (
        ChargeRule(
            "percent",
            rate=Decimal("0.015"),
            min={"USD": 500},
            max={"USD": 50000},
            skip_below={"USD": 2500},
        ),
        ChargeRule("flat", amount={"USD": 50}),
    )


def test_a_stage_is_read_with_every_key() -> None:
    policy = load(
        with_stages(
            'id = "r"\ndays = 10\nnotice = "reminder"\nannounces = true\nrepeat_every_days = 7',
            'id = "f"\ndays = 30\nnotice = "demand"\ncall = true\nfinal = true\n'
            "respond_within_days = 10\nwarn_first = true\nwarn_days = 7",
        )
    )

    assert policy.stages == (
        Stage("r", 10, notice="reminder", announces=True, repeat_every_days=7),
        Stage("f", 30, notice="demand", call=True, final=True, respond_within_days=10,
              warn_first=True, warn_days=7),
    )  # fmt: skip


def test_an_empty_text_switches_off_what_it_may() -> None:
    policy = load(
        MINIMAL
        + '[caps]\nmax_total_percent = ""\nmax_annual_rate = ""\n[statements]\nweekly = ""\n'
        + '[holds]\nnotify = ""\n[calendar]\ncountry = ""\n'
    )

    assert policy.caps == Caps(None, None)
    assert policy.statements.weekly is None
    assert policy.holds.notify is None
    assert INDEPENDENCE_DAY not in policy.calendar.holidays


def test_holidays_come_with_the_country() -> None:
    calendar = load(MINIMAL + '[calendar]\ncountry = "US"\n').calendar

    assert not calendar.is_processing_day(INDEPENDENCE_DAY)
    assert calendar.is_processing_day(date(2024, 7, 5))


def test_tiers_fees_and_classes_are_read_as_values() -> None:
    policy = load(
        MINIMAL
        + '[people]\ntiers = [{ up_to = { USD = "1000" }, collector = "a" }, { collector = "b" }]\n'
        + '[escalation]\ncollection_fee = { percent = "0.15", max = { USD = "5000" } }\n'
        + 'agencies = [{ agency = "x" }, { agency = "y" }]\n'
        + '[holds]\nnever_by_rule = ["key", "public"]\nlate_of_last = [4, 6]\n'
    )

    assert policy.people.tiers == (Tier("a", {"USD": 100000}), Tier("b"))
    assert policy.escalation.collection_fee_percent == Decimal("0.15")
    assert policy.escalation.collection_fee_max == {"USD": 500000}
    assert [one.agency for one in policy.escalation.agencies] == ["x", "y"]
    assert policy.holds.never_by_rule == {"key", "public"}
    assert policy.holds.late_of_last == (4, 6)
    assert policy.classes == ("standard", "key", "public")


@pytest.mark.parametrize(
    "text",
    [
        with_stages('id = "a"\ndays = 15\nwarn_days = 7'),
        with_stages('id = "a"\ndays = 15\nrespond_within_days = 7'),
        with_stages('id = "a"\ndays = 15\ncall = true'),
        MINIMAL + "[dunning]\nmin_days_between_notices = 0\nmax_contacts = 0\n",
        MINIMAL + "[statements]\nmonthly = 31\n",
        MINIMAL + '[cash]\nwaterfall = ["principal"]\n',
        MINIMAL + "[holds]\nlate_of_last = [50, 50]\n",
        with_charges('kind = "percent", rate = "1"'),
        with_charges('kind = "percent", rate = "0.1", min = { USD = "5" }, max = { USD = "5.00" }'),
    ],
)
def test_what_is_odd_but_clear_is_accepted(text: str) -> None:
    assert faults_of(text) == []


def test_the_rules_of_agencies_are_read_as_values() -> None:
    rules = load(
        MINIMAL
        + """
[escalation]
agencies = [
  { agency = "north", countries = ["DE", "AT"], currencies = ["USD"], at_least = { USD = "5" }, share = 3 },
  { agency = "south" },
]
offer_days = 3
recall_days = 5
auto_recall_after_days = 180
closing_days = 14
commission = [ { below_days = 90, percent = "0.2" }, { percent = "0.3" } ]
commission_on_direct = true
settlement_floor = "0.8"
"""
    ).escalation

    assert rules == EscalationRules(
        agencies=(
            AgencyRule("north", frozenset({"DE", "AT"}), frozenset({"USD"}), {"USD": 500}, share=3),
            AgencyRule("south"),
        ),
        offer_days=3,
        recall_days=5,
        auto_recall_after_days=180,
        closing_days=14,
        commission=(CommissionBand(Decimal("0.2"), 90), CommissionBand(Decimal("0.3"))),
        commission_on_direct=True,
        settlement_floor=Decimal("0.8"),
    )


def test_what_an_agencys_rule_is_not_for_is_not_bounded_there() -> None:
    text = 'agencies = [{ agency = "n", currencies = ["USD"], below = { EUR = "9" } }]'
    document = MINIMAL.replace('["USD"]', '["USD", "EUR"]') + f"[escalation]\n{text}"

    assert faults_of(document) == [("[escalation].agencies[1].below.EUR", "stray")]


def test_a_commission_by_amount_has_a_bound_in_each_currency() -> None:
    text = 'commission = [{ below = { USD = "9" }, percent = "0.2" }, { percent = "0.1" }]'
    document = MINIMAL.replace('["USD"]', '["USD", "EUR"]') + f"[escalation]\n{text}"

    assert faults_of(document) == [("[escalation].commission[1].below.EUR", "missing")]

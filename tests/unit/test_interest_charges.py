"""Interest as stages post it: the running total less what was posted before (R4.1-R4.5, R4.7).

A rate of 36.5% a year is one dollar a day on a thousand.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.aging import out_of_balance
from chalicelib.core.apply import apply
from chalicelib.core.decide import decide
from chalicelib.core.effects import ChargePosted, ChargeStopped, Effect
from chalicelib.core.facts import (
    ChargeReinstated,
    ChargeWaived,
    CreditNote,
    DisputeOpened,
    DisputeResolved,
    Fact,
    InvoiceCorrected,
    Payment,
)
from chalicelib.core.invoice import Charge
from chalicelib.core.policy import Policy
from chalicelib.core.policy_load import load_policy
from chalicelib.core.rates import RateSpan, RateTable
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

DUE = DAY - days(10)
LADDER = """
[[stages]]
id = "first"
days = 10
charges = [ {{ kind = "interest"{more} }} ]

[[stages]]
id = "second"
days = 20
charges = [ {{ kind = "interest"{more} }} ]

[[stages]]
id = "third"
days = 30
charges = [ {{ kind = "interest"{more} }} ]
"""
A_DOLLAR_A_DAY = '[interest]\nannual_rate = "0.365"\n'


def charging(more: str = "", interest: str = "", tables: str = "") -> Policy:
    return policy(A_DOLLAR_A_DAY + interest + tables, LADDER.format(more=more))


def told(rules: Policy, *facts: Fact, past_due: int = 40) -> list[str]:
    """Decide an invoice of 1,000.00, due ten days before DAY, each day; say what was charged."""
    return run(rules, [invoice("I1", 100_000, 10), *facts], past_due)[0]


def run(
    rules: Policy, facts: list[Fact], past_due: int = 40, details: AccountDetails | None = None
) -> tuple[list[str], Account]:
    first = [fact for fact in facts if fact.on <= DUE]
    current = account(first, rules, details or AccountDetails())
    effects = list[Effect]()
    for number in range(1, past_due + 1):
        day = DUE + timedelta(days=number)
        for fact in facts:
            if fact.on == day:
                booking = apply(current, fact, rules)
                current = booking.account
                effects += booking.effects
                assert out_of_balance(current) == {}
        decision = decide(current, rules, day)
        current = decision.account
        effects += decision.effects
    found = []
    for effect in effects:
        if isinstance(effect, ChargePosted):
            capped = f" {effect.capped_by}" if effect.capped_by else ""
            found.append(f"{effect.id.partition(':')[2]} {effect.amount_minor}{capped}")
        elif isinstance(effect, ChargeStopped):
            found.append(f"{effect.id.partition(':')[2]} stopped")
    return found, current


def charges(rules: Policy, *facts: Fact, past_due: int = 40) -> tuple[Charge, ...]:
    current = run(rules, [invoice("I1", 100_000, 10), *facts], past_due)[1]
    return current.invoices["I1"].charges


def test_each_stage_posts_what_accrued_since_the_one_before() -> None:
    assert told(charging()) == [
        "first:interest 1000",
        "second:interest 1000",
        "third:interest 1000",
    ]


def test_the_running_total_is_rounded_not_its_parts() -> None:
    """A third of a cent a day: 3.33 of a cent, 6.67, 10.00."""
    rules = policy('[interest]\nannual_rate = "0.12166666667"\n', LADDER.format(more=""))

    found, _ = run(rules, [invoice("I1", 1_000, 10)])

    assert found == ["first:interest 3", "second:interest 4", "third:interest 3"]


def test_every_posting_keeps_its_arithmetic() -> None:
    first, second, _ = charges(charging(), paid(50_000, "I1", on=DUE + days(15)))

    assert first.basis == "USD 1,000.00 x 36.5% x 10/365 = 10.00"
    assert second.basis == (
        "USD 1,000.00 x 36.5% x 15/365 + USD 500.00 x 36.5% x 5/365 = 17.50, "
        "less 10.00 charged before = 7.50"
    )
    assert second.working is not None
    assert [(one.days, one.base_minor) for one in second.working.segments] == [
        (15, 100_000),
        (5, 50_000),
    ]
    assert (second.working.running_minor, second.working.posted_before_minor) == (1_750, 1_000)


@pytest.mark.parametrize(
    ("grace", "expected"),
    [
        (9, ["first:interest 1000", "second:interest 1000"]),
        (10, ["second:interest 2000"]),  # then it counts from the day after the due date
        (20, []),
    ],
)
def test_nothing_is_charged_within_grace_and_beyond_it_from_the_due_date(
    grace: int, expected: list[str]
) -> None:
    assert told(charging(interest=f"grace_days = {grace}\n"), past_due=20) == expected


def test_nothing_accrued_is_nothing_charged() -> None:
    """All that is open is disputed from the first day: it bears no interest until that is lost."""
    dispute = DisputeOpened(DUE + days(1), "I1", 99_999)

    assert told(charging(), dispute) == []


def test_a_lost_dispute_makes_the_running_total_jump_to_the_whole() -> None:
    dispute = DisputeOpened(DUE + days(1), "I1", 60_000)
    lost = DisputeResolved(DUE + days(25), "I1", "lost")

    assert told(charging(), dispute, lost) == [
        "first:interest 400",
        "second:interest 400",
        "third:interest 2200",
    ]


def test_a_running_total_that_fell_posts_nothing_until_it_is_above_what_was_posted() -> None:
    note = CreditNote(DUE + days(15), "C1", "USD", 60_000, "I1", issued_on=DUE)

    assert told(charging(), note) == ["first:interest 1000", "third:interest 200"]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        ("25.00", ["first:interest 1000", "second:interest 1000", "third:interest 500 max"]),
        ("20.00", ["first:interest 1000", "second:interest 1000", "third:interest 0 max"]),
        ("7.77", ["first:interest 777 max", "second:interest 0 max", "third:interest 0 max"]),
    ],
)
def test_the_most_limits_the_running_total(most: str, expected: list[str]) -> None:
    assert told(charging(f', max = {{ USD = "{most}" }}')) == expected


def test_too_little_open_is_skipped_and_taken_along_when_there_is_enough() -> None:
    rules = charging(', skip_below = { USD = "500.00" }')
    dispute = DisputeOpened(DUE + days(5), "I1", 60_000)
    lost = DisputeResolved(DUE + days(15), "I1", "lost")

    assert told(rules, dispute, lost, past_due=20) == ["second:interest 2000"]


def test_what_a_percentage_cap_cut_off_is_posted_when_room_appears() -> None:
    """The source corrects the original amount, of which the cap is a share."""
    stages = LADDER.format(more="").replace(
        'id = "first"\ndays = 10\ncharges = [',
        'id = "first"\ndays = 10\ncharges = [ { kind = "flat", amount = { USD = "24.00" } },',
    )
    rules = policy(
        A_DOLLAR_A_DAY + '[caps]\nmax_total_percent = "0.03"\nmax_annual_rate = ""\n', stages
    )
    corrected = InvoiceCorrected(DUE + days(25), "I1", amount_minor=150_000)

    assert run(rules, [invoice("I1", 100_000, 10), corrected])[0] == [
        "first:flat 2400",
        "first:interest 600 max_total_percent",
        "second:interest 0 max_total_percent",
        "third:interest 1500 max_total_percent",  # of 24.00 that are left to post
    ]


def test_the_cap_on_rates_leaves_room_for_more_with_every_day() -> None:
    caps = '[caps]\nmax_annual_rate = "0.5"\n'
    stages = LADDER.format(more="").replace(
        'id = "first"\ndays = 10\ncharges = [',
        'id = "first"\ndays = 10\ncharges = [ { kind = "flat", amount = { USD = "10.00" } },',
    )
    rules = policy(A_DOLLAR_A_DAY + caps, stages)

    assert run(rules, [invoice("I1", 100_000, 10)])[0] == [
        "first:flat 1000",
        "first:interest 369 max_annual_rate",  # 13.69 by then
        "second:interest 1370 max_annual_rate",  # 27.39
        "third:interest 1261",  # 30.00 have accrued; 41.09 would be allowed
    ]


def test_interest_that_was_waived_is_never_posted_again() -> None:
    waived = ChargeWaived(DUE + days(12), "I1", "I1:first:interest", "goodwill")

    assert told(charging(), waived, past_due=20) == ["first:interest 1000", "second:interest 1000"]


def test_interest_that_was_reinstated_counts_once() -> None:
    waived = ChargeWaived(DUE + days(12), "I1", "I1:first:interest", "goodwill")
    again = ChargeReinstated(DUE + days(13), "I1", "I1:first:interest", "mistake")

    assert told(charging(), waived, again, past_due=20) == [
        "first:interest 1000",
        "first:interest:r1 1000",
        "second:interest 1000",
    ]


def test_a_part_that_is_reinstated_says_so_in_its_arithmetic() -> None:
    part = paid(100_400, "I1", on=DUE + days(12))
    waived = ChargeWaived(DUE + days(13), "I1", "I1:first:interest", "goodwill")
    again = ChargeReinstated(DUE + days(14), "I1", "I1:first:interest", "mistake")

    *_, revision = charges(charging(), part, waived, again, past_due=15)

    assert (revision.id, revision.amount_minor) == ("I1:first:interest:r1", 600)
    assert (
        revision.basis == "USD 1,000.00 x 36.5% x 10/365 = 10.00, of which USD 6.00 is owed again"
    )
    assert revision.working is not None


@pytest.mark.parametrize("kind", ["company", "natural_person"])
def test_interest_for_companies_spares_natural_persons(kind: str) -> None:
    rules = charging(', debtor_kind = "company"')

    found, _ = run(rules, [invoice("I1", 100_000, 10)], 10, AccountDetails(debtor_kind=kind))

    assert found == (["first:interest 1000"] if kind == "company" else [])


def test_each_period_of_a_stage_that_repeats_posts_under_an_id_of_its_own() -> None:
    repeats = """
    [[stages]]
    id = "monthly"
    days = 10
    repeat_every_days = 15
    charges = [ { kind = "interest" }, { kind = "flat", amount = { USD = "5.00" } } ]
    """

    found, _ = run(policy(A_DOLLAR_A_DAY, repeats), [invoice("I1", 100_000, 10)])

    assert found == [
        "monthly:interest 1000",
        "monthly:flat 500",
        "monthly:interest:2 1500",
        "monthly:flat:2 500",
        "monthly:interest:3 1500",
        "monthly:flat:3 500",
    ]


def statutory(last: date) -> Policy:
    """Half a dollar a day on a thousand, by a table that is known through a day."""
    spans = (RateSpan(date(2023, 1, 1), last, Decimal("0.1")),)
    table = RateTable("bank_rate", "Bank Rate", "made up", DAY, spans)
    document = f"""
id = "unit"
currencies = ["USD"]
[interest]
table = "bank_rate"
margin = "0.0825"
mode = "floating_half_year"
{LADDER.format(more="")}
[[stages]]
id = "fees"
days = 40
charges = [ {{ kind = "interest" }}, {{ kind = "flat", amount = {{ USD = "5.00" }} }} ]
"""
    return load_policy(
        document.encode(), digits={"USD": 2}, holidays_for=lambda _: frozenset(),
        rate_tables={"bank_rate": table},
    )  # fmt: skip


def test_a_missing_rate_stops_the_charge_alone_and_raises_an_alarm() -> None:
    start = date(2023, 6, 1)
    whole = invoice("I1", 100_000, issued_on=start, due_on=start, seen_on=start, on=start)
    rules = statutory(date(2023, 6, 30))
    current = account([whole], rules)

    effects = list[Effect]()
    for number in (10, 20, 30, 40):
        decision = decide(current, rules, start + days(number))
        current = decision.account
        effects += [e for e in decision.effects if isinstance(e, ChargePosted | ChargeStopped)]

    assert [e.id for e in effects if isinstance(e, ChargePosted)] == [
        "I1:first:interest",
        "I1:second:interest",
        "I1:fees:flat",
    ]
    third, last = [e for e in effects if isinstance(e, ChargeStopped)]
    assert (third.id, third.stage, third.charge) == ("I1:third:interest", "third", "interest")
    assert third.because == last.because == "rate_unknown"
    assert "bank_rate" in third.detail
    assert "2023-07-01" in third.detail
    stages = [one.stage for one in current.invoices["I1"].applied]
    assert stages == ["first", "second", "third", "fees"]


def test_a_later_stage_takes_along_what_a_missing_rate_had_stopped() -> None:
    start = date(2023, 6, 1)
    whole = invoice("I1", 100_000, issued_on=start, due_on=start, seen_on=start, on=start)
    short, longer = statutory(date(2023, 6, 30)), statutory(date(2023, 12, 31))
    current = account([whole], short)
    for number in (10, 20, 30):
        current = decide(current, short, start + days(number)).account

    current = decide(current, longer, start + days(40)).account

    last = current.invoices["I1"].charges[-2]
    assert (last.id, last.amount_minor) == ("I1:fees:interest", 1_000)  # 40 days less 20


def test_a_payment_of_interest_lowers_no_base() -> None:
    """Interest is on principal only, and a charge that is paid stays posted."""
    one = Payment(DUE + days(12), "P1", DUE + days(12), "USD", 1_000, ())
    rules = policy(
        A_DOLLAR_A_DAY + '[cash]\nwaterfall = ["interest", "principal"]', LADDER.format(more="")
    )

    found, current = run(rules, [invoice("I1", 100_000, 10), one], 20)

    assert found == ["first:interest 1000", "second:interest 1000"]
    assert [c.open_minor for c in current.invoices["I1"].charges] == [0, 1_000]

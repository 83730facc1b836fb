"""How letters announce charges, and show their arithmetic (R4.1, R4.3, R4.4, R4.8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from chalicelib.core.account import Account, AccountDetails, Notice
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts import DisputeOpened, Fact, InvoiceIssued, NoticeCounted, Payment
from chalicelib.core.invoice import Charge, Invoice, Owed
from chalicelib.core.policy import Policy
from chalicelib.core.workings import Arithmetic, Segment, working_of
from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_charges import charge_line, new_charges, rate_sources
from chalicelib.flows.letter_parts import ChargeLine, ConsequenceKind, RateSource
from chalicelib.flows.letters import write_letter
from chalicelib.flows.policies import load
from chalicelib.mail.formats import plain_spaces
from chalicelib.mail.render import composed, render
from tests.flows.machine import LETTERHEAD
from tests.mail.build_letters import small_letter

UK, EU = load("uk-statutory"), load("eu-statutory")
DUE = date(2025, 1, 31)
COUNTED = "on the amount open, counted from the day after the due date,"


def issued(
    name: str, minor: int = 1_000_00, currency: str = "GBP", due_on: date = DUE
) -> InvoiceIssued:
    on = due_on - timedelta(days=30)
    return InvoiceIssued(on, name, currency, minor, minor, on, due_on, on, delivered_on=on)


def letters(
    policy: Policy, *facts: Fact, kind: str = "company", since: date = DUE, days: int = 100
) -> list[tuple[Letter, Notice]]:
    """The letters of some days, each counting as sent at once."""
    details = AccountDetails(name="Brightline", locale="en_GB", debtor_kind=kind)
    account = apply_all(Account("A1", details), facts, policy).account
    found = []
    for number in range(days):
        today = since + timedelta(days=number)
        decision = decide(account, policy, today)
        account = decision.account
        for notice in (one for one in decision.notices if one.stage):
            letter = write_letter(account, notice, policy, LETTERHEAD, today)
            assert isinstance(letter, Letter)
            found.append((letter, notice))
            account = apply_all(account, [NoticeCounted(today, notice.id)], policy).account
    return found


def coming(letter: Letter) -> list[str]:
    """The charges that a letter announces, in its own words."""
    say = composed(letter).say
    return [plain_spaces(say.all_coming(said.charges)) for said in letter.announcements]


def reasons(letter: Letter, *charges: ChargeLine) -> list[str]:
    """How charges were worked out, in a letter's own words."""
    say = composed(letter).say
    return [plain_spaces(say.reason(charge)) for charge in charges]


def stages(letter: Letter) -> list[str]:
    """What a letter calls the stages of its invoices."""
    say = composed(letter).say
    found = [line.stage for line in letter.invoices]
    return ["" if one is None else plain_spaces(say.stage(one)) for one in found]


def announced(policy: Policy, *facts: Fact, kind: str = "company") -> list[str]:
    """What the first letter announces."""
    return coming(letters(policy, *facts, kind=kind)[0][0])


def own(charges: str, tables: str = "") -> Policy:
    """A policy in US dollars whose reminder announces the charges of its next stage."""
    return load(
        f"""
        id = "own"
        currencies = ["USD"]
        {tables}
        [[stages]]
        id = "reminder"
        days = 5
        notice = "reminder"
        announces = true
        [[stages]]
        id = "late"
        days = 20
        notice = "late_fee"
        charges = [ {charges} ]
        """.encode()
    )


def test_statutory_charges_are_announced_with_their_rate_and_their_sum() -> None:
    """R4.4: of one debt both are known beforehand, as its rate is locked."""
    assert announced(UK, issued("I1")) == [
        "Compensation of GBP 70.00 and interest at 12.75% a year (the Bank of England Bank Rate "
        f"plus 8 percentage points) {COUNTED} are added"
    ]


def test_debts_of_different_size_and_rate_are_told_by_what_they_go_by() -> None:
    """One bears the rate of 31 December 2024, the other that of 30 June 2025."""
    facts = (
        issued("I1", due_on=date(2025, 6, 29)),
        issued("I2", 20_000_00, due_on=date(2025, 7, 2)),
    )

    (_, (both, _), *_) = letters(UK, *facts, since=date(2025, 7, 3), days=20)

    assert coming(both) == [
        "Compensation by the amount of the invoice (below GBP 1,000.00: GBP 40.00; below "
        "GBP 10,000.00: GBP 70.00; otherwise: GBP 100.00) and interest at the Bank of England "
        f"Bank Rate plus 8 percentage points a year {COUNTED} are added"
    ]


def test_a_floating_rate_is_announced_by_its_table_with_what_it_is_now() -> None:
    assert announced(EU, issued("I1", currency="EUR")) == [
        "Compensation of EUR 40.00 and interest at the ECB main refinancing operations rate plus "
        f"8 percentage points a year (now 11.15%) {COUNTED} are added"
    ]


@pytest.mark.parametrize(
    ("charges", "words"),
    [
        ('{ kind = "flat", amount = { USD = "15.00" } }', "A late fee of USD 15.00 is added"),
        (
            '{ kind = "percent", rate = "0.015", min = { USD = "5.00" } }',
            "A late fee of 1.5% of the amount then open, at least USD 5.00, is added",
        ),
        ('{ kind = "interest" }', f"Interest at 12% a year {COUNTED} is added"),
        (
            '{ kind = "interest", max = { USD = "90.00" } }',
            f"Interest at 12% a year {COUNTED} at most USD 90.00 in all, is added",
        ),
        (
            '{ kind = "tiered", bands = [ { below = { USD = "100.00" }, amount = { USD = "5.00" }, '
            'percent = "0.02" }, { amount = { USD = "10.00" } } ] }',
            "A late fee by the amount then open (below USD 100.00: USD 5.00 and 2% of it; "
            "otherwise: USD 10.00) is added",
        ),
        (
            '{ kind = "tiered", bands = [ { percent = "0.02" } ], max = { USD = "50.00" } }',
            "A late fee of 2% of the amount then open, at most USD 50.00, is added",
        ),
    ],
)
def test_each_kind_of_charge_is_announced_in_its_own_words(charges: str, words: str) -> None:
    policy = own(charges, '[interest]\nannual_rate = "0.12"' if "interest" in charges else "")

    assert announced(policy, issued("I1", currency="USD")) == [words]


def test_charges_for_companies_are_not_announced_to_a_natural_person() -> None:
    """R4.1: nor is the letter called one of charges."""
    told = [letter for letter, _ in letters(UK, issued("I1"), kind="natural_person")]

    assert [letter.announcements for letter in told] == [()] * len(told)
    late = told[1]
    assert (late.all_charges, stages(late)) == ((), ["Notice, 30 days"])
    page = render(late).text
    assert "PAST-DUE NOTICE" in page
    assert "interest" not in page.lower()


def test_a_letter_shows_the_arithmetic_of_each_charge_and_where_the_rate_is_from() -> None:
    """R4.3, R4.4: what is in dispute bears no interest and is shown apart."""
    facts = (issued("I1", 1_200_00), DisputeOpened(DUE, "I1", 200_00))

    _, (letter, notice), *_ = letters(UK, *facts)

    assert notice.stage == "statutory_30"
    charges = letter.invoices[0].charges
    assert [one.name for one in charges] == ["compensation", "interest"]
    assert reasons(letter, *charges) == [
        "fixed sum for a debt of GBP 1,200.00 = 70.00",
        "GBP 1,000.00 x 12.75% x 31/365 = 10.83",
    ]
    assert letter.rate_sources == (
        RateSource(
            rate=Decimal("0.1275"),
            title="Bank of England Bank Rate",
            reference=Decimal("0.0475"),
            on=date(2024, 12, 31),
            margin=Decimal("0.08"),
        ),
    )
    assert (letter.total_minor, letter.disputed[0].disputed_minor) == (1_080_83, 200_00)
    assert stages(letter) == ["Charges, 30 days"]


def test_only_the_charge_of_its_own_period_is_new_in_a_letter() -> None:
    """R4.2: the stage at 45 days comes again at 60 and 75."""
    told = [letter for letter, notice in letters(UK, issued("I1")) if notice.stage == "interest_45"]

    assert [reasons(letter, *(one for _, one in letter.new_charges)) for letter in told] == [
        ["GBP 1,000.00 x 12.75% x 45/365 = 15.72, less 10.83 charged before = 4.89"],
        ["GBP 1,000.00 x 12.75% x 60/365 = 20.96, less 15.72 charged before = 5.24"],
        ["GBP 1,000.00 x 12.75% x 75/365 = 26.20, less 20.96 charged before = 5.24"],
    ]


def test_a_stage_that_repeats_is_called_by_the_days_of_its_period() -> None:
    """R4.2."""
    told = [letter for letter, notice in letters(UK, issued("I1")) if notice.stage == "interest_45"]

    assert [stages(letter) for letter in told] == [
        ["Interest, 45 days"], ["Interest, 60 days"], ["Interest, 75 days"],
    ]  # fmt: skip


def test_a_charge_that_is_owed_again_is_as_new_as_its_stage() -> None:
    charge = Charge("I1:late:interest:2:r1", "late", "interest", DUE, 5, 5)
    invoice = Invoice("I1", "USD", 1, 1, 1, DUE, DUE, DUE, DUE, charges=(charge,))
    policy = load(
        b'id = "own"\ncurrencies = ["USD"]\n[[stages]]\nid = "late"\ndays = 10\n'
        b'repeat_every_days = 5\nnotice = "late_fee"'
    )

    assert new_charges(invoice, [Owed("late", 15)], policy) == {charge.id}
    assert new_charges(invoice, [Owed("late", 10), Owed("gone", 15)], policy) == frozenset()


def test_interest_that_follows_a_payment_is_said_once_some_was_charged() -> None:
    """R4.3 `post_final`."""
    by_stage = {notice.stage: letter for letter, notice in letters(UK, issued("I1"))}

    said = {name: one.announcements for name, one in by_stage.items()}
    assert [one.runs_to_payment for one in said["reminder"]] == [False]
    assert [(one.runs_to_payment, one.every_days) for one in said["statutory_30"]] == [(True, 15)]
    text = " ".join(render(by_stage["statutory_30"]).text.split())
    assert "still open 45 days after its due date, and again every 15 days." in text
    assert "If you pay before then, interest through the day of your payment is added." in text
    told = by_stage["final_demand"].consequences
    assert ConsequenceKind.INTEREST_RUNS in [one.kind for one in told]


def test_without_post_final_payment_avoids_the_interest_that_is_announced() -> None:
    policy = own('{ kind = "interest" }', '[interest]\nannual_rate = "0.12"')

    ((letter, _), *_) = letters(policy, issued("I1", currency="USD"))

    assert "payment before then avoids it." in " ".join(render(letter).text.split())


def test_the_most_of_interest_is_that_of_all_its_postings() -> None:
    """R4.1: 5.27 is not the most that is charged, but what 25.00 in all leaves of it."""
    policy = own(
        '{ kind = "interest", max = { USD = "25.00" } }', '[interest]\nannual_rate = "0.36"'
    )
    policy = replace(policy, stages=(*policy.stages[:-1],
        replace(policy.stages[-1], repeat_every_days=10)))  # fmt: skip
    told = letters(policy, issued("I1", currency="USD"), days=40)

    lines = [line for letter, _ in told for _, one in letter.new_charges
             for line in reasons(letter, one)]  # fmt: skip
    assert [line.partition(" = ")[2] for line in lines] == [
        "19.73",
        "29.59, less 19.73 charged before = 9.86, lowered to 5.27 by the cap on an invoice's interest",
    ]


@pytest.mark.parametrize(
    ("cap", "words"),
    [
        ("max", "= 17.47, lowered to 5.00, the most that is charged"),
        ("max_total_percent", "= 17.47, lowered to 5.00 by the cap on an invoice's charges"),
        ("max_annual_rate", "= 17.47, lowered to 5.00 by the yearly cap on an invoice's charges"),
    ],
)  # fmt: skip
def test_a_customer_reads_no_key_of_the_policy(cap: str, words: str) -> None:
    arithmetic = Arithmetic(17_47, 1_000_00, Decimal("0.01747"), limited_to_minor=5_00)
    charge = Charge("C", "late", "percent", DUE, 5_00, 5_00, capped_by=cap, arithmetic=arithmetic)

    [line] = reasons(small_letter(), charge_line(charge, is_new=True))

    assert line == f"1.747% of USD 1,000.00 {words}"


@pytest.mark.parametrize(
    ("arithmetic", "words"),
    [
        (Arithmetic(2_00, 10_00, Decimal("0.2"), raised_to_minor=5_00),
         "20% of USD 10.00 = 2.00, raised to the minimum 5.00"),
        (Arithmetic(2_00, 10_00, Decimal("0.2"), again_minor=1_50),
         "20% of USD 10.00 = 2.00, of which USD 1.50 is owed again"),
    ],
)  # fmt: skip
def test_what_changed_a_charge_is_told_after_its_sum(arithmetic: Arithmetic, words: str) -> None:
    charge = Charge("C", "late", "percent", DUE, 5_00, 5_00, arithmetic=arithmetic)

    assert reasons(small_letter(), charge_line(charge, is_new=True)) == [words]


@pytest.mark.parametrize(
    ("fixed_minor", "rate", "words"),
    [
        (5_00, "0.02", "5.00 + 2% of USD 1,000.00 = 25.00"),
        (5_00, "0", "5.00 for USD 1,000.00 = 25.00"),
        (0, "0.02", "2% of USD 1,000.00 = 25.00"),
        (0, "0", "0% of USD 1,000.00 = 25.00"),
    ],
)
def test_a_fee_by_bands_tells_what_its_band_comes_to(
    fixed_minor: int, rate: str, words: str
) -> None:
    arithmetic = Arithmetic(25_00, 1_000_00, Decimal(rate), fixed_minor)
    charge = Charge("C", "late", "tiered", DUE, 25_00, 25_00, arithmetic=arithmetic)

    assert reasons(small_letter(), charge_line(charge, is_new=True)) == [words]


def test_what_was_taken_back_of_a_charge_is_told_beside_its_arithmetic() -> None:
    """R4.9. A charge of old has its line only, which is shown as it was kept."""
    charge = Charge(
        "C", "late", "interest", DUE, 17_47, 12_47, reversed_minor=5_00, basis="x = 17.47"
    )

    assert reasons(small_letter(), charge_line(charge, is_new=True)) == [
        "x = 17.47, less 5.00 taken back"
    ]


def test_the_rate_of_interest_of_old_is_shown_from_where_it_was_kept() -> None:
    one = Segment(DUE, DUE, 1, 1_000_00, Decimal("0.1275"), "Bank Rate 4.75% on 2024-12-31 + 8%")
    charge = Charge("C", "late", "interest", DUE, 1, 1, working=working_of((one,), 365))

    assert rate_sources(charge) == (RateSource(rate=Decimal("0.1275"), told=one.source),)


def test_a_rate_by_contract_needs_no_source() -> None:
    one = Segment(DUE, DUE, 1, 1_000_00, Decimal("0.12"), "12% a year by contract")
    charge = Charge("C", "late", "interest", DUE, 1, 1, working=working_of((one,), 365))

    assert rate_sources(charge) == ()


def test_a_part_payment_is_in_the_arithmetic() -> None:
    on = DUE + timedelta(days=10)
    facts = (issued("I1"), Payment(on, "P1", on, "GBP", 400_00, ("I1",)))

    told = letters(UK, *facts)[1][0]

    assert reasons(told, told.invoices[0].charges[-1]) == [
        "GBP 1,000.00 x 12.75% x 10/365 + GBP 600.00 x 12.75% x 21/365 = 7.89"
    ]

"""What a letter asks for: the account as it is, and nothing that does not add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from chalicelib.core.account import Account, ContactPerson, Notice
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts import (
    CreditNote,
    DisputeOpened,
    Extension,
    Fact,
    InvoiceIssued,
    NoticeCounted,
    Payment,
)
from chalicelib.core.policy import Policy
from chalicelib.core.workings import Arithmetic
from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_parts import (
    ComingCharge,
    Consequence,
    ConsequenceKind,
    InvoiceStage,
    NoticeKind,
)
from chalicelib.flows.letters import NothingToAsk, write_letter
from chalicelib.flows.policies import load, shipped_document
from chalicelib.mail.render import render
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.machine import LETTERHEAD, TODAY, invoice

STANDARD = load("standard")


def edited(*changes: tuple[str, str]) -> Policy:
    """The standard policy with some of its text changed."""
    document = shipped_document("standard").decode()
    for before, after in changes:
        assert before in document
        document = document.replace(before, after)
    return load(document.encode())


def book(account: Account, *facts: Fact, policy: Policy = STANDARD) -> Account:
    return apply_all(account, facts, policy).account


def account_with(*facts: Fact) -> Account:
    account = book(Account("A1"), *facts)
    return replace(account, details=replace(account.details, name="Brightline Interiors"))


def until_notice(
    account: Account, kind: str, policy: Policy = STANDARD, on: date = TODAY
) -> tuple[Account, Notice]:
    """Decide day by day, each notice counting at once, until one of a kind is made."""
    for days in range(150):
        decision = decide(account, policy, on + timedelta(days=days))
        account = decision.account
        for notice in decision.notices:
            if notice.notice == kind:
                return account, notice
            account = book(account, NoticeCounted(on + timedelta(days=days), notice.id))
    raise AssertionError(f"no {kind} in 150 days")


def written(account: Account, notice: Notice, policy: Policy = STANDARD) -> Letter:
    letter = write_letter(account, notice, policy, LETTERHEAD, notice.created_on)
    assert isinstance(letter, Letter)
    return letter


def test_a_reminder_announces_the_first_fee_on_the_day_it_can_come() -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "reminder")

    letter = written(account, notice)

    assert letter.kind is NoticeKind.REMINDER
    assert (letter.total_minor, letter.notice_on) == (100_000, TODAY)
    [said] = letter.announcements
    assert said.charges == (ComingCharge(kind="percent", rate=Decimal("0.015"), max_minor=500_00),)
    assert (said.days_past_due, said.first_on) == (30, date(2024, 4, 2))
    assert (letter.respond_by, letter.consequences) == (None, ())


def test_a_fee_notice_shows_its_new_charge_with_the_reason() -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "late_fee")

    letter = written(account, notice)

    [line] = letter.invoices
    assert line.stage == InvoiceStage(name="late_fee", days=30)
    [(invoice_id, charge)] = letter.new_charges
    assert (invoice_id, charge.name, charge.open_minor) == ("I1", "late_fee", 1_500)
    assert charge.arithmetic == Arithmetic(1_500, 100_000, Decimal("0.015"))
    assert letter.total_minor == 101_500


def test_a_final_demand_says_what_truly_follows_and_by_when() -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "final_demand")

    letter = written(account, notice)

    assert letter.respond_by == notice.created_on + timedelta(days=10)
    assert letter.announcements == ()
    assert letter.consequences == (
        Consequence(kind=ConsequenceKind.HOLD),
        Consequence(
            kind=ConsequenceKind.AGENCY, fee_percent=Decimal("0.15"), fee_max_minor=5_000_00
        ),
    )


def test_an_account_that_no_rule_holds_is_not_threatened_with_a_hold() -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "final_demand")
    account = replace(account, details=replace(account.details, account_class="key"))

    letter = written(account, notice)

    assert [one.kind for one in letter.consequences] == [ConsequenceKind.AGENCY]


def test_a_policy_without_consequences_threatens_nothing() -> None:
    policy = edited(
        ("unanswered_final_demand = true", "unanswered_final_demand = false"),
        ('agencies = [ { agency = "default" } ]', "agencies = []"),
    )
    account, notice = until_notice(account_with(invoice("I1", 15)), "final_demand", policy)

    letter = written(account, notice, policy)

    assert letter.consequences == (Consequence(kind=ConsequenceKind.DECISION),)


def test_cash_and_credits_are_shown_and_never_deducted() -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "reminder")
    account = book(
        account,
        Payment(TODAY, "P1", TODAY, "USD", 5_000, ("not-there",)),
        CreditNote(TODAY, "C1", "USD", 700, "not-there"),
    )

    letter = written(account, notice)

    assert [(item.kind, item.reference, item.amount_minor) for item in letter.unapplied] == [
        ("credit_note", "C1", 700),
        ("payment", "P1", 5_000),
    ]
    assert letter.total_minor == 100_000


def test_a_part_in_dispute_is_shown_apart() -> None:
    account, notice = until_notice(
        account_with(invoice("I1", 15), invoice("I2", 16, 30_000)), "reminder"
    )
    account = book(
        account, DisputeOpened(TODAY, "I1", 40_000), DisputeOpened(TODAY, "I2")
    )  # fmt: skip

    letter = written(account, notice)

    assert [line.invoice_id for line in letter.invoices] == ["I1"]
    assert letter.total_minor == 60_000
    assert {part.invoice_id: part.disputed_minor for part in letter.disputed} == {
        "I1": 40_000,
        "I2": 30_000,
    }


def test_what_became_past_due_after_the_notice_is_not_in_it() -> None:
    account, notice = until_notice(
        account_with(invoice("I1", 15), invoice("I2", -1, 30_000)), "reminder"
    )

    letter = write_letter(account, notice, STANDARD, LETTERHEAD, TODAY + timedelta(days=3))

    assert isinstance(letter, Letter)
    assert [line.invoice_id for line in letter.invoices] == ["I1"]
    assert letter.total_minor == 100_000


def test_an_extension_since_takes_an_invoice_out() -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "reminder")
    account = book(account, Extension(TODAY, "I1", TODAY + timedelta(days=20)))

    letter = write_letter(account, notice, STANDARD, LETTERHEAD, TODAY)

    assert letter == NothingToAsk("not_past_due")


def test_a_fee_that_is_left_of_a_paid_invoice_is_still_asked_for() -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "late_fee")
    on = notice.created_on
    account = book(account, Payment(on, "P1", on, "USD", 100_000, ("I1",)))

    letter = written(account, notice)

    assert letter.invoices == ()
    assert [other.invoice_id for other in letter.other_charges] == ["I1"]
    assert letter.total_minor == 1_500
    assert "15.00" in render(letter).text


def test_unconsolidated_a_letter_asks_for_its_one_invoice() -> None:
    policy = edited(("consolidate              = true", "consolidate = false"))
    account, notice = until_notice(
        account_with(invoice("I1", 15), invoice("I2", 15, 30_000)), "late_fee", policy
    )

    letter = written(account, notice, policy)

    assert [line.invoice_id for line in letter.invoices] == list(notice.invoice_ids)
    assert letter.total_minor == letter.invoices[0].due_minor
    assert letter.other_charges == ()


@pytest.mark.parametrize(
    ("person", "name", "email"),
    [
        ("junior", "Dana Reyes", "dana.reyes@seller.example"),
        ("mo@seller.example", "mo@seller.example", "mo@seller.example"),
        ("nobody-known", "", "billing@seller.example"),
    ],
)
def test_the_letter_is_answered_by_its_collector(person: str, name: str, email: str) -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "reminder")
    account = replace(account, details=replace(account.details, collector=person))

    letter = written(account, notice)

    assert (letter.collector.name, letter.collector.email) == (name, email)


@pytest.mark.parametrize(
    ("addressee", "name", "locale"),
    [
        (ContactPerson("c1", name="Dana Whitfield", locale="de_AT"), "Dana Whitfield", "de_AT"),
        (ContactPerson("c1", name="Dana Whitfield"), "Dana Whitfield", "en_GB"),
        (ContactPerson("c1", locale="de_AT"), "", "de_AT"),
        (None, "", "en_GB"),
    ],
)
def test_one_person_is_addressed_by_name_and_in_their_own_locale(
    addressee: ContactPerson | None, name: str, locale: str
) -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "reminder")
    account = replace(account, details=replace(account.details, locale="en_GB"))

    letter = write_letter(account, notice, STANDARD, LETTERHEAD, TODAY, addressee)

    assert isinstance(letter, Letter)
    assert (letter.contact_name, letter.locale) == (name, locale)


def test_a_letter_has_the_text_of_its_stage() -> None:
    account, notice = until_notice(account_with(invoice("I1", 15)), "reminder")
    first, *others = STANDARD.stages
    policy = replace(STANDARD, stages=(replace(first, text="reminder_soft"), *others))

    assert written(account, notice, policy).text == "reminder_soft"
    assert written(account, notice).text == ""


AMOUNTS = st.integers(min_value=1_100, max_value=900_000)


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[InvoiceIssued], list[tuple[int, Fact]]]:
    """Some invoices of different ages, and what happens to them on some of sixty days."""
    count = draw(st.integers(1, 5))
    invoices = [invoice(f"I{n}", draw(st.integers(-20, 70)), draw(AMOUNTS)) for n in range(count)]
    names = st.sampled_from([issued.invoice_id for issued in invoices])
    facts: list[tuple[int, Fact]] = []
    for n in range(draw(st.integers(0, 6))):
        day = draw(st.integers(0, 60))
        on, name = TODAY + timedelta(days=day), draw(names)
        amount = draw(AMOUNTS)
        kinds: list[Fact] = [
            Payment(on, f"P{n}", on, "USD", amount, (name,)),
            Payment(on, f"P{n}", on - timedelta(days=9), "USD", amount),
            CreditNote(on, f"C{n}", "USD", amount, name),
            DisputeOpened(on, name, amount),
            Extension(on, name, on + timedelta(days=5)),
        ]
        fact = draw(st.sampled_from(kinds))
        facts.append((day, fact))
    return invoices, facts


PERCENT = (
    'charges = [ { kind = "percent", rate = "0.015", max = { USD = "500.00" }, '
    'skip_below = { USD = "25.00" } } ]'
)
EVERY_KIND = (
    'charges = [ { kind = "interest" }, { kind = "tiered", bands = [ { percent = "0.01" } ] },'
    ' { kind = "compensation", bands = [ { amount = { USD = "40.00" } } ] } ]'
)
POLICIES = (
    STANDARD,
    edited(("consolidate              = true", "consolidate = false")),
    edited((PERCENT, EVERY_KIND), ("post_final  = false", "post_final = true")),
)


@settings(max_examples=60, deadline=None)
@given(story=stories(), late_days=st.integers(0, 4), policy=st.sampled_from(POLICIES))
def test_every_letter_adds_up_or_is_not_written(
    story: tuple[list[InvoiceIssued], list[tuple[int, Fact]]], late_days: int, policy: Policy
) -> None:
    """Whatever happens between the decision and the sending, the lines are the total (R3.6)."""
    invoices, facts = story
    account = account_with(*invoices)
    waiting: list[Notice] = []
    for days in range(66):
        today = TODAY + timedelta(days=days)
        account = book(account, *(fact for day, fact in facts if day == days), policy=policy)
        for notice in [n for n in waiting if (today - n.created_on).days >= late_days]:
            waiting.remove(notice)
            letter = write_letter(account, notice, policy, LETTERHEAD, today)
            if isinstance(letter, Letter):
                assert {line.invoice_id for line in letter.invoices} <= set(notice.invoice_ids)
                assert all(line.asked_minor > 0 for line in letter.invoices)
            account = book(account, NoticeCounted(today, notice.id))
        decision = decide(account, policy, today)
        account = decision.account
        waiting.extend(decision.notices)

"""Which agency is chosen, and on what terms (R10.2, R10.6)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.book import Book
from chalicelib.core.placement_choice import choose_agency, terms_of
from chalicelib.core.placements import Outcome, Placement, placement_id
from chalicelib.core.policy_agencies import AgencyRule, CommissionBand
from tests.unit.accounts import DAY, account, days, invoice
from tests.unit.placed_accounts import RULES, demanded, placing

NORTH, SOUTH, EAST = AgencyRule("north"), AgencyRule("south"), AgencyRule("east")


def made(number: int = 1, balance: int = 50_000, currency: str = "USD") -> Placement:
    identity = placement_id("A", currency, DAY, number)
    return Placement(
        identity, currency, "draft", DAY, "anna", frozenset({"I1"}), balance_minor=balance
    )


def chosen(*rules: AgencyRule, country: str = "DE", balance: int = 50_000) -> str:
    book = Book(Account("A", AccountDetails(country=country)))
    return choose_agency(book, made(balance=balance), placing(agencies=rules))


def test_the_first_rule_that_fits_decides() -> None:
    assert chosen(NORTH, SOUTH) == "north"


FITS: list[tuple[AgencyRule, str, int, bool]] = [
    (AgencyRule("x", countries=frozenset({"DE"})), "DE", 1, True),
    (AgencyRule("x", countries=frozenset({"DE"})), "FR", 1, False),
    (AgencyRule("x", countries=frozenset({"DE"})), "", 1, False),
    (AgencyRule("x", currencies=frozenset({"USD"})), "DE", 1, True),
    (AgencyRule("x", currencies=frozenset({"EUR"})), "DE", 1, False),
    (AgencyRule("x", at_least={"USD": 100}), "DE", 100, True),
    (AgencyRule("x", at_least={"USD": 100}), "DE", 99, False),
    (AgencyRule("x", at_least={"EUR": 100}), "DE", 1, True),
    (AgencyRule("x", below={"USD": 100}), "DE", 99, True),
    (AgencyRule("x", below={"USD": 100}), "DE", 100, False),
]


@pytest.mark.parametrize(("rule", "country", "balance", "fits"), FITS)
def test_a_rule_fits_by_country_currency_and_balance(
    rule: AgencyRule, country: str, balance: int, fits: bool
) -> None:
    found = chosen(rule, replace(NORTH, agency="other"), country=country, balance=balance)

    assert found == ("x" if fits else "other")


def test_without_a_rule_that_fits_there_is_no_agency() -> None:
    assert chosen(AgencyRule("x", countries=frozenset({"DE"})), country="FR") == ""


def test_shares_hold_in_the_long_run_and_one_placement_always_gets_the_same() -> None:
    rules = (replace(NORTH, share=1), replace(SOUTH, share=3), EAST)
    policy, book = placing(agencies=rules), Book(Account("A"))
    once = [choose_agency(book, made(number), policy) for number in range(2_000)]
    again = [choose_agency(book, made(number), policy) for number in range(2_000)]

    assert once == again
    assert set(once) == {"north", "south"}  # who has no share is not weighed
    # Four standard deviations about a quarter of 2,000, which is 500 and 19.4.
    assert 422 <= once.count("north") <= 578


def test_a_rule_without_a_share_that_comes_first_wins() -> None:
    assert chosen(EAST, replace(NORTH, share=1), replace(SOUTH, share=3)) == "east"


@pytest.mark.parametrize(
    ("outcome", "next_agency"),
    [("rejected", "south"), ("expired", "south"), ("returned", "south"), ("recalled", "south"),
     ("paid", "north"), ("settled", "north"), ("withdrawn", "north")],
)  # fmt: skip
def test_an_agency_that_gave_one_back_is_passed_over(outcome: Outcome, next_agency: str) -> None:
    book = Book(Account("A"))
    book.put_placement(replace(made(9), state="closed", agency="north", outcome=outcome))

    assert choose_agency(book, made(), placing(agencies=(NORTH, SOUTH))) == next_agency


def test_an_agency_that_gave_one_back_gets_it_if_no_other_fits() -> None:
    book = Book(Account("A"))
    book.put_placement(replace(made(9), state="closed", agency="north", outcome="rejected"))

    assert choose_agency(book, made(), placing(agencies=(NORTH,))) == "north"


def test_an_agency_that_gave_back_another_currency_is_not_passed_over() -> None:
    book = Book(Account("A"))
    gave_back = replace(made(9, currency="EUR"), state="closed", agency="north", outcome="rejected")
    book.put_placement(gave_back)

    assert choose_agency(book, made(), placing(agencies=(NORTH, SOUTH))) == "north"


BY_AGE = (
    CommissionBand(Decimal("0.10"), below_days=106),
    CommissionBand(Decimal("0.20"), below_days=200),
    CommissionBand(Decimal("0.30")),
)
BY_BALANCE = (
    CommissionBand(Decimal("0.25"), below={"USD": 50_000}),
    CommissionBand(Decimal("0.1")),
)


@pytest.mark.parametrize(
    ("bands", "balance", "rate"),
    [
        (BY_AGE, 1, "0.20"),  # 100 days past due on DAY, so 106 when it is offered
        (BY_AGE[:1], 1, "0"),
        (BY_BALANCE, 49_999, "0.25"),
        (BY_BALANCE, 50_000, "0.1"),
        ((), 1, "0"),
    ],
)
def test_the_commission_goes_by_the_age_of_the_oldest_invoice_or_by_the_balance(
    bands: tuple[CommissionBand, ...], balance: int, rate: str
) -> None:
    policy = placing(commission=bands)
    book = Book(account((invoice("I1", 50_000, 100), invoice("I2", 50_000, 500)), policy))

    terms = terms_of(book, made(), policy, DAY + days(6), balance)

    assert terms.commission == Decimal(rate)


def test_the_terms_say_what_direct_money_earns_and_what_needs_no_approval() -> None:
    policy = placing(commission_on_direct=True, settlement_floor=Decimal("0.8"))

    terms = terms_of(Book(demanded(policy)), made(), policy, DAY, 50_000)

    assert (terms.commission_on_direct, terms.settlement_floor) == (True, Decimal("0.8"))
    assert RULES.settlement_floor is None

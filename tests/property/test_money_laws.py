"""Laws of money at the desks: whatever is sent in whatever order, it is neither lost nor made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from chalicelib.core.account import Account, Money, money_key
from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.core.invoice import Invoice
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.property.desk_acts import (
    DOCUMENTS,
    FEES,
    NAMED,
    Act,
    Apply,
    Bounce,
    CashSaid,
    Pass,
    Pay,
    Tell,
    World,
    acts,
)

EXAMPLES = settings(max_examples=70, deadline=None)


def invoices_of(account: Account) -> dict[str, Invoice]:
    return {**account.closed, **account.invoices}


def balances(account: Account) -> Counter[str]:
    """Open principal + open charges - unapplied, by currency: the right side of R7.5."""
    found: Counter[str] = Counter()
    for invoice in account.invoices.values():
        found[invoice.currency] += invoice.open_minor + invoice.open_charges_minor
    found.subtract(account.unapplied)
    return Counter({currency: minor for currency, minor in found.items() if minor})


def check_identity(world: World) -> None:
    """The log's entries, the totals and what is open say the same (R7.5)."""
    kept = world.accounts.kept["A"]
    logged, total = Counter[str](), Counter[str]()
    for line in kept.log:
        for entry in line.entries:
            assert entry.amount_minor > 0
            logged[entry.currency] += ENTRY_SIGN[entry.kind] * entry.amount_minor
    for currency, kinds in kept.account.totals.items():
        total[currency] = sum(ENTRY_SIGN[kind] * minor for kind, minor in kinds.items())
    expected = balances(kept.account)
    assert {c: minor for c, minor in logged.items() if minor} == expected
    assert {c: minor for c, minor in total.items() if minor} == expected


def check_allocations(account: Account) -> None:
    """All of a payment or credit note is somewhere, once, in its own currency, never below zero."""
    unapplied: Counter[str] = Counter()
    known = invoices_of(account)
    for money in account.money.values():
        assert money.unapplied_minor >= 0
        assert all(part.amount_minor > 0 for part in money.allocations)
        assert {known[part.invoice_id].currency for part in money.allocations} <= {money.currency}
        went = sum(part.amount_minor for part in money.allocations)
        assert went + money.unapplied_minor == (0 if money.bounced else money.amount_minor)
        unapplied[money.currency] += money.unapplied_minor
    assert +unapplied == +Counter(account.unapplied)
    for invoice in known.values():
        assert 0 <= invoice.disputed_minor <= invoice.open_minor
        assert 0 <= invoice.advanced_minor <= invoice.open_minor
        assert all(0 <= charge.open_minor <= charge.amount_minor for charge in invoice.charges)


# The ERP calls a fee settled; then money comes that, by value date, takes the fee back.
SETTLED_ELSEWHERE: Sequence[Act] = (
    Pass(5),
    Tell("external_charge", "I0", "s5", 600),
    Pay(0, 600, "USD", (), 1),
)


@EXAMPLES
@given(DOCUMENTS, acts())
@example(FEES, SETTLED_ELSEWHERE)
def test_the_ledgers_identity_holds_after_every_act(policy: bytes, told: Sequence[Act]) -> None:
    world = World(policy)
    for act in told:
        world.do(act)
        check_identity(world)


@EXAMPLES
@given(DOCUMENTS, acts())
def test_every_payment_is_somewhere_once_after_every_act(
    policy: bytes, told: Sequence[Act]
) -> None:
    world = World(policy)
    for act in told:
        world.do(act)
        check_allocations(world.account)


@EXAMPLES
@given(acts(), st.integers(0, 30))
def test_whatever_is_sent_again_changes_nothing(told: Sequence[Act], at: int) -> None:
    world = World()
    for act in told:
        world.do(act)
    payments = [act for act in told if isinstance(act, Pay)]
    before = world.account
    for pay in payments[at % (len(payments) + 1) :]:
        money = before.money.get(money_key("payment", f"P{pay.number}"))
        days_ago = (world.today - money.value_on).days if money else 0
        if money is not None:
            again = Pay(pay.number, money.amount_minor, money.currency, money.invoice_ids, days_ago)
            world.do(again)

    assert world.account == before


@EXAMPLES
@given(DOCUMENTS, acts(), NAMED)
def test_a_payment_that_a_person_applied_and_that_bounced_restores_what_was_before(
    policy: bytes, told: Sequence[Act], names: tuple[str, ...]
) -> None:
    """R7.4, through waiting, applying and bouncing; a fee taken back comes as its next revision."""
    world = World(policy)
    for act in told:
        world.do(act)
    before = world.account
    world.do(Pay(99, 700, "USD", ("GHOST",), 0))
    world.do(Apply(CashSaid(payment_id="P99", invoice_ids=names)))
    money = world.account.money[money_key("payment", "P99")]

    world.do(Bounce(99))

    assert world.account.money[money.key].bounced
    if not took_charges_back(before, world.account, money):
        assert standing(world.account) == standing(before)


def took_charges_back(before: Account, after: Account, money: Money) -> bool:
    return bool(money.reversals) or len(charges(before)) != len(charges(after))


def charges(account: Account) -> list[str]:
    return [charge.id for invoice in invoices_of(account).values() for charge in invoice.charges]


def standing(account: Account) -> tuple[object, ...]:
    """What is open, where it lies, and what is unapplied."""
    parts = {
        name: (i.open_minor, i.advanced_minor, i.disputed_minor, i.reductions, i.charges)
        for name, i in sorted(invoices_of(account).items())
    }
    return parts, sorted(account.invoices), +Counter(account.unapplied), set(account.settlements)

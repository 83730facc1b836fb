"""Laws of money: it is neither lost nor made up, nor charged twice, nor beyond its caps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from chalicelib.core.account import Account
from chalicelib.core.apply import apply
from chalicelib.core.effects import ENTRY_SIGN, ChargePosted
from chalicelib.core.facts import Payment, PaymentReversed
from chalicelib.core.invoice import Invoice
from chalicelib.core.money import split
from chalicelib.core.policy import FINAL_STAGE
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.stories import Story, stories
from tests.property.walk import Seen, effects_of, walk


def invoices_of(account: Account) -> dict[str, Invoice]:
    return {**account.invoices, **account.closed}


def balance(account: Account, currency: str) -> int:
    """Open principal + open charges - unapplied cash and credit: the right side of R7.5."""
    here = [i for i in invoices_of(account).values() if i.currency == currency]
    open_minor = sum(i.open_minor + i.open_charges_minor for i in here)
    return open_minor - account.unapplied.get(currency, 0)


UNCAPPED = frozenset({"compensation", "collection_fee"})  # R4.5


def the_ledger_identity_holds_after_every_fact_and_decision(_: Story, days: Sequence[Seen]) -> None:
    booked: Counter[str] = Counter()
    for seen in days:
        for entry in seen.entries:
            assert entry.amount_minor > 0
            booked[entry.currency] += ENTRY_SIGN[entry.kind] * entry.amount_minor
        for currency in {*booked, *seen.after.unapplied}:
            assert booked[currency] == balance(seen.after, currency), seen.fact
            totals = seen.after.totals.get(currency, {})
            signed = sum(ENTRY_SIGN[kind] * amount for kind, amount in totals.items())
            assert signed == booked[currency]


def no_part_of_an_invoice_is_below_zero_or_above_the_whole(_: Story, days: Sequence[Seen]) -> None:
    for seen in days:
        assert all(amount >= 0 for amount in seen.after.unapplied.values())
        for invoice in invoices_of(seen.after).values():
            assert 0 <= invoice.open_minor <= invoice.opened_minor
            assert 0 <= invoice.advanced_minor <= invoice.open_minor
            assert 0 <= invoice.disputed_minor <= invoice.open_minor
            for charge in invoice.charges:
                assert 0 <= charge.open_minor <= charge.amount_minor


def settled_invoices_are_closed_and_all_others_live(_: Story, days: Sequence[Seen]) -> None:
    for seen in days:
        assert not any(invoice.is_settled for invoice in seen.after.invoices.values())
        assert all(invoice.is_settled for invoice in seen.after.closed.values())


def a_voided_or_written_off_invoice_is_never_open_again(_: Story, days: Sequence[Seen]) -> None:
    voided: set[str] = set()
    for seen in days:
        now = invoices_of(seen.after)
        voided |= {name for name, invoice in now.items() if invoice.voided}
        assert all(now[name].open_minor == 0 for name in voided)


def a_payment_that_bounces_at_once_restores_what_was_before(
    story: Story, days: Sequence[Seen]
) -> None:
    paid: set[str] = set()
    for seen in days:
        if not isinstance(seen.fact, Payment) or seen.fact.payment_id in paid:
            continue  # what comes twice is booked once
        paid.add(seen.fact.payment_id)
        bounced = apply(seen.after, PaymentReversed(seen.day, seen.fact.payment_id), story.policy)
        if any(effect.kind in ("charge_reversed", "charge") for effect in seen.effects):
            continue  # what it took back comes as the next revision; its final interest stays
        assert standing(bounced.account) == standing(seen.before)


def standing(account: Account) -> tuple[object, ...]:
    """What is open, where it lies, and what is unapplied."""

    def parts(invoices: dict[str, Invoice]) -> dict[str, tuple[object, ...]]:
        return {
            name: (i.open_minor, i.advanced_minor, i.disputed_minor, i.reductions, i.charges)
            for name, i in sorted(invoices.items())
        }

    unapplied = {currency: cash for currency, cash in account.unapplied.items() if cash}
    return (parts(account.invoices), parts(account.closed), unapplied, set(account.settlements))


def a_bounced_payment_brings_back_the_fees_it_took_back(story: Story, days: Sequence[Seen]) -> None:
    for seen in days:
        if not isinstance(seen.fact, Payment):
            continue
        taken_back = [e for e in seen.effects if e.kind == "charge_reversed"]
        if not taken_back:
            continue
        bounced = apply(seen.after, PaymentReversed(seen.day, seen.fact.payment_id), story.policy)
        posted = [e for e in bounced.effects if isinstance(e, ChargePosted)]

        assert Counter(amounts(seen)) == Counter(
            (e.invoice_id, e.stage, e.amount_minor) for e in posted
        )


def amounts(seen: Seen) -> list[tuple[str, str, int]]:
    found = []
    for effect in seen.effects:
        if effect.kind == "charge_reversed":
            charges = invoices_of(seen.after)[effect.invoice_id].charges  # type: ignore[union-attr]  # narrowed by kind
            stage = next(c.stage for c in charges if c.id == effect.id)  # type: ignore[union-attr]  # narrowed by kind
            found.append((effect.invoice_id, stage, effect.amount_minor))  # type: ignore[union-attr]  # narrowed by kind
    return found


def nothing_is_charged_twice(_: Story, days: Sequence[Seen]) -> None:
    posted = [e for e in effects_of(days) if isinstance(e, ChargePosted)]
    ids = [e.id for e in posted if e.amount_minor]

    assert len(ids) == len(set(ids))


def late_fees_and_interest_never_exceed_the_caps_on_the_day_they_are_posted(
    story: Story, days: Sequence[Seen]
) -> None:
    caps = story.policy.caps
    for seen in days:
        for effect in seen.effects:
            if not isinstance(effect, ChargePosted) or effect.amount_minor == 0:
                continue
            is_owed_again = seen.fact is not None and effect.stage != FINAL_STAGE
            if effect.charge in UNCAPPED or is_owed_again or ":r" in effect.id:
                continue
            invoice = invoices_of(seen.after)[effect.invoice_id]
            charged = sum(
                c.amount_minor - c.reversed_minor - c.reinstated_minor
                for c in invoice.charges
                if c.kind not in UNCAPPED
            )
            if caps.max_total_percent is not None:
                assert charged <= invoice.amount_minor * caps.max_total_percent
            if caps.max_annual_rate is not None:
                day = seen.day
                if effect.stage == FINAL_STAGE:
                    day = max(cut.value_on for cut in invoice.reductions)
                late = invoice.days_past_due(day)
                assert charged * 365 <= invoice.amount_minor * caps.max_annual_rate * late


LAWS = (
    the_ledger_identity_holds_after_every_fact_and_decision,
    no_part_of_an_invoice_is_below_zero_or_above_the_whole,
    settled_invoices_are_closed_and_all_others_live,
    a_voided_or_written_off_invoice_is_never_open_again,
    a_payment_that_bounces_at_once_restores_what_was_before,
    a_bounced_payment_brings_back_the_fees_it_took_back,
    nothing_is_charged_twice,
    late_fees_and_interest_never_exceed_the_caps_on_the_day_they_are_posted,
)


@settings(max_examples=60, deadline=None)
@given(stories())
def test_every_law_of_money_holds_whatever_is_booked_and_decided(story: Story) -> None:
    """All laws look at one walk through the days, for the walk is what takes time."""
    days = list(walk(story))

    for law in LAWS:
        law(story, days)


@given(st.integers(0, 10**15), st.integers(1, 200))
def test_the_parts_of_a_split_add_up_and_differ_by_at_most_one(total: int, parts: int) -> None:
    shares = split(total, parts)

    assert (sum(shares), len(shares)) == (total, parts)
    assert max(shares) - min(shares) <= 1
    assert list(shares) == sorted(shares, reverse=True)

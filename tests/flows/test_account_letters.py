"""Letters about promises, holds and paid cases on their way: sent once, from what is so (R11)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.account import Hold
from chalicelib.core.facts import (
    BlockSet,
    DisputeOpened,
    Fact,
    NoticeCounted,
    Payment,
    PaymentReversed,
    PromiseMade,
)
from chalicelib.core.facts_collections import PromiseWithdrawn
from chalicelib.core.facts_holds import HoldOverruled, HoldSet, HoldsReleasedUntil
from chalicelib.core.releases import TemporaryRelease
from chalicelib.flows.letter_account import AccountLetter, ReleasedBy
from chalicelib.flows.letter_writers import writer_of
from chalicelib.flows.letters import NothingToAsk
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports_mail import Unknown
from tests.fakes_mail import FakeMailer
from tests.flows.machine import LETTERHEAD, NOTICE, TODAY, Machine, invoice, with_notice

RULES = (
    shipped_document("standard") + b"\n[letters]\npromise = true\nhold = true\nthank_you = true\n"
)
INTEREST = (
    b'id = "standard"\ncurrencies = ["USD"]\n[interest]\nannual_rate = "0.12"\n'
    b"[promises]\ngrace_days = 3\nwaives_fees = true\n[letters]\npromise = true\n[[stages]]\n"
    b'id = "late"\ndays = 60\nnotice = "late_fee"\n'
    b'charges = [ { kind = "interest", debtor_kind = "company" } ]\n'
)
STAGE = '[[stages]]\nid = "reminder"\ndays = 15\nnotice = "reminder"\n'
BY = TODAY + timedelta(days=10)
PROMISE = f"ptp_{TODAY}_01"
HELD = f"A1:on_hold:hold_placed:{TODAY}"
TOMORROW = TODAY + timedelta(days=1)


def a_machine(document: bytes = RULES, mailer: FakeMailer | None = None) -> Machine:
    machine = Machine() if mailer is None else Machine(mailer=mailer)
    machine.registry.put_policy("standard", document)
    return machine


def paid(amount_minor: int, on: date = TODAY, payment_id: str = "P1") -> Payment:
    return Payment(on, payment_id, on, "USD", amount_minor)


def letter_of(machine: Machine, kind: str) -> str:
    [name] = [n.id for n in machine.account("A1").notices.values() if n.notice == kind]
    return name


def known(machine: Machine, *facts: Fact, late: int = 10, **details: Any) -> Machine:
    """An invoice of 1,000.00 that is known since yesterday, and facts of today."""
    machine.take_in("A1", invoice("I1", late), wake_on=TODAY - timedelta(days=1), **details)
    machine.decide("A1", TODAY - timedelta(days=1))
    machine.take_in("A1", *facts)
    machine.decide("A1")
    return machine


def promised(machine: Machine | None = None, **details: Any) -> tuple[Machine, str]:
    fact = PromiseMade(TODAY, "USD", 80_000, BY)
    machine = known(machine or a_machine(), fact, **details)
    return machine, letter_of(machine, "promise_made")


def held(*facts: Fact, held_as: str = "on_hold", **details: Any) -> tuple[Machine, str]:
    hold = HoldSet(TODAY, Hold("manual", TODAY, "anna", held_as=held_as))
    machine = known(a_machine(), *facts, hold, **details)
    return machine, letter_of(machine, "hold_placed")


def thanked(*facts: Fact) -> tuple[Machine, str]:
    """A reminder of today was delivered, and tomorrow all is paid."""
    machine = with_notice(a_machine())
    machine.take_in("A1", NoticeCounted(TODAY, NOTICE), *facts)
    machine.take_in("A1", paid(100_000, TOMORROW), wake_on=TOMORROW)
    machine.clock.pass_by(days=1)
    machine.registry.beat(TODAY)
    machine.decide("A1", TOMORROW)
    return machine, letter_of(machine, "thank_you")


def written(machine: Machine, name: str, on: date = TODAY) -> AccountLetter:
    account, notice = machine.account("A1"), machine.notice(name)
    policy = machine.policies.of(account.details)
    letter = writer_of(notice)(account, notice, policy, LETTERHEAD, on)
    assert isinstance(letter, AccountLetter)
    return letter


def test_a_promise_is_confirmed_once_with_its_amount_and_its_date() -> None:
    machine, name = promised()

    counts = machine.deliver.deliver("A1", name)

    assert counts == {"mail_sent": 1}
    [mail] = machine.mailer.tried
    assert mail.notice_id == name == f"A1:{PROMISE}:promise_made:{TODAY}"
    assert mail.subject == "Your promise to pay USD 800.00 by March 28, 2024 [A1]"
    assert "Account number" in mail.text
    assert machine.deliver.deliver("A1", name) == {"mail_nothing_to_do": 1}
    assert len(machine.mailer.tried) == 1


def test_the_run_hands_such_a_letter_over_to_be_sent() -> None:
    machine, name = promised()

    assert name in [row.subject for row in machine.accounts.outbox["A1"].values()]
    assert ("A1", name) in machine.queues.mail


def test_a_payment_that_came_meanwhile_is_told_of() -> None:
    machine, name = promised()
    machine.take_in("A1", paid(30_000))

    letter = written(machine, name)

    assert letter.promise is not None
    assert letter.promise.received_minor == 30_000
    assert [one.amount_minor for one in letter.asked] == [50_000]
    assert [line.open_minor for line in letter.invoices] == [70_000]


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (PromiseWithdrawn(TODAY, PROMISE), "promise_moved_on"),
        (paid(80_000), "promise_moved_on"),
        (BlockSet(TODAY, "legal_stop", reason="insolvency"), "legal_stop"),
    ],
)
def test_a_promise_that_is_over_is_not_confirmed(fact: Fact, reason: str) -> None:
    machine, name = promised()
    machine.take_in("A1", fact)

    counts = machine.deliver.deliver("A1", name)

    assert counts == {"mail_cancelled": 1, f"mail_cancelled_{reason}": 1}
    assert machine.mailer.tried == []
    record = json.loads(machine.archive.files[f"notices/{name}.json"][0])
    assert record["cancelled"] == reason
    [promise] = machine.account("A1").promises
    assert promise.letters_owed == (("promise_made",) if reason == "legal_stop" else ())


@pytest.mark.parametrize(("kind", "waits"), [("company", True), ("natural_person", False)])
def test_interest_is_spoken_of_only_where_it_comes_and_waits(kind: str, waits: bool) -> None:
    """R6.6: while it lasts no interest counts, and if it is broken those days count after all."""
    machine, name = promised(a_machine(INTEREST), debtor_kind=kind)

    machine.deliver.deliver("A1", name)

    said = " ".join(machine.mailer.tried[0].text.split())
    assert ("no interest counts" in said) is waits
    assert ("Interest for the days of the promise then counts" in said) is waits


def test_a_hold_says_what_is_past_due_and_what_releases_it() -> None:
    machine, name = held()

    machine.deliver.deliver("A1", name)

    assert name == HELD
    [mail] = machine.mailer.tried
    assert mail.subject == "Shipments on hold: USD 1,000.00 past due [A1]"
    letter = written(machine, name)
    assert letter.hold is not None
    assert letter.hold.released_by is ReleasedBy.PERSON
    assert letter.payment == LETTERHEAD.payment


def test_a_hold_asks_for_nothing_that_is_in_dispute() -> None:
    machine, name = held(DisputeOpened(TODAY, "I1", 40_000))

    letter = written(machine, name)

    assert [one.amount_minor for one in letter.past_due] == [100_000]
    assert [one.amount_minor for one in letter.asked] == [60_000]


def test_a_hold_tells_of_all_currencies() -> None:
    machine, name = held(invoice("I2", 40, 5_000, currency="EUR"))

    letter = written(machine, name)

    assert [(one.currency, one.amount_minor) for one in letter.past_due] == [
        ("EUR", 5_000), ("USD", 100_000)
    ]  # fmt: skip
    assert letter.oldest is not None
    assert letter.oldest.invoice_id == "I2"
    mail = machine.deliver.deliver("A1", name)
    assert mail == {"mail_sent": 1}
    assert "EUR 50.00 and USD 1,000.00 past due" in machine.mailer.tried[0].subject


@pytest.mark.parametrize(
    ("release", "by"), [("auto", ReleasedBy.ITSELF), ("review", ReleasedBy.REVIEW)]
)
def test_a_hold_by_rule_says_how_it_ends(release: str, by: ReleasedBy) -> None:
    rules = f'oldest_days_past_due = 11\nrelease = "{release}"\n[letters]\nhold = true\n'
    document = f'id = "standard"\ncurrencies = ["USD"]\n[holds]\n{rules}{STAGE}'
    machine = a_machine(document.encode())
    machine.take_in("A1", invoice("I1", 11), wake_on=TODAY - timedelta(days=1))
    machine.decide("A1", TODAY - timedelta(days=1))
    machine.decide("A1")

    letter = written(machine, letter_of(machine, "hold_placed"))

    assert letter.hold is not None
    assert letter.hold.released_by is by


def test_a_prepaid_account_and_a_released_one_are_told_so() -> None:
    machine, name = held(held_as="prepaid")
    release = TemporaryRelease(BY, TODAY, "anna")
    machine.take_in("A1", HoldsReleasedUntil(TODAY, ("manual",), release))

    letter = written(machine, name)

    assert letter.hold is not None
    assert (letter.hold.is_prepaid, letter.hold.ships_until) == (True, BY)


def test_a_hold_that_ended_before_its_letter_left_is_told_of_by_none() -> None:
    machine, name = held()
    machine.take_in("A1", HoldOverruled(TODAY, "manual"))

    counts = machine.deliver.deliver("A1", name)
    machine.decide("A1")

    assert counts == {"mail_cancelled": 1, "mail_cancelled_credit_status_changed": 1}
    assert not [one for one in machine.account("A1").notices if ":hold_" in one]
    assert machine.mailer.tried == []


def test_a_hold_that_ended_before_its_letter_was_posted_is_told_of_by_none() -> None:
    machine, name = held(email="")
    assert machine.deliver.deliver("A1", name) == {"mail_left_to_post": 1}
    machine.take_in("A1", HoldOverruled(TOMORROW, "manual"), wake_on=TOMORROW)
    machine.registry.beat(TODAY)

    machine.decide("A1", TOMORROW)

    assert not [one for one in machine.account("A1").notices if ":hold_" in one]
    assert f"A1:send_letter:{name}" not in machine.tasks("A1")


def test_the_end_of_a_hold_is_told_of_with_what_is_still_past_due() -> None:
    machine, name = held()
    machine.deliver.deliver("A1", name)
    machine.take_in("A1", HoldOverruled(TOMORROW, "manual"), wake_on=TOMORROW)
    machine.clock.pass_by(days=1)
    machine.registry.beat(TODAY)
    machine.decide("A1", TOMORROW)

    counts = machine.deliver.deliver("A1", letter_of(machine, "hold_released"))

    assert counts == {"mail_sent": 1}
    mail = machine.mailer.tried[-1]
    assert mail.subject == "The hold on your account has ended: we ship as usual again [A1]"
    assert "USD 1,000.00 is past due on invoice I1" in " ".join(mail.text.split())


def test_thanks_name_what_was_paid_and_the_case() -> None:
    machine, name = thanked()

    counts = machine.deliver.deliver("A1", name)

    assert counts == {"mail_sent": 1}
    mail = machine.mailer.tried[-1]
    assert mail.notice_id == name == f"A1:C1:thank_you:{TOMORROW}"
    assert mail.subject == "Thank you for your payment of USD 1,000.00 [A1-C1]"
    assert "there is nothing more to do." in " ".join(mail.text.split())
    assert "Account number" not in mail.text


def test_thanks_hang_on_the_thread_of_the_case_that_was_closed() -> None:
    machine = with_notice(a_machine())
    machine.deliver.deliver("A1", NOTICE)
    [reminder] = machine.mailer.tried
    machine.take_in("A1", paid(100_000, TOMORROW), wake_on=TOMORROW)
    machine.clock.pass_by(days=1)
    machine.registry.beat(TODAY)
    machine.decide("A1", TOMORROW)

    machine.deliver.deliver("A1", letter_of(machine, "thank_you"))

    thanks = machine.mailer.tried[-1]
    assert thanks.references[0] == reminder.references[0]
    assert len(thanks.references) == len(reminder.references) + 1


def test_thanks_name_what_is_not_due_yet() -> None:
    machine, name = thanked(invoice("I2", -20, 5_000))

    letter = written(machine, name, TOMORROW)

    assert [line.invoice_id for line in letter.not_due] == ["I2"]
    assert letter.asked == ()


def test_a_payment_that_bounced_is_not_thanked_for() -> None:
    machine, name = thanked()
    machine.take_in("A1", PaymentReversed(TOMORROW, "P1"), wake_on=TOMORROW)

    counts = machine.deliver.deliver("A1", name)

    assert counts == {"mail_cancelled": 1, "mail_cancelled_past_due_again": 1}
    assert machine.mailer.tried == []


@pytest.mark.parametrize("make", [promised, held, thanked])
def test_a_delivery_finds_the_account_and_makes_the_letter_count(make: Any) -> None:
    machine, name = make()
    machine.deliver.deliver("A1", name)

    news = LetterNews(notice_id=name, attempt=1, kind="delivery", at=machine.clock.now())
    counts = machine.mail_events.book(news)

    assert counts == {"mail_event_delivery": 1}
    account = machine.account("A1")
    assert name not in account.notices
    assert account.notice_counts[name.split(":")[2]]["counted"] == 1


@pytest.mark.parametrize("account_id", ["EU:4711", "a:plan_b", "x:USD", "N-1"])
@pytest.mark.parametrize("about", ["ptp_2024-03-18_01:promise_made", "C12:thank_you"])
def test_a_late_event_finds_the_account_whatever_its_id(account_id: str, about: str) -> None:
    machine = a_machine()
    machine.take_in(account_id, invoice("I1", 10))
    name = f"{account_id}:{about}:{TODAY}"

    news = LetterNews(notice_id=name, attempt=1, kind="complaint", at=machine.clock.now())

    assert machine.mail_events.book(news) == {"mail_event_complaint": 1}


def test_a_letter_of_which_nobody_knows_whether_it_left_is_not_sent_again() -> None:
    machine, name = promised(a_machine(mailer=FakeMailer([Unknown("timeout")])))

    machine.deliver.deliver("A1", name)

    assert machine.notice(name).state == "unknown"
    assert machine.deliver.deliver("A1", name) == {"mail_nothing_to_do": 1}


def test_a_letter_that_waits_bears_the_day_on_which_it_is_written() -> None:
    machine, name = promised()

    assert written(machine, name, TOMORROW).notice_on == TOMORROW


def test_a_notice_of_a_kind_that_nobody_writes_is_refused_or_moot() -> None:
    machine, name = held()
    account, notice = machine.account("A1"), machine.notice(name)
    policy = machine.policies.of(account.details)
    forgotten = type(account)("A1", account.details)

    said = writer_of(notice)(forgotten, notice, policy, LETTERHEAD, TODAY)

    assert said == NothingToAsk("credit_status_changed")

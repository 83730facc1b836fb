"""Letters about payment plans on their way: sent once, from what is so just before (R9.4, R11)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.facts import BlockSet, Payment
from chalicelib.core.facts_collections import PlanCancelled, PlanMade
from chalicelib.core.interest import interest_on
from chalicelib.flows.letter_plan import PlanLetter
from chalicelib.flows.letters import NothingToAsk
from chalicelib.flows.letters_plan import write_plan_letter
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports_mail import Refused, Unknown
from tests.fakes_mail import FakeMailer
from tests.flows.machine import LETTERHEAD, NOTICE, TODAY, Machine, invoice, with_notice

FIRST_ON = TODAY + timedelta(days=14)
MISSED_ON = FIRST_ON + timedelta(days=4)  # after three days of grace
TERMS = PlanTerms("USD", "monthly", FIRST_ON, count=3)
PATIENT = shipped_document("standard").replace(b"max_missed = 1", b"max_missed = 2")


def paid(amount_minor: int, on: date = TODAY, payment_id: str = "P1") -> Payment:
    return Payment(on, payment_id, on, "USD", amount_minor)


def with_plan(machine: Machine | None = None) -> Machine:
    """An invoice of 3,000.00, ten days late, in a plan of three instalments of 1,000.00."""
    machine = machine or Machine()
    machine.take_in("A1", invoice("I1", 10, 300_000))
    machine.take_in("A1", PlanMade(TODAY, TERMS, "person"))
    return machine


def agreed() -> tuple[Machine, str]:
    machine = with_plan()
    machine.decide("A1")
    return machine, letter_of(machine, "plan_agreed")


def missed() -> tuple[Machine, str]:
    """The first instalment was missed, of two that may be: its letter waits to be sent."""
    machine = Machine()
    machine.registry.put_policy("standard", PATIENT)
    with_plan(machine)
    machine.decide("A1")
    machine.deliver.deliver("A1", letter_of(machine, "plan_agreed"))
    at(machine, MISSED_ON)
    machine.decide("A1", MISSED_ON)
    return machine, letter_of(machine, "plan_missed")


def at(machine: Machine, day: date) -> None:
    machine.clock.pass_by(days=(day - machine.clock.now().date()).days)


def plan_id(machine: Machine) -> str:
    [name] = machine.account("A1").plans
    return name


def letter_of(machine: Machine, kind: str) -> str:
    [name] = [n.id for n in machine.account("A1").notices.values() if n.notice == kind]
    return name


def test_an_agreed_plan_is_written_about_once_with_its_schedule() -> None:
    machine, name = agreed()

    counts = machine.deliver.deliver("A1", name)

    assert counts == {"mail_sent": 1}
    [mail] = machine.mailer.tried
    assert mail.notice_id == name == f"A1:{plan_id(machine)}:plan_agreed:{TODAY}"
    assert mail.to == ("ap@customer.example",)
    assert mail.subject == "Payment plan agreed: USD 3,000.00 in 3 payments [A1]"
    assert "Instalment 3, due " in mail.text
    assert machine.notice(name).state == "sent"
    assert machine.accounts.outbox["A1"] == {}
    assert machine.deliver.deliver("A1", name) == {"mail_nothing_to_do": 1}
    assert len(machine.mailer.tried) == 1


def test_the_run_hands_a_plans_letter_over_to_be_sent() -> None:
    machine, name = agreed()

    assert [row.subject for row in machine.accounts.outbox["A1"].values()] == [name]
    assert machine.queues.mail == [("A1", name)]


def test_interest_is_announced_only_where_the_policy_charges_any() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 10, 300_000))
    machine.take_in("A1", PlanMade(TODAY, replace(TERMS, interest_due=True), "person"))
    machine.decide("A1")

    machine.deliver.deliver("A1", letter_of(machine, "plan_agreed"))

    [mail] = machine.mailer.tried
    assert "Interest for the time" not in " ".join(mail.text.split())


INTEREST = (
    b'id = "standard"\ncurrencies = ["USD"]\n[interest]\nannual_rate = "0.12"\n[[stages]]\n'
    b'id = "late"\ndays = 60\nnotice = "late_fee"\n'
    b'charges = [ { kind = "interest", debtor_kind = "company" } ]\n'
)
DUE_THEN = "Interest for the time of the plan is then due as well."
DUE_NOW = "Interest for the time of the plan is due as well, as agreed."
RESTED = "Interest counts again, but not for the time of the plan."


@pytest.mark.parametrize(
    ("is_due", "kind", "agreed_says", "broken_says"),
    [
        (True, "company", DUE_THEN, DUE_NOW),
        (False, "company", "", RESTED),
        (True, "natural_person", "", ""),
    ],
)
def test_the_letters_say_of_interest_what_the_plan_agreed(
    is_due: bool, kind: str, agreed_says: str, broken_says: str
) -> None:
    """R4.3, R9.4: days in a kept plan do not count; in a broken one if it says so."""
    machine = Machine()
    machine.registry.put_policy("standard", INTEREST)
    machine.take_in("A1", invoice("I1", 10, 300_000), debtor_kind=kind)
    machine.take_in("A1", PlanMade(TODAY, replace(TERMS, interest_due=is_due), "person"))
    machine.decide("A1")
    machine.deliver.deliver("A1", letter_of(machine, "plan_agreed"))
    at(machine, MISSED_ON)
    machine.decide("A1", MISSED_ON)

    machine.deliver.deliver("A1", letter_of(machine, "plan_broken"))

    texts = [" ".join(mail.text.split()) for mail in machine.mailer.tried]
    said = [[words for words in (DUE_THEN, DUE_NOW, RESTED) if words in text] for text in texts]
    assert said == [[words] if words else [] for words in (agreed_says, broken_says)]
    account, policy = machine.account("A1"), machine.policies.get("standard")
    accrued = interest_on(account, account.invoices["I1"], policy, MISSED_ON)
    assert sum(one.days for one in accrued.segments) == (28 if is_due else 10)


def test_a_cancelled_plans_days_bear_no_interest_whatever_it_agreed() -> None:
    machine = Machine()
    machine.registry.put_policy("standard", INTEREST)
    machine.take_in("A1", invoice("I1", 10, 300_000))
    machine.take_in("A1", PlanMade(TODAY, replace(TERMS, interest_due=True), "person"))
    machine.decide("A1")
    machine.deliver.deliver("A1", letter_of(machine, "plan_agreed"))
    machine.take_in("A1", PlanCancelled(TODAY, plan_id(machine), "other"))
    machine.decide("A1")

    machine.deliver.deliver("A1", letter_of(machine, "plan_cancelled"))

    assert RESTED in " ".join(machine.mailer.tried[-1].text.split())


def test_a_plan_of_one_payment_names_it_as_the_only_one() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 10, 300_000))
    machine.take_in("A1", PlanMade(TODAY, replace(TERMS, count=1), "person"))
    machine.decide("A1")

    machine.deliver.deliver("A1", letter_of(machine, "plan_agreed"))

    [mail] = machine.mailer.tried
    assert "The payment, USD 3,000.00, is due on April 1, 2024." in mail.text


def test_a_payment_that_came_meanwhile_is_in_the_schedule() -> None:
    machine, name = agreed()
    machine.take_in("A1", paid(40_000))

    machine.deliver.deliver("A1", name)

    [mail] = machine.mailer.tried
    assert "(of 1,000.00)" in mail.text
    assert "USD 2,600.00" in mail.text


def test_a_plan_that_another_took_the_place_of_is_not_said_to_be_cancelled() -> None:
    machine, name = agreed()
    machine.deliver.deliver("A1", name)
    machine.take_in("A1", PlanCancelled(TODAY, plan_id(machine), "other"))
    machine.take_in("A1", PlanMade(TODAY, TERMS, "person"))

    machine.decide("A1")

    letters = [one.notice for one in machine.account("A1").notices.values()]
    assert letters == ["plan_agreed", "plan_agreed"]


def test_a_plan_that_was_cancelled_meanwhile_is_not_announced() -> None:
    machine, name = agreed()
    machine.take_in("A1", PlanCancelled(TODAY, plan_id(machine), "other"))

    counts = machine.deliver.deliver("A1", name)

    assert counts == {"mail_cancelled": 1, "mail_cancelled_plan_moved_on": 1}
    assert machine.mailer.tried == []
    assert machine.accounts.outbox["A1"] == {}
    record = json.loads(machine.archive.files[f"notices/{name}.json"][0])
    assert record["cancelled"] == "plan_moved_on"
    assert machine.account("A1").plans[plan_id(machine)].letters_owed == ("plan_cancelled",)


def test_a_missed_instalment_is_asked_for_with_what_is_left() -> None:
    machine, name = missed()

    assert machine.deliver.deliver("A1", name) == {"mail_sent": 1}

    mail = machine.mailer.tried[-1]
    assert mail.notice_id.endswith(f":plan_missed:{MISSED_ON}")
    assert "Please pay USD 1,000.00 now." in " ".join(mail.text.split())
    assert "USD 3,000.00" in mail.text


def test_a_missed_instalment_that_was_paid_meanwhile_is_not_asked_for() -> None:
    machine, name = missed()
    machine.take_in("A1", paid(100_000, MISSED_ON))

    counts = machine.deliver.deliver("A1", name)

    assert counts == {"mail_cancelled": 1, "mail_cancelled_paid": 1}
    assert len(machine.mailer.tried) == 1  # the one about the agreed plan
    assert machine.account("A1").plans[plan_id(machine)].letters_owed == ()
    assert name not in machine.account("A1").notices


def test_a_missed_instalment_that_was_partly_paid_is_asked_for_as_it_stands() -> None:
    machine, name = missed()
    machine.take_in("A1", paid(30_000, MISSED_ON))

    machine.deliver.deliver("A1", name)

    assert "USD 700.00 not received" in machine.mailer.tried[-1].subject


def test_a_broken_plan_asks_for_all_that_is_open() -> None:
    machine = with_plan()
    machine.decide("A1")
    machine.deliver.deliver("A1", letter_of(machine, "plan_agreed"))
    at(machine, MISSED_ON)
    machine.decide("A1", MISSED_ON)

    machine.deliver.deliver("A1", letter_of(machine, "plan_broken"))

    mail = machine.mailer.tried[-1]
    assert mail.subject.startswith("Payment plan ended: USD 3,000.00 now due [")
    assert "because instalment 1, due on April 1, 2024," in " ".join(mail.text.split())


def test_a_broken_plan_that_was_paid_meanwhile_asks_for_nothing() -> None:
    machine = with_plan()
    machine.decide("A1")
    at(machine, MISSED_ON)
    machine.decide("A1", MISSED_ON)
    name = letter_of(machine, "plan_broken")
    machine.take_in("A1", paid(300_000, MISSED_ON))

    assert machine.deliver.deliver("A1", name) == {"mail_cancelled": 1, "mail_cancelled_paid": 1}
    assert machine.account("A1").plans[plan_id(machine)].letters_owed == ()


def test_a_completed_plan_is_thanked_for_with_every_invoice_closed() -> None:
    machine, name = agreed()
    machine.deliver.deliver("A1", name)
    machine.take_in("A1", paid(300_000))
    machine.decide("A1")

    counts = machine.deliver.deliver("A1", letter_of(machine, "plan_completed"))

    assert counts == {"mail_sent": 1}
    mail = machine.mailer.tried[-1]
    assert mail.subject == "Thank you: your payment plan of USD 3,000.00 is paid in full [A1]"
    assert "Account number" not in mail.text


def test_a_cancelled_plan_is_confirmed_with_what_is_open() -> None:
    machine, name = agreed()
    machine.deliver.deliver("A1", name)
    machine.take_in("A1", PlanCancelled(TODAY, plan_id(machine), "other"))
    machine.decide("A1")

    machine.deliver.deliver("A1", letter_of(machine, "plan_cancelled"))

    assert machine.mailer.tried[-1].subject == "Payment plan cancelled: USD 3,000.00 open [A1]"


def test_a_legal_stop_stops_a_letter_on_its_way_and_the_letter_is_owed_again() -> None:
    machine, name = agreed()
    machine.take_in("A1", BlockSet(TODAY, "legal_stop", reason="insolvency"))

    counts = machine.deliver.deliver("A1", name)

    assert counts == {"mail_cancelled": 1, "mail_cancelled_legal_stop": 1}
    assert machine.account("A1").plans[plan_id(machine)].letters_owed == ("plan_agreed",)


def test_a_refused_letter_waits_and_an_unknown_one_is_not_sent_again() -> None:
    refused = Machine(mailer=FakeMailer([Refused("Throttling", retryable=True)]))
    unknown = Machine(mailer=FakeMailer([Unknown("timeout")]))

    for machine, state in ((refused, "pending"), (unknown, "unknown")):
        with_plan(machine)
        machine.decide("A1")
        name = letter_of(machine, "plan_agreed")
        machine.deliver.deliver("A1", name)
        assert machine.notice(name).state == state


@pytest.mark.parametrize("make", [agreed, missed])
def test_a_delivery_makes_a_plans_letter_count_as_sent(make: Any) -> None:
    machine, name = make()
    machine.deliver.deliver("A1", name)

    news = LetterNews(notice_id=name, attempt=1, kind="delivery", at=machine.clock.now())
    counts = machine.mail_events.book(news)

    assert counts == {"mail_event_delivery": 1}
    account = machine.account("A1")
    assert name not in account.notices
    assert account.notice_counts[name.split(":")[2]]["counted"] == 1


def test_a_bounced_letter_about_a_completed_plan_finds_its_account() -> None:
    machine, name = agreed()
    machine.deliver.deliver("A1", name)
    machine.take_in("A1", paid(300_000))
    machine.decide("A1")
    thanks = letter_of(machine, "plan_completed")
    machine.deliver.deliver("A1", thanks)

    news = LetterNews(notice_id=thanks, attempt=1, kind="bounce_hard", at=machine.clock.now())

    counts = machine.mail_events.book(news)

    assert counts == {"mail_event_bounce_hard": 1, "mail_returned": 1}
    assert "A1:find_contact" in machine.tasks("A1")
    assert machine.deliver.deliver("A1", thanks) == {"mail_left_to_post": 1}


def test_a_plan_that_nobody_knows_any_more_is_not_written_about() -> None:
    machine, name = agreed()
    account, notice = machine.account("A1"), machine.notice(name)
    policy = machine.policies.of(account.details)
    forgotten = type(account)("A1", account.details, account.invoices)

    said = write_plan_letter(forgotten, notice, policy, LETTERHEAD, TODAY)

    assert said == NothingToAsk("plan_moved_on")


def test_a_letter_that_waits_bears_the_day_on_which_it_is_written() -> None:
    machine, name = agreed()
    account, notice = machine.account("A1"), machine.notice(name)
    policy = machine.policies.of(account.details)

    letter = write_plan_letter(account, notice, policy, LETTERHEAD, FIRST_ON)

    assert isinstance(letter, PlanLetter)
    assert (letter.notice_on, letter.asked_minor) == (FIRST_ON, 100_000)


def test_every_letter_quotes_the_number_of_the_open_case() -> None:
    machine = with_notice()
    case = machine.account("A1").case
    assert case is not None

    machine.deliver.deliver("A1", NOTICE)
    machine.take_in("A1", PlanMade(TODAY, TERMS, "person"))
    machine.decide("A1")
    machine.deliver.deliver("A1", letter_of(machine, "plan_agreed"))

    assert len(machine.mailer.tried) == 2
    for mail in machine.mailer.tried:
        assert mail.subject.endswith(f"[{case.number}]")
        for page in (mail.text, mail.html):
            assert f"Please quote {case.number}." in " ".join(page.split())

"""Customer service is told of each change of credit status, once (R8.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.core.facts import HoldReleased, Payment
from chalicelib.flows.import_ledger import ImportLedger
from chalicelib.flows.ledger_read import Ledger, LedgerAccount
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.pace import Pace
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports_mail import OutgoingMail, Refused, SendOutcome, Unknown
from chalicelib.flows.ports_quota import SendingQuota
from chalicelib.flows.sending_times import SendingTimes
from chalicelib.mail.sandbox import SandboxMailer
from tests.fakes_mail import FakeMailer, FakeQuota
from tests.flows.clocks import SleepClock
from tests.flows.machine import TODAY, Machine, invoice


def held(machine: Machine | None = None, **details: Any) -> Machine:
    """An account whose oldest invoice reached 45 days past due after it was first decided."""
    machine = machine or Machine()
    machine.take_in("A1", invoice("I1", 45, 250_000), **details)
    machine.decide("A1", TODAY - timedelta(days=2))
    machine.take_in("A1", wake_on=TODAY)
    machine.decide("A1")
    return machine


def waiting(machine: Machine) -> str:
    """The id of the one piece of news that waits to be told."""
    [news_id] = machine.account("A1").credit_news
    return news_id


def tell(machine: Machine, news_id: str) -> dict[str, int]:
    return dict(machine.tell_news.tell("A1", news_id))


def mails(machine: Machine) -> list[OutgoingMail]:
    return [mail for mail in machine.mailer.tried if mail.to == ("customer-service@example.com",)]


def test_a_hold_by_rule_is_told_once_however_often_it_is_delivered() -> None:
    machine = held()
    news = waiting(machine)

    counts = [tell(machine, news) for _ in range(3)]

    assert counts == [{"news_sent": 1}, {"news_nothing_to_do": 1}, {"news_nothing_to_do": 1}]
    [mail] = mails(machine)
    assert mail.subject == "Credit on hold: A1 Customer A1"
    assert "Hold: oldest_days_past_due, since 2024-03-18." in mail.text
    assert "http" not in mail.text + mail.html


def test_what_ends_a_hold_is_told_too() -> None:
    machine = held()
    tell(machine, waiting(machine))
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 260_000))
    machine.decide("A1")

    tell(machine, waiting(machine))

    assert [mail.subject.partition(":")[0] for mail in mails(machine)] == [
        "Credit on hold",
        "Credit open",
    ]


def test_telling_is_in_the_timeline_and_is_no_contact_with_the_customer() -> None:
    machine = held()
    contacts = machine.account("A1").contacts

    tell(machine, waiting(machine))

    assert machine.account("A1").contacts == contacts
    [line] = machine.accounts.timeline("A1", "", 1).rows
    assert [(event.kind, event.actor) for event in line.events] == [
        ("customer_service_told", "pastdue")
    ]


def test_a_hand_over_is_by_the_outbox_until_it_is_told() -> None:
    machine = held()
    news = waiting(machine)
    machine.clock.pass_by(minutes=2)

    machine.reconcile.reconcile(machine.clock.now())
    tell(machine, news)

    assert ("A1", news) in machine.queues.mail
    assert news not in machine.accounts.outbox["A1"]


class DyingMailer(FakeMailer):
    """Dies while the letter is on its way."""

    def send(self, message: OutgoingMail) -> SendOutcome:
        super().send(message)
        raise UnavailableError("the process is gone")


def test_a_crash_after_the_claim_is_never_sent_again_and_a_person_is_asked() -> None:
    machine = held(Machine(mailer=DyingMailer()))
    news = waiting(machine)
    with pytest.raises(UnavailableError):
        tell(machine, news)

    soon = tell(machine, news)
    machine.clock.pass_by(minutes=11)
    later = tell(machine, news)
    again = tell(machine, news)

    assert (soon, later) == ({"news_sent_elsewhere": 1}, {"news_unknown": 1})
    assert again == {"news_nothing_to_do": 1}
    assert len(machine.mailer.tried) == 1
    assert f"A1:review_notice:{news}" in machine.tasks("A1")


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [(Unknown("read_timeout"), "unknown"), (Refused("MessageRejected", retryable=False), "failed")],
)
def test_what_goes_wrong_becomes_a_task(outcome: SendOutcome, ends: str) -> None:
    machine = held(Machine(mailer=FakeMailer([outcome])))
    news = waiting(machine)

    assert tell(machine, news) == {f"news_{ends}": 1}
    assert f"A1:review_notice:{news}" in machine.tasks("A1")
    assert tell(machine, news) == {"news_nothing_to_do": 1}


def test_a_refusal_for_now_is_tried_again_later() -> None:
    busy = Refused("TooManyRequestsException", retryable=True)
    machine = held(Machine(mailer=FakeMailer([busy])))
    news = waiting(machine)

    first, second = tell(machine, news), tell(machine, news)
    machine.clock.pass_by(minutes=6)
    third = tell(machine, news)

    assert (first, second, third) == (
        {"news_refused_for_now": 1}, {"news_not_yet": 1}, {"news_sent": 1},
    )  # fmt: skip


def test_a_mail_service_that_keeps_refusing_is_left_to_a_person() -> None:
    busy = Refused("TooManyRequestsException", retryable=True)
    machine = held(Machine(mailer=FakeMailer([busy] * 6)))
    news = waiting(machine)

    counts = []
    for _ in range(6):
        counts.append(tell(machine, news))
        machine.clock.pass_by(minutes=6)

    assert counts[-1] == {"news_failed": 1}


def test_a_mail_service_that_is_asked_too_fast_uses_up_no_attempt() -> None:
    throttled = Refused("TooManyRequestsException", retryable=True, is_throttled=True)
    machine = held(Machine(mailer=FakeMailer([throttled] * 20)))
    news = waiting(machine)

    counts = []
    for _ in range(21):
        counts.append(tell(machine, news))
        machine.clock.pass_by(minutes=6)

    assert counts[-1] == {"news_sent": 1}
    assert {mail.attempt for mail in mails(machine)} == {1}


def paced(sent_24h: int) -> Machine:
    """An account that may send to 1,000 recipients a day, and sent to so many."""
    clock = SleepClock()
    quota = FakeQuota(SendingQuota(per_day=1_000, sent_24h=sent_24h))
    return held(Machine(pace=Pace(quota, clock.monotonic, clock.sleep)))


def test_news_cannot_wait_and_may_use_what_letters_leave_of_the_days_quota() -> None:
    machine = paced(sent_24h=950)
    [notice_id] = machine.account("A1").notices

    assert machine.deliver.deliver("A1", notice_id) == {"mail_quota_reached": 1}
    assert tell(machine, waiting(machine)) == {"news_sent": 1}


def test_without_any_quota_left_news_waits_and_is_handed_over_again() -> None:
    machine = paced(sent_24h=1_000)
    news = waiting(machine)
    machine.queues.mail.clear()

    assert tell(machine, news) == {"news_held_back": 1}

    machine.reconcile.reconcile(machine.clock.pass_by(minutes=1))
    assert ("A1", news) in machine.queues.mail


def test_no_sending_window_delays_news() -> None:
    window = b'\n[sending]\nfrom = "09:00"\nuntil = "17:00"\n'
    machine = Machine(times=SendingTimes(UTC))
    assert machine.clock.now().hour == 5
    machine.registry.put_policy("standard", shipped_document("standard") + window)
    machine = held(machine)

    assert tell(machine, waiting(machine)) == {"news_sent": 1}


def test_while_sending_is_paused_nobody_is_told_yet() -> None:
    machine = held()
    machine.registry.pause_sending(paused=True)

    assert tell(machine, waiting(machine)) == {"news_held_back": 1}
    assert waiting(machine)


def test_a_bounce_becomes_a_task() -> None:
    machine = held()
    news = waiting(machine)
    tell(machine, news)

    machine.mail_events.book(
        LetterNews(notice_id=news, attempt=1, kind="bounce_hard", at=machine.clock.now())
    )

    assert f"A1:review_notice:{news}" in machine.tasks("A1")


def without_notify(machine: Machine) -> Machine:
    document = shipped_document("standard").decode().splitlines()
    kept = "\n".join(line for line in document if not line.startswith("notify"))
    machine.registry.put_policy("standard", kept.encode())
    return machine


def test_without_an_address_nothing_is_told() -> None:
    machine = held(without_notify(Machine()))

    assert machine.account("A1").holds
    assert machine.account("A1").credit_news == {}


def test_news_whose_address_was_taken_out_of_the_policy_is_dropped() -> None:
    machine = held()
    news = waiting(machine)
    without_notify(machine)

    assert tell(machine, news) == {"news_dropped": 1}
    assert mails(machine) == []


def test_a_long_name_does_not_stop_the_telling() -> None:
    machine = held(name="A" * 300)

    assert tell(machine, waiting(machine)) == {"news_sent": 1}


def test_outside_production_it_goes_to_the_sandbox() -> None:
    inner = FakeMailer()
    sandboxed = SandboxMailer(inner, sandbox_address="sandbox@seller.example", stage="test")
    machine = held()
    tells = replace(machine.tell_news, mailer=sandboxed)

    tells.tell("A1", waiting(machine))

    [mail] = inner.tried
    assert (mail.to, mail.is_sandbox) == (("sandbox@seller.example",), True)


def test_an_import_that_releases_a_hold_is_news_too() -> None:
    machine = held()
    tell(machine, waiting(machine))
    released = HoldReleased(TODAY, "oldest_days_past_due")
    details = machine.account("A1").details
    ledger = Ledger({"A1": LedgerAccount(details, (released,))})

    ImportLedger(machine.accounts, machine.registry, machine.policies).import_ledger(ledger, TODAY)

    [news] = machine.account("A1").credit_news.values()
    assert (news.status_before, news.status) == ("on_hold", "open")

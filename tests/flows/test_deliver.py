"""The mail protocol: what is read just before sending, claimed once, sent once, recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

import pytest
from chalicelib.core.account import ContactPerson, digest_of
from chalicelib.core.errors import StaleVersionError, UnavailableError
from chalicelib.core.facts import DisputeOpened, Pause, Payment
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.deliver import LEASE
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports import Change, Loaded
from chalicelib.flows.ports_mail import OutgoingMail, SendOutcome
from tests.fakes_mail import FakeMailer
from tests.fakes_store import MemoryAccounts, MemoryArchive
from tests.flows.machine import NOTICE, TODAY, Machine, invoice, with_notice


def paid(amount_minor: int, payment_id: str = "P1") -> Payment:
    return Payment(TODAY, payment_id, TODAY, "USD", amount_minor)


def test_a_waiting_notice_is_sent_and_recorded() -> None:
    machine = with_notice()

    counts = machine.deliver.deliver("A1", NOTICE)

    assert counts == {"mail_sent": 1}
    [mail] = machine.mailer.tried
    assert (mail.to, mail.notice_id, mail.attempt) == (("ap@customer.example",), NOTICE, 1)
    assert mail.reply_to == ("dana.reyes@seller.example",)
    assert "1,000.00" in mail.text
    notice = machine.notice(NOTICE)
    assert (notice.state, notice.message_id, notice.lease_until) == ("sent", "message-1", None)
    assert machine.accounts.outbox["A1"] == {}


def test_a_letter_goes_to_the_contact_for_it_and_not_to_who_opted_out() -> None:
    machine = with_notice()
    someone = ContactPerson("c1", email="jo@customer.example", roles=frozenset({"accounts"}))
    gone = ContactPerson("c0", email="pat@customer.example", opted_out=True)
    machine.take_in("A1", ContactSaved(TODAY, someone), ContactSaved(TODAY, gone))

    machine.deliver.deliver("A1", NOTICE)

    [mail] = machine.mailer.tried
    assert mail.to == ("jo@customer.example",)


def test_the_same_message_again_sends_nothing() -> None:
    machine = with_notice()
    machine.deliver.deliver("A1", NOTICE)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_nothing_to_do": 1}
    assert len(machine.mailer.tried) == 1


def test_a_notice_that_is_gone_is_forgotten() -> None:
    machine = with_notice()

    assert machine.deliver.deliver("A1", "A1:USD:2024-01-01") == {"mail_nothing_to_do": 1}
    assert machine.deliver.deliver("A9", "A9:USD:2024-01-01") == {"mail_nothing_to_do": 1}


def test_the_letter_is_kept_as_it_was_sent() -> None:
    machine = with_notice()

    machine.deliver.deliver("A1", NOTICE)

    [mail] = machine.mailer.tried
    files = machine.archive.files
    assert files[f"notices/{NOTICE}.html"][0].decode() == mail.html
    assert files[f"notices/{NOTICE}.txt"][0].decode() == mail.text
    record = json.loads(files[f"notices/{NOTICE}.json"][0])
    assert record["to"] == [{"contact_id": "", "digest": digest_of("ap@customer.example")}]
    assert b"ap@customer.example" not in files[f"notices/{NOTICE}.json"][0]
    assert (len(record["sha256"]), record["message_id"]) == (64, "message-1")
    assert files[f"notices/{NOTICE}/1.html"] == files[f"notices/{NOTICE}.html"]
    assert files[f"notices/{NOTICE}/1.json"] == files[f"notices/{NOTICE}.json"]


def test_what_was_partly_paid_meanwhile_is_asked_for_as_it_now_stands() -> None:
    machine = with_notice()
    machine.take_in("A1", paid(40_000))

    machine.deliver.deliver("A1", NOTICE)

    [mail] = machine.mailer.tried
    assert "600.00" in mail.subject


def test_a_paid_invoice_is_never_asked_for() -> None:
    machine = with_notice()
    machine.take_in("A1", paid(100_000))

    counts = machine.deliver.deliver("A1", NOTICE)

    assert counts == {"mail_cancelled": 1, "mail_cancelled_paid": 1}
    assert machine.mailer.tried == []
    assert machine.account("A1").notices == {}
    assert machine.accounts.outbox["A1"] == {}
    record = json.loads(machine.archive.files[f"notices/{NOTICE}.json"][0])
    assert record["cancelled"] == "paid"


def test_what_a_cancelled_notice_owed_and_is_still_open_is_owed_again() -> None:
    machine = with_notice()
    machine.take_in("A1", DisputeOpened(TODAY, "I1"), wake_on=TODAY + timedelta(days=9))

    counts = machine.deliver.deliver("A1", NOTICE)

    assert counts == {"mail_cancelled": 1, "mail_cancelled_disputed": 1}
    assert [owed.stage for owed in machine.account("A1").invoices["I1"].owed] == ["reminder"]
    assert machine.accounts.kept["A1"].wake_on == TODAY


def test_a_pause_stops_a_letter_that_was_not_sent_yet() -> None:
    machine = with_notice()
    machine.take_in("A1", Pause(TODAY, TODAY + timedelta(days=3)))

    assert machine.deliver.deliver("A1", NOTICE)["mail_cancelled_paused"] == 1


def test_cash_that_covers_everything_stops_the_letter() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    covering = Payment(TODAY, "P1", TODAY, "USD", 100_000, ("not-here-yet",))
    machine.take_in("A1", covering)

    counts = machine.deliver.deliver("A1", NOTICE)

    assert counts == {"mail_cancelled": 1, "mail_cancelled_cash_covers": 1}
    assert machine.mailer.tried == []


class PaidMeanwhile(MemoryAccounts):
    """A payment is committed between a read and the next commit."""

    facts: tuple[Payment, ...] = ()
    machine: Machine | None = None

    def commit(self, change: Change) -> Loaded:
        if self.facts and self.machine is not None:
            facts, self.facts = self.facts, ()
            self.machine.take_in("A1", *facts)
        return super().commit(change)


def test_a_payment_between_the_read_and_the_claim_stops_the_letter() -> None:
    accounts = PaidMeanwhile(shard_count=4)
    machine = with_notice(Machine(accounts=accounts))
    accounts.machine, accounts.facts = machine, (paid(100_000),)

    counts = machine.deliver.deliver("A1", NOTICE)

    assert counts["mail_cancelled_paid"] == 1
    assert machine.mailer.tried == []


class Racing(FakeMailer):
    """While one worker sends, another takes the same message."""

    machine: Machine | None = None
    others: list[dict[str, int]]

    def send(self, message: OutgoingMail) -> SendOutcome:
        assert self.machine is not None
        self.others = [dict(self.machine.deliver.deliver("A1", NOTICE))]
        return super().send(message)


def test_two_workers_on_one_notice_send_one_letter() -> None:
    mailer = Racing()
    machine = with_notice(Machine(mailer=mailer))
    mailer.machine = machine

    counts = machine.deliver.deliver("A1", NOTICE)

    assert counts == {"mail_sent": 1}
    assert mailer.others == [{"mail_sent_elsewhere": 1}]
    assert len(mailer.tried) == 1


class ClaimedByOther(MemoryAccounts):
    """Another worker's claim lands between our read and ours; `machine` is the other worker."""

    machine: Machine | None = None

    def commit(self, change: Change) -> Loaded:
        other, self.machine = self.machine, None
        if other is not None:
            other.deliver.deliver("A1", NOTICE)
        return super().commit(change)


def test_of_two_claims_one_wins() -> None:
    accounts = ClaimedByOther(shard_count=4)
    machine = with_notice(Machine(accounts=accounts))
    accounts.machine = machine

    counts = machine.deliver.deliver("A1", NOTICE)

    assert counts == {"mail_nothing_to_do": 1}
    assert len(machine.mailer.tried) == 1


def test_the_kill_switch_is_asked_before_the_claim() -> None:
    machine = with_notice()
    machine.registry.pause_sending(paused=True)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_held_back": 1}

    assert machine.notice(NOTICE).state == "pending"
    assert list(machine.accounts.outbox["A1"]) == [f"notice:{NOTICE}"]


@pytest.mark.parametrize("email", ["", "not an address", "ap@customer.example\r\nBcc: x@y.example"])
def test_without_a_usable_address_the_letter_is_posted_and_a_contact_looked_for(email: str) -> None:
    machine = with_notice(email=email)

    counts = machine.deliver.deliver("A1", NOTICE)

    assert counts == {"mail_left_to_post": 1}
    assert {f"A1:send_letter:{NOTICE}", "A1:find_contact"} <= machine.tasks("A1")
    assert f"notices/{NOTICE}.html" in machine.archive.files
    assert machine.mailer.tried == []


class FullArchive(MemoryArchive):
    def put(self, key: str, content: bytes, media_type: str) -> None:
        raise UnavailableError("the archive does not answer")


def test_a_letter_that_cannot_be_kept_is_not_sent_but_tried_again() -> None:
    machine = with_notice(Machine(archive=FullArchive()))

    with pytest.raises(UnavailableError):
        machine.deliver.deliver("A1", NOTICE)

    assert machine.mailer.tried == []
    assert machine.notice(NOTICE).state == "pending"


def test_what_keeps_failing_before_the_send_uses_up_no_attempt_and_no_room() -> None:
    machine = with_notice(Machine(archive=FullArchive()))

    for _ in range(8):
        with pytest.raises(UnavailableError):
            machine.deliver.deliver("A1", NOTICE)

    notice = machine.notice(NOTICE)
    assert (notice.attempt, len(notice.went_to)) == (0, 1)


class NeverStill(MemoryAccounts):
    """Someone changes the account after every read, once `is_busy`."""

    is_busy = False

    def load(self, account_id: str, facts: Iterable[object] = ()) -> Loaded:
        loaded = super().load(account_id, ())
        if self.is_busy:
            self.kept[account_id].version += 1
        return loaded


def test_an_account_that_never_holds_still_goes_back_to_the_queue() -> None:
    accounts = NeverStill(shard_count=4)
    machine = with_notice(Machine(accounts=accounts))
    accounts.is_busy = True

    with pytest.raises(StaleVersionError):
        machine.deliver.deliver("A1", NOTICE)

    assert machine.mailer.tried == []


def test_a_final_demand_is_not_sent_once_its_answer_date_has_come() -> None:
    machine = Machine()
    seen_on = TODAY - timedelta(days=1)
    machine.take_in("A1", invoice("I1", 90, seen_on=seen_on, on=seen_on))
    machine.registry.put_policy("full", _full_onboarding())
    machine.registry.set_default_policy_id("full")
    machine.decide("A1")
    [notice] = machine.account("A1").notices.values()
    assert notice.notice == "final_demand"
    machine.clock.pass_by(days=10)

    assert machine.deliver.deliver("A1", notice.id)["mail_cancelled_answer_date_passed"] == 1


def _full_onboarding() -> bytes:
    """The standard policy, jumping at once to the highest stage of what is taken in."""
    document = shipped_document("standard").decode()
    document = document.replace('id = "standard"', 'id = "full"', 1)
    document = document.replace('catch_up                 = "step"', 'catch_up = "jump"')
    document = document.replace('onboarding               = "silent"', 'onboarding = "full"')
    return document.replace("warn_first = true\nwarn_days  = 7\n", "").encode()


def test_the_lease_outlasts_the_worker() -> None:
    assert timedelta(seconds=60) < LEASE

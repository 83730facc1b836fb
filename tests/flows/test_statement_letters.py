"""A statement from the decision to the mail: written from the account as it is when it leaves."""

from datetime import timedelta

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.core.facts import BlockSet, DisputeOpened, Payment, PromiseMade
from chalicelib.core.facts_details import DetailsChanged
from chalicelib.flows.letters import NothingToAsk
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.statement import Statement
from chalicelib.flows.statement_letter import write_statement
from tests.flows.machine import FRIDAY, LETTERHEAD, NOW, TODAY, Machine, invoice

STATEMENT = f"A1:USD:statement:{TODAY}"


def with_statement() -> Machine:
    """One invoice 12 days past due, one not due; the statement of Monday waits to be sent."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 12), invoice("I2", -9, 40_000), wake_on=FRIDAY)
    machine.decide("A1", FRIDAY)
    machine.decide("A1")
    assert machine.account("A1").notices[STATEMENT].state == "pending"
    return machine


def written(machine: Machine) -> Statement | NothingToAsk:
    account = machine.account("A1")
    policy = machine.policies.of(account.details, TODAY)
    return write_statement(account, account.notices[STATEMENT], policy, LETTERHEAD, TODAY)


def a_statement(machine: Machine) -> Statement:
    found = written(machine)
    assert isinstance(found, Statement)
    return found


def test_it_leaves_by_mail_and_counts_as_sent_once_delivered() -> None:
    machine = with_statement()

    assert machine.deliver.deliver("A1", STATEMENT) == {"mail_sent": 1}

    (mail,) = machine.mailer.tried
    assert (
        mail.subject == "Statement of account: USD 1,400.00 open, USD 1,000.00 of it past due [A1]"
    )
    assert machine.deliver.deliver("A1", STATEMENT) == {"mail_nothing_to_do": 1}
    assert len(machine.mailer.tried) == 1

    news = LetterNews(
        notice_id=STATEMENT, attempt=1, kind="delivery", at=NOW, message_id="message-1"
    )
    assert machine.mail_events.book(news) == {"mail_event_delivery": 1}
    assert machine.account("A1").notices == {}
    assert machine.account("A1").notice_counts["statement"] == {"created": 1, "counted": 1}


def test_it_tells_of_all_that_is_open_due_or_not() -> None:
    letter = a_statement(with_statement())

    assert [line.invoice_id for line in letter.invoices] == ["I1", "I2"]
    assert (letter.open_minor, letter.past_due_minor, letter.asked_minor) == (
        140_000,
        100_000,
        100_000,
    )
    assert [total.bucket for total in letter.by_bucket] == ["current", "1-30"]
    assert letter.reference == "A1"


def test_what_was_paid_meanwhile_drops_out() -> None:
    machine = with_statement()
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 100_000, ("I1",)))

    letter = a_statement(machine)

    assert [line.invoice_id for line in letter.invoices] == ["I2"]
    assert (letter.open_minor, letter.past_due_minor) == (40_000, 0)


def test_with_nothing_left_to_state_it_is_cancelled() -> None:
    machine = with_statement()
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 140_000))

    counts = machine.deliver.deliver("A1", STATEMENT)

    assert counts == {"mail_cancelled": 1, "mail_cancelled_paid": 1}
    assert machine.mailer.tried == []
    assert machine.account("A1").notices == {}


@pytest.mark.parametrize(("block", "names"), [("legal_stop", ()), ("placed", ("I1", "I2"))])
def test_what_stops_a_statement_stops_it_at_the_last_second(
    block: str, names: tuple[str, ...]
) -> None:
    machine = with_statement()
    machine.take_in("A1", BlockSet(TODAY, block, names))

    assert written(machine) == NothingToAsk(block)


def test_a_placed_invoice_is_left_out_and_the_rest_is_stated() -> None:
    machine = with_statement()
    machine.take_in("A1", BlockSet(TODAY, "placed", ("I1",)))

    assert [line.invoice_id for line in a_statement(machine).invoices] == ["I2"]


def test_what_was_promised_is_stated_and_not_asked_for() -> None:
    machine = with_statement()
    by = TODAY + timedelta(days=5)
    machine.take_in("A1", PromiseMade(TODAY, "USD", 100_000, by, ("I1",)))

    letter = a_statement(machine)

    assert (letter.past_due_minor, letter.asked_minor, letter.not_asked_minor) == (
        100_000,
        0,
        100_000,
    )


def test_a_disputed_part_is_in_what_is_open_and_shown_apart() -> None:
    machine = with_statement()
    machine.take_in("A1", DisputeOpened(TODAY, "I1", 30_000))

    letter = a_statement(machine)

    assert (letter.open_minor, letter.disputed_minor, letter.asked_minor) == (
        140_000,
        30_000,
        70_000,
    )


def test_a_payment_that_no_invoice_took_is_shown() -> None:
    machine = with_statement()
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 5_000, ("NOT-THERE",)))

    letter = a_statement(machine)

    assert [item.amount_minor for item in letter.unapplied] == [5_000]
    assert letter.open_minor == 140_000


def test_a_currency_that_the_policy_does_not_list_is_stated_by_its_own_digits() -> None:
    machine = Machine()
    yen = invoice("Y1", 12, 5_000, currency="JPY")
    machine.take_in("A1", yen, wake_on=FRIDAY)
    machine.decide("A1", FRIDAY)
    machine.decide("A1")

    counts = machine.deliver.deliver("A1", f"A1:JPY:statement:{TODAY}")

    assert counts == {"mail_sent": 1}
    assert machine.mailer.tried[0].subject == (
        "Statement of account: JPY 5,000 open, all of it past due [A1]"
    )


def test_each_currency_has_a_statement_of_its_own() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 12), invoice("E1", -5, currency="EUR"), wake_on=FRIDAY)
    machine.decide("A1", FRIDAY)
    machine.decide("A1")

    assert sorted(machine.account("A1").notices) == [
        f"A1:{currency}:statement:{TODAY}" for currency in ("EUR", "USD")
    ]


def test_while_the_last_one_has_not_left_there_is_no_other() -> None:
    machine = with_statement()
    next_week = TODAY + timedelta(days=7)

    machine.decide("A1", next_week)

    assert [n.id for n in machine.account("A1").notices.values() if n.notice == "statement"] == [
        STATEMENT
    ]


def test_without_an_address_a_person_posts_it() -> None:
    machine = with_statement()
    machine.take_in("A1", DetailsChanged(TODAY, AccountDetails(name="Customer A1")))

    counts = machine.deliver.deliver("A1", STATEMENT)

    assert counts == {"mail_left_to_post": 1}
    assert f"A1:send_letter:{STATEMENT}" in machine.tasks("A1")

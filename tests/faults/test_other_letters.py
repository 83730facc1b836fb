"""Letters of every sort are held to the same law: nobody gets one twice, and none is lost (R11.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError
from chalicelib.core.account import ContactPerson
from chalicelib.core.facts import PromiseMade
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.letter_text_shelf import LetterText, text_key
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports_registry import Put

from tests.faults.line import DELIVERED, STORIES, Line, broken_laws, told_in_timeline
from tests.faults.memory import MemoryPost, Place, Template, at_new_line, die, stage_of
from tests.flows.machine import FRIDAY, TODAY, Machine, invoice

pytestmark = pytest.mark.no_cover  # it looks at each line itself
LOST = ReadTimeoutError(endpoint_url="ses")
ANN = ContactPerson("ann", email="ann@customer.example", roles=frozenset({"accounts"}))
CID = ContactPerson("cid", email="cid@customer.example", roles=frozenset({"admin"}))
TWO = (ContactSaved(TODAY, ANN), ContactSaved(TODAY, CID))


def under(*changes: tuple[str, str], more: str = "") -> Machine:
    """A machine under the standard policy with some words of it replaced, and more at its end."""
    machine = Machine(mailer=MemoryPost(through_ses=True))
    document = shipped_document("standard").decode()
    for old, new in changes:
        assert old in document
        document = document.replace(old, new, 1)
    machine.registry.put_policy("standard", (document + more).encode())
    return machine


def reminder(machine: Machine) -> Machine:
    machine.take_in("A1", *TWO, invoice("I1", 15), email="", sales_owner="sales@seller.example")
    machine.decide("A1")
    return machine


def a_statement() -> Machine:
    machine = under()
    machine.take_in("A1", invoice("I1", 12), invoice("I2", -9, 40_000), wake_on=FRIDAY)
    machine.decide("A1", FRIDAY)
    machine.decide("A1")
    return machine


def a_letter_about_a_promise() -> Machine:
    machine = under(more="\n[letters]\npromise = true\n")
    yesterday, by = TODAY - timedelta(days=1), TODAY + timedelta(days=10)
    machine.take_in("A1", invoice("I1", 10), wake_on=yesterday)
    machine.decide("A1", yesterday)
    machine.take_in("A1", PromiseMade(TODAY, "USD", 80_000, by))
    machine.decide("A1")
    return machine


def a_copy_to_the_sales_owner() -> Machine:
    notice = 'notice = "reminder"\n'
    return reminder(under((notice, f"{notice}copy_sales_owner = true\n")))


def an_own_text_that_fails() -> Machine:
    machine = reminder(under())
    text = LetterText("standard", "en", "reminder", "v1", "v1", {"title": "{{ no.such.value }}"})
    machine.records.write(Put(text_key("standard", "en", "reminder"), text))
    return machine


def news_for_customer_service() -> Machine:
    machine = under()
    earlier = TODAY - timedelta(days=2)
    machine.take_in("A1", invoice("I1", 45, 250_000), wake_on=earlier)
    machine.decide("A1", earlier)
    machine.take_in("A1", wake_on=TODAY)
    machine.decide("A1")
    machine.queues.mail.reverse()  # it is the first to be mailed, before the reminder of the day
    return machine


LETTERS: dict[str, Callable[[], Machine]] = {
    "a statement": a_statement,
    "a letter about a promise": a_letter_about_a_promise,
    "a copy to the sales owner": a_copy_to_the_sales_owner,
    "an own text that fails": an_own_text_that_fails,
    "news for customer service": news_for_customer_service,
}


def the_letters(machine: Machine) -> list[str]:
    """Everything that waits to be mailed, in the words of the real templates or the plain ones."""
    return [mail_id for _, mail_id in machine.queues.mail]


def check(line: Line, mail_ids: list[str]) -> None:
    for mail_id in mail_ids:
        if account_of_news(mail_id) is None:
            assert list(broken_laws(line, "A1", mail_id)) == []
            continue
        account = line.parts.bookings.load("A1", mail_id).account
        assert mail_id not in account.credit_news
        assert sum(one.notice_id == mail_id for one in line.post.taken) <= 1
        is_told = told_in_timeline(line, "A1", "customer_service_told")
        assert is_told or f"A1:review_notice:{mail_id}" in account.tasks


@pytest.mark.parametrize("answer", ["accepted", "no answer"])
@pytest.mark.parametrize("story", ["it says nothing", "it says delivered", "it says bounced"])
@pytest.mark.parametrize("letter", LETTERS)
def test_each_sort_of_letter_keeps_the_law_in_each_story(
    letter: str, story: str, answer: str
) -> None:
    machine = LETTERS[letter]()
    post = machine.mailer
    assert isinstance(post, MemoryPost)
    post.answers = [LOST] if answer == "no answer" else []
    mail_ids = the_letters(machine)
    line = Line(machine, post, STORIES[story])

    line.live_on("A1")

    check(line, mail_ids)
    assert line.failures == []
    unknown = line.counts["mail_unknown"] + line.counts["news_unknown"]
    assert unknown == (answer == "no answer")


@pytest.mark.parametrize(
    ("letter", "only"), [("a statement", "deliver.py"), ("news for customer service", "news.py")]
)
def test_each_sort_keeps_the_law_when_the_worker_dies_at_any_line(letter: str, only: str) -> None:
    template = Template(LETTERS[letter]())
    seen: set[Place] = set()
    while True:
        machine, post = template.fresh()
        mail_ids = the_letters(machine)
        line = Line(machine, post, DELIVERED)
        with at_new_line(seen, stage_of(machine, post), die, only) as where:
            line.live_on("A1")
        check(line, mail_ids)
        if not where:
            break
    assert len(seen) > 40


def test_a_letter_whose_mailbox_gave_up_goes_again_after_six_hours_and_to_the_next_then() -> None:
    machine = reminder(under())
    assert isinstance(machine.mailer, MemoryPost)
    line = Line(machine, machine.mailer, STORIES["it gives up for now"])
    [mail_id] = the_letters(machine)

    line.work()
    machine.clock.pass_by(hours=5)
    line.say()
    line.reconcile()
    line.work()
    assert len(machine.mailer.taken) == 1
    line.live_on("A1")

    check(line, [mail_id])
    assert [one.to for one in machine.mailer.taken] == [("ann@customer.example",)] * 2


def test_a_letter_that_comes_back_goes_to_the_next_contact_and_to_nobody_twice() -> None:
    machine = reminder(under())
    assert isinstance(machine.mailer, MemoryPost)
    line = Line(machine, machine.mailer, STORIES["it says bounced"])
    [mail_id] = the_letters(machine)

    line.live_on("A1")

    check(line, [mail_id])
    to = [one.to for one in machine.mailer.taken]
    assert to == [("ann@customer.example",), ("cid@customer.example",)]


def test_an_own_text_that_fails_lets_the_shipped_words_go() -> None:
    machine = an_own_text_that_fails()
    assert isinstance(machine.mailer, MemoryPost)

    Line(machine, machine.mailer).live_on("A1")

    [mail] = machine.mailer.tried
    assert "1,000.00" in mail.text
    assert len(machine.failed_texts) == 1


def test_a_copy_is_in_the_same_letter() -> None:
    machine = a_copy_to_the_sales_owner()
    assert isinstance(machine.mailer, MemoryPost)

    Line(machine, machine.mailer).live_on("A1")

    assert [one.cc for one in machine.mailer.tried] == [("sales@seller.example",)]

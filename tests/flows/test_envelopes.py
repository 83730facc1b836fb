"""Where a letter goes: the stage's role, the sales owner's copy, the case's thread (R11.2, R11.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chalicelib.core.account import AccountDetails, ContactPerson
from chalicelib.core.facts_details import ContactSaved, DetailsChanged
from chalicelib.flows.import_details import merged
from chalicelib.flows.ledger_read import LedgerAccount
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.policies import shipped_document
from tests.flows.machine import NOTICE, NOW, TODAY, Machine, invoice


def contact(name: str, *roles: str, **changes: Any) -> ContactPerson:
    email = f"{name}@customer.example"
    return ContactPerson(name, **({"email": email, "roles": frozenset(roles)} | changes))


def reminded(*people: ContactPerson, stage: str = "", **details: Any) -> Machine:
    """A reminder waits to be sent, under the standard policy with more keys in its first stage."""
    machine = Machine()
    document = shipped_document("standard").decode()
    named = document.replace('notice = "reminder"\n', f'notice = "reminder"\n{stage}\n', 1)
    machine.registry.put_policy("standard", named.encode())
    machine.take_in(
        "A1", invoice("I1", 15), *(ContactSaved(TODAY, one) for one in people), **details
    )
    machine.decide("A1")
    return machine


def record_of(machine: Machine) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(machine.archive.files[f"notices/{NOTICE}.json"][0])
    return record


def test_a_letter_goes_to_all_contacts_with_the_stages_role_in_one_mail() -> None:
    people = contact("ann", "accounts"), contact("bob", "legal"), contact("cid", "legal")
    machine = reminded(*people, stage='role = "legal"')

    machine.deliver.deliver("A1", NOTICE)

    [mail] = machine.mailer.tried
    assert mail.to == ("bob@customer.example", "cid@customer.example")
    assert [one.contact_id for one in machine.notice(NOTICE).to] == ["bob", "cid"]
    assert [one["contact_id"] for one in record_of(machine)["to"]] == ["bob", "cid"]


@pytest.mark.parametrize(
    ("owner", "cc", "copy"),
    [
        ("sales@seller.example", ("sales@seller.example",), "sales_owner"),
        ("junior", ("dana.reyes@seller.example",), "sales_owner"),
        ("nobody-we-know", (), "no_sales_owner_known"),
        ("", (), "no_sales_owner_known"),
        ("ap@customer.example", (), "sales_owner"),  # who gets it anyway
    ],
)
def test_the_sales_owner_gets_a_copy_when_the_stage_says_so(
    owner: str, cc: tuple[str, ...], copy: str
) -> None:
    machine = reminded(stage="copy_sales_owner = true", sales_owner=owner)

    machine.deliver.deliver("A1", NOTICE)

    [mail] = machine.mailer.tried
    assert (mail.cc, record_of(machine)["copy"]) == (cc, copy)
    assert len(machine.notice(NOTICE).to) == 1


def test_no_stage_asks_for_a_copy_unless_it_says_so() -> None:
    machine = reminded(sales_owner="sales@seller.example")

    machine.deliver.deliver("A1", NOTICE)

    assert machine.mailer.tried[0].cc == ()
    assert record_of(machine)["copy"] == ""


def test_a_delivered_copy_does_not_let_the_notice_count() -> None:
    machine = reminded(stage="copy_sales_owner = true", sales_owner="sales@seller.example")
    machine.deliver.deliver("A1", NOTICE)

    machine.mail_events.book(
        LetterNews(
            notice_id=NOTICE,
            attempt=1,
            kind="delivery",
            at=NOW,
            recipients=("sales@seller.example",),
        )
    )

    assert machine.notice(NOTICE).state == "sent"


def test_the_letters_of_a_case_hang_on_one_thread_that_begins_with_its_number() -> None:
    machine = reminded(contact("ann", "accounts"))
    machine.deliver.deliver("A1", NOTICE)
    machine.take_in("A1", ContactSaved(TODAY, contact("bob", "accounts")))
    machine.mail_events.book(
        LetterNews(
            notice_id=NOTICE, attempt=1, kind="bounce_hard", at=NOW,
            recipients=("ann@customer.example",),
        )
    )  # fmt: skip
    machine.deliver.deliver("A1", NOTICE)

    first, second = machine.mailer.tried
    [root] = first.references
    assert root.endswith("@seller.example>")
    assert second.references == (root, "<message-1@email.amazonses.com>")
    case = machine.account("A1").case
    assert case is not None
    assert case.letters == ("message-1", "message-2")
    assert record_of(machine)["headers"] == {"References": " ".join(second.references)}
    assert (
        machine.archive.files[f"notices/{NOTICE}/1.json"][0]
        != (machine.archive.files[f"notices/{NOTICE}/2.json"][0])
    )


def test_an_account_that_gets_another_address_is_written_to_there() -> None:
    machine = reminded()
    machine.deliver.deliver("A1", NOTICE)
    bounced = LetterNews(
        notice_id=NOTICE, attempt=1, kind="bounce_hard", at=NOW, recipients=("ap@customer.example",)
    )
    machine.mail_events.book(bounced)
    assert machine.account("A1").details.email_mark == "bounced"

    machine.take_in("A1", DetailsChanged(TODAY, AccountDetails(email="new@customer.example")))

    assert machine.account("A1").details.email_mark == ""
    assert "A1:find_contact" not in machine.tasks("A1")
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}
    assert machine.mailer.tried[-1].to == ("new@customer.example",)


@pytest.mark.parametrize(
    ("email", "mark"), [("new@customer.example", ""), ("AP@customer.example", "bounced")]
)
def test_an_import_keeps_the_mark_with_the_address_only(email: str, mark: str) -> None:
    there = AccountDetails(
        name="Harbor", email="ap@customer.example", email_mark="bounced", email_marked_on=TODAY
    )

    found = merged(there, LedgerAccount(AccountDetails(email=email), ()))

    assert (found.name, found.email, found.email_mark) == ("Harbor", email, mark)

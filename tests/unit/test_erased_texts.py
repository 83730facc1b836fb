"""Names go from what people typed, and from nothing else."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, get_args, get_type_hints

import pytest
from chalicelib.core.account import Account, Task
from chalicelib.core.effects import Event
from chalicelib.core.erased_texts import (
    FREE_TEXTS,
    WITHOUT_TEXTS,
    mentions,
    without_words,
)
from chalicelib.core.erased_words import words_of
from chalicelib.store.rows import LogPart

AT = datetime(2024, 3, 18, 5, 0, tzinfo=UTC)
WORDS = words_of(("Jo Park", "jo.park@customer.example", "+44 20 7946 0000"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Jo Park called", "[erased] called"),
        ("JO  PARK, jo park.", "[erased], [erased]."),
        ("Jo Parker and Bojo Park", "Jo Parker and Bojo Park"),
        ("write to Jo.Park@Customer.example now", "write to [erased] now"),
        ("xjo.park@customer.example", "xjo.park@customer.example"),
        ("tel. +44 (20) 7946-0000", "tel. [erased]"),
        ("44 20 7946 00001", "44 20 7946 00001"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_whole_names_addresses_and_numbers_go_and_others_stay(text: str, left: str) -> None:
    assert WORDS.out_of(text) == left


@pytest.mark.parametrize("said", [(), ("",), ("Al",), ("12345",)])
def test_what_is_too_short_is_not_looked_for(said: tuple[str, ...]) -> None:
    assert words_of(said).out_of("Al said 12345") == "Al said 12345"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("May", "will pay in May"),
        ("Al", "spoke to Al"),
        ("Accounts", "Accounts asked for a copy"),
        ("Accounts Payable", "sent to accounts payable"),
        ("Lindholm & Sons", "Lindholm & Sons called"),  # the account's own name
        ("Route 66", "route 66 EUR"),
        ("20 26 11 22", "Due 2026-11-22"),
        ("20 26 11 22", "Due 20261122"),
        ("22 11 20 26", "Due 22.11.2026"),
        ("22 11 20 26", "Due 22 11 2026"),
        ("100000", "Total 1000.00"),
        ("10000000", "Total 100000.00"),
        ("12345678", "12 345 678 JPY"),
        ("12345678", "12345678 JPY"),
        ("12345678", "invoice INV-12345678"),
        ("2026112210", "2026-11-22 10:15"),
        ("12100000", "invoice 12 1000.00"),
    ],
)
def test_what_may_be_anything_else_stays_and_is_shown(said: str, text: str) -> None:
    words = words_of((said,), ("Lindholm & Sons",))

    assert words.out_of(text) == text
    assert words.may_be_in(text)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("+48 123 456 789", "+48 123 456 789"),
        ("0170 1234567", "0170-1234567"),
        ("555 123 4567", "555.123.4567"),
        ("01 23 45 67 89", "01.23.45.67.89"),
        ("+44 20 7946 0000 ext. 12", "+442079460000"),
        ("Jo Park", "Jo Park"),
    ],
)
def test_what_can_only_be_the_person_goes(said: str, text: str) -> None:
    assert words_of((said,), ("Jo Park Ltd",)).out_of(f"Tel. {text}, they") == "Tel. [erased], they"


def test_the_name_of_the_account_stays_whole_where_it_has_the_persons_name_in_it() -> None:
    words = words_of(("Jo Park",), ("Jo Park Ltd",))

    assert words.out_of("Jo Park of JO PARK LTD") == "[erased] of JO PARK LTD"


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ('<div style="x">Div Style</div>', '<div style="x">[erased]</div>'),
        (
            '<p title="Div Style">a &amp; Div&nbsp;Style</p>',
            '<p title="Div Style">a &amp; [erased]</p>',
        ),
        ("<style>div style{}</style><!-- Div Style --><b>x</b>", None),
        ("<br/>\n<p>Div\nStyle &#39;s", "<br/>\n<p>[erased] 's"),
        ("Div Style", "[erased]"),
        ("", None),
    ],
)
def test_of_a_page_only_its_visible_text_changes(page: str, left: str | None) -> None:
    assert words_of(("Div Style",)).out_of_html(page) == (page if left is None else left)


def test_what_had_none_of_the_words_is_the_very_same_value() -> None:
    task = Task("A1:call", "call", date(2024, 3, 18), "Call them.")

    assert without_words(task, WORDS) is task


def test_whom_evidence_was_given_to_is_free_text() -> None:
    said = {"recipient": "for Jo Park", "job_id": "Jo Park"}
    told = Event(date(2024, 3, 18), AT, "evidence_exported", "anna", figures=said)

    after = without_words(LogPart(events=(told,)), WORDS)

    assert after.events[0].figures == {"recipient": "for [erased]", "job_id": "Jo Park"}


def test_an_id_that_reads_like_a_name_stays() -> None:
    task = Task("Jo Park", "call", date(2024, 3, 18), "Call Jo Park.", assignee="Jo Park")

    after = without_words(task, WORDS)

    assert (after.id, after.assignee, after.why) == ("Jo Park", "Jo Park", "Call [erased].")


def test_a_surname_alone_is_for_a_person_to_look_at() -> None:
    task = Task("t", "call", date(2024, 3, 18), "Mr Park is away.")

    assert without_words(task, WORDS) is task
    assert mentions(task, WORDS)


# Texts that are no free texts: ids, codes, names of the account's own staff. A new text field of
# what an account keeps is either here or in FREE_TEXTS: whoever adds one decides it.
CODES = """
AccountDetails: name account_class email sales_owner collector locale policy_id debtor_kind email_mark
  country registration_no
Account: id policy_version
Allocated: invoice_id charge_id
Case: number
ChargePosted: account_id id invoice_id stage charge currency capped_by basis
ChargeReversed: account_id id invoice_id currency because
ChargeStopped: account_id id invoice_id stage charge because detail
CaseClosed: account_id id
CaseOpened: account_id id
ContactPerson: id name email phone locale mark
CreditNews: id status status_before
CreditTold: status before
Dispute: id invoice_id currency reason_code owner opened_by
Entry: kind currency ref invoice_id charge_id reason
Event: kind actor subject reason_code
HeldInvoice: invoice_id currency
Hold: reason by held_as
HoldEnded: account_id reason
HoldPlaced: account_id reason
InstalmentMissed: account_id id currency
InterestRest: currency
LogPart: policy
Mark: block currency
Money: id kind currency placement_id
NoticeCreated: account_id id notice stage currency
PausedSpan: invoice_id
PlacedInvoiceEnded: account_id id agency invoice_id
Placement: id currency made_by agency submitted_by approved_by
PlacementBalance: account_id id agency because ref currency
PlacementMoved: account_id id agency move state currency outcome reason
Plan: id currency made_by
PlanMoved: account_id id state currency
PlanTerms: currency
Promise: currency id made_by ended_because
PromiseEnded: account_id id outcome currency
Recall: requested_by
ReleaseRequest: id by person currency assignee reason_code answered_by
SettlementOffer: id
Skipped: account_id invoice_id stage block
StageApplied: account_id invoice_id stage
StatementCreated: account_id id currency
Taking: payment_id remittance_id
Task: id kind assignee part at_time subject
TaskEnded: account_id id task because
TaskMade: account_id id task assignee part
TemporaryRelease: by reason_code
Thanks: case
"""


def known_codes() -> dict[str, set[str]]:
    joined = CODES.replace("\n  ", " ")
    return {
        line.partition(":")[0]: set(line.partition(":")[2].split())
        for line in joined.splitlines()
        if line
    }


def texts_in(kind: Any, found: dict[str, set[str]]) -> None:
    """Collect the names of all text fields of a type and of all that it holds."""
    if is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ in found or kind.__name__ in WITHOUT_TEXTS:
            return
        hints = get_type_hints(kind)
        said = {one.name for one in fields(kind) if hints[one.name] in (str, str | None)}
        found[kind.__name__] = said
        for hint in hints.values():
            texts_in(hint, found)
    else:
        for part in get_args(kind):
            texts_in(part, found)


def test_every_text_that_an_account_keeps_is_known_as_free_or_as_a_code() -> None:
    found: dict[str, set[str]] = {}
    texts_in(Account, found)
    texts_in(LogPart, found)

    codes = known_codes()
    unknown = {
        f"{kind}.{name}"
        for kind, names in found.items()
        for name in names - codes.get(kind, set()) - set(FREE_TEXTS.get(kind, ()))
    }

    assert unknown == set()
    assert set(FREE_TEXTS) <= found.keys()

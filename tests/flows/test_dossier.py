"""What an agency sees of a placement: least data, and nothing of what has ended (R10.5)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.api.shapes.agency_placements import DossierAnswer
from chalicelib.core.account import ContactPerson
from chalicelib.core.facts import DisputeOpened, Payment
from chalicelib.core.facts_details import ContactSaved
from chalicelib.core.facts_placements import PlacementAct
from chalicelib.flows.dossier import Teller, dossier_rows, percent_text
from tests.flows.agency_desk import TERMS, AtAgency, usd
from tests.flows.machine import LETTERHEAD, NOW, TODAY, invoice


def rows(at: AtAgency) -> list[Any]:
    teller = Teller(at.machine.agencies.get(at.agency), LETTERHEAD, NOW)
    loaded = at.machine.accounts.load("A1")
    return list(dossier_rows(loaded.account, loaded.version, teller))


def active(**details: Any) -> AtAgency:
    at = AtAgency()
    at.accepts()
    kept = at.machine.accounts.kept["A1"]
    kept.account = replace(kept.account, details=replace(kept.account.details, **details))
    return at


def dossier(at: AtAgency) -> dict[str, Any]:
    (row,) = rows(at)
    found: dict[str, Any] = json.loads(row.body)
    return found


def test_a_dossier_has_the_shape_that_the_api_promises() -> None:
    at = active(country="DE", registration_no="HRB 1", address=("Kai 1", "20095 Hamburg"))
    at.book(
        Payment(TODAY, "P1", TODAY, "USD", 40_000),
        ContactSaved(TODAY, ContactPerson("jo", "Jo", "jo@customer.example", "+49 40 1")),
        PlacementAct(TODAY, at.id, "recall", "anna", reason="other"),
    )
    (row,) = rows(at)

    answer = DossierAnswer.model_validate_json(row.body)

    assert answer.status == "recall_pending"
    assert answer.debtor.address == ["Kai 1", "20095 Hamburg"]


def test_what_is_open_adds_up_to_the_balance_that_the_feed_told_last() -> None:
    at = active()
    at.book(Payment(TODAY, "P1", TODAY, "USD", 40_000))

    amounts = dossier(at)["amounts"]

    kinds = ("principal", "interest", "late_fees", "compensation", "collection_fee")
    balance = sum(amounts[kind]["amount_minor"] for kind in kinds)
    assert amounts["balance"] == usd(balance) == usd(at.placement.balance_minor)
    assert (amounts["placed"], amounts["paid"]) == (usd(200_000), usd(40_000))


def test_an_invoice_that_is_not_placed_is_nobodys_business() -> None:
    at = active()
    at.book(invoice("SECRET", 3))

    (row,) = rows(at)

    assert "SECRET" not in row.body


def test_an_address_that_may_not_be_written_to_is_left_out() -> None:
    at = active(email_mark="bounced")
    people = (
        ContactPerson("a", email="a@customer.example", opted_out=True),
        ContactPerson("b", email="b@customer.example", mark="complained"),
        ContactPerson("c", email="c@customer.example"),
    )
    kept = at.machine.accounts.kept["A1"]
    kept.account = replace(kept.account, contact_people={one.id: one for one in people})

    debtor = dossier(at)["debtor"]

    told = {one["contact_id"]: (one["email"], one["do_not_email"]) for one in debtor["contacts"]}
    assert told == {"a": ("", True), "b": ("", True), "c": ("c@customer.example", False)}
    assert debtor["email"] == ""


def test_what_is_disputed_is_told_apart_and_rests() -> None:
    at = active()
    at.book(DisputeOpened(TODAY, "I1", 30_000))

    found = dossier(at)

    disputed = {one["invoice_id"]: one["disputed"]["amount_minor"] for one in found["invoices"]}
    assert disputed == {"I1": 30_000, "I2": 0}
    assert (found["status"], found["suspended_for"]) == ("suspended", ["disputed"])
    assert "return" not in found["allowed_actions"]


def test_the_last_payment_says_who_received_it() -> None:
    at = active()
    at.book(Payment(TODAY, "P1", TODAY - timedelta(days=1), "USD", 40_000))
    at.pays(5_000, "P2")
    at.work()

    found = dossier(at)["last_payment"]

    assert found == {
        "received_on": TODAY.isoformat(),
        "amount": usd(5_000),
        "received_by": "agency",
    }


def test_an_invoice_that_was_paid_is_withdrawn_by_its_id_alone() -> None:
    at = active()
    at.book(Payment(TODAY, "P1", TODAY, "USD", 100_000, ("I2",)))

    found = dossier(at)

    assert found["withdrawn_invoice_ids"] == ["I2"]
    assert [one["invoice_id"] for one in found["invoices"]] == ["I1"]


def test_what_was_tried_before_is_told_by_counts_and_days() -> None:
    history = dossier(active())["history"]

    assert history == {
        "final_demands": [{"sent_on": "2024-02-27", "respond_by": "2024-03-13"}],
        "attempts": {"email": 3, "phone": 1},
        "promises_broken": 0,
        "plans_broken": 0,
        "disputes_resolved": 0,
    }


def test_terms_are_percentages_without_needless_zeros() -> None:
    terms = dossier(active())["terms"]

    assert terms == {
        "commission_percent": "20",
        "commission_on_direct": True,
        "settlement_floor_percent": "80",
        "remit": "gross",
    }
    assert percent_text(TERMS.commission / 16) == "1.25"


def test_the_same_account_makes_the_same_dossier() -> None:
    at = active()

    assert rows(at) == rows(at)


def test_another_agency_sees_nothing() -> None:
    at = active()
    teller = Teller(at.machine.agencies.get("south"), LETTERHEAD, NOW)

    assert list(dossier_rows(at.machine.account("A1"), 1, teller)) == []


def test_a_draft_is_in_no_dossier() -> None:
    at = active()
    kept = at.machine.accounts.kept["A1"]
    draft = replace(at.placement, id="plc_new", state="draft", offered_on=None)
    kept.account = replace(kept.account, placements=kept.account.placements | {draft.id: draft})

    assert [row.placement_id for row in rows(at)] == [next(iter(at.shelf.kept))]


def test_what_was_recalled_leaves_its_state_and_day_alone() -> None:
    at = active()
    at.book(PlacementAct(TODAY, at.id, "recall", "anna", reason="legal"))

    (row,) = rows(at)

    assert (row.state, row.outcome, row.ended_on, row.body) == ("closing", "recalled", TODAY, "")

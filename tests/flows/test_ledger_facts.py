"""The facts file: one JSON object a line, each what a person or a system says of an account."""

import json
from datetime import date

import pytest
from chalicelib.core import facts
from chalicelib.core.facts import Fact
from tests.flows.ledger_files import facts_of, faults_of, read_facts

ON = date(2024, 3, 18)


def line(kind: str, **values: object) -> str:
    return json.dumps({"on": "2024-03-18", "account_id": "A1", "kind": kind, **values})


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (line("dispute", invoice_id="I1"), facts.DisputeOpened(ON, "I1")),
        (
            line("dispute", invoice_id="I1", amount="25.5", reason="pricing"),
            facts.DisputeOpened(ON, "I1", 2550, "pricing"),
        ),
        (
            line("dispute_resolved", invoice_id="I1", outcome="won"),
            facts.DisputeResolved(ON, "I1", "won"),
        ),
        (
            line("dispute_resolved", invoice_id="I1", outcome="lost"),
            facts.DisputeResolved(ON, "I1", "lost"),
        ),
        (
            line(
                "dispute",
                invoice_id="I1",
                reason="returned_goods",
                owner="dana",
                due_on="2024-04-02",
                reference="RMA 118",
            ),
            facts.DisputeOpened(
                ON, "I1", None, "returned_goods", "dana", date(2024, 4, 2), "RMA 118"
            ),
        ),
        (
            line("dispute_resolved", invoice_id="I1", outcome="partly", amount="12.5"),
            facts.DisputeResolved(ON, "I1", "partly", 1250),
        ),
        (line("pause", until="2024-04-01"), facts.Pause(ON, date(2024, 4, 1))),
        (
            line("pause", until="2024-03-18", invoice_id="I1", reason="fire"),
            facts.Pause(ON, ON, "I1", "fire"),
        ),
        (
            line("promise", amount="100", currency="JPY", by="2024-03-31"),
            facts.PromiseMade(ON, "JPY", 100, date(2024, 3, 31)),
        ),
        (
            line("promise", amount="1", currency="USD", by="2024-03-31", invoice_ids=["I1"]),
            facts.PromiseMade(ON, "USD", 100, date(2024, 3, 31), ("I1",)),
        ),
        (
            line("extension", invoice_id="I1", due_on="2024-05-01"),
            facts.Extension(ON, "I1", date(2024, 5, 1)),
        ),
        (line("delivery", invoice_id="I1"), facts.Delivery(ON, "I1")),
        (
            line("delivery", invoice_id="I1", on="2024-01-02"),
            facts.Delivery(date(2024, 1, 10), "I1"),
        ),
        (
            line("contact", direction="in", channel="email", outcome="replied"),
            facts.Contact(ON, "in", "email", "replied"),
        ),
        (
            line("contact", direction="out", channel="call"),
            facts.Contact(ON, "out", "call"),
        ),
        (line("contact", direction="inbound"), facts.Contact(ON, "in", "")),
        (line("contact", direction="outbound"), facts.Contact(ON, "out", "")),
        (line("block", block="legal_stop"), facts.BlockSet(ON, "legal_stop")),
        (
            line("block", block="in_plan", invoice_ids="I1", currency="USD", until="2024-04-01"),
            facts.BlockSet(ON, "in_plan", ("I1",), "USD", date(2024, 4, 1)),
        ),
        (line("block_ended", block="placed"), facts.BlockEnded(ON, "placed")),
        (line("payment_reversed", payment_id="P1"), facts.PaymentReversed(ON, "P1")),
        (line("void", invoice_id="I1"), facts.InvoiceVoided(ON, "I1")),
        (
            line("write_off", invoice_id="I1", reason="small"),
            facts.InvoiceWrittenOff(ON, "I1", "small"),
        ),
        (
            line("waiver", invoice_id="I1", charge_id="I1:fee:flat", reason="goodwill"),
            facts.ChargeWaived(ON, "I1", "I1:fee:flat", "goodwill"),
        ),
        (line("hold_released", reason="past_due_total"), facts.HoldReleased(ON, "past_due_total")),
    ],
)
def test_a_line_becomes_its_fact(text: str, fact: Fact) -> None:
    ledger = read_facts(text)

    assert faults_of(ledger) == []
    assert fact in facts_of(ledger)


@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        (line("dispite", invoice_id="I1"), "kind", "unknown_kind"),
        (line("delivery", invoice="I1", invoice_id="I1"), "invoice", "unknown_field"),
        (json.dumps({"on": "2024-03-18", "account_id": "A1"}), "kind", "missing_value"),
        (line("delivery", invoice_id="I1", on="2024-02-30"), "on", "bad_date"),
        (line("pause", until="2024-04-01", account_id="A9"), "account_id", "unknown_account"),
        (line("delivery", invoice_id="I9"), "invoice_id", "unknown_invoice"),
        (line("delivery", invoice_id="I2"), "invoice_id", "other_account"),
        (line("delivery"), "invoice_id", "missing_value"),
        (line("dispute", invoice_id="I1", on="2024-01-09"), "on", "before_issue"),
        (line("dispute", invoice_id="I1", amount=5), "amount", "bad_type"),
        (line("dispute", invoice_id="I1", amount="0"), "amount", "not_above_zero"),
        (line("dispute", invoice_id="I1", amount="1.001"), "amount", "bad_amount"),
        (line("dispute", invoice_id="I1", reason="mood"), "reason", "unknown_value"),
        (line("dispute_resolved", invoice_id="I1", outcome="drawn"), "outcome", "unknown_value"),
        (line("dispute_resolved", invoice_id="I1", outcome="partly"), "amount", "missing_value"),
        (
            line("dispute_resolved", invoice_id="I1", outcome="lost", amount="1"),
            "amount",
            "not_taken",
        ),
        (line("dispute", invoice_id="I1", due_on="2024-03-17"), "due_on", "before_fact"),
        (line("dispute", invoice_id="I1", owner="d x"), "owner", "bad_id"),
        (line("pause"), "until", "missing_value"),
        (line("pause", until="2024-03-17"), "until", "before_fact"),
        (line("pause", until="2024-04-01", invoice_id="I9"), "invoice_id", "unknown_invoice"),
        (
            line("promise", amount="1", currency="USD", by="2024-03-17"),
            "by",
            "before_fact",
        ),
        (
            line("promise", amount="1", currency="USD", by="2024-04-01", invoice_ids="I1 I9"),
            "invoice_ids",
            "unknown_invoice",
        ),
        (
            line("promise", amount="1", currency="EURO", by="2024-04-01"),
            "currency",
            "unknown_currency",
        ),
        (line("contact", direction="up", channel="call"), "direction", "unknown_value"),
        (line("block", block="paused"), "block", "unknown_value"),
        (line("block", block="placed", currency="X"), "currency", "unknown_currency"),
        (line("payment_reversed", payment_id="P9"), "payment_id", "unknown_payment"),
        (line("payment_reversed", payment_id="P1", on="2024-02-01"), "on", "before_booking"),
        (line("write_off", invoice_id="I1"), "reason", "missing_value"),
        (line("waiver", invoice_id="I1", reason="goodwill"), "charge_id", "missing_value"),
        (line("hold_released"), "reason", "missing_value"),
        ("on: 2024-03-18", "", "bad_json"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_refused_and_the_next_is_taken(text: str, column: str, code: str) -> None:
    ledger = read_facts(text, line("hold_released", reason="next"))

    assert faults_of(ledger) == [(1, column, code)]
    assert facts.HoldReleased(ON, "next") in facts_of(ledger)


def test_an_unknown_kind_or_field_is_told_with_the_nearest() -> None:
    ledger = read_facts(line("promis"), line("pause", untl="2024-04-01"))

    assert [fault.detail for fault in ledger.faults] == [
        "'promis' is no kind of fact; did you mean 'promise'?",
        "is no field of pause; did you mean 'until'?",
        "is needed and is blank",
    ]


def test_facts_of_a_day_keep_the_order_of_the_file() -> None:
    ledger = read_facts(
        line("dispute", invoice_id="I1"),
        line("dispute_resolved", invoice_id="I1", outcome="lost"),
        line("contact", direction="in", channel="mail"),
        line("dispute", invoice_id="I1"),
    )

    assert facts_of(ledger)[2:] == (
        facts.DisputeOpened(ON, "I1"),
        facts.DisputeResolved(ON, "I1", "lost"),
        facts.Contact(ON, "in", "mail"),
        facts.DisputeOpened(ON, "I1"),
    )


def test_an_empty_facts_file_is_no_fact_and_no_fault() -> None:
    ledger = read_facts("")

    assert ledger.faults == ()
    assert ledger.counts[0].read == 0


EXTENDED = line("extension", invoice_id="I1", due_on="2024-05-01")  # I1 was due on 2024-02-09


@pytest.mark.parametrize(
    ("texts", "column", "said"),
    [
        ([line("dispute", invoice_id="I1", amount="100.01")], "amount", "more than the invoice's"),
        (
            [line("extension", invoice_id="I1", due_on="2024-02-08")],
            "due_on",
            "2024-02-08 is before the present due date, 2024-02-09",
        ),
        (
            [EXTENDED, line("extension", invoice_id="I1", due_on="2024-04-30", on="2024-03-20")],
            "due_on",
            "2024-04-30 is before the present due date, 2024-05-01",
        ),
        (
            [line("hold_released", reason="past_due_totl")],
            "reason",
            "'past_due_totl' is no reason of a hold; did you mean 'past_due_total'?",
        ),
        (
            [line("hold_released", reason="goodwill")],
            "reason",
            "'goodwill' is no reason of a hold; known are oldest_days_past_due, past_due_total, "
            "late_of_last, broken_plan, unanswered_final_demand, prepaid",
        ),
        (
            [line("contact", direction="in", channel="mail")],
            "channel",
            "'mail' is no channel that is known; did you mean 'email'?",
        ),
    ],
)
def test_an_odd_line_is_taken_with_a_warning(texts: list[str], column: str, said: str) -> None:
    ledger = read_facts(*texts)

    assert faults_of(ledger) == []
    assert ledger.counts[0].taken == len(texts)
    [warning] = ledger.warnings
    assert (warning.line, warning.column) == (len(texts), column)
    assert said in warning.detail


@pytest.mark.parametrize(
    "text",
    [
        line("dispute", invoice_id="I1", amount="100.00"),
        line("extension", invoice_id="I1", due_on="2024-02-09"),
        line("hold_released", reason="prepaid"),
        line("hold_released", reason="unanswered_final_demand"),
        line("contact", direction="in"),
        line("contact", direction="out", channel="chat"),
    ],
)
def test_an_ordinary_line_brings_no_warning(text: str) -> None:
    assert read_facts(text).warnings == ()


def test_a_refused_line_brings_its_faults_and_no_warning() -> None:
    ledger = read_facts(line("contact", direction="up", channel="mail"))

    assert faults_of(ledger) == [(1, "direction", "unknown_value")]
    assert ledger.warnings == ()

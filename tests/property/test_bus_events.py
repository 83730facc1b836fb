"""Laws of events: whatever happens, what is told is true, whole, orderly, and about nobody."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import jsonschema_rs
from chalicelib.core.account import AccountDetails, ContactPerson
from chalicelib.core.bus_events import AccountEvent, Changed, events_of
from chalicelib.core.bus_events_schema import events_schema
from chalicelib.core.bus_events_types import CATALOGUE
from chalicelib.core.effects import Event
from chalicelib.core.facts import (
    DisputeOpened,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    Pause,
    Payment,
)
from chalicelib.core.facts_details import ContactSaved, DetailsChanged
from chalicelib.core.facts_holds import HoldSet
from chalicelib.flows.bus import bus_event
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.store import NOON
from tests.property.stories import FIRST_DAY, Story, placed_stories, stories
from tests.property.walk import Seen, walk

WHO = "Zoltan"  # in every word that somebody says, and in nothing else
DETAILS = AccountDetails(
    name=f"{WHO} Ltd",
    email=f"{WHO}@example.com",
    address=(f"1 {WHO} Street",),
    registration_no=f"{WHO} 1",
    sales_owner=f"{WHO}@example.com",
)
CONTACT = ContactPerson("c1", WHO, f"{WHO}@example.com", f"+1 {WHO}", frozenset({"admin"}))

ONE_OF = {
    name: jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/$defs/{name}", "$defs": events_schema()["$defs"]}
    )
    for name in CATALOGUE
}


def wordy(fact: Fact) -> Fact:
    """The fact in somebody's own words, wherever it takes some."""
    match fact:
        case Payment():
            return replace(fact, reference=f"from {WHO}")
        case InvoiceIssued():
            return replace(fact, po_number=f"{WHO}-1")
        case DisputeOpened():
            return replace(fact, reference=f"RMA {WHO}", opened_by=f"{WHO}@example.com")
        case Pause() | InvoiceWrittenOff() | InvoiceVoided():
            return replace(fact, reason=f"{WHO} asked")
        case HoldSet():
            return replace(fact, hold=replace(fact.hold, evidence=f"{WHO} said so"))
        case _:
            return fact


def told(story: Story) -> Iterator[tuple[Seen, tuple[AccountEvent, ...]]]:
    """What is told of every change of a story; each change has a note in the timeline."""
    first = (DetailsChanged(FIRST_DAY, DETAILS), ContactSaved(FIRST_DAY, CONTACT))
    story = Story(story.policy, (*first, *map(wordy, story.facts)))
    for version, seen in enumerate(walk(story), start=1):
        note = Event(seen.day, NOON, "note", "anna", note=f"{WHO} called")
        changed = Changed(seen.before, seen.after, version, seen.entries, seen.effects, (note,))
        yield seen, events_of(changed, seen.day)
        assert events_of(changed, seen.day) == events_of(changed, seen.day)


ANY = st.one_of(stories(), placed_stories())


@settings(max_examples=20, deadline=None)
@given(ANY)
def test_every_event_is_as_its_schema_says_and_about_nobody(story: Story) -> None:
    for _, events in told(story):
        for event in events:
            values = json.loads(json.dumps(bus_event(event, NOON).values()))

            ONE_OF[event.type].validate(values)
            assert WHO.lower() not in json.dumps(values).lower()


@settings(max_examples=12, deadline=None)
@given(ANY)
def test_amounts_told_of_the_ledger_are_those_of_its_entries(story: Story) -> None:
    for seen, events in told(story):
        booked = Counter({(one.kind, one.ref, one.currency): 0 for one in seen.entries})
        for one in seen.entries:
            booked[one.kind, one.ref, one.currency] += one.amount_minor
        heard: Counter[tuple[str, str, str]] = Counter()
        for event in events:
            if "entry" in event.data:
                amount = event.data["amount"]
                key = (event.data["entry"], event.data["ref"], amount["currency"])
                heard[key] += amount["amount_minor"]

        assert heard == booked


@settings(max_examples=12, deadline=None)
@given(ANY)
def test_ids_are_never_used_twice_and_version_and_index_order_them(story: Story) -> None:
    events = [event for _, some in told(story) for event in some]

    assert len({event.id for event in events}) == len(events)
    order = [(event.version, event.index) for event in events]
    assert order == sorted(set(order))


@settings(max_examples=12, deadline=None)
@given(ANY)
def test_who_hears_everything_knows_which_holds_invoices_and_tasks_are_there(story: Story) -> None:
    holds: set[str] = set()
    tasks: set[str] = set()
    open_invoices: set[str] = set()
    status = "open"
    for seen, events in told(story):
        for event in events:
            data = event.data
            match event.type:
                case "hold.placed":
                    holds.add(data["hold_id"])
                case "hold.released":
                    holds.remove(data["hold_id"])
                case "credit_status.changed":
                    assert data["status_before"] == status
                    status = data["status"]
                case "task.opened":
                    tasks.add(data["task_id"])
                case "task.closed":
                    tasks.remove(data["task_id"])
                case "invoice.opened" | "invoice.reopened":
                    open_invoices.add(data["invoice_id"])
                case "invoice.closed":
                    open_invoices.discard(data["invoice_id"])

        assert holds == {hold.id for hold in seen.after.holds.values()}
        assert tasks == set(seen.after.tasks)
        assert open_invoices == set(seen.after.invoices)

"""The events of the tables, each read as a fact: what the words of `telling` mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import AccountDetails
from chalicelib.core.agreements import Frequency, PlanTerms
from chalicelib.core.facts import (
    BlockEnded,
    BlockSet,
    ChargeReinstated,
    ChargeWaived,
    Contact,
    CreditNote,
    Delivery,
    DisputeOpened,
    DisputeResolved,
    Extension,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    Pause,
    Payment,
    PaymentReversed,
    PromiseMade,
)
from chalicelib.core.facts_collections import (
    DisputeReassigned,
    PlanApproved,
    PlanCancelled,
    PlanMade,
    PromiseApproved,
    PromiseWithdrawn,
    TaskCompleted,
)
from chalicelib.core.facts_details import DetailsChanged
from chalicelib.core.facts_placements import PlacementAct, PlacementProposed
from chalicelib.core.money import parse_amount
from chalicelib.core.placement_moves import MOVES, Move
from chalicelib.core.placements import placement_id

DAY = date.fromisoformat
FREQUENCIES: dict[str, Frequency] = {
    "weekly": "weekly", "two_weeks": "two_weeks", "monthly": "monthly",
}  # fmt: skip


@dataclass
class Words:
    """The words of one event; what is asked for by name is taken out."""

    on: date
    words: list[str]

    def after(self, name: str) -> str | None:
        if name not in self.words:
            return None
        at = self.words.index(name)
        _, found = self.words[at : at + 2]
        del self.words[at : at + 2]
        return found

    def day(self, name: str) -> date:
        found = self.after(name)
        assert found is not None, f"{name} is missing"
        return DAY(found)

    def says(self, name: str) -> bool:
        if name not in self.words:
            return False
        self.words.remove(name)
        return True

    def amount(self) -> int:
        return parse_amount(self.words.pop(0), 2)

    def name(self) -> str:
        return self.words.pop(0)


def invoice(w: Words) -> Fact:
    due = w.day("due")
    issued = DAY(w.after("issued") or w.on.isoformat())
    delivered, disputed = (None if w.says("undelivered") else issued), w.says("disputed")
    name, amount = w.name(), w.amount()
    return InvoiceIssued(
        w.on, name, "USD", amount, amount, issued, due, max(issued, w.on),
        delivered_on=delivered, disputed_minor=amount if disputed else 0,
    )  # fmt: skip


def payment(w: Words) -> Fact:
    received = DAY(w.after("received") or w.on.isoformat())
    number = w.after("as") or f"P-{w.on}"
    return Payment(w.on, number, received, "USD", w.amount(), tuple(w.words))


def credit_note(w: Words) -> Fact:
    return CreditNote(w.on, f"C-{w.on}", "USD", w.amount(), w.words[0] if w.words else None)


def dispute(w: Words) -> Fact:
    reason, owner, by = w.after("for") or "other", w.after("owner") or "", w.after("by")
    reference, name = w.after("ref") or "", w.name()
    amount = w.amount() if w.words else None
    return DisputeOpened(
        w.on, name, amount, reason, owner, DAY(by) if by else None, reference, "anna"
    )


def reassignment(w: Words) -> Fact:
    to, by, since = w.after("to") or "", w.after("by"), w.day("since")
    identity = f"dsp_{w.name()}_{since}"
    return DisputeReassigned(w.on, identity, to, DAY(by) if by else None)


def pause(w: Words) -> Fact:
    until, name = w.day("until"), w.name()
    return Pause(w.on, until, None if name == "account" else name)


def promise(w: Words) -> Fact:
    by = w.day("by")
    return PromiseMade(w.on, "USD", w.amount(), by, tuple(w.words))


def plan(w: Words) -> Fact:
    each, down, down_on = w.after("each"), w.after("down"), w.after("on")
    first_on = w.day("from")
    count = None if each else int(w.name())
    frequency = FREQUENCIES[w.name()]
    terms = PlanTerms(
        "USD", frequency, first_on, count, parse_amount(each, 2) if each else None,
        parse_amount(down or "0", 2), DAY(down_on) if down_on else None, tuple(w.words),
    )  # fmt: skip
    return PlanMade(w.on, terms)


def completed(w: Words) -> Fact:
    back, time = w.after("back"), w.after("at") or ""
    task, outcome = w.words
    on = None if back is None else DAY(back)
    return TaskCompleted(w.on, f"A:{task}", outcome, on, call_back_time=time)


def block(w: Words) -> Fact:
    until = w.after("until")
    return BlockSet(w.on, w.name(), tuple(w.words), until=DAY(until) if until else None)


def sales_owner(w: Words) -> Fact:
    return DetailsChanged(w.on, AccountDetails(sales_owner=w.name()))


def waiver(w: Words) -> Fact:
    charge = w.name()
    return ChargeWaived(w.on, charge.partition(":")[0], charge, "goodwill")


def reinstatement(w: Words) -> Fact:
    charge = w.name()
    return ChargeReinstated(w.on, charge.partition(":")[0], charge, "mistake")


def proposal(w: Words) -> Fact:
    by = w.after("by") or "anna"
    return PlacementProposed(w.on, "USD", by, tuple(w.words))


def placement(w: Words) -> Fact:
    by, reason, effective = w.after("by") or "", w.after("for") or "", w.after("effective")
    made_on, move = DAY(w.name()), w.name()
    moves: dict[str, Move] = {one: one for one in MOVES}
    effective_on = None if effective is None else DAY(effective)
    identity = placement_id("A", "USD", made_on, 1)
    return PlacementAct(w.on, identity, moves[move], by, reason, effective_on=effective_on)


def agency_payment(w: Words) -> Fact:
    identity, number = placement_id("A", "USD", w.day("for"), 1), w.after("as") or f"T-{w.on}"
    return Payment(
        w.on, number, w.on, "USD", w.amount(), tuple(w.words), placement_id=identity
    )  # fmt: skip


EVENTS: dict[str, Callable[[Words], Fact]] = {
    "invoice": invoice,
    "pay": payment,
    "credit": credit_note,
    "bounce": lambda w: PaymentReversed(w.on, w.name()),
    "dispute": dispute,
    "won": lambda w: DisputeResolved(w.on, w.name(), "won"),
    "partly": lambda w: DisputeResolved(w.on, w.name(), "partly", w.amount()),
    "reassign": reassignment,
    "lost": lambda w: DisputeResolved(w.on, w.name(), "lost"),
    "deliver": lambda w: Delivery(w.on, w.name()),
    "extend": lambda w: Extension(w.on, w.name(), w.day("to")),
    "pause": pause,
    "promise": promise,
    "approve": lambda w: PromiseApproved(w.on, w.name()),
    "withdraw": lambda w: PromiseWithdrawn(w.on, w.name()),
    "plan": plan,
    "approve-plan": lambda w: PlanApproved(w.on, w.name()),
    "cancel-plan": lambda w: PlanCancelled(w.on, w.name()),
    "call": lambda w: Contact(w.on, "out", "call", " ".join(w.words)),
    "did": completed,
    "sales-owner": sales_owner,
    "answer": lambda w: Contact(w.on, "in", "email"),
    "block": block,
    "unblock": lambda w: BlockEnded(w.on, w.name()),
    "waive": waiver,
    "reinstate": reinstatement,
    "void": lambda w: InvoiceVoided(w.on, w.name()),
    "propose": proposal,
    "placement": placement,
    "agency-pay": agency_payment,
    "write-off": lambda w: InvoiceWrittenOff(w.on, w.name(), "bad_debt"),
}

"""Events of what is there before a change and after it: invoices, holds, agreements, who it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from typing import TypeVar

from chalicelib.core.account import Account, AccountDetails, Mark, PausedSpan
from chalicelib.core.agreements import Promise
from chalicelib.core.bus_events_values import Telling, amount, code, day, invoices, person, told
from chalicelib.core.disputes import Dispute
from chalicelib.core.holds import credit_status, may_ship
from chalicelib.core.invoice import Invoice

T = TypeVar("T")
_MARKS_OF_DETAILS = frozenset({"email_mark", "email_marked_on"})  # told as marks


def account_tellings(before: Account, after: Account, is_new: bool) -> Iterator[Telling]:
    """Yield that an account is new, or which of its details and contacts changed: no values."""
    if is_new:
        yield Telling("account.created", {})
    elif before.details != after.details:
        changed = [
            field.name
            for field in fields(AccountDetails)
            if field.name not in _MARKS_OF_DETAILS
            and getattr(before.details, field.name) != getattr(after.details, field.name)
        ]
        if changed:
            yield Telling("account.updated", {"changed": changed})
    had, has = before.contact_people, after.contact_people
    if had is has:
        return
    for name in sorted(has):
        if had.get(name) != has[name] and not _only_marked(before, after, name):
            yield Telling("contact.saved", {"contact_id": name})
    for name in sorted(had.keys() - has.keys()):
        yield Telling("contact.removed", {"contact_id": name})


def _only_marked(before: Account, after: Account, name: str) -> bool:
    old, new = before.contact_people.get(name), after.contact_people[name]
    if old is None:
        return False
    return all(
        field.name in ("mark", "marked_on") or getattr(old, field.name) == getattr(new, field.name)
        for field in fields(new)
    )


def invoice_tellings(before: Account, after: Account) -> Iterator[Telling]:
    """Yield which invoices closed or opened again, were delivered, or fall due on another day."""
    for name, invoice in after.invoices.items():
        old = before.invoices.get(name)
        if old is invoice:
            continue
        if name in before.closed:
            yield Telling("invoice.reopened", {"invoice_id": name})
        yield from _moved(old or before.closed.get(name), invoice)
    if after.closed is before.closed:
        return
    settled = {one.invoice_id: one.value_on for one in after.settlements}
    for name, invoice in after.closed.items():
        old = before.closed.get(name)
        if old is invoice:
            continue
        yield from _moved(old or before.invoices.get(name), invoice)
        if old is None:
            data = told(invoice_id=name, value_on=day(settled.get(name)))
            yield Telling("invoice.closed", data)


def _moved(old: Invoice | None, new: Invoice) -> Iterator[Telling]:
    if old is None:
        return
    if old.delivered_on is None and new.delivered_on is not None:
        yield Telling("invoice.delivered", {"invoice_id": new.id})
    if old.effective_due_on != new.effective_due_on:
        due_on, was = day(new.effective_due_on), day(old.effective_due_on)
        data = told(invoice_id=new.id, due_on=due_on, was_due_on=was)
        yield Telling("invoice.due_date_moved", data)


def hold_tellings(before: Account, after: Account, today: date) -> Iterator[Telling]:
    """Yield which holds were placed and ended, and what the credit status became (R8)."""
    had = {hold.id: hold for hold in before.holds.values()}
    has = {hold.id: hold for hold in after.holds.values()}
    for name, hold in had.items():
        if name not in has:
            data = told(hold_id=name, reason_code=code(hold.reason))
            yield Telling("hold.released", data)
    for name, hold in has.items():
        old = had.get(name)
        reason = code(hold.reason)
        if old is None:
            data = told(hold_id=name, reason_code=reason, status=hold.held_as)
            yield Telling("hold.placed", data)
        release = hold.release
        if release is not None and (old is None or old.release != release):
            data = told(hold_id=name, reason_code=reason, until=day(release.until))
            yield Telling("hold.released_until", data)
    was, now = credit_status(before), credit_status(after)
    if was != now:
        ships = may_ship(after.holds.values(), today)
        yield Telling("credit_status.changed", told(status=now, status_before=was, may_ship=ships))
    yield from _requests(before, after)


def _requests(before: Account, after: Account) -> Iterator[Telling]:
    for name, asked in after.release_requests.items():
        old = before.release_requests.get(name)
        if old is not None and old.state == asked.state:
            continue
        start = told(request_id=name, amount=amount(asked.amount_minor, asked.currency))
        if old is None:
            who = told(assignee=person(asked.assignee))
            yield Telling("release_request.opened", start | who)
        if asked.state != "open":
            more = told(
                reason_code=code(asked.reason_code),
                until=day(asked.until) if asked.state == "approved" else "",
            )
            yield Telling(f"release_request.{asked.state}", start | more)


def agreement_tellings(before: Account, after: Account) -> Iterator[Telling]:
    """Yield promises and disputes that are new or moved; how promises ended is an effect."""
    if before.promises != after.promises:
        known = {promise.id: promise for promise in before.promises}
        for promise in after.promises:
            yield from _promise(known.get(promise.id), promise)
    if before.disputes != after.disputes:
        for name, dispute in after.disputes.items():
            yield from _dispute(before.disputes.get(name), dispute)


def _promise(old: Promise | None, new: Promise) -> Iterator[Telling]:
    start = told(
        promise_id=new.id, amount=amount(new.amount_minor, new.currency), due_on=day(new.by)
    )
    if old is None:
        state = "pending_approval" if new.needs_approval else "in_force"
        named = invoices(new.invoice_ids)
        yield Telling("promise.made", start | {"state": state} | named, new.made_on)
    elif old.needs_approval and not new.needs_approval and new.approved_on is not None:
        yield Telling("promise.approved", start)
    elif old.is_over and not new.is_over:
        yield Telling("promise.reopened", start)


def _dispute(old: Dispute | None, new: Dispute) -> Iterator[Telling]:
    if old == new:
        return
    start = told(dispute_id=new.id, invoice_id=new.invoice_id)
    owner = told(assignee=person(new.owner), due_on=day(new.due_on))
    if old is None:
        money = amount(new.amount_minor, new.currency)
        why = told(amount=money, reason_code=code(new.reason_code))
        yield Telling("dispute.opened", start | why | owner)
    elif old.closed_on is not None and new.closed_on is None:
        yield Telling("dispute.reopened", start)
    elif (old.owner, old.due_on) != (new.owner, new.due_on):
        yield Telling("dispute.reassigned", start | owner)
    if new.outcome and (old is None or old.outcome != new.outcome):
        won = amount(new.won_minor, new.currency) if new.outcome == "partly" else None
        yield Telling("dispute.resolved", start | told(outcome=new.outcome, amount=won))
    if new.closed_on is not None and (old is None or old.closed_on is None):
        why = told(reason_code=code(new.closed_because))
        yield Telling("dispute.closed", start | why)


def rest_tellings(before: Account, after: Account, today: date) -> Iterator[Telling]:
    """Yield what keeps the account or invoices out of dunning, and does no more (R5.5)."""
    if before.pauses != after.pauses:
        for pause in _only_in(after.pauses, before.pauses):
            yield Telling("dunning.paused", _pause(pause))
        for pause in _only_in(before.pauses, after.pauses):
            if pause.until >= today:
                yield Telling("dunning.resumed", _pause(pause))
    if before.marks != after.marks:
        for mark in _only_in(before.marks, after.marks):
            yield Telling("block.ended", _block(mark))
        for mark in _only_in(after.marks, before.marks):
            yield Telling("block.set", _block(mark))


def _only_in(these: Sequence[T], others: Sequence[T]) -> list[T]:
    return [one for one in these if one not in others]


def _pause(pause: PausedSpan) -> dict[str, object]:
    named = [pause.invoice_id] if pause.invoice_id else []
    return {"until": pause.until.isoformat(), "invoice_ids": named}


def _block(mark: Mark) -> dict[str, object]:
    why = told(block=code(mark.block), until=day(mark.until), reason_code=code(mark.reason))
    return why | invoices(mark.invoice_ids)

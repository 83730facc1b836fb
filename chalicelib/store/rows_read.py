"""An account as its head and its live items spell it: what `rows` wrote, read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from chalicelib.core.account import (
    Account,
    ContactPerson,
    Hold,
    Mark,
    Money,
    Notice,
    PausedSpan,
    Task,
)
from chalicelib.core.agreements import Plan, Promise
from chalicelib.core.disputes import Dispute
from chalicelib.core.head import Head
from chalicelib.core.invoice import Invoice
from chalicelib.core.placements import Placement
from chalicelib.core.releases import CreditNews, ReleaseRequest
from chalicelib.store import keys
from chalicelib.store.codec import RawMap, from_map
from chalicelib.store.errors import FormatError
from chalicelib.store.rows import ChargeRow, InterestRests, Settlements, StatementDue
from chalicelib.store.tables import Item

T = TypeVar("T")


def account_of(account_id: str, head: Head, items: Iterable[Item]) -> Account:
    """Return the account that its head and its live items spell, in any order.

    Raises:
        FormatError: an item is not one that the rows above make.
    """
    found: dict[str, list[RawMap]] = {}
    for prefix, group in groupby(sorted(items, key=_sort_key), key=_prefix):
        found[prefix] = [item.value() for item in group]
    strange = found.keys() - _LIVE
    if strange:
        raise FormatError(f"account {account_id} has items {', '.join(sorted(strange))}")

    def values(prefix: str, kind: type[T]) -> list[T]:
        return [from_map(kind, raw) for raw in found.get(prefix, ())]

    settled = values(keys.SETTLEMENTS, Settlements)
    rested = values(keys.INTEREST_RESTS, InterestRests)
    statements = values(keys.STATEMENT, StatementDue)
    return Account(
        id=account_id,
        details=head.details,
        invoices=_with_charges(values("INV", Invoice), values("CHG", ChargeRow)),
        money={money.key: money for money in values("CASH", Money)},
        unapplied=head.unapplied,
        pauses=tuple(values("PAUSE", PausedSpan)),
        promises=tuple(values("PTP", Promise)),
        marks=tuple(values("MARK", Mark)),
        holds={hold.reason: hold for hold in values("HOLD", Hold)},
        hold_reviews=head.hold_reviews,
        overruled_holds=head.overruled_holds,
        settlements=settled[0].settled if settled else (),
        notices={notice.id: notice for notice in values("NTC", Notice)},
        notice_dates=head.notice_dates,
        contacts=head.contacts,
        tasks={task.id: task for task in values("TASK", Task)},
        policy_version=head.policy_version,
        first_decided_on=head.first_decided_on,
        last_decided_on=head.last_decided_on,
        totals=head.totals,
        voided_charges=head.voided_charges,
        notice_counts=head.notice_counts,
        dispute_outcomes=head.dispute_outcomes,
        past_promises=head.past_promises,
        contact_people={contact.id: contact for contact in values("CON", ContactPerson)},
        release_requests={asked.id: asked for asked in values("RLS", ReleaseRequest)},
        credit_news={news.id: news for news in values("NEWS", CreditNews)},
        plans={plan.id: plan for plan in values("PLAN", Plan)},
        disputes={dispute.id: dispute for dispute in values("DSP", Dispute)},
        case=head.case,
        cases_opened=head.cases_opened,
        case_opened_on=head.case_opened_on,
        unreached_calls=head.unreached_calls,
        risk_score=head.risk_score,
        interest_rests=rested[0].rests if rested else (),
        statement_on=statements[0].on if statements else None,
        credit_told=head.credit_told,
        thanks=head.thanks,
        placements={one.id: one for one in values("PLC", Placement)},
    )


_LIVE = frozenset(
    {
        "INV", "CHG", "CASH", "PAUSE", "PTP", "MARK", "HOLD", "NTC", "TASK", "CON", "RLS", "NEWS",
        "PLAN", "DSP", "PLC",
        keys.SETTLEMENTS, keys.INTEREST_RESTS, keys.STATEMENT,
    }
)  # fmt: skip


def _sort_key(item: Item) -> str:
    return item.sk


def _prefix(item: Item) -> str:
    return item.sk.partition("#")[0]


def _with_charges(invoices: list[Invoice], rows: list[ChargeRow]) -> dict[str, Invoice]:
    charges: dict[str, list[ChargeRow]] = {}
    for row in rows:
        charges.setdefault(row.invoice_id, []).append(row)
    found = {}
    for invoice in invoices:
        mine = sorted(charges.pop(invoice.id, ()), key=lambda row: row.place)
        found[invoice.id] = (
            replace(invoice, charges=tuple(row.charge for row in mine)) if mine else invoice
        )
    if charges:
        raise FormatError(f"charges without their invoice: {', '.join(sorted(charges))}")
    return found

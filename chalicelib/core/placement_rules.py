"""The checklist before anything is placed (R10.1): what must hold, item by item, and for what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Tried
from chalicelib.core.blocks import BLOCKS, Survey, survey
from chalicelib.core.book import Book
from chalicelib.core.invoice import FinalNotice, Invoice
from chalicelib.core.placement_choice import fitting_rules
from chalicelib.core.policy import Policy

NAMED_MAX = 5  # invoices that a sentence names
NO_DEMAND = "no_final_demand"
NOT_SENT = "final_demand_not_sent"
NOT_ANSWERED_YET = "answer_date_not_passed"
NOT_PROPOSED = "not_proposed"
CASH_COVERS = "cash_covers"


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One item of the checklist: whether it holds, and in words what is there or missing."""

    code: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """What stands for and against placing an account's past-due invoices of a currency (R10.1).

    `invoice_ids`: those that would be placed, oldest effective due date first, then id; `left_out`:
    past-due ones that would not, each with why. `balance_minor`: principal and charges of the former.
    """

    currency: str
    invoice_ids: tuple[str, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    balance_minor: int
    items: tuple[CheckItem, ...]

    @property
    def holds(self) -> bool:
        """Whether all of it holds: only then is anything placed."""
        return all(item.holds for item in self.items)

    @property
    def missing(self) -> tuple[CheckItem, ...]:
        """What does not hold."""
        return tuple(item for item in self.items if not item.holds)


def checklist(
    book: Book,
    policy: Policy,
    currency: str,
    today: date,
    *,
    among: Collection[str] | None = None,
) -> Checklist:
    """Return the checklist of a currency as it stands today (R10.1).

    `among`: only these invoices are to be placed, for instance those of a draft; None: all that may.
    """
    look = _Look(policy, currency, survey(book, policy, today), among)
    tried = book.case.tried if book.case is not None else Tried()
    items = (
        *look.demands(),
        *_contacts(policy, tried),
        look.unblocked(book),
        look.large_enough(),
        look.delivered(),
        look.agency(book),
    )
    return Checklist(
        currency,
        tuple(one.id for one in look.placed),
        tuple(look.left_out),
        look.balance_minor,
        items,
    )


def placeable(
    book: Book,
    policy: Policy,
    currency: str,
    today: date,
    *,
    among: Collection[str] | None = None,
) -> list[str]:
    """Return the invoices that may be placed today, none unless the whole checklist holds (R10.1)."""
    found = checklist(book, policy, currency, today, among=among)
    return list(found.invoice_ids) if found.holds else []


def counted_demand(invoice: Invoice) -> FinalNotice | None:
    """Return the final demand of an invoice that counts as sent and whose answer is due first."""
    sent = (one for one in invoice.final_notices if one.sent_on is not None)
    return min(sent, key=lambda one: (one.respond_by, one.notice_id), default=None)


def stops_placement(block: str) -> bool:
    """Whether a block of R5.5 stops placement; one that the table does not know does."""
    rule = BLOCKS.get(block)
    return rule is None or rule.placement


class _Look:
    """What is past due of a currency today, sorted into what would be placed and what would not."""

    def __init__(
        self, policy: Policy, currency: str, found: Survey, among: Collection[str] | None
    ) -> None:
        self.policy, self.currency, self.found = policy, currency, found
        self.past_due = [one for one in found.past_due if one.currency == currency]
        self.placed: list[Invoice] = []
        self.left_out: list[tuple[str, tuple[str, ...]]] = []
        for invoice in self.past_due:
            why = tuple(self._why_not(invoice, among))
            if why:
                self.left_out.append((invoice.id, why))
            else:
                self.placed.append(invoice)
        self.balance_minor = sum(one.open_minor + one.open_charges_minor for one in self.placed)

    def _why_not(self, invoice: Invoice, among: Collection[str] | None) -> Iterator[str]:
        """Yield why an invoice is left out: its own blocks, or a final demand that is missing.

        One that is disputed in part is left out too: the agency would have to rest at once.
        """
        if among is not None and invoice.id not in among:
            yield NOT_PROPOSED
        own = self.found.own.get(invoice.id, ())
        if invoice.disputed_minor and "disputed" not in own:
            yield "disputed"
        yield from (block for block in own if stops_placement(block))
        demand = counted_demand(invoice)
        if demand is None:
            yield NOT_SENT if invoice.final_notices else NO_DEMAND
        elif demand.respond_by >= self.found.today:
            yield NOT_ANSWERED_YET

    def demands(self) -> Iterator[CheckItem]:
        """Yield the items about the final demand (R5.1, R11.3)."""
        sent = [one for one in self.past_due if counted_demand(one) is not None]
        passed = [one for one in sent if self._answer_date(one) < self.found.today]
        yield CheckItem(
            "final_demand_sent",
            holds=bool(sent),
            detail=f"A final demand that counts as sent listed {_of(sent, self.past_due)}.",
        )
        said = f"The date for an answer has passed for {_of(passed, self.past_due)}."
        waiting = min((self._answer_date(one) for one in sent if one not in passed), default=None)
        if waiting is not None:
            said += f" The next one that has not is {waiting.isoformat()}."
        yield CheckItem("answer_date_passed", holds=bool(passed), detail=said)
        if self.placed:
            said = (
                f"Each of the invoices to be placed was in a final demand: {_names(self.placed)}."
            )
        else:
            said = "There is no invoice that may be placed."
        yield CheckItem("written_warning", holds=bool(self.placed), detail=said)

    def unblocked(self, book: Book) -> CheckItem:
        """Return the item about the blocks of R5.5.

        Those of single invoices leave these out; those of the account or currency stop all. Unapplied
        cash that covers what would be placed stops it as well, whatever else is past due.
        """
        wide = (*self.found.account, *self.found.currency.get(self.currency, ()))
        stops = [block for block in wide if stops_placement(block)]
        unapplied = book.unapplied.get(self.currency, 0)
        if 0 < self.balance_minor <= unapplied and CASH_COVERS not in stops:
            stops.append(CASH_COVERS)
        said = [BLOCKS[block].sentence if block in BLOCKS else block for block in stops]
        if not stops:
            said.append("Nothing lies on the account or the currency that stops placement.")
        blocked = [one for one in self.past_due if self._is_blocked(one)]
        if blocked:
            said.append(f"Blocked by themselves and left out: {_of(blocked, self.past_due)}.")
        is_free = not stops and len(blocked) < len(self.past_due)
        return CheckItem("no_block", holds=is_free, detail=" ".join(said))

    def large_enough(self) -> CheckItem:
        """Return the item about the smallest balance that is placed."""
        least = self.policy.escalation.min_placement.get(self.currency, 0)
        words = self.policy.amount_in_words
        said = f"The balance that may be placed is {words(self.balance_minor, self.currency)}"
        if least:
            said += f", the least is {words(least, self.currency)}"
        holds = self.balance_minor > 0 and self.balance_minor >= least
        return CheckItem("min_balance", holds=holds, detail=f"{said}.")

    def delivered(self) -> CheckItem:
        """Return the item about deliveries: what was never sent to the customer is not placed."""
        missing = [one for one in self.past_due if one.delivered_on is None]
        holds = len(missing) < len(self.past_due)
        said = f"{_count(len(self.past_due) - len(missing), 'past-due invoice')} delivered"
        if missing:
            said += f"; left out, because never delivered: {_names(missing)}"
        return CheckItem("delivered", holds=holds, detail=f"{said}.")

    def agency(self, book: Book) -> CheckItem:
        """Return the item about an agency that the policy's rules name."""
        rules = fitting_rules(book, self.policy, self.currency, self.balance_minor)
        where = book.details.country or "country unknown"
        if rules:
            said = f"The policy's rules name {_listed([rule.agency for rule in rules])}"
        else:
            said = "No rule of the policy names an agency"
        balance = self.policy.amount_in_words(self.balance_minor, self.currency)
        return CheckItem(
            "agency_chosen", holds=bool(rules), detail=f"{said} for {where}, balance {balance}."
        )

    def _answer_date(self, invoice: Invoice) -> date:
        demand = counted_demand(invoice)
        return date.max if demand is None else demand.respond_by

    def _is_blocked(self, invoice: Invoice) -> bool:
        own = self.found.own.get(invoice.id, ())
        return invoice.disputed_minor > 0 or any(stops_placement(block) for block in own)


def contacts_suffice(policy: Policy, tried: Tried) -> bool:
    """Whether the customer was tried often enough, and more than one way (R10.1)."""
    return all(item.holds for item in _contacts(policy, tried))


def _contacts(policy: Policy, tried: Tried) -> Iterator[CheckItem]:
    """Yield the items about attempts to reach the customer since the case opened."""
    rules = policy.escalation
    made = {channel: count for channel, count in sorted(tried.attempts.items()) if count > 0}
    attempts = sum(made.values())
    by = ", ".join(f"{channel} {count}" for channel, count in made.items())
    yield CheckItem(
        "contact_attempts",
        holds=attempts >= rules.min_attempts,
        detail=f"{_count(attempts, 'attempt')} made of {rules.min_attempts}"
        + (f" ({by})." if by else "."),
    )
    yield CheckItem(
        "contact_channels",
        holds=len(made) >= rules.min_channels,
        detail=f"{_count(len(made), 'channel')} used of {rules.min_channels}"
        + (f" ({', '.join(made)})." if made else "."),
    )
    second = tried.sales_owner or len(tried.people) > 1
    said = f"{_count(len(tried.people), 'contact')} of the customer tried, the sales owner "
    said += "tried as well; " if tried.sales_owner else "not; "
    said += (
        "a second contact or the sales owner is asked for."
        if rules.min_attempts
        else "the policy asks for no attempts."
    )
    yield CheckItem("second_contact_tried", holds=second or rules.min_attempts == 0, detail=said)


def _of(some: Sequence[Invoice], of: Sequence[Invoice]) -> str:
    """Say which of the past-due invoices, the first few by name: `2 of 3 (I1, I2)`."""
    names = f" ({_names(some)})" if some else ""
    return f"{len(some)} of {_count(len(of), 'past-due invoice')}{names}"


def _names(invoices: Sequence[Invoice]) -> str:
    return _listed([one.id for one in invoices])


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED_MAX
    return ", ".join(names[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

"""What happens to the sample account, so that each kind of letter is written to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.core.account import Account, AccountDetails, ContactPerson, Hold
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.facts import Fact, InvoiceIssued, Payment, PromiseMade
from chalicelib.core.facts_collections import PlanCancelled, PlanMade
from chalicelib.core.facts_holds import HoldOverruled, HoldSet
from chalicelib.core.policy import Policy
from chalicelib.core.policy_letters import LetterRules
from chalicelib.flows.letter_account import AccountLetterKind
from chalicelib.flows.letter_parts import NoticeKind
from chalicelib.flows.letter_plan import PlanLetterKind
from chalicelib.flows.statement import StatementKind

ACCOUNT_ID = "SAMPLE-1"
FIRST_DUE_ON = date(2025, 3, 3)  # a Monday; all shipped tables of rates know the year after it
_AGREED_ON = FIRST_DUE_ON + timedelta(days=21)
_INSTALMENT_ON = _AGREED_ON + timedelta(days=14)
_PERSON = ContactPerson(
    id="sample",
    name="Dana Whitfield",
    email="dana@brightline.example",
    roles=frozenset({"accounts"}),
)


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to the sample account. `addressee`: who is written to, None for several."""

    facts: Sequence[Fact]
    policy: Policy
    addressee: ContactPerson | None = None


def kinds() -> tuple[str, ...]:
    """Return the kinds of letters that there are stories for: all of them."""
    return (*NoticeKind, *_STORIES)


def stories(policy: Policy, kind: str) -> Iterator[Story]:
    """Yield the stories in which a kind of letter is written, the fullest letter first."""
    told = _STORIES.get(kind)
    if told is not None:
        yield told(policy)
        return
    yield Story(_many(policy), policy, _PERSON)
    yield Story((_invoice(policy, "INV-20318", 0, 1_240, "PO 88-1021"),), policy)


def _invoice(
    policy: Policy, name: str, later: int, amount: int, po_number: str = "", disputed: int = 0
) -> InvoiceIssued:
    """Return an invoice of so many whole units of the policy's first currency, due so much later."""
    currency = policy.currencies[0]
    unit: int = 10 ** policy.digits[currency]
    due_on = FIRST_DUE_ON + timedelta(days=later)
    issued_on = due_on - timedelta(days=30)
    return InvoiceIssued(
        issued_on,
        name,
        currency,
        amount * unit + unit // 2,
        amount * unit + unit // 2,
        issued_on=issued_on,
        due_on=due_on,
        seen_on=issued_on,
        delivered_on=issued_on,
        disputed_minor=disputed * unit,
        po_number=po_number,
    )


def _many(policy: Policy) -> tuple[Fact, ...]:
    """Return four invoices of two months, one of them disputed in part, and money not yet applied."""
    return (
        _invoice(policy, "INV-19002", 0, 12_500, "88-0961"),
        _invoice(policy, "INV-19310", 4, 5_123, disputed=1_000),
        _invoice(policy, "INV-19377", 18, 7_300, "Warehouse 4 refit"),
        _invoice(policy, "INV-19820", 26, 2_200, "88-1013"),
        _paid(policy, FIRST_DUE_ON, 60, ("INV-UNKNOWN",)),
    )


def _paid(policy: Policy, on: date, amount: int, invoice_ids: tuple[str, ...] = ()) -> Payment:
    currency = policy.currencies[0]
    minor = amount * 10 ** policy.digits[currency]
    return Payment(on, "WIRE-55120", on, currency, minor, invoice_ids)


def _plan(policy: Policy, *later: Fact, max_missed: int = 1) -> Story:
    """Return a plan of three instalments over one invoice, and what comes of it."""
    rules = replace(policy.plans, max_missed=max_missed)
    terms = PlanTerms(policy.currencies[0], "monthly", _INSTALMENT_ON, count=3, interest_due=True)
    made = PlanMade(_AGREED_ON, terms, "sample")
    facts = (_invoice(policy, "INV-19002", 0, 3_000, "88-0961"), made, *later)
    return Story(facts, replace(policy, plans=rules), _PERSON)


def _cancelled(policy: Policy) -> Story:
    story = _plan(policy)
    account = Account(ACCOUNT_ID, AccountDetails())
    [plan_id] = apply_all(account, story.facts, story.policy).account.plans
    ended = PlanCancelled(_AGREED_ON + timedelta(days=7), plan_id, "agreed otherwise")
    return replace(story, facts=(*story.facts, ended))


def _agreed(policy: Policy, *facts: Fact) -> Story:
    """Return an account with one invoice past due and one that is not, and what is agreed of it."""
    rules = replace(policy, letters=LetterRules(promise=True, hold=True, thank_you=True))
    invoices = (
        _invoice(policy, "INV-19002", 0, 3_000, "88-0961"),
        _invoice(policy, "INV-19820", 120, 2_200, "88-1013"),
    )
    return Story((*invoices, *facts), rules, _PERSON)


def _promised(policy: Policy) -> Story:
    currency = policy.currencies[0]
    minor = 3_000 * 10 ** policy.digits[currency]
    by = _AGREED_ON + timedelta(days=10)
    return _agreed(policy, PromiseMade(_AGREED_ON, currency, minor, by, ("INV-19002",), "sample"))


def _held(policy: Policy, *facts: Fact) -> Story:
    hold = Hold("credit_review", _AGREED_ON, by="sample")
    return _agreed(policy, HoldSet(_AGREED_ON, hold), *facts)


def _released(policy: Policy) -> Story:
    return _held(policy, HoldOverruled(_AGREED_ON + timedelta(days=3), "credit_review"))


def _stated(policy: Policy) -> Story:
    rules = policy.statements
    if rules.weekly is None and not rules.monthly:
        policy = replace(policy, statements=replace(rules, weekly="monday"))
    return Story(_many(policy), policy, _PERSON)


_STORIES: Mapping[str, Callable[[Policy], Story]] = {
    PlanLetterKind.AGREED: _plan,
    PlanLetterKind.MISSED: lambda policy: _plan(policy, max_missed=2),
    PlanLetterKind.BROKEN: _plan,
    PlanLetterKind.COMPLETED: lambda policy: _plan(
        policy, _paid(policy, _AGREED_ON + timedelta(days=3), 9_000)
    ),
    PlanLetterKind.CANCELLED: _cancelled,
    AccountLetterKind.PROMISE_MADE: _promised,
    AccountLetterKind.HOLD_PLACED: _held,
    AccountLetterKind.HOLD_RELEASED: _released,
    AccountLetterKind.THANK_YOU: lambda policy: _agreed(
        policy, _paid(policy, FIRST_DUE_ON + timedelta(days=40), 3_500)
    ),
    StatementKind.STATEMENT: _stated,
}

"""Sample letters of every kind, as a policy itself would write them to a customer who never pays.

A made-up account goes through the policy's own days and stages, with its charges and announcements,
until the letter that is wanted comes up: what checks, previews and the command line show is what
the policy truly sends, with figures that add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.core.account import Account, AccountDetails, ContactPerson, Notice
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide, next_look
from chalicelib.core.errors import PastdueError
from chalicelib.core.facts import Fact, InvoiceIssued, NoticeCounted, Payment
from chalicelib.core.facts_collections import PlanCancelled, PlanMade
from chalicelib.core.policy import Policy
from chalicelib.flows.letter_parts import NoticeKind, PaymentInstruction, Seller
from chalicelib.flows.letter_plan import PlanLetterKind
from chalicelib.flows.letter_writers import writer_of
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.letters import NothingToAsk
from chalicelib.flows.policies import load
from chalicelib.flows.ports_letters import AnyLetter

ACCOUNT_ID = "SAMPLE-1"
FIRST_DUE_ON = date(2025, 3, 3)  # a Monday; all shipped tables of rates know the year after it
_SPAN = timedelta(days=400)
_PLAN_ON = FIRST_DUE_ON + timedelta(days=21)
_INSTALMENT_ON = _PLAN_ON + timedelta(days=14)
_HEAD = Letterhead(
    seller=Seller(
        name="Harbor & Pine Supply Co.",
        address_lines=("1200 Wharf Street", "Portland, OR 97209"),
        phone="+1 503 555 0142",
    ),
    address="receivables@harborpine.example",
    payment=(
        PaymentInstruction(label="Bank", value="First Harbor Bank, Portland"),
        PaymentInstruction(label="Account number", value="0045 7711 02"),
    ),
)
_PERSON = ContactPerson(
    id="sample",
    name="Dana Whitfield",
    email="dana@brightline.example",
    roles=frozenset({"accounts"}),
)


@dataclass(frozen=True, slots=True)
class SampleFor:
    """What a sample is wanted of: a letter of `kind`, best one with `text`, to readers of `locale`."""

    kind: str
    text: str
    locale: str


@dataclass(frozen=True, slots=True)
class _Story:
    """What happens to the sample account. `addressee`: who is written to, None for several."""

    facts: Sequence[Fact]
    policy: Policy
    addressee: ContactPerson | None = None


def sample_letters(
    policy: Policy, wanted: SampleFor, head: Letterhead | None = None
) -> tuple[AnyLetter, ...]:
    """Return sample letters of a kind, the fullest first; none when no policy writes such letters.

    One of a policy that never sends this kind is as the standard policy would write it.
    `head`: who writes, None for a made-up seller.
    """
    for one in (policy, load("standard")):
        found = tuple(_told(one, wanted, head or _HEAD))
        if found:
            return found
    return ()


def sample_kinds() -> tuple[str, ...]:
    """Return the kinds of letters that there are samples of."""
    return (*NoticeKind, *_PLAN_STORIES)


def _told(policy: Policy, wanted: SampleFor, head: Letterhead) -> Iterator[AnyLetter]:
    for story in _stories(policy, wanted.kind):
        letters = _letters(story, wanted, head)
        best = [one for one in letters if one.text == wanted.text]
        if best or letters:
            yield (best or letters)[0]


def _stories(policy: Policy, kind: str) -> Iterator[_Story]:
    plan = _PLAN_STORIES.get(kind)
    if plan is not None:
        yield plan(policy)
        return
    yield _Story(_many(policy), policy, _PERSON)
    yield _Story((_invoice(policy, "INV-20318", 0, 1_240, "PO 88-1021"),), policy)


def _letters(story: _Story, wanted: SampleFor, head: Letterhead) -> list[AnyLetter]:
    """Return the letters of a kind in the order in which the account gets them."""
    details = AccountDetails(name="Brightline Interiors, Inc.", locale=wanted.locale)
    account = Account(ACCOUNT_ID, details)
    policy, found = story.policy, list[AnyLetter]()
    by_day: dict[date, list[Fact]] = {}
    for fact in story.facts:
        by_day.setdefault(fact.on, []).append(fact)
    day: date | None = min(by_day)
    while day is not None and day <= FIRST_DUE_ON + _SPAN:
        account = apply_all(account, by_day.pop(day, ()), policy).account
        decision = decide(account, policy, day)
        for notice in decision.notices:
            if notice.notice == wanted.kind:
                found += _written(decision.account, notice, story, head, day)
        sent = [NoticeCounted(day, notice.id) for notice in decision.notices]
        account = apply_all(decision.account, sent, policy).account
        wake = next_look(account, policy, day)
        day = min((on for on in (*by_day, wake) if on is not None), default=None)
    return found


def _written(
    account: Account, notice: Notice, story: _Story, head: Letterhead, day: date
) -> Iterator[AnyLetter]:
    try:
        letter = writer_of(notice)(account, notice, story.policy, head, day, story.addressee)
    except PastdueError:  # such as a table of rates that ends: another day's letter will do
        return
    if not isinstance(letter, NothingToAsk):
        yield letter


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


def _plan(policy: Policy, *later: Fact, max_missed: int = 1) -> _Story:
    """Return a plan of three instalments over one invoice, and what comes of it."""
    rules = replace(policy.plans, max_missed=max_missed)
    terms = PlanTerms(policy.currencies[0], "monthly", _INSTALMENT_ON, count=3, interest_due=True)
    made = PlanMade(_PLAN_ON, terms, "sample")
    facts = (_invoice(policy, "INV-19002", 0, 3_000, "88-0961"), made, *later)
    return _Story(facts, replace(policy, plans=rules), _PERSON)


def _cancelled(policy: Policy) -> _Story:
    story = _plan(policy)
    account = Account(ACCOUNT_ID, AccountDetails())
    [plan_id] = apply_all(account, story.facts, story.policy).account.plans
    ended = PlanCancelled(_PLAN_ON + timedelta(days=7), plan_id, "agreed otherwise")
    return replace(story, facts=(*story.facts, ended))


_PLAN_STORIES: Mapping[str, Callable[[Policy], _Story]] = {
    PlanLetterKind.AGREED: _plan,
    PlanLetterKind.MISSED: lambda policy: _plan(policy, max_missed=2),
    PlanLetterKind.BROKEN: _plan,
    PlanLetterKind.COMPLETED: lambda policy: _plan(
        policy, _paid(policy, _PLAN_ON + timedelta(days=3), 9_000)
    ),
    PlanLetterKind.CANCELLED: _cancelled,
}

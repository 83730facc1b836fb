"""Sample letters of every kind, as a policy itself would write them to a customer who never pays.

A made-up account goes through the policy's own days and stages, with its charges and announcements,
until the letter that is wanted comes up: what checks, previews and the command line show is what
the policy truly sends, with figures that add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.account import Account, AccountDetails, Notice
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide, next_look
from chalicelib.core.errors import PastdueError
from chalicelib.core.facts import Fact, NoticeCounted
from chalicelib.core.policy import Policy
from chalicelib.flows.letter_parts import PaymentInstruction, Seller
from chalicelib.flows.letter_plan import PlanLetter
from chalicelib.flows.letter_writers import writer_of
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.letters import NothingToAsk
from chalicelib.flows.policies import load
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.sample_stories import ACCOUNT_ID, FIRST_DUE_ON, Story, stories

_SPAN = timedelta(days=400)
_LETTERS_MAX = 12  # of a kind, from which the best one is taken
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


@dataclass(frozen=True, slots=True)
class SampleFor:
    """What a sample is wanted of: a letter of `kind`, best one with `text`, to readers of `locale`."""

    kind: str
    text: str
    locale: str


def sample_letters(
    policy: Policy, wanted: SampleFor, head: Letterhead | None = None
) -> tuple[AnyLetter, ...]:
    """Return sample letters of a kind, the fullest first; none when no policy writes such letters.

    One of a policy that never sends this kind is as the standard policy would write it.
    `head`: who writes, None for a made-up seller.
    """
    found = tuple(_told(policy, wanted, head or _HEAD))
    return found or tuple(_told(load("standard"), wanted, head or _HEAD))


def _told(policy: Policy, wanted: SampleFor, head: Letterhead) -> Iterator[AnyLetter]:
    for story in stories(policy, wanted.kind):
        letters = _letters(story, wanted, head)
        named = [one for one in letters if one.text == wanted.text]
        if letters:
            yield max(named or letters, key=_fullness)  # of those that are alike, the first


def _fullness(letter: AnyLetter) -> int:
    return len(letter.covers if isinstance(letter, PlanLetter) else letter.invoices)


def _letters(story: Story, wanted: SampleFor, head: Letterhead) -> list[AnyLetter]:
    """Return the letters of a kind in the order in which the account gets them."""
    details = AccountDetails(name="Brightline Interiors, Inc.", locale=wanted.locale)
    account = Account(ACCOUNT_ID, details)
    policy, found = story.policy, list[AnyLetter]()
    by_day: dict[date, list[Fact]] = {}
    for fact in story.facts:
        by_day.setdefault(fact.on, []).append(fact)
    day: date | None = min(by_day)
    while day is not None and day <= FIRST_DUE_ON + _SPAN and len(found) < _LETTERS_MAX:
        account = apply_all(account, by_day.pop(day, ()), policy).account
        decision = decide(account, policy, day)
        for notice in decision.notices:
            if notice.notice == wanted.kind:
                found += _written(decision.account, notice, story, head, day)
        sent = [NoticeCounted(day, notice.id) for notice in decision.notices]
        account = apply_all(decision.account, sent, policy).account
        wake = next_look(account, policy, day)
        soon = (*by_day, wake, account.statement_on)
        day = min((on for on in soon if on is not None), default=None)
    return found


def _written(
    account: Account, notice: Notice, story: Story, head: Letterhead, day: date
) -> Iterator[AnyLetter]:
    try:
        letter = writer_of(notice)(account, notice, story.policy, head, day, story.addressee)
    except PastdueError:  # such as a table of rates that ends: another day's letter will do
        return
    if not isinstance(letter, NothingToAsk):
        yield letter

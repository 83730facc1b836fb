"""The letter that an account would get if it were written today, for previews (R11.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.account import Account, Notice
from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.errors import RefusedError
from chalicelib.core.policy import Policy, Stage
from chalicelib.flows.letter_parts import NoticeKind
from chalicelib.flows.letter_samples import SampleFor
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.letters import NothingToAsk, write_letter
from chalicelib.flows.ports_letters import AnyLetter


def letter_today(
    account: Account, policy: Policy, wanted: SampleFor, head: Letterhead, today: date
) -> AnyLetter:
    """Return a dunning letter of a kind for all that is past due today, as the policy writes it.

    It is in the currency in which most invoices are past due (of several, the first by code), with
    the figures of the account as it stands, and in the locale that is wanted. No notice is made.

    Raises:
        RefusedError: only samples can be shown of this kind, or there is nothing to ask for now.
        LetterError: the lines do not add up to what is demandable (R3.6).
    """
    if wanted.kind not in tuple(NoticeKind):
        kinds = ", ".join(NoticeKind)
        raise RefusedError(f"of an account, previews show {kinds}; of others there are samples")
    found = survey(Book(account), policy, today)
    asked = [one for one in found.past_due if not found.on(one)]
    if not asked:
        raise RefusedError("the account has nothing past due that could be asked for today")
    counted = sorted(one.currency for one in asked)
    currency = max(dict.fromkeys(counted), key=counted.count)
    stage = _stage(policy, wanted)
    days = stage.respond_within_days if stage is not None else None
    notice = Notice(
        id=f"{account.id}:{currency}:{today}",
        created_on=today,
        currency=currency,
        notice=wanted.kind,
        stage=stage.id if stage is not None else "",
        invoice_ids=tuple(one.id for one in asked if one.currency == currency),
        settled=(),
        respond_by=today + timedelta(days=days) if days else None,
    )
    letter = write_letter(account, notice, policy, head, today)
    if isinstance(letter, NothingToAsk):
        raise RefusedError(f"the letter would not go today ({letter.reason})")
    return replace(letter, locale=wanted.locale)


def _stage(policy: Policy, wanted: SampleFor) -> Stage | None:
    """Return the stage whose letter it is: the one that names the text, else the kind's first."""
    stages = [stage for stage in policy.stages if stage.notice == wanted.kind]
    named = [stage for stage in stages if stage.text == wanted.text]
    return next(iter(named or stages), None)

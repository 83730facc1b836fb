"""The sorts of letters: which layout, macros, figures and list each one is set with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_account import AccountLetter, AccountLetterKind
from chalicelib.flows.letter_parts import NoticeKind
from chalicelib.flows.letter_plan import PlanLetter, PlanLetterKind
from chalicelib.flows.ports_mail import MailAttachment
from chalicelib.flows.statement import Statement, StatementKind
from chalicelib.mail.accounts import account_listing, account_values
from chalicelib.mail.formats import Formats
from chalicelib.mail.listing import listing
from chalicelib.mail.plans import plan_facts, plan_listing
from chalicelib.mail.statements import statement_listing, statement_values
from chalicelib.mail.totals import by_age, by_month

COMMON = "_common.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a letter is set with in its language: its formats, labels and macros."""

    f: Formats
    labels: Mapping[str, str]
    say: SimpleNamespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """How letters of one sort are set.

    `layout` names the HTML and the text layout, `macros` the files of a language that they say
    things with, later ones after earlier ones. `texts` are the names that its texts begin with.
    `listed` counts the lines of its list, 0 for none; `values` gives what only this sort is set
    with, `facts` (rows of label and value at its head) and `consequences` among it; `attached` is
    its list as a file.
    """

    layout: str
    macros: tuple[str, ...]
    texts: tuple[str, ...]
    listed: Callable[[Any], int]
    values: Callable[[Any, Tools], dict[str, Any]]
    attached: Callable[[Any, Tools], MailAttachment]

    def has_text(self, text: str) -> bool:
        """Whether a text of that name is one of its own."""
        return any(text == name or text.startswith(f"{name}_") for name in self.texts)


def _dunning(letter: Letter, tools: Tools) -> dict[str, Any]:
    facts = [(tools.labels["total"], tools.f.money(letter.total_minor))]
    if letter.respond_by:
        facts.append((tools.labels["answer_by"], tools.f.long_day(letter.respond_by)))
    return {
        "facts": facts,
        "consequences": tuple(tools.say.consequence(one) for one in letter.consequences),
        "months": by_month(letter),
        "ages": by_age(letter),
    }


def _plan(letter: PlanLetter, tools: Tools) -> dict[str, Any]:
    return {"facts": plan_facts(letter, tools.f, tools.labels), "consequences": ()}


def _account(letter: AccountLetter, tools: Tools) -> dict[str, Any]:
    return account_values(letter, tools.f, tools.labels, tools.say)


SORTS: Mapping[type, Sort] = {
    Letter: Sort(
        layout="layout",
        macros=(COMMON, "_notices.txt"),
        texts=tuple(NoticeKind),
        listed=lambda letter: len(letter.invoices),
        values=_dunning,
        attached=lambda letter, tools: listing(letter, tools.labels, tools.say),
    ),
    PlanLetter: Sort(
        layout="plan",
        macros=(COMMON, "_plans.txt"),
        texts=tuple(PlanLetterKind),
        listed=lambda letter: len(letter.listed),
        values=_plan,
        attached=lambda letter, tools: plan_listing(letter, tools.labels),
    ),
    AccountLetter: Sort(
        layout="account",
        macros=(COMMON, "_accounts.txt"),
        texts=tuple(AccountLetterKind),
        listed=lambda letter: len(letter.listed),
        values=_account,
        attached=lambda letter, tools: account_listing(letter, tools.labels),
    ),
    Statement: Sort(
        layout="statement",
        macros=(COMMON,),
        texts=tuple(StatementKind),
        listed=lambda letter: len(letter.invoices),
        values=lambda letter, tools: statement_values(letter, tools.f, tools.labels, tools.say),
        attached=lambda letter, tools: statement_listing(letter, tools.labels, tools.say),
    ),
}

"""Letters as pages to be posted, and their lists as files, in PDF (R5.3, R11.2, R11.5).

Loaded only when one is made: a function that sends letters without files never imports it. A new
sort of letter needs one function that gives its blocks, under its layout's name; without one it
is set with its words alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from chalicelib.flows.ports_mail import MailAttachment
from chalicelib.mail.formats import parse_locale
from chalicelib.mail.listing import file_name
from chalicelib.mail.pdf_account import account_blocks, account_list
from chalicelib.mail.pdf_blocks import actions, words_of
from chalicelib.mail.pdf_dunning import dunning_blocks, dunning_list
from chalicelib.mail.pdf_parts import Block, Heading, Paragraph, Sheet
from chalicelib.mail.pdf_plan import plan_blocks, plan_list
from chalicelib.mail.pdf_sheet import printed
from chalicelib.mail.pdf_statement import statement_blocks, statement_list
from chalicelib.mail.pdf_text import shown
from chalicelib.mail.render import Composed
from chalicelib.mail.sorts import SORTS

LIST_INVOICES_MAX = 5_000  # on paper, about 130 pages; more only as a CSV file
# Where people print on US Letter: CLDR, supplemental data, paperSize; A4 everywhere else.
US_LETTER = frozenset(
    ("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE")
)
Blocks = Callable[[Composed], Iterator[Block]]
LETTERS: Mapping[str, Blocks] = {
    "layout": dunning_blocks,
    "plan": plan_blocks,
    "account": account_blocks,
    "statement": statement_blocks,
}
LISTS: Mapping[str, Blocks] = {
    "layout": dunning_list,
    "plan": plan_list,
    "account": account_list,
    "statement": statement_list,
}


def letter_pdf(done: Composed) -> bytes:
    """Return a letter as pages to be posted. The same letter gives the same bytes.

    A list of more than 200 invoices follows on pages of its own; of more than 5,000 it does not.
    """
    sort = SORTS[type(done.letter)]
    blocks = [*words_of(done.words.opening)]
    listed = LISTS.get(sort.layout) if done.values["is_long"] else None
    fits = sort.listed(done.letter) <= LIST_INVOICES_MAX
    if listed is not None:
        blocks.append(Paragraph(done.labels["list_follows" if fits else "list_on_request"]))
    blocks += LETTERS.get(sort.layout, actions)(done)
    blocks.append(Paragraph(done.labels["automatic"], is_muted=True))
    if listed is not None and fits:
        blocks += [Heading(done.labels["list_title"], opens_page=True), *listed(done)]
    letter = done.letter
    name = letter.account_name if shown(letter.account_name) else letter.account_id
    to = (name, letter.contact_name) if shown(letter.contact_name) else (name,)
    head = (letter.seller.name, *letter.seller.address_lines, letter.seller.phone)
    words = done.words
    return printed(
        _sheet(done, words.subject, words.title, words.headline, tuple(blocks), head, to)
    )


def list_pdf(done: Composed, invoices_max: int = LIST_INVOICES_MAX) -> MailAttachment | None:
    """Return a letter's list as a file; None where its sort has none, or it is too long to read."""
    sort, labels, letter = SORTS[type(done.letter)], done.labels, done.letter
    listed = LISTS.get(sort.layout)
    if listed is None or not 0 < sort.listed(letter) <= invoices_max:
        return None
    sheet = _sheet(
        done, f"{labels['list_title']} {letter.reference}", done.words.title,
        labels["list_title"], tuple(listed(done)), (letter.seller.name,), (),
    )  # fmt: skip
    name = file_name(labels["file_list"], letter.account_id, letter.notice_on)
    return MailAttachment(
        filename=f"{name}.pdf", media_type="application/pdf", content=printed(sheet)
    )


def _sheet(
    done: Composed,
    title: str,
    eyebrow: str,
    headline: str,
    blocks: tuple[Block, ...],
    sender: tuple[str, ...],
    to: tuple[str, ...],
) -> Sheet:
    letter, labels, f = done.letter, done.labels, done.formats
    facts = (
        *done.values["facts"],
        (labels["account"], f"{letter.account_name} ({letter.account_id})"),
        (labels["reference"], letter.reference),
        (labels["notice_date"], f.long_day(letter.notice_on)),
    )
    look = done.values["look"]
    return Sheet(
        title=title,
        language=done.values["lang"],
        dated_on=letter.notice_on,
        is_us_letter=parse_locale(letter.locale).territory in US_LETTER,
        accent=look.accent,
        tint=look.tint,
        sender=tuple(line for line in sender if line),
        to=to,
        eyebrow=eyebrow,
        headline=headline,
        facts=facts,
        blocks=blocks,
        foot=f"{letter.seller.name} · {labels['reference']} {letter.reference}",
    )

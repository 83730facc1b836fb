"""The port of what makes a letter's bytes: words and layout live in an adapter (R11.5)."""

from __future__ import annotations

from typing import Protocol

from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_account import AccountLetter
from chalicelib.flows.letter_plan import PlanLetter
from chalicelib.flows.ports_mail import MailAttachment
from chalicelib.flows.statement import Statement

AnyLetter = Letter | PlanLetter | AccountLetter | Statement


class RenderedLetter(Protocol):
    """A letter as it is sent and kept; `sha256` covers every part of it."""

    @property
    def subject(self) -> str:
        """One line."""
        ...

    @property
    def text(self) -> str:
        """The plain text."""
        ...

    @property
    def html(self) -> str:
        """The same words as HTML."""
        ...

    @property
    def attachments(self) -> tuple[MailAttachment, ...]:
        """The files that go with it."""
        ...

    @property
    def sha256(self) -> str:
        """The digest of all of it, in hex."""
        ...

    @property
    def own_text(self) -> str:
        """Which of finance's own texts it is written with, "" for the shipped words."""
        ...

    @property
    def own_text_failed(self) -> str:
        """Which own text did not hold for it, so that the shipped words go; "" for none."""
        ...

    def printed(self) -> bytes:
        """Return the letter as pages to be posted, a PDF file, with its list (R11.2)."""
        ...


class Renderer(Protocol):
    """Turns a letter into what is sent. The same letter gives the same bytes."""

    def __call__(self, letter: AnyLetter, policy_id: str = "") -> RenderedLetter:
        """Return the letter's subject, text, HTML and files, in the words of a policy.

        Raises:
            InvalidInputError: the letter cannot be set, for instance in its locale.
        """
        ...

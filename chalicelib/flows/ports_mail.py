"""The mail port: one letter out, and what is known of it afterwards (R11.3).

A send has three outcomes, not two. Only `Refused` says that the letter did not leave; `Unknown`
may have left, so nothing but the mail service's own events may settle it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chalicelib.core.addresses import is_address
from chalicelib.core.errors import Fault, InvalidInputError, LimitError

RECIPIENTS_MAX = 50  # what SES takes in one send
ATTACHMENTS_BYTES_MAX = 5_000_000  # what a customer's mail server takes without complaint
REFERENCES_MAX = 20  # a References header of 20 ids stays under 2 kB
SUBJECT_CHARACTERS_MAX = 200


class InvalidMailError(InvalidInputError):
    """A letter cannot be sent as it is addressed; trying again does not help."""

    code = "invalid_mail"


class MailLimitError(LimitError):
    """A letter has more recipients, references or attached bytes than may be sent."""

    code = "mail_limit_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAttachment:
    """A file sent with a letter: its name, its media type such as `text/csv`, its bytes."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One letter, ready to send.

    `notice_id` and `attempt` come back with every event about it. `references` are the message
    ids, angle brackets included, of the earlier letters of the same case, oldest first (R11.5).
    `is_sandbox` comes back with the events too: a bounce of a trial marks no contact (R13.4).

    Raises:
        InvalidMailError: an address, the subject or a message id is not fit for a header, or
            there is nobody to send to; every fault is listed.
        MailLimitError: there are more recipients, references or attached bytes than allowed.
    """

    notice_id: str
    attempt: int
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    attachments: tuple[MailAttachment, ...] = ()
    extra_headers: tuple[tuple[str, str], ...] = ()
    is_sandbox: bool = False
    cc: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what would otherwise fail, or be misread, on its way."""
        faults = tuple(self._faults())
        if faults:
            raise InvalidMailError("the letter cannot be sent as it is", faults)
        _check_limit("recipients", self.recipients, RECIPIENTS_MAX)
        _check_limit("references", len(self.references), REFERENCES_MAX)
        attached_bytes = sum(len(attachment.content) for attachment in self.attachments)
        _check_limit("attached bytes", attached_bytes, ATTACHMENTS_BYTES_MAX)

    @property
    def recipients(self) -> int:
        """Return to how many addresses the letter goes, as the mail service's quota counts them."""
        return len(self.to) + len(self.cc)

    def _faults(self) -> list[Fault]:
        faults = []
        if not self.notice_id:
            faults.append(Fault("notice_id", "missing", "a letter needs its notice's id"))
        if self.attempt < 1:
            faults.append(Fault("attempt", "too_small", "attempts count from 1"))
        if not self.to:
            faults.append(Fault("to", "missing", "a letter needs somebody to go to"))
        faults += [
            Fault(where, "not_an_address", "not an e-mail address that can be written to")
            for where, addresses in (
                ("to", self.to),
                ("cc", self.cc),
                ("reply_to", self.reply_to),
            )
            for address in addresses
            if not is_address(address)
        ]
        if not _is_one_line(self.sender) or "@" not in self.sender:
            faults.append(Fault("sender", "not_an_address", "not an address to send from"))
        if not _is_one_line(self.subject) or len(self.subject) > SUBJECT_CHARACTERS_MAX:
            detail = f"must be one line of 1 to {SUBJECT_CHARACTERS_MAX} characters"
            faults.append(Fault("subject", "not_one_line", detail))
        faults += [
            Fault("references", "not_a_message_id", "a message id looks like <id@host>")
            for reference in self.references
            if not _is_message_id(reference)
        ]
        faults += [
            Fault("extra_headers", "not_a_header", "a header starts with X- and is one line")
            for name, value in self.extra_headers
            if not (name.startswith("X-") and name.isascii() and _is_one_line(value))
        ]
        return faults


@dataclass(frozen=True, slots=True)
class Accepted:
    """The mail service took the letter; its own events will say what became of it."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The letter did not leave. `retryable`: the same letter may go later.

    `is_throttled`: the mail service takes nothing of the account now, so it says nothing of the
    letter, however often it is tried.
    """

    code: str
    retryable: bool
    is_throttled: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The letter may have left; it is never sent again by itself (R11.3). `reason` is a code."""

    reason: str


SendOutcome = Accepted | Refused | Unknown


class Mailer(Protocol):
    """Sends letters."""

    def send(self, message: OutgoingMail) -> SendOutcome:
        """Try once to send the letter and return what is known of it; never tries again itself."""
        ...


def _is_message_id(text: str) -> bool:
    return text.startswith("<") and text.endswith(">") and is_address(text[1:-1])


def _is_one_line(text: str) -> bool:
    return bool(text.strip()) and all(character.isprintable() for character in text)


def _check_limit(what: str, size: int, limit: int) -> None:
    if size > limit:
        raise MailLimitError(f"a letter may have {limit} {what}, this one has {size}")

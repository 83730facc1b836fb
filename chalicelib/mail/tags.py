"""A notice's id as an SES e-mail tag, and back: the thread between a send and its events (R11.3).

SES allows only letters, digits, `_` and `-` in a tag's value, at most 256 of them; ids come from
ledgers and have more. Base64 keeps every id apart and readable again, which a hash would not.
"""

from __future__ import annotations

import base64
import binascii

from chalicelib.flows.ports_mail import InvalidMailError, MailLimitError

NOTICE_TAG = "pastdue_notice"
ATTEMPT_TAG = "pastdue_attempt"
SANDBOX_TAG = "pastdue_sandbox"
TAG_CHARACTERS_MAX = 256
NOTICE_ID_BYTES_MAX = 192  # what base64 makes 256 characters of


def encode_tag(notice_id: str) -> str:
    """Return a notice's id as a tag value; `decode_tag` gives it back.

    Raises:
        MailLimitError: the id has more than 192 bytes.
    """
    plain = notice_id.encode()
    if len(plain) > NOTICE_ID_BYTES_MAX:
        message = f"a notice's id may have {NOTICE_ID_BYTES_MAX} bytes, this has {len(plain)}"
        raise MailLimitError(message)
    return base64.urlsafe_b64encode(plain).decode("ascii").rstrip("=")


def decode_tag(value: str) -> str:
    """Return the notice's id of a tag value.

    Raises:
        InvalidMailError: no id was ever encoded to this value.
    """
    try:
        notice_id = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise InvalidMailError(f"{value!r} is no notice's tag") from None
    if not notice_id or encode_tag(notice_id) != value:
        raise InvalidMailError(f"{value!r} is no notice's tag")
    return notice_id

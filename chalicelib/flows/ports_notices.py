"""What finance reads of notices beside the live account: those that are done, and kept files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chalicelib.core.account import Notice


class PastNotices(Protocol):
    """The notices that are done: they count as sent, or were cancelled (R11.1, R11.3)."""

    def all_of(self, account_id: str) -> Sequence[Notice]:
        """Return every notice of an account that is done, in no order.

        One request for each megabyte, about 1,000 notices of a few invoices each.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def find(self, account_id: str, notice_id: str) -> Notice | None:
        """Return one notice that is done: one request."""
        ...


class FileLinks(Protocol):
    """Links to kept files that open for a short time, without any other proof of who asks."""

    def link(self, key: str, *, name: str, media_type: str, valid_s: int) -> str:
        """Return a link to a file, under the name and media type that a browser is told.

        Nothing is read: whether the file is there shows when the link is followed.
        """
        ...

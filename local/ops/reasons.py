"""Why something is done: checked alike by every operating command, before a stage is opened."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.core.errors import Fault, InvalidInputError

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")  # as the API takes it
NOTE_MAX, NAME_MAX = 2_000, 200  # characters
ALSO_MAX, TEXT_MAX = 10, 254  # former names and addresses, and characters of each


def reason_faults(reason: str, note: str, such_as: str) -> list[Fault]:
    """Return every fault of a reason code and a note; `such_as` is a code that would be right."""
    faults = []
    if not CODE.fullmatch(reason):
        detail = f"must be a code of up to 40 small letters, digits and _, such as {such_as}"
        faults.append(Fault("--reason", "not_a_code", detail))
    return faults + text_faults("--note", note, 1, NOTE_MAX)


def text_faults(option: str, text: str, least: int, most: int) -> list[Fault]:
    """Return what is wrong with a text of so many characters, at least and at most."""
    if least <= len(text.strip()) and len(text) <= most and text.isprintable():
        return []
    detail = f"must be {least} to {most:,} printable characters"
    return [Fault(option, "not_a_text", detail)]


def also_faults(also: Sequence[str]) -> list[Fault]:
    """Return every fault of the other names and addresses of whom is to be erased."""
    faults = [fault for text in also for fault in text_faults("--also", text, 1, TEXT_MAX)]
    if len(also) > ALSO_MAX:
        faults.append(Fault("--also", "too_many", f"may be given at most {ALSO_MAX} times"))
    return faults


def refuse(what: str, faults: Sequence[Fault]) -> None:
    """Raise every fault at once, if there is any; `what` says what was not done.

    Raises:
        InvalidInputError: there are faults.
    """
    if faults:
        raise InvalidInputError(what, faults)

"""The one small tree of errors. Every class has a stable code that logs, exit codes and answers use.

Expected outcomes are values; broken requests are these errors; broken programs crash.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, in words a finance person understands.

    `where` is a key, a file with line and column name, or a JSON pointer; `code` is stable.
    """

    where: str
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.detail}" if self.where else self.detail


class PastdueError(Exception):
    """The root: something asked of Pastdue could not be done. `retryable` says whether to try again."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False


class InvalidInputError(PastdueError):
    """An input is wrong; `faults` names everything that is, at once, and nothing was changed."""

    code = "invalid_input"

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(message)
        self.faults: tuple[Fault, ...] = tuple(faults)

    def __str__(self) -> str:
        lines = [super().__str__(), *(f"  {fault}" for fault in self.faults)]
        return "\n".join(lines)


class PolicyError(InvalidInputError):
    """A policy document does not hold together (R2.1)."""

    code = "invalid_policy"


class LedgerFileError(InvalidInputError):
    """A ledger file cannot be read, or `--strict` refused it."""

    code = "invalid_ledger_file"


class UnfitInputError(InvalidInputError):
    """An input is well formed, and a rule refuses parts of it; `faults` names each."""

    code = "unfit_input"


class NotFoundError(PastdueError):
    """What was named is not there."""

    code = "not_found"


class UnauthorizedError(PastdueError):
    """Nobody knows who asks: no token, or one that does not hold. Why is never told."""

    code = "unauthorized"


class ConflictError(PastdueError):
    """The same id exists with other content, or the state has moved on."""

    code = "conflict"


class StaleVersionError(ConflictError):
    """Someone else changed the account since it was read: reload and decide again."""

    code = "stale_version"
    retryable = True


class RefusedError(PastdueError):
    """A rule says no; the message names the rule and what would be allowed."""

    code = "refused"


class LimitError(RefusedError):
    """A limit was reached; the message names it and its size."""

    code = "limit_reached"


class UnavailableError(PastdueError):
    """Something that is needed does not answer now; trying again later is right."""

    code = "unavailable"
    retryable = True


class RateUnknownError(PastdueError):
    """A table of reference rates does not reach a day: nothing is guessed (R4.4)."""

    code = "rate_unknown"

    def __init__(self, table: str, day: date, first: date, known_through: date) -> None:
        super().__init__(
            f'the rate table "{table}" has no rate for {day}: it is known from {first} through '
            f"{known_through}"
        )
        self.table, self.day = table, day


class ForbiddenError(PastdueError):
    """Whoever asks may not do this: the message names the role that may, or the second person."""

    code = "forbidden"


class SecondPersonError(ForbiddenError):
    """Whoever asked for something cannot be the one who approves it, nor can a key of theirs."""

    code = "second_person_needed"


class PreconditionFailedError(PastdueError):
    """What was to be changed is not as the caller last read it (`If-Match`)."""

    code = "precondition_failed"


class PreconditionRequiredError(PastdueError):
    """A change of what is there must say which state of it was read (`If-Match`)."""

    code = "precondition_required"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why something cannot be done now, and the day from which it may, if known."""

    code: str
    detail: str
    eligible_from: date | None = None


class BlockedError(RefusedError):
    """A transition is refused: every reason at once, and what is allowed instead (api.md)."""

    code = "blocked"

    def __init__(
        self, message: str, blockers: Iterable[Blocker] = (), allowed_actions: Iterable[str] = ()
    ) -> None:
        super().__init__(message)
        self.blockers: tuple[Blocker, ...] = tuple(blockers)
        self.allowed_actions: tuple[str, ...] = tuple(allowed_actions)


class WrongStateError(BlockedError):
    """What was asked for does not fit the state of what it is about, which has moved on."""

    code = "wrong_state"


class KeyReusedError(RefusedError):
    """An idempotency key comes again with another request under it."""

    code = "idempotency_key_reused"

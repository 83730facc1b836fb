"""The store's own errors, and what an answer of DynamoDB means in the project's words."""

from __future__ import annotations

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.errors import PastdueError, UnavailableError

# The request was refused before anything was written; trying again later is right.
THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingException",
        "ThrottlingError",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
        "LimitExceededException",
    }
)
# The outcome is not known from the answer.
BROKEN = frozenset({"InternalServerError", "InternalFailure", "ServiceUnavailable", "500", "503"})


class FormatError(PastdueError):
    """A stored item is not as this code writes it: a fault of ours, not of a caller."""

    code = "stored_format"


class NewerFormatError(FormatError):
    """A newer version of the code wrote a stored item; this one must not overwrite it."""

    code = "stored_format_newer"


def code_of(error: PynamoDBException) -> str | None:
    """Return the code of DynamoDB's answer, None when there was no answer.

    PynamoDB's own `cause_response_code` fails on a time-out, whose answer is None.
    """
    response = getattr(error.cause, "response", None)
    code: str | None = response.get("Error", {}).get("Code") if response else None
    return code


def is_passing(error: PynamoDBException) -> bool:
    """Return whether an error may pass by itself: throttling, time-outs, broken lines, 5xx."""
    code = code_of(error)
    return code is None or code in THROTTLED or code in BROKEN


def as_ours(error: PynamoDBException) -> Exception:
    """Return `UnavailableError` for what may pass, else the error itself (a fault of ours)."""
    if is_passing(error):
        why = code_of(error) or type(error.cause).__name__
        return UnavailableError(f"the ledger's table does not answer now ({why})")
    return error

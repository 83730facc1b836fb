"""The keys of letters: when they leave, which there are, what goes with statements (R5.1, R11)."""

from __future__ import annotations

from chalicelib.core.calendar import WEEKDAYS
from chalicelib.core.policy_kinds import Choice, Flag, Identifier, ListOf, Whole
from chalicelib.core.policy_kinds_days import TimeOfDay
from chalicelib.core.policy_letters import ACCOUNTS_ROLE, ATTACHMENTS
from chalicelib.core.policy_schema import Key, Table

ATTACH = Key(
    "attach",
    ListOf(Choice(ATTACHMENTS), most=len(ATTACHMENTS), plural="files"),
    "The list of what is owed goes with the letter as these files.",
    "R11.5",
    (),
    "none",
)
ROLE = Key(
    "role",
    Identifier(),
    "The role of the contacts that it goes to; with nobody in it `admin`, then anybody.",
    "R11.2",
    ACCOUNTS_ROLE,
)

STATEMENTS = Table(
    (
        Key(
            "weekly",
            Choice((*WEEKDAYS, ""), none_word=""),
            'The weekday of the statement to accounts with something past due; "" for none.',
            "R5.1",
            default_says="none",
        ),
        Key(
            "monthly",
            Whole(0, 31, ""),
            "The day of the month of the statement to accounts with an open balance (the month's "
            "last day where it is shorter); 0 for none.",
            "R5.1",
            0,
            "none",
        ),
        ROLE,
        ATTACH,
    )
)

SENDING = Table(
    (
        Key(
            "from",
            TimeOfDay(),
            "Letters leave from this time on, in the seller's zone; the day's letters are spread "
            "over the time until `until`, which is needed too.",
            "R11",
            default_says="at any time",
        ),
        Key(
            "until",
            TimeOfDay(),
            "No letter leaves from this time on; what is left waits for the next day.",
            "R11",
            default_says="at any time",
        ),
    )
)

LETTERS = Table(
    (
        Key(
            "promise",
            Flag(),
            "A promise to pay is confirmed by a letter.",
            "R6.6",
            False,
        ),
        Key(
            "hold",
            Flag(),
            "The customer is told by a letter when a credit hold is placed, and when it ends.",
            "R8.6",
            False,
        ),
        Key(
            "thank_you",
            Flag(),
            "When a case closes because all was paid, a letter says thank you.",
            "R6.5",
            False,
        ),
    )
)

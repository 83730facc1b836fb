"""The keys of a whole policy document, table by table, in the order of the shipped `standard`."""

from __future__ import annotations

from chalicelib.core.calendar import ALL_DAYS
from chalicelib.core.policy_keys_agreements import PLANS, PROMISES
from chalicelib.core.policy_keys_collections import CASE, DISPUTES
from chalicelib.core.policy_keys_escalation import ESCALATION
from chalicelib.core.policy_keys_letters import LETTERS, SENDING, STATEMENTS
from chalicelib.core.policy_keys_money import CAPS, CASH, INTEREST
from chalicelib.core.policy_keys_people import HOLDS, PEOPLE
from chalicelib.core.policy_keys_risk import RISK
from chalicelib.core.policy_keys_safety import SAFETY
from chalicelib.core.policy_keys_stages import STAGES, STAGES_MAX
from chalicelib.core.policy_kinds import Choice, Flag, Identifier, Text, Whole
from chalicelib.core.policy_kinds_days import Country, Edges, Terms, Weekdays
from chalicelib.core.policy_kinds_money import AmountsKind, Currencies
from chalicelib.core.policy_schema import NO_BOUND, Key, Table, Tables

ALL_SEVEN = "all seven"
STORM = Choice(("silent", "latest", "full"))
STORM_SAYS = (
    "`silent` passes over the stages that the invoice had already passed, `latest` all but the "
    "last of them, `full` none"
)

CALENDAR = Table(
    (
        Key(
            "processing_days",
            Weekdays(),
            "Stages, charges and stage notices happen on these days, less public holidays.",
            "R5.4",
            ALL_DAYS,
            ALL_SEVEN,
        ),
        Key(
            "business_days",
            Weekdays(),
            "Calls, confirmations and instalments fall on these days, less public holidays.",
            "R5.4",
            ALL_DAYS,
            ALL_SEVEN,
        ),
        Key(
            "country",
            Country(),
            "Whose public holidays count, observed days included.",
            "R5.4",
            "",
            "no public holidays",
        ),
    )
)

AGING = Table(
    (
        Key(
            "edges",
            Edges(),
            "The last day past due of each aging bucket; one more bucket follows.",
            "R3.1",
            (30, 60, 90),
        ),
        Key(
            "base",
            Choice(("due_date", "invoice_date")),
            "From which date an invoice ages.",
            "R3.1",
            "due_date",
        ),
    )
)

DUNNING = Table(
    (
        Key(
            "catch_up",
            Choice(("step", "jump")),
            "When several stages are reached at once: `step` applies one a day with the interval "
            "between notices, `jump` all in one run with one notice.",
            "R5.2",
            "step",
        ),
        Key(
            "onboarding",
            STORM,
            f"For an invoice that comes in already past due: {STORM_SAYS}.",
            "R5.7",
            "silent",
        ),
        Key(
            "on_change",
            STORM,
            f"The same for a new policy or version: {STORM_SAYS}.",
            "R2.2",
            "silent",
        ),
        Key(
            "min_days_between_notices",
            Whole(0),
            "At least so many days lie between two notices to an account in a currency.",
            "R5.3",
            6,
        ),
        Key(
            "warn_give_up_days",
            Whole(0),
            "When a warning has not counted as sent for so many days, its stage goes on without "
            "its charges.",
            "R4.8",
            30,
        ),
        Key(
            "consolidate",
            Flag(),
            "One notice for all that an account owes in a currency; else one for each invoice.",
            "R5.3",
            True,
        ),
        Key(
            "count_from_delivery",
            Flag(),
            "An invoice delivered late falls due as many days later.",
            "R5.5",
            False,
        ),
        Key(
            "bulk_send_over",
            Whole(0, 100_000, "invoices"),
            "When an account has more undelivered invoices than this, sending them goes to the "
            "billing role.",
            "R5.5",
            default_says="never",
        ),
        Key(
            "minimum_past_due",
            AmountsKind(),
            "An account that owes less than this, past due, is not dunned in that currency.",
            "R5.5",
            {},
            NO_BOUND,
        ),
        Key(
            "max_contacts",
            Whole(0, 1000, "contacts"),
            "At most so many stage notices and calls to an account in `contact_window_days`; 0: no "
            "guard.",
            "R5.3",
            0,
            "no guard",
        ),
        Key(
            "contact_window_days",
            Whole(1, 366),
            "The days that `max_contacts` looks at: today and those before it.",
            "R5.3",
            7,
        ),
    )
)

POLICY = Table(
    (
        Key("id", Identifier(), "The policy's name.", "R2.1", needed=True),
        Key("description", Text(500), "What the policy is for, in a sentence.", "R2.1", ""),
        Key(
            "currencies",
            Currencies(),
            "The currencies it is for; invoices in others are blocked and reported.",
            "R2.1",
            needed=True,
        ),
        Key(
            "terms",
            Terms(),
            "When an invoice is due that comes in with neither a due date nor terms of its own.",
            "R3.5",
            "",
            "none: such an invoice is refused",
        ),
        Key("calendar", CALENDAR, "The days on which things happen.", "R5.4"),
        Key("aging", AGING, "The aging buckets.", "R3.1"),
        Key("dunning", DUNNING, "How stages and notices follow each other.", "R5"),
        Key(
            "stages",
            Tables(STAGES, STAGES_MAX, least=1, array_header=True),
            "The steps of dunning, in ascending order of days.",
            "R5.1",
            needed=True,
        ),
        Key("caps", CAPS, "Limits of all charges of an invoice together.", "R4.5"),
        Key("interest", INTEREST, 'For charges of kind "interest".', "R4.3", default_says="none"),
        Key("cash", CASH, "How money that comes in is used.", "R7"),
        Key("statements", STATEMENTS, "Statements of account; they charge nothing.", "R5.1"),
        Key("sending", SENDING, "When letters leave.", "R11"),
        Key("letters", LETTERS, "Letters beside notices and statements.", "R11"),
        Key("holds", HOLDS, "When an account is held; a key left out places no hold.", "R8.1"),
        Key("people", PEOPLE, "Who collects.", "R6.1"),
        Key("promises", PROMISES, "Promises to pay.", "R6.6"),
        Key("plans", PLANS, "Bounds of payment plans.", "R9.2"),
        Key("case", CASE, "When a case opens.", "R6.5"),
        Key("disputes", DISPUTES, "Who resolves disputes, and by when.", "R5.5"),
        Key("escalation", ESCALATION, "When and where an account is placed.", "R10"),
        Key("safety", SAFETY, "What makes a run or an import wait for approval.", "R13.1"),
        Key("risk", RISK, "A score from 0 to 100 per account.", "R12.1", default_says="no score"),
    )
)

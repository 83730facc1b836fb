"""The keys for placements with external agencies (R10)."""

from __future__ import annotations

from chalicelib.core.policy_kinds import AgencyName, CountryCode, Flag, ListOf, Whole
from chalicelib.core.policy_kinds_money import CURRENCIES_MAX, AmountsKind, PolicyCurrency, Rate
from chalicelib.core.policy_schema import NO_BOUND, Key, Table, Tables

AGENCIES_MAX = 50
BANDS_MAX = 50
COUNTRIES_MAX = 250
SHARE_MAX = 1000

_COLLECTION_FEE = Table(
    (
        Key("percent", Rate(), "The fee as a share of what is placed.", "R10.3", needed=True),
        Key("max", AmountsKind(), "The fee is never more than this.", "R10.3", {}, NO_BOUND),
    ),
    absent_is_none=True,
)

_AGENCIES = Table(
    (
        Key("agency", AgencyName(), "The agency, by its id.", "R10.2", needed=True),
        Key(
            "countries",
            ListOf(CountryCode(), 1, COUNTRIES_MAX, "countries"),
            "Only for accounts in one of these countries. An account of which no country is known "
            "is in none of them.",
            "R10.2",
            (),
            "every country",
        ),
        Key(
            "currencies",
            ListOf(PolicyCurrency(), 1, CURRENCIES_MAX, "currencies"),
            "Only for placements in one of these currencies.",
            "R10.2",
            (),
            "every currency",
        ),
        Key(
            "at_least",
            AmountsKind(),
            "Only for balances of this or more.",
            "R10.2",
            {},
            NO_BOUND,
        ),
        Key(
            "below",
            AmountsKind(),
            "Only for balances below this, exclusive.",
            "R10.2",
            {},
            NO_BOUND,
        ),
        Key(
            "share",
            Whole(1, SHARE_MAX, "parts"),
            "Its part of the placements that it shares with the others that fit and have one: 3 and 1 "
            "are three quarters and one.",
            "R10.2",
            default_says="the first that fits gets all",
        ),
    )
)

_COMMISSION = Table(
    (
        Key(
            "below_days",
            Whole(1),
            "The band is for placements whose oldest invoice is fewer days past due, exclusive, when "
            "they are offered.",
            "R10.6",
            default_says="every age",
        ),
        Key(
            "below",
            AmountsKind(),
            "The band is for balances below this, exclusive, when they are offered; needed for each "
            "of the policy's currencies. Bands go by age or by amount, not both; each goes further "
            "than the one before it, and the last has neither.",
            "R10.6",
            {},
            "every balance",
        ),
        Key(
            "percent",
            Rate(),
            "The agency's part of what it collects.",
            "R10.6",
            needed=True,
        ),
    )
)

ESCALATION = Table(
    (
        Key(
            "min_attempts",
            Whole(0, 1000, "contacts"),
            "How many attempts to reach the customer come before a placement.",
            "R10.1",
            0,
        ),
        Key(
            "min_channels",
            Whole(0, 20, "channels"),
            "Over how many channels (mail, phone ...) those attempts go.",
            "R10.1",
            0,
        ),
        Key(
            "min_placement",
            AmountsKind(),
            "The smallest balance that is placed with an agency.",
            "R10.1",
            {},
            NO_BOUND,
        ),
        Key(
            "collection_fee",
            _COLLECTION_FEE,
            "The fee that is charged when an agency accepts a placement.",
            "R10.3",
            default_says="no fee",
        ),
        Key(
            "auto_approve_after_days",
            Whole(0),
            "After so many days a proposed placement counts as approved; 0: only a person can.",
            "R10.2",
            0,
        ),
        Key(
            "agencies",
            Tables(_AGENCIES, AGENCIES_MAX),
            "The agencies to which accounts are offered. The first that fits gets a placement; if it "
            "has a `share`, it shares them with the others that fit and have one.",
            "R10.2",
            (),
            "none",
        ),
        Key(
            "offer_days",
            Whole(1),
            "How many days an agency has to accept what it is offered.",
            "R10.4",
            7,
        ),
        Key(
            "recall_days",
            Whole(0),
            "How many days after it was asked for a recall takes effect.",
            "R10.4",
            10,
        ),
        Key(
            "auto_recall_after_days",
            Whole(1),
            "What an agency has had for so many days since it accepted is recalled by itself.",
            "R10.4",
            default_says="never",
        ),
        Key(
            "closing_days",
            Whole(0),
            "How long after its end a placement stays open for money that comes late.",
            "R10.8",
            30,
        ),
        Key(
            "commission",
            Tables(_COMMISSION, BANDS_MAX),
            "The agency's commission, by age or amount; it changes nothing of what the customer owes.",
            "R10.6",
            (),
            "none",
        ),
        Key(
            "commission_on_direct",
            Flag(),
            "The agency earns its commission also on what the customer pays to the seller while it "
            "works.",
            "R10.6",
            False,
        ),
        Key(
            "settlement_floor",
            Rate(),
            "A settlement for this share of the balance or more needs no approval.",
            "R10.7",
            default_says="each needs one",
        ),
    )
)

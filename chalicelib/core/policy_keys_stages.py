"""The keys of `[[stages]]` and of the charges inside a stage (R4, R5)."""

from __future__ import annotations

from chalicelib.core.policy import DEBTOR_KINDS
from chalicelib.core.policy_keys_letters import ATTACH, ROLE
from chalicelib.core.policy_kinds import Choice, Flag, Identifier, Text, Whole
from chalicelib.core.policy_kinds_money import AmountsKind, Rate
from chalicelib.core.policy_schema import Key, Table, Tables

STAGES_MAX = 50
CHARGES_MAX = 10
BANDS_MAX = 50
RESERVED_STAGE_IDS = frozenset({"final"})  # R4.3: the stage of interest posted after payment

CHARGE_KINDS = ("flat", "percent", "tiered", "interest", "compensation")

_BANDS = Table(
    (
        Key(
            "below",
            AmountsKind(),
            "The band is for amounts below this, exclusive. Needed for each of the policy's currencies "
            "and higher from band to band; the last band has none.",
            "R4.1",
            default_says="every amount",
        ),
        Key(
            "amount",
            AmountsKind(),
            "The amount of the band, needed for each of the policy's currencies; in a band with a "
            "`percent` it may be left out.",
            "R4.1",
            {},
            "none",
        ),
        Key(
            "percent",
            Rate(),
            "`tiered` only: the share of the whole that the band adds to its amount.",
            "R4.1",
            None,
            "none",
        ),
    )
)

_CHARGES = Table(
    (
        Key(
            "kind",
            Choice(CHARGE_KINDS),
            "How the charge is worked out: `flat` is an amount per invoice, `percent` a share of "
            "the undisputed open principal, `tiered` goes by bands of it, `interest` is what has "
            "accrued and was not charged before (`[interest]`), `compensation` a fixed sum by bands "
            "of the invoice's original amount.",
            "R4.1",
            needed=True,
        ),
        Key(
            "amount",
            AmountsKind(),
            "`flat` only, and needed there for each of the policy's currencies: the amount.",
            "R4.1",
            {},
            "none",
        ),
        Key(
            "rate",
            Rate(),
            "`percent` only, and needed there: the share of the undisputed open principal.",
            "R4.1",
            None,
            "none",
        ),
        Key(
            "min",
            AmountsKind(),
            "A charge above zero is raised to this, before the caps; not for `interest`.",
            "R4.1",
            {},
            "no bound",
        ),
        Key(
            "max",
            AmountsKind(),
            "The charge is never more than this, nor is all interest of an invoice together; the "
            "first of the caps.",
            "R4.5",
            {},
            "no bound",
        ),
        Key(
            "skip_below",
            AmountsKind(),
            "Nothing is charged while the undisputed open principal is under this.",
            "R4.1",
            {},
            "no bound",
        ),
        Key(
            "bands",
            Tables(_BANDS, BANDS_MAX),
            "`tiered` and `compensation` only, and needed there: the bands, lowest first.",
            "R4.1",
            (),
            "none",
        ),
        Key(
            "debtor_kind",
            Choice(DEBTOR_KINDS),
            "Only accounts of this kind are charged; an account is a company unless it says otherwise.",
            "R4.1",
            default_says="all accounts",
        ),
    )
)

STAGES = Table(
    (
        Key(
            "id",
            Identifier(),
            "The stage's name; it becomes part of the ids of its charges. `final` is reserved.",
            "R4.2",
            needed=True,
        ),
        Key(
            "days",
            Whole(1),
            "How many days past due an invoice reaches the stage.",
            "R5.2",
            needed=True,
        ),
        Key(
            "notice",
            Text(64, empty_ok=False),
            "Which letter the stage's notice is.",
            "R5.3",
            default_says="no notice",
        ),
        Key(
            "announces",
            Flag(),
            "Its notice announces the charges of later stages; it needs a `notice`.",
            "R4.8",
            False,
        ),
        Key(
            "call",
            Flag(),
            "After its notice a call falls due on the next business day.",
            "R6.2",
            False,
        ),
        Key(
            "final",
            Flag(),
            "It is a final demand: the interval between notices does not delay its notice, except "
            "after another final one.",
            "R5.3",
            False,
        ),
        Key(
            "respond_within_days",
            Whole(0),
            "An answer is needed within so many days of the notice's date.",
            "R5.1",
            default_says="no answer is asked for",
        ),
        Key(
            "warn_first",
            Flag(),
            "The stage waits until an earlier notice that announces charges has warned of it; it "
            "needs an earlier stage that `announces`.",
            "R4.8",
            False,
        ),
        Key(
            "warn_days",
            Whole(0),
            "With `warn_first`: how many days old that warning must be.",
            "R4.8",
            0,
        ),
        Key(
            "repeat_every_days",
            Whole(1),
            "The stage comes again every so many days, until the next stage's days.",
            "R4.2",
            default_says="it comes once",
        ),
        Key(
            "repeat_notice",
            Flag(),
            "Its notice comes again on each processing day, without the stage's charges, while the "
            "invoice stays past due and nothing blocks it; it needs a `notice`.",
            "R6.4",
            False,
        ),
        Key(
            "text",
            Identifier(),
            "The text of its letter, when it is not the notice's own: a second text, such as "
            "`late_fee_second`, or one of your own.",
            "R11",
            default_says="the notice's own",
        ),
        ROLE,
        Key(
            "copy_sales_owner",
            Flag(),
            "The account's sales owner gets a copy of its notice.",
            "R11.2",
            False,
        ),
        ATTACH,
        Key(
            "charges",
            Tables(_CHARGES, CHARGES_MAX),
            "What the stage charges, at most one charge of each kind.",
            "R4.1",
            (),
            "none",
        ),
    )
)

"""The published vectors that do not hold whole here, and why; `docs/vectors.md` tells the same."""

from __future__ import annotations

DAILY = "the published figure rounds a day's interest before it multiplies; R4.3 rounds once"
NO_MINIMUM = "interest has no least amount (R4.1 refuses `min` on it): what accrued is charged"
TERMS_DAYS_FIRST = "terms that add days and then take a day of the next month are none of R3.5's"
PAYMENT_DAYS = "lists of payment days are no terms of R3.5"
ONE_DUE_DATE = "an invoice has one due date (R3.5); parts are invoices of their own"
NO_DISCOUNT = "discounts for early payment are not part of this product"
NO_EFFECTIVE = (
    "interest is never charged on interest (R4.3), so that no effective rate is worked out"
)
ACTUAL_ACTUAL = "a day count that R4.3 does not have: actual/365, actual/360, 30/360"
SHARE_OF_BALANCE = "the least sum that is dunned is an amount (R5.5), not a share of the balance"
LAST_PARTS = "the remainder goes one unit each to the first parts (R9.1)"

# By id: the vector's topic, and the reason in one sentence with what is so here.
LEFT_OUT: dict[str, tuple[str, str]] = {
    "UK-001": ("interest.simple", f"11.64, not 11.50: {DAILY}"),
    "UK-005": (
        "interest.simple+fixed_sum",
        f"169.49 with the fixed sum of 70.00, not 169.68: {DAILY}",
    ),
    "PL-FX-1": (
        "fixed_sum.fx",
        "a fixed sum is stated in each currency of the policy; nothing is converted (R3.3, R4.1)",
    ),
    "FR-RATE-1": (
        "reference_rate.fr",
        "14.25% as published; a floor for rates that contracts agree on, 14.76%, is not worked out",
    ),
    "NL-COMP-1": (
        "interest.compound.annual",
        "2,400.00, not 2,544.00: interest is simple, never charged on interest (R4.3)",
    ),
    "SE-FEE-1": (
        "reminder_fee",
        "60.00 and 180.00 are flat charges of stages; making a payment plan costs nothing (R9)",
    ),
    "US-PPA-6": ("interest.de_minimis", f"0.18, not 0.00: {NO_MINIMUM}"),
    "US-PPA-7": (
        "interest.time_cap",
        "90.00 for 18 months, not 61.68: interest is simple, and only a cap of R4.5 ends it",
    ),
    "CA-001": ("rate.annual_equivalent", f"24% a year; {NO_EFFECTIVE}"),
    "CA-002": ("rate.annual_equivalent", f"18% a year; {NO_EFFECTIVE}"),
    "CA-003": (
        "rate.cap",
        "a policy for Canada that does not say that its annual rate was stated is refused when it "
        "is read; 5% is charged (12.33) where 5% is what it says",
    ),
    "AU-SA-2": ("interest.de_minimis", f"2.56, not 0.00: {NO_MINIMUM}"),
    "DISC-1": ("discount.daily_basis_points", NO_DISCOUNT),
    "DISC-3": ("discount.annualised", NO_DISCOUNT),
    "DISC-4": ("discount.effective", NO_DISCOUNT),
    "TERM-SPLIT-1": ("terms.instalments", ONE_DUE_DATE),
    "TERM-SPLIT-2": ("terms.instalments", ONE_DUE_DATE),
    "TERM-SPLIT-3": ("terms.instalments", ONE_DUE_DATE),
    "TERM-EOMON-2": ("terms.days_then_day_of_next_month", TERMS_DAYS_FIRST),
    "TERM-EOMON-6": ("terms.days_then_day_of_next_month", TERMS_DAYS_FIRST),
    "TERM-PAYDAY-1": ("terms.fixed_payment_days", PAYMENT_DAYS),
    "TERM-PAYDAY-3": ("terms.fixed_payment_days", PAYMENT_DAYS),
    "TERM-PAYDAY-4": ("terms.fixed_payment_days", PAYMENT_DAYS),
    "TERM-PAYDAY-5": ("terms.fixed_payment_days", PAYMENT_DAYS),
    "DC-AAISDA-1": ("day_count.act_act_isda", ACTUAL_ACTUAL),
    "DC-AAISDA-3": ("day_count.act_act_isda", ACTUAL_ACTUAL),
    "DC-AAISDA-4": ("day_count.act_act_isda", ACTUAL_ACTUAL),
    "DC-AAISDA-6": ("day_count.act_act_isda", ACTUAL_ACTUAL),
    "DC-AAISDA-7": ("day_count.act_act_isda", ACTUAL_ACTUAL),
    "SPLIT-2": ("split.ratio", "nothing here is split by ratios"),
    "SPLIT-6": ("split.equal", f"208, 208, 207, 207: {LAST_PARTS}"),
    "PLAN-1": ("payment_plan.equal", f"four of 83.34, then eight of 83.33: {LAST_PARTS}"),
    "PLAN-4": ("payment_plan.default", "an instalment is paid or not, to the unit (R9.4)"),
    "DUN-MIN-1": ("dunning.minimum", SHARE_OF_BALANCE),
    "DUN-MIN-2": ("dunning.minimum", SHARE_OF_BALANCE),
    "KPI-DSO-CB": ("kpi.dso_countback", "R3.4 has one DSO: receivables by sales, times days"),
    "LEDGER-UNI-1": ("ledger.partial", "the file that it reads is not among the reference data"),
}

"""Every fault of tiered charges, compensation and interest is found and named by its key (R4)."""

from collections.abc import Iterable

import pytest
from chalicelib.core.policy import Band, ChargeRule
from tests.unit.policy_documents import details_of, faults_of, load, with_charges

FEE = '[[stages]] "fee".charges[1]'
BOTH = '["USD", "EUR"]'
OPEN = '{ percent = "0.01" }'


def banded(*bands: str, kind: str = "tiered", more: str = "", currencies: str = '["USD"]') -> str:
    charge = f'kind = "{kind}", bands = [{", ".join(bands)}]{more}'
    return with_charges(charge, currencies=currencies)


def sums(*bands: str, currencies: str = '["USD"]') -> str:
    return banded(*bands, kind="compensation", currencies=currencies)


# A document, and its faults: the key behind the charge's own, and the code.
BANDS = {
    "tiered without bands": (with_charges('kind = "tiered"'), [("bands", "missing")]),
    "no bands": (banded(), [("bands", "missing")]),
    "compensation without bands": (with_charges('kind = "compensation"'), [("bands", "missing")]),
    "bands that are no tables": (banded('"a"'), [("bands", "wrong_type")]),
    "51 bands": (banded(*[OPEN] * 51), [("bands", "out_of_range")]),
    "a band of nothing": (banded("{}"), [("bands[1]", "missing")]),
    "a band without an amount in a currency of the policy": (
        banded('{ amount = { USD = "5" } }', currencies=BOTH),
        [("bands[1].amount.EUR", "missing")],
    ),
    "a middle band that is open": (
        banded('{ below = { USD = "9" }, percent = "0.02" }', OPEN, OPEN),
        [("bands[2].below", "missing")],
    ),
    "a middle band that is open in one currency": (
        banded('{ below = { USD = "9" }, percent = "0.02" }', OPEN, currencies=BOTH),
        [("bands[1].below.EUR", "missing")],
    ),
    "a last band that is bounded": (
        banded('{ below = { USD = "9" }, percent = "0.02" }'),
        [("bands[1].below", "not_open")],
    ),
    "two bands with one bound": (
        banded(*['{ below = { USD = "9" }, percent = "0.02" }'] * 2, OPEN),
        [("bands[2].below.USD", "not_ascending")],
    ),
    "bands out of order": (
        banded(
            '{ below = { USD = "9", EUR = "1" }, percent = "0.02" }',
            '{ below = { USD = "8", EUR = "2" }, percent = "0.02" }',
            '{ below = { USD = "8.50", EUR = "3" }, percent = "0.02" }',
            OPEN,
            currencies=BOTH,
        ),
        [("bands[2].below.USD", "not_ascending"), ("bands[3].below.USD", "not_ascending")],
    ),
    "a band below nothing": (
        banded('{ below = { USD = "0.00" }, percent = "0.02" }', OPEN),
        [("bands[1].below.USD", "out_of_range")],
    ),
    "a band of another currency": (
        banded('{ below = { GBP = "9" }, percent = "0.02" }', OPEN),
        [("bands[1].below.GBP", "currency_not_in_policy")],
    ),
    "an amount beside the bands": (
        banded(OPEN, more=', amount = { USD = "5" }'),
        [("amount", "stray")],
    ),
    "a rate beside the bands": (banded(OPEN, more=', rate = "0.1"'), [("rate", "stray")]),
    "a percent of compensation": (
        sums('{ amount = { USD = "40" }, percent = "0.1" }'),
        [("bands[1].percent", "stray")],
    ),
    "compensation of no amount": (sums("{}"), [("bands[1].amount", "missing")]),
    "compensation without an amount in a currency": (
        sums(
            '{ below = { USD = "9", EUR = "9" }, amount = { EUR = "40" } }',
            '{ amount = { USD = "70" } }',
            currencies=BOTH,
        ),
        [("bands[1].amount.USD", "missing"), ("bands[2].amount.EUR", "missing")],
    ),
    "a band's percent as a number": (
        banded("{ percent = 0.01 }"),
        [("bands[1].percent", "not_quoted")],
    ),
    "a key that a band has not": (
        banded('{ up_to = { USD = "9" }, percent = "0.01" }'),
        [("bands[1].up_to", "unknown_key")],
    ),
    "a kind of debtor that nobody knows": (
        with_charges('kind = "percent", rate = "0.01", debtor_kind = "consumer"'),
        [("debtor_kind", "unknown_value")],
    ),
}


@pytest.mark.parametrize("name", BANDS)
def test_each_broken_charge_has_exactly_these_faults(name: str) -> None:
    text, expected = BANDS[name]

    assert faults_of(text) == [(f"{FEE}.{where}", code) for where, code in expected]


def test_every_fault_of_every_band_is_told_at_once_in_words() -> None:
    text = banded(
        '{ below = { USD = "500" }, amount = { USD = "5" } }',
        '{ below = { USD = "100" } }',
        '{ percent = "0.01" }',
        '{ below = { USD = "900" }, percent = "1%" }',
    )

    assert details_of(text).splitlines() == [
        "this policy has 5 faults:",
        f'  {FEE}.bands[4].percent: must be a decimal in quotes from "0" to "1" '
        '("0.015" is 1.5%), not "1%"',
        f'  {FEE}.bands[2]: needs an amount or a percent, which may be "0": nothing says what it '
        "charges",
        f"  {FEE}.bands[3].below: is needed for every band but the last: only the last is open, "
        "and no amount comes to those after",
        f"  {FEE}.bands[4].below: must be left out: the last band is open, so that every amount "
        "has a band",
        f"  {FEE}.bands[2].below.USD: is lower than in band 1, so the two overlap and no amount "
        "ever comes here; bands go from the lowest to the highest",
    ]


def test_bands_that_hold_together_are_read_as_values() -> None:
    policy = load(
        banded(
            '{ below = { USD = "1000.00" }, amount = { USD = "5.00" }, percent = "0.02" }',
            '{ below = { USD = "2000.00" }, percent = "0" }',
            '{ amount = { USD = "10.00" } }',
            more=', debtor_kind = "natural_person"',
        )
    )

    [charge] = policy.stages[0].charges
    assert charge == ChargeRule(
        "tiered",
        bands=(
            Band({"USD": 100000}, {"USD": 500}, charge.bands[0].percent),
            Band({"USD": 200000}),
            Band({}, {"USD": 1000}),
        ),
        debtor_kind="natural_person",
    )
    assert str(charge.bands[0].percent) == "0.02"


INTEREST = with_charges('kind = "interest"')
CANADA = '[calendar]\ncountry = "CA-QC"\n'
RATE = '[interest]\nannual_rate = "0.12"\n'
STATUTORY = '[interest]\ntable = "gb_bank_rate"\nmargin = "0.08"\nmode = "locked"\n'

RATES: dict[str, tuple[str, Iterable[tuple[str, str]]]] = {
    "interest without its table": (INTEREST, [("[interest].annual_rate", "missing")]),
    "interest without a rate": (
        INTEREST + "[interest]\ngrace_days = 5",
        [("[interest].annual_rate", "missing")],
    ),
    "interest with a rate that is refused": (
        INTEREST + "[interest]\nannual_rate = 0.12",
        [("[interest].annual_rate", "not_quoted")],
    ),
    "interest of a table that is refused": (
        "interest = 1\n" + INTEREST,
        [("interest", "wrong_type")],
    ),
    "a least amount of interest": (
        with_charges('kind = "interest", min = { USD = "5" }') + RATE,
        [(f"{FEE}.min", "stray")],
    ),
    "a rate of the charge's own": (
        with_charges('kind = "interest", rate = "0.12"') + RATE,
        [(f"{FEE}.rate", "stray")],
    ),
    "interest by bands": (
        with_charges('kind = "interest", bands = []') + RATE,
        [(f"{FEE}.bands", "stray")],
    ),
    "a table that nobody has": (
        INTEREST + STATUTORY.replace("bank_rate", "bankrate"),
        [("[interest].table", "unknown_table")],
    ),
    "a table with nothing beside it": (
        INTEREST + '[interest]\ntable = "ecb_mro"',
        [("[interest].margin", "missing"), ("[interest].mode", "missing")],
    ),
    "a rate by contract and one by law": (
        INTEREST + STATUTORY + 'annual_rate = "0.12"',
        [("[interest].table", "excludes")],
    ),
    "a margin beside a rate by contract": (
        INTEREST + RATE + 'margin = "0.08"',
        [("[interest].margin", "excludes")],
    ),
    "a rate above the cap": (
        INTEREST + RATE + '[caps]\nmax_annual_rate = "0.10"',
        [("[interest].annual_rate", "above_cap")],
    ),
    "a margin above the cap": (
        INTEREST + STATUTORY + '[caps]\nmax_annual_rate = "0.07"',
        [("[interest].margin", "above_cap")],
    ),
    "interest in Canada": (INTEREST + RATE + CANADA, [("[interest].annual_rate_stated", "not_stated")]),
    "interest in Canada that says it is not stated": (
        INTEREST + RATE + "annual_rate_stated = false\n" + CANADA,
        [("[interest].annual_rate_stated", "not_stated")],
    ),
    "interest in Canada where the statement is refused": (
        INTEREST + RATE + "annual_rate_stated = 1\n" + CANADA,
        [("[interest].annual_rate_stated", "wrong_type")],
    ),
    "a percent in Canada": (
        with_charges('kind = "percent", rate = "0.015"') + '[calendar]\ncountry = "CA"',
        [("[interest].annual_rate_stated", "not_stated")],
    ),
    "a percent of Canadian dollars": (
        with_charges('kind = "percent", rate = "0.015"', currencies='["USD", "CAD"]'),
        [("[interest].annual_rate_stated", "not_stated")],
    ),
    "bands of percents in Canada": (
        banded(OPEN) + CANADA,
        [("[interest].annual_rate_stated", "not_stated")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RATES)
def test_each_broken_rate_has_exactly_these_faults(name: str) -> None:
    text, expected = RATES[name]

    assert faults_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        INTEREST + RATE,
        INTEREST + STATUTORY,
        INTEREST + RATE + '[caps]\nmax_annual_rate = "0.12"',
        INTEREST + RATE + "annual_rate_stated = true\n" + CANADA,
        with_charges('kind = "percent", rate = "0.015"')
        + "[interest]\nannual_rate_stated = true\n"
        + CANADA,
        with_charges('kind = "flat", amount = { USD = "15" }') + CANADA,
        banded('{ amount = { USD = "5" } }') + CANADA,
        with_charges('kind = "interest", max = { USD = "9" }, skip_below = { USD = "1" }') + RATE,
        with_charges('kind = "percent", rate = "0.015"') + STATUTORY + "post_final = true",
    ],
)
def test_interest_that_holds_together_is_accepted(text: str) -> None:
    assert faults_of(text) == []


def test_faults_of_charges_rates_and_caps_are_told_together_in_words() -> None:
    text = (
        with_charges(
            'kind = "interest", min = { USD = "5" }',
            'kind = "compensation", bands = [{ amount = { GBP = "40" } }]',
        )
        + '[interest]\ntable = "gb_bankrate"\nmargin = "0.30"\n[caps]\nmax_annual_rate = "0.24"\n'
        + CANADA
    )

    assert details_of(text).splitlines() == [
        "this policy has 6 faults:",
        '  [[stages]] "fee".charges[2].bands[1].amount.GBP: GBP is not one of this policy\'s '
        "currencies (USD)",
        f"  {FEE}.min: belongs to charges of kind flat, percent, tiered or compensation, not "
        "interest: interest is what the days come to, and is never raised to a minimum",
        '  [interest].table: there is no table of rates "gb_bankrate" (there are: ecb_mro, '
        'gb_bank_rate); did you mean "gb_bank_rate"?',
        "  [interest].mode: is needed when a table of rates is named",
        "  [interest].margin: is 30% a year, more than [caps].max_annual_rate allows (24%)",
        "  [interest].annual_rate_stated: must be true for Canada, where a charge by a rate counts "
        "only up to 5% a year unless the contract states what it comes to a year: state it there, "
        "then say so here",
    ]


def test_interest_without_a_rate_says_which_stages_charge_it() -> None:
    assert '[[stages]] "fee" charges interest' in details_of(INTEREST)

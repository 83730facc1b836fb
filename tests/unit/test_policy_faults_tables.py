"""Every fault in a policy's tables beside the stages is found and named by its key (R2.1)."""

import pytest
from tests.unit.policy_documents import MINIMAL, faults_of

# What may stand in one table beside the smallest policy, and the one fault it is.
TABLES = {
    "a table that is a value": ("caps = 1", "caps", "wrong_type"),
    "a list that is a table": (
        "[people]\nfallbacks = { a = 1 }",
        "[people].fallbacks",
        "wrong_type",
    ),
    "no processing day": (
        "[calendar]\nprocessing_days = []",
        "[calendar].processing_days",
        "empty",
    ),
    "no business day": ("[calendar]\nbusiness_days = []", "[calendar].business_days", "empty"),
    "no such weekday": (
        '[calendar]\nbusiness_days = ["mon", "thr"]',
        "[calendar].business_days[2]",
        "unknown_value",
    ),
    "a weekday twice": (
        '[calendar]\nbusiness_days = ["mon", "mon"]',
        "[calendar].business_days",
        "twice",
    ),
    "no such country": ('[calendar]\ncountry = "ZZ"', "[calendar].country", "unknown_country"),
    "falling edges": ("[aging]\nedges = [30, 20]", "[aging].edges", "not_ascending"),
    "an edge at zero": ("[aging]\nedges = [0, 20]", "[aging].edges[1]", "out_of_range"),
    "no edges": ("[aging]\nedges = []", "[aging].edges", "out_of_range"),
    "aging by another date": ('[aging]\nbase = "due"', "[aging].base", "unknown_value"),
    "another catch-up": ('[dunning]\ncatch_up = "leap"', "[dunning].catch_up", "unknown_value"),
    "another onboarding": (
        '[dunning]\nonboarding = "loud"',
        "[dunning].onboarding",
        "unknown_value",
    ),
    "another change": ('[dunning]\non_change = "loud"', "[dunning].on_change", "unknown_value"),
    "a window of no days": (
        "[dunning]\ncontact_window_days = 0",
        "[dunning].contact_window_days",
        "out_of_range",
    ),
    "a negative interval": (
        "[dunning]\nmin_days_between_notices = -1",
        "[dunning].min_days_between_notices",
        "out_of_range",
    ),
    "a cap as a number": ("[caps]\nmax_annual_rate = 0.24", "[caps].max_annual_rate", "not_quoted"),
    "contractual and statutory interest": (
        '[interest]\nannual_rate = "0.12"\ntable = "gb_bank_rate"\nmargin = "0.08"\n'
        'mode = "locked"\n',
        "[interest].table",
        "excludes",
    ),
    "a table of rates without a mode": (
        '[interest]\ntable = "gb_bank_rate"\nmargin = "0.08"',
        "[interest].mode",
        "missing",
    ),
    "a margin on nothing": ('[interest]\nmargin = "0.08"', "[interest].margin", "excludes"),
    "another day count": ('[interest]\nday_count = "365"', "[interest].day_count", "unknown_value"),
    "an unknown step": ('[cash]\nwaterfall = ["fees"]', "[cash].waterfall[1]", "unknown_value"),
    "a step twice": (
        '[cash]\nwaterfall = ["principal", "principal"]',
        "[cash].waterfall",
        "twice",
    ),
    "an empty order": ("[cash]\nwaterfall = []", "[cash].waterfall", "out_of_range"),
    "no such weekday for statements": (
        '[statements]\nweekly = "monday"',
        "[statements].weekly",
        "unknown_value",
    ),
    "the 32nd of the month": ("[statements]\nmonthly = 32", "[statements].monthly", "out_of_range"),
    "late more often than settled": (
        "[holds]\nlate_of_last = [6, 4]",
        "[holds].late_of_last",
        "out_of_range",
    ),
    "late of too many": ("[holds]\nlate_of_last = [6, 51]", "[holds].late_of_last", "out_of_range"),
    "late of nothing": ("[holds]\nlate_of_last = [0, 4]", "[holds].late_of_last", "out_of_range"),
    "three numbers for late": (
        "[holds]\nlate_of_last = [1, 2, 3]",
        "[holds].late_of_last",
        "wrong_type",
    ),
    "another release": ('[holds]\nrelease = "never"', "[holds].release", "unknown_value"),
    "another end": ('[holds]\nrelease_when = "paid"', "[holds].release_when", "unknown_value"),
    "another first day": ('[holds]\nonboarding = "silent"', "[holds].onboarding", "unknown_value"),
    "a middle tier that is open": (
        '[people]\ntiers = [{ collector = "a" }, { collector = "b" }]',
        "[people].tiers[1].up_to",
        "missing",
    ),
    "a last tier that is bounded": (
        '[people]\ntiers = [{ up_to = { USD = "1" }, collector = "a" }]',
        "[people].tiers[1].up_to",
        "not_open",
    ),
    "a tier that goes no further": (
        '[people]\ntiers = [{ up_to = { USD = "9" }, collector = "a" }, '
        '{ up_to = { USD = "9" }, collector = "b" }, { collector = "c" }]',
        "[people].tiers[2].up_to.USD",
        "not_ascending",
    ),
    "a tier of nobody": ("[people]\ntiers = [{}]", "[people].tiers[1].collector", "missing"),
    "no calls": ("[people]\nmax_attempts = 0", "[people].max_attempts", "out_of_range"),
    "other plan holds": ('[plans]\nholds = "drop"', "[plans].holds", "unknown_value"),
    "a fee of no percent": (
        '[escalation]\ncollection_fee = { max = { USD = "1" } }',
        "[escalation].collection_fee.percent",
        "missing",
    ),
    "an agency of no name": (
        "[escalation]\nagencies = [{}]",
        "[escalation].agencies[1].agency",
        "missing",
    ),
    "an agency with capitals": (
        '[escalation]\nagencies = [{ agency = "North" }]',
        "[escalation].agencies[1].agency",
        "bad_name",
    ),
    "an agency with a long name": (
        f'[escalation]\nagencies = [{{ agency = "{"n" * 21}" }}]',
        "[escalation].agencies[1].agency",
        "bad_name",
    ),
    "an agency for a country in words": (
        '[escalation]\nagencies = [{ agency = "n", countries = ["Germany"] }]',
        "[escalation].agencies[1].countries[1]",
        "unknown_country",
    ),
    "an agency for no country": (
        '[escalation]\nagencies = [{ agency = "n", countries = [] }]',
        "[escalation].agencies[1].countries",
        "out_of_range",
    ),
    "an agency for no currency there is": (
        '[escalation]\nagencies = [{ agency = "n", currencies = ["USX"] }]',
        "[escalation].agencies[1].currencies[1]",
        "unknown_currency",
    ),
    "an agency for a currency of others": (
        '[escalation]\nagencies = [{ agency = "n", currencies = ["EUR"] }]',
        "[escalation].agencies[1].currencies[1]",
        "currency_not_in_policy",
    ),
    "an agency for a balance in a currency of others": (
        '[escalation]\nagencies = [{ agency = "n", below = { EUR = "9" } }]',
        "[escalation].agencies[1].below.EUR",
        "currency_not_in_policy",
    ),
    "an agency for no balance": (
        '[escalation]\nagencies = [{ agency = "n", at_least = { USD = "9" }, '
        'below = { USD = "9" } }]',
        "[escalation].agencies[1].at_least.USD",
        "min_above_max",
    ),
    "an agency's share of nothing": (
        '[escalation]\nagencies = [{ agency = "n", share = 0 }]',
        "[escalation].agencies[1].share",
        "out_of_range",
    ),
    "no day to accept in": (
        "[escalation]\noffer_days = 0",
        "[escalation].offer_days",
        "out_of_range",
    ),
    "a recall at once by itself": (
        "[escalation]\nauto_recall_after_days = 0",
        "[escalation].auto_recall_after_days",
        "out_of_range",
    ),
    "a floor above all": (
        '[escalation]\nsettlement_floor = "1.2"',
        "[escalation].settlement_floor",
        "out_of_range",
    ),
    "a commission of nothing said": (
        "[escalation]\ncommission = [{}]",
        "[escalation].commission[1].percent",
        "missing",
    ),
    "a commission whose last band is bounded": (
        '[escalation]\ncommission = [{ below_days = 90, percent = "0.2" }]',
        "[escalation].commission[1].below_days",
        "not_open",
    ),
    "a commission whose last amount is bounded": (
        '[escalation]\ncommission = [{ below = { USD = "90" }, percent = "0.2" }]',
        "[escalation].commission[1].below",
        "not_open",
    ),
    "a commission with two open bands": (
        '[escalation]\ncommission = [{ percent = "0.2" }, { percent = "0.3" }]',
        "[escalation].commission[1].below_days",
        "missing",
    ),
    "a commission that goes down by age": (
        '[escalation]\ncommission = [{ below_days = 90, percent = "0.2" }, '
        '{ below_days = 90, percent = "0.25" }, { percent = "0.3" }]',
        "[escalation].commission[2].below_days",
        "not_ascending",
    ),
    "a commission that goes down by amount": (
        '[escalation]\ncommission = [{ below = { USD = "9" }, percent = "0.2" }, '
        '{ below = { USD = "8" }, percent = "0.25" }, { percent = "0.3" }]',
        "[escalation].commission[2].below.USD",
        "not_ascending",
    ),
    "a commission by age and by amount": (
        '[escalation]\ncommission = [{ below_days = 90, percent = "0.2" }, '
        '{ below = { USD = "8" }, percent = "0.25" }, { percent = "0.3" }]',
        "[escalation].commission[2].below",
        "excludes",
    ),
    "shrinking runs": (
        '[safety]\nmax_run_growth = "0.5"',
        "[safety].max_run_growth",
        "out_of_range",
    ),
    "more than all": (
        '[safety]\nmax_disappearing = "1.1"',
        "[safety].max_disappearing",
        "out_of_range",
    ),
}


def test_a_step_twice_and_an_unknown_one_are_told_together() -> None:
    text = MINIMAL + '[cash]\nwaterfall = ["principal", "fees", "principal"]'

    assert sorted(faults_of(text)) == [
        ("[cash].waterfall", "twice"),
        ("[cash].waterfall[2]", "unknown_value"),
    ]


@pytest.mark.parametrize("name", TABLES)
def test_each_broken_table_has_exactly_this_fault(name: str) -> None:
    table, where, code = TABLES[name]
    text = MINIMAL + table if table.startswith("[") else f"{table}\n{MINIMAL}"

    assert faults_of(text) == [(where, code)]

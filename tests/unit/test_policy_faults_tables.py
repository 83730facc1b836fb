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

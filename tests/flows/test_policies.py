"""The shipped policies, public holidays, and what a policy says of itself in plain sentences."""

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import holidays
import pytest
from chalicelib.core.errors import NotFoundError, PolicyError
from chalicelib.core.policy import Caps
from chalicelib.flows.policies import holidays_for, load, shipped_document, shipped_ids
from chalicelib.flows.policy_reference import reference

ROOT = Path(__file__).parent.parent.parent
DESIGN = ROOT.parent / "shared" / "design" / "policy.md"


def test_the_shipped_policies_load_under_their_own_ids() -> None:
    assert [load(policy_id).id for policy_id in shipped_ids()] == list(shipped_ids())
    assert set(shipped_ids()) == {
        "standard", "rapid", "eom-twice-weekly", "uk-statutory", "eu-statutory",
    }  # fmt: skip


def test_standard_is_the_document_of_the_design_word_for_word() -> None:
    if not DESIGN.exists():
        pytest.skip("the design documents are not beside the project")

    stated = re.search(r"```toml\n(.*?)```", DESIGN.read_text(encoding="utf-8"), re.DOTALL)

    assert stated is not None
    assert shipped_document("standard").decode() == stated.group(1)


def test_standard_reminds_at_15_days_and_charges_at_30_60_and_90() -> None:
    policy = load("standard")

    assert [(stage.id, stage.days, len(stage.charges)) for stage in policy.stages] == [
        ("reminder", 15, 0),
        ("late_fee_30", 30, 1),
        ("late_fee_60", 60, 1),
        ("final_demand", 90, 1),
    ]
    assert {charge.rate for stage in policy.stages for charge in stage.charges} == {
        Decimal("0.015")
    }
    assert policy.caps == Caps(Decimal("0.10"), Decimal("0.24"))
    assert policy.dunning.minimum_past_due == {"USD": 1000}
    assert policy.holds.late_of_last == (4, 6)
    assert policy.safety.max_first_run == 1000


def test_rapid_runs_its_ladder_within_a_month_without_caps() -> None:
    policy = load("rapid")

    assert [stage.days for stage in policy.stages] == [3, 7, 14, 30]
    assert policy.caps == Caps(None, None)
    for before, after in pairwise(policy.stages):
        gap = after.days - before.days
        assert gap >= max(policy.dunning.min_days_between_notices, after.warn_days)


def test_eom_twice_weekly_repeats_its_one_letter_on_tuesdays_and_thursdays() -> None:
    """R6.4."""
    policy = load("eom-twice-weekly")

    [stage] = policy.stages
    assert (stage.repeat_notice, stage.call, stage.charges) == (True, True, ())
    assert (policy.terms, policy.case.opens) == ("eom+30", "first_run_of_month")
    assert policy.calendar.processing_days == {1, 3}
    assert policy.dunning.min_days_between_notices == 0


@pytest.mark.parametrize(
    ("policy_id", "table", "mode"),
    [("uk-statutory", "gb_bank_rate", "locked"), ("eu-statutory", "ecb_mro", "floating_half_year")],
)
def test_the_statutory_policies_take_their_rate_from_a_table_plus_8_points(
    policy_id: str, table: str, mode: str
) -> None:
    """R4.4."""
    interest = load(policy_id).interest

    assert interest is not None
    assert (interest.table, interest.mode, interest.margin) == (table, mode, Decimal("0.08"))
    assert (interest.annual_rate, interest.post_final) == (None, True)
    assert interest.rates is not None
    assert interest.rates.id == table


def test_every_charging_stage_that_is_shipped_warns_first() -> None:
    """R4.8."""
    charging = [stage for name in shipped_ids() for stage in load(name).stages if stage.charges]

    assert charging
    assert all(stage.warn_first and stage.warn_days > 0 for stage in charging)


def test_a_policy_that_is_not_shipped_is_named_with_those_that_are() -> None:
    with pytest.raises(NotFoundError, match=r'"standrad" is shipped .*standard.*did you mean'):
        load("standrad")


def test_a_document_may_use_every_currency_of_iso_4217() -> None:
    text = 'id = "p"\ncurrencies = ["JPY", "KWD", "CLF"]\n[[stages]]\nid = "a"\ndays = 1\n'

    assert load(text.encode()).digits == {"JPY": 0, "KWD": 3, "CLF": 4}


def test_a_document_with_faults_is_refused_with_all_of_them() -> None:
    with pytest.raises(PolicyError) as caught:
        load(b'id = "p"\ncurrencies = ["XAU"]\n[calendar]\ncountry = "ZZ"\n')

    assert [fault.where for fault in caught.value.faults] == [
        "currencies",
        "[calendar].country",
        "stages",
    ]


@pytest.mark.parametrize(
    ("country", "day", "is_holiday"),
    [
        ("US", date(2024, 7, 4), True),
        ("US", date(2024, 7, 5), False),
        ("US", date(2021, 7, 5), True),  # observed: the 4th was a Sunday
        ("US", date(2021, 12, 31), True),  # observed across New Year
        ("GB-ENG", date(2024, 8, 26), True),
        ("GB-SCT", date(2024, 8, 26), False),
        ("GB-SCT", date(2024, 8, 5), True),
        ("", date(2024, 12, 25), False),
    ],
)
def test_public_holidays_count_with_their_observed_days(
    country: str, day: date, is_holiday: bool
) -> None:
    found = holidays_for(country)

    assert found is not None
    assert (day in found) is is_holiday


@pytest.mark.parametrize("country", ["ZZ", "us", "GB-", "GB-XX", "NYSE", " "])
def test_a_place_that_is_not_known_has_no_holidays_to_give(country: str) -> None:
    assert holidays_for(country) is None


@pytest.mark.parametrize("country", ["US", "DE", "JP", "AU"])
def test_asking_day_by_day_agrees_with_the_library(country: str) -> None:
    found, library = holidays_for(country), holidays.country_holidays(country)
    days = [date(2019, 12, 1) + timedelta(days=n) for n in range(800)]

    assert found is not None
    assert [day for day in days if day in found] == [day for day in days if day in library]


def test_the_reference_page_is_in_step_with_the_loader() -> None:
    page = ROOT / "docs" / "policy-reference.md"

    assert page.read_text(encoding="utf-8") == reference(), (
        "run: python scripts/policy_reference.py"
    )


def test_the_reference_names_every_key_of_standard() -> None:
    written = re.findall(r"^(\w+) *=", shipped_document("standard").decode(), re.MULTILINE)

    assert len(written) > 60
    assert [key for key in written if f"| `{key}` |" not in reference()] == []

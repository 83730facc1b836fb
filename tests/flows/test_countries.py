"""The countries of ISO 3166-1, as accounts and policies name them."""

import pytest
from chalicelib.core.errors import PolicyError
from chalicelib.flows.countries import country_names, is_country
from chalicelib.flows.policies import load

COUNTRIES = 249  # of ISO 3166-1 since 2011


def test_there_are_as_many_countries_as_the_standard_has() -> None:
    assert len(country_names()) == COUNTRIES


@pytest.mark.parametrize("code", ["DE", "US", "GB", "SS", "TW"])
def test_a_country_is_known_by_its_code(code: str) -> None:
    assert is_country(code)


@pytest.mark.parametrize("code", ["", "de", "DEU", "UK", "EU", "XK", "ZZ", "001", "D "])
def test_what_the_standard_does_not_have_is_no_country(code: str) -> None:
    assert not is_country(code)


def test_a_policy_names_only_countries_that_there_are() -> None:
    text = (
        'id = "p"\ncurrencies = ["USD"]\n[[stages]]\nid = "a"\ndays = 1\n'
        '[escalation]\nagencies = [{ agency = "n", countries = ["DE", "UK"] }]\n'
    )
    with pytest.raises(PolicyError) as refused:
        load(text.encode())

    assert [one.where for one in refused.value.faults] == ["[escalation].agencies[1].countries[2]"]

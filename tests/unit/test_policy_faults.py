"""Every fault of a policy is found, named by its key, and all are said at once (R2.1)."""

import pytest
from tests.unit.policy_documents import (
    MINIMAL,
    details_of,
    faults_of,
    with_charges,
    with_stages,
)

STAGE = '[[stages]] "a"'
FEE = '[[stages]] "fee".charges[1]'

DOCUMENTS = {
    "nothing at all": ("", [("id", "missing"), ("currencies", "missing"), ("stages", "missing")]),
    "no stages": ('id = "p"\ncurrencies = ["USD"]\nstages = []', [("stages", "out_of_range")]),
    "a stage without id and days": (
        with_stages("call = true"),
        [("[[stages]] 1.id", "missing"), ("[[stages]] 1.days", "missing")],
    ),
    "an id with a colon": (
        with_stages('id = "a:b"\ndays = 1'),
        [('[[stages]] "a:b".id', "bad_name")],
    ),
    "no currencies": (
        'id = "p"\ncurrencies = []\n[[stages]]\nid="a"\ndays=1',
        [("currencies", "out_of_range")],
    ),
    "a currency twice": (
        with_stages('id = "a"\ndays = 1', currencies='["USD", "USD"]'),
        [("currencies", "twice")],
    ),
    "an unknown currency": (
        with_stages('id = "a"\ndays = 1', currencies='["USD", "EUX"]'),
        [("currencies", "unknown_currency")],
    ),
    "days as text": (with_stages('id = "a"\ndays = "15"'), [(f"{STAGE}.days", "wrong_type")]),
    "days as a truth value": (
        with_stages('id = "a"\ndays = true'),
        [(f"{STAGE}.days", "wrong_type")],
    ),
    "days with a point": (with_stages('id = "a"\ndays = 1.5'), [(f"{STAGE}.days", "wrong_type")]),
    "day zero": (with_stages('id = "a"\ndays = 0'), [(f"{STAGE}.days", "out_of_range")]),
    "negative days": (with_stages('id = "a"\ndays = -3'), [(f"{STAGE}.days", "out_of_range")]),
    "a flag as text": (
        with_stages('id = "a"\ndays = 1\ncall = "yes"'),
        [(f"{STAGE}.call", "wrong_type")],
    ),
    "stages out of order": (
        with_stages('id = "a"\ndays = 30', 'id = "b"\ndays = 15'),
        [('[[stages]] "b".days', "not_ascending")],
    ),
    "two stages on one day": (
        with_stages('id = "a"\ndays = 30', 'id = "b"\ndays = 30'),
        [('[[stages]] "b".days', "not_ascending")],
    ),
    "two stages of one name": (
        with_stages('id = "a"\ndays = 15', 'id = "a"\ndays = 30'),
        [(f"{STAGE}.id", "twice")],
    ),
    "the reserved stage": (
        with_stages('id = "final"\ndays = 15'),
        [('[[stages]] "final".id', "reserved")],
    ),
    "repeating every zero days": (
        with_stages('id = "a"\ndays = 15\nrepeat_every_days = 0'),
        [(f"{STAGE}.repeat_every_days", "out_of_range")],
    ),
    "warn_first on the first stage": (
        with_stages('id = "a"\ndays = 15\nwarn_first = true'),
        [(f"{STAGE}.warn_first", "no_warning")],
    ),
    "warn_first after a notice that announces nothing": (
        with_stages('id = "a"\ndays = 15\nnotice = "r"', 'id = "b"\ndays = 30\nwarn_first = true'),
        [('[[stages]] "b".warn_first', "no_warning")],
    ),
    "a stage that announces itself only": (
        with_stages('id = "a"\ndays = 15\nnotice = "r"\nannounces = true\nwarn_first = true'),
        [(f"{STAGE}.warn_first", "no_warning")],
    ),
    "announcing without a notice": (
        with_stages('id = "a"\ndays = 15\nannounces = true'),
        [(f"{STAGE}.announces", "no_notice")],
    ),
    "repeating a notice that is none": (
        with_stages('id = "a"\ndays = 15\nrepeat_notice = true'),
        [(f"{STAGE}.repeat_notice", "no_notice")],
    ),
    "terms that nobody knows": (
        'terms = "30 days"\n' + with_stages('id = "a"\ndays = 15'),
        [("terms", "bad_terms")],
    ),
    "terms of the wrong type": (
        "terms = 30\n" + with_stages('id = "a"\ndays = 15'),
        [("terms", "wrong_type")],
    ),
    "a case that opens on an unknown occasion": (
        with_stages('id = "a"\ndays = 15') + '[case]\nopens = "first_run"\n',
        [("[case].opens", "unknown_value")],
    ),
    "a charge without a kind": (with_charges('rate = "0.01"'), [(f"{FEE}.kind", "missing")]),
    "a charge of an unknown kind": (
        with_charges('kind = "precent", rate = "0.01"'),
        [(f"{FEE}.kind", "unknown_value")],
    ),
    "two charges of one kind": (
        with_charges('kind = "percent", rate = "0.01"', 'kind = "percent", rate = "0.02"'),
        [('[[stages]] "fee".charges[2].kind', "twice")],
    ),
    "percent without a rate": (with_charges('kind = "percent"'), [(f"{FEE}.rate", "missing")]),
    "flat without an amount": (with_charges('kind = "flat"'), [(f"{FEE}.amount", "missing")]),
    "flat without an amount in a currency of the policy": (
        with_charges('kind = "flat", amount = { USD = "15.00" }', currencies='["USD", "EUR"]'),
        [(f"{FEE}.amount.EUR", "missing")],
    ),
    "a flat charge with a rate": (
        with_charges('kind = "flat", amount = { USD = "15.00" }, rate = "0.1"'),
        [(f"{FEE}.rate", "stray")],
    ),
    "a percent charge with an amount": (
        with_charges('kind = "percent", rate = "0.1", amount = { USD = "1.00" }'),
        [(f"{FEE}.amount", "stray")],
    ),
    "a percent charge with bands": (
        with_charges('kind = "percent", rate = "0.1", bands = []'),
        [(f"{FEE}.bands", "stray")],
    ),
    "a rate above one": (
        with_charges('kind = "percent", rate = "1.5"'),
        [(f"{FEE}.rate", "out_of_range")],
    ),
    "a negative rate": (
        with_charges('kind = "percent", rate = "-0.1"'),
        [(f"{FEE}.rate", "negative")],
    ),
    "a rate as a number": (
        with_charges('kind = "percent", rate = 0.015'),
        [(f"{FEE}.rate", "not_quoted")],
    ),
    "a rate with a percent sign": (
        with_charges('kind = "percent", rate = "1.5%"'),
        [(f"{FEE}.rate", "bad_rate")],
    ),
    "a rate of too many digits": (
        with_charges('kind = "percent", rate = "0.01234567891234"'),
        [(f"{FEE}.rate", "bad_rate")],
    ),
    "a rate that is not a number": (
        with_charges('kind = "percent", rate = "NaN"'),
        [(f"{FEE}.rate", "bad_rate")],
    ),
    "min above max": (
        with_charges(
            'kind = "percent", rate = "0.1", min = { USD = "9.00", EUR = "1" }, '
            'max = { USD = "8.00" }',
            currencies='["USD", "EUR"]',
        ),
        [(f"{FEE}.min.USD", "min_above_max")],
    ),
    "an amount as a whole number": (
        with_charges('kind = "flat", amount = { USD = 15 }'),
        [(f"{FEE}.amount.USD", "not_quoted")],
    ),
    "an amount as a float": (
        with_charges('kind = "flat", amount = { USD = 15.5 }'),
        [(f"{FEE}.amount.USD", "not_quoted")],
    ),
    "an amount as a truth value": (
        with_charges('kind = "flat", amount = { USD = true }'),
        [(f"{FEE}.amount.USD", "wrong_type")],
    ),
    "an amount for no currency": (
        with_charges('kind = "flat", amount = "15.00"'),
        [(f"{FEE}.amount", "wrong_type")],
    ),
    "a negative amount": (
        with_charges('kind = "flat", amount = { USD = "-1.00" }'),
        [(f"{FEE}.amount.USD", "negative")],
    ),
    "an amount with a comma": (
        with_charges('kind = "flat", amount = { USD = "1,000.00" }'),
        [(f"{FEE}.amount.USD", "bad_amount")],
    ),
    "cents of a cent": (
        with_charges('kind = "flat", amount = { USD = "1.005" }'),
        [(f"{FEE}.amount.USD", "bad_amount")],
    ),
    "decimals of a yen": (
        with_charges('kind = "flat", amount = { JPY = "100.5" }', currencies='["JPY"]'),
        [(f"{FEE}.amount.JPY", "bad_amount")],
    ),
    "an amount of another currency": (
        with_charges('kind = "percent", rate = "0.1", max = { GBP = "8.00" }'),
        [(f"{FEE}.max.GBP", "currency_not_in_policy")],
    ),
    "an amount of no known currency": (
        with_charges('kind = "percent", rate = "0.1", max = { USB = "8.00" }'),
        [(f"{FEE}.max.USB", "unknown_currency")],
    ),
    "charges that are no tables": (
        with_stages('id = "a"\ndays = 1\ncharges = ["percent"]'),
        [(f"{STAGE}.charges", "wrong_type")],
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_broken_document_has_exactly_these_faults(name: str) -> None:
    text, expected = DOCUMENTS[name]

    assert faults_of(text) == expected


def test_a_policy_with_five_faults_reports_all_five() -> None:
    text = (
        with_stages(
            'id = "reminder"\ndays = 30\nnotise = "reminder"',
            'id = "fee"\ndays = 15\ncharges = [ { kind = "percent", rate = 0.015 } ]',
        )
        + '[caps]\nmax_total_percent = "10%"\n[calendar]\ncountry = "ZZ"\n'
    )

    assert faults_of(text) == [
        ("[calendar].country", "unknown_country"),
        ('[[stages]] "reminder".notise', "unknown_key"),
        ('[[stages]] "fee".charges[1].rate', "not_quoted"),
        ("[caps].max_total_percent", "bad_rate"),
        ('[[stages]] "fee".days', "not_ascending"),
    ]


def test_the_messages_are_words_a_finance_person_understands() -> None:
    text = (
        with_charges('kind = "percent", rate = 0.015, max = { EUR = "9" }')
        + '[dunning]\ncatch_up = "steps"\n'
    )

    assert details_of(text).splitlines() == [
        "this policy has 3 faults:",
        '  [dunning].catch_up: must be one of "step", "jump", not "steps"; did you mean "step"?',
        '  [[stages]] "fee".charges[1].rate: write rate = "0.015", in quotes: a bare number cannot '
        "hold every decimal exactly",
        '  [[stages]] "fee".charges[1].max.EUR: EUR is not one of this policy\'s currencies (USD)',
    ]


def test_a_refused_value_is_not_reported_as_missing_as_well() -> None:
    assert faults_of(with_stages('id = "a"\ndays = 15\nannounces = "yes"\nnotice = "r"',
                                 'id = "b"\ndays = 30\nwarn_first = true')) == [
        ('[[stages]] "a".announces', "wrong_type")
    ]  # fmt: skip


def test_a_hundred_faults_are_listed_and_then_no_more() -> None:
    text = MINIMAL + "".join(f"unknown_{n} = 1\n" for n in range(150))

    assert len(faults_of(text)) == 100
    assert details_of(text).startswith("this policy has more than 100 faults")


@pytest.mark.parametrize(
    ("document", "where", "code"),
    [
        (b'id = "p"\ncurrencies = ["USD"\n[dunning]\n', "line 3, column 1", "toml_syntax"),
        (b'id = "p"\nid = "q"\n\nx = 1', "line 2, column 9", "toml_syntax"),
        (b"a = " + b"[" * 5000, "", "toml_syntax"),
        (b"a = " + b"1" * 6000, "", "toml_syntax"),
        (b"id = 'p'\n" + b".".join([b"a"] * 50_000) + b" = 1", "line 2", "toml_syntax"),
        (b"[" + b" . ".join([b'"a"'] * 20_000) + b"]", "line 1", "toml_syntax"),
        (b'id = "p"\nx = "\xff"', "line 2", "not_utf8"),
        (b"#" * (256 * 1024 + 1), "", "too_long"),
    ],
)
def test_a_document_that_cannot_be_read_says_where(document: bytes, where: str, code: str) -> None:
    assert faults_of(document) == [(where, code)]


@pytest.mark.parametrize(
    ("stages", "currencies", "where"),
    [(51, '["USD"]', "stages"), (1, str(["USD"] * 51).replace("'", '"'), "currencies")],
)
def test_there_is_a_limit_to_everything(stages: int, currencies: str, where: str) -> None:
    bodies = (f'id = "s{n}"\ndays = {n}' for n in range(1, stages + 1))

    assert faults_of(with_stages(*bodies, currencies=currencies)) == [(where, "out_of_range")]

"""Interest asked for at any time: what a sum comes to, and what has accrued on an account (R4.3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.facts import BlockSet, DisputeOpened, Payment
from tests.api.client import Api
from tests.api.lent import POLICY, lent, posted_at_30_days, usd
from tests.flows.machine import TODAY, Machine, invoice

UK = "principal_minor=100000&currency=GBP&from=2024-01-01&to=2024-02-20&policy_id=uk-statutory"
AT = "/v1/accounts/A1/interest"


def row(machine: Machine, query: str = "") -> dict[str, Any]:
    """What is told of the first invoice."""
    answer = Api(machine).get(f"{AT}?{query}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.body["data"][0]
    return found


def figures(told: dict[str, Any]) -> list[int | None]:
    """Accrued, posted, not posted and postable, in minor units."""
    names = ("accrued", "posted", "not_posted", "postable")
    return [told[name] and told[name]["amount_minor"] for name in names]


def test_a_sum_is_worked_out_under_a_shipped_policy() -> None:
    body = Api(Machine()).get(f"/v1/interest?{UK}").body

    assert body["interest"]["line"] == "GBP 1,000.00 x 13.25% x 50/365 = 18.15"
    assert body["interest"]["amount"] == {"amount_minor": 18_15, "currency": "GBP"}
    assert body["compensation"]["amount"]["amount_minor"] == 70_00
    assert body["total"] == {"amount_minor": 88_15, "currency": "GBP"}
    assert (body["policy"]["id"], body["policy_in_force"]) == ("uk-statutory", False)


def test_a_sum_is_told_with_its_segments_and_where_the_rate_is_from() -> None:
    body = Api(Machine()).get(f"/v1/interest?{UK}").body

    (segment,) = body["interest"]["working"]["segments"]
    assert (segment["from_on"], segment["through_on"]) == ("2024-01-02", "2024-02-20")
    assert (segment["days"], segment["annual_rate"]) == (50, "0.1325")
    assert segment["base"] == {"amount_minor": 1_000_00, "currency": "GBP"}
    assert (segment["source"], segment["unrounded"]) == (
        "Bank of England Bank Rate 5.25% on 2023-12-31 + 8%",
        "18.15068493",
    )
    assert body["terms"]["table"]["id"] == "gb_bank_rate"
    assert date.fromisoformat(body["terms"]["table"]["known_through"]) > TODAY


def test_the_default_policy_is_meant_when_none_is_named() -> None:
    sum_of_usd = UK.replace("GBP", "USD").removesuffix("&policy_id=uk-statutory")
    body = Api(Machine()).get(f"/v1/interest?{sum_of_usd}").body

    assert (body["policy"]["id"], body["policy_in_force"]) == ("standard", True)
    assert body["interest"]["line"] == "USD 1,000.00 x 12% x 50/365 = 16.44"


def test_the_policy_that_is_in_force_here_comes_before_the_shipped_one() -> None:
    machine = Machine()
    own = POLICY.replace(b'"contract"', b'"uk-statutory"').replace(b'"USD"', b'"GBP"')
    machine.registry.put_policy("uk-statutory", own)
    body = Api(machine).get(f"/v1/interest?{UK}").body

    assert body["interest"]["line"] == "GBP 1,000.00 x 12% x 50/365 = 16.44"
    assert body["policy_in_force"] is True


def test_a_policy_that_is_neither_in_force_nor_shipped_is_not_found() -> None:
    assert Api(Machine()).get(f"/v1/interest?{UK}x").status == 404


@pytest.mark.parametrize(
    ("was", "asked", "pointer"),
    [
        ("100000", "1000.00", "principal_minor"),
        ("100000", "0", "principal_minor"),
        ("100000", "-5", "principal_minor"),
        ("100000", "1000000000000000", "principal_minor"),
        ("GBP", "gbp", "currency"),
        ("2024-02-20", "2024-02-30", "to"),
        ("2024-01-01", "yesterday", "from"),
        ("&policy_id", "&debtor_kind=trust&policy_id", "debtor_kind"),
        ("&policy_id", "&rate=5&policy_id", "rate"),
        ("&policy_id", "&to=2024-02-21&policy_id", "to"),
        ("&from=2024-01-01", "", "from"),
    ],
)
def test_a_sum_is_asked_for_in_known_words(was: str, asked: str, pointer: str) -> None:
    answer = Api(Machine()).get(f"/v1/interest?{UK.replace(was, asked)}")

    assert (answer.status, answer.pointers) == (400, [pointer])


def test_every_fault_of_a_sum_is_named_at_once() -> None:
    asked = "principal_minor=1&currency=GBP&from=2024-01-01&to=2024-01-01&policy_id=rapid"
    answer = Api(Machine()).get(f"/v1/interest?{asked}")

    assert (answer.status, answer.code) == (422, "unfit_input")
    found = [(fault["pointer"], fault["code"]) for fault in answer.body["errors"]]
    assert found == [
        ("to", "not_after"),
        ("policy_id", "no_interest_terms"),
        ("currency", "currency_not_in_policy"),
    ]


@pytest.mark.parametrize(
    ("was", "asked", "code"),
    [
        ("2024-02-20", "2023-12-31", "not_after"),
        ("2024-02-20", "2080-01-01", "too_long"),
        ("2024-02-20", "9999-12-31", "out_of_range"),
        ("2024-01-01", "0001-01-01", "out_of_range"),
    ],
)
def test_days_that_make_no_span_are_refused(was: str, asked: str, code: str) -> None:
    answer = Api(Machine()).get(f"/v1/interest?{UK.replace(was, asked)}")

    assert (answer.status, answer.body["errors"][0]["code"]) == (422, code)


def test_a_day_that_the_table_does_not_reach_is_an_error_and_no_guess() -> None:
    answer = Api(Machine()).get(f"/v1/interest?{UK.replace('2024-01-01', '1990-01-01')}")

    assert (answer.status, answer.code) == (422, "rate_unknown")
    assert answer.body["detail"].startswith(
        'the rate table "gb_bank_rate" has no rate for 1989-12-31: it is known from '
    )


@pytest.mark.parametrize("path", [f"/v1/interest?{UK}", AT])
def test_whoever_may_read_may_ask(path: str) -> None:
    api = Api(lent())

    assert api.as_("").get(path).status == 401
    assert api.as_("agency").get(path).status == 403
    for role in ("viewer", "collector", "approver", "admin", "service"):
        assert api.as_(role).get(path).status == 200


def test_what_has_accrued_can_be_asked_for_before_anything_is_posted() -> None:
    told = row(lent(40))

    assert figures(told) == [4_80, 0, 4_80, 4_80]
    assert told["line"] == "USD 365.00 x 12% x 40/365 = 4.80"
    assert (told["days_past_due"], told["open"]) == (40, usd(365_00))


def test_what_was_posted_is_taken_off_what_has_accrued() -> None:
    told = row(posted_at_30_days())

    assert figures(told) == [4_80, 3_60, 1_20, 1_20]
    assert told["line"] == "USD 365.00 x 12% x 40/365 = 4.80, less 3.60 charged before = 1.20"


def test_asking_posts_nothing() -> None:
    machine = lent(40)
    before = machine.account("A1")
    row(machine)

    assert machine.account("A1") == before


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (366, [48_72, 3_60, 45_12, 45_12]),
        (1, [4_92, 3_60, 1_32, 1_32]),
        (-10, [3_60, 3_60, 0, None]),
        (-11, [3_48, 0, 3_48, None]),  # the day before it was posted
        (-40, [0, 0, 0, None]),
    ],
)
def test_interest_is_told_through_any_day(days: int, expected: list[int | None]) -> None:
    told = row(posted_at_30_days(), f"through={TODAY + timedelta(days=days)}")

    assert figures(told) == expected


@pytest.mark.parametrize("days", [367, -3_661, 300_000])
def test_a_day_too_far_away_is_refused(days: int) -> None:
    answer = Api(lent()).get(f"{AT}?through={TODAY + timedelta(days=days)}")

    assert (answer.status, answer.pointers) == (422, ["through"])


@pytest.mark.parametrize("query", ["through=2024-02-30", "on=2024-03-18", "limit=0", "cursor=x"])
def test_an_accounts_interest_is_asked_for_in_known_words(query: str) -> None:
    assert Api(lent()).get(f"{AT}?{query}").status == 400


def test_an_account_that_is_not_there_has_no_interest() -> None:
    assert Api(lent()).get("/v1/accounts/A9/interest").status == 404


def test_a_payment_lowers_what_bears_interest_from_the_day_after() -> None:
    machine = lent(40)
    day = TODAY - timedelta(days=10)
    machine.take_in("A1", Payment(TODAY, "P1", day, "USD", 165_00, ("I1",)))
    told = row(machine)

    assert [(s["days"], s["base"]["amount_minor"]) for s in told["working"]["segments"]] == [
        (30, 365_00), (10, 200_00),
    ]  # fmt: skip
    assert told["working"]["unrounded"] == "4.25753424"
    assert told["accrued"] == usd(4_26)


def test_what_was_not_posted_lapses_when_the_principal_is_paid() -> None:
    machine = posted_at_30_days()
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 365_00, ("I1",)))
    told = row(machine)

    assert figures(told) == [4_80, 3_60, 0, 0]
    assert (told["open"], told["days_past_due"]) == (usd(0), None)


def test_a_disputed_part_bears_no_interest_meanwhile() -> None:
    machine = lent(40)
    machine.take_in("A1", DisputeOpened(TODAY, "I1", 265_00))
    told = row(machine)

    assert told["disputed"] == usd(265_00)
    assert told["line"] == "USD 100.00 x 12% x 40/365 = 1.32"


def test_days_under_a_legal_stop_rest() -> None:
    machine = lent(40)
    machine.take_in("A1", BlockSet(TODAY - timedelta(days=9), "legal_stop"))
    told = row(machine)

    assert (told["accrued"], told["rests_now"]) == (usd(3_60), True)
    assert told["rests"] == [{"from_on": "2024-03-09", "through_on": "2024-03-18"}]


def test_what_a_cap_leaves_is_told_beside_what_has_accrued() -> None:
    told = row(lent(40, policy_id="capped"))

    assert figures(told) == [4_80, 0, 4_80, 3_65]
    assert told["capped_by"] == "max_total_percent"


def test_interest_that_no_stage_charges_is_never_postable() -> None:
    machine = lent(40, policy_id="standard")
    answer = Api(machine).get(AT).body

    assert answer["terms"]["stages"] == []
    assert figures(answer["data"][0]) == [4_80, 0, 4_80, 0]


def test_without_terms_of_interest_nothing_accrues() -> None:
    answer = Api(lent(40, policy_id="rapid")).get(AT).body

    assert answer["terms"] is None
    assert figures(answer["data"][0]) == [0, 0, 0, 0]


def test_a_rate_that_is_not_known_is_told_at_its_invoice_alone() -> None:
    machine = lent(40, 12_500, policy_id="uk-statutory", currency="GBP", seen_on=TODAY)
    body = Api(machine).get(AT).body

    first, second = body["data"]
    assert (first["error"], first["accrued"]["amount_minor"]) == (None, 5_30)
    assert (second["accrued"], second["error"]["code"]) == (None, "rate_unknown")
    assert 'the rate table "gb_bank_rate"' in second["error"]["detail"]
    (total,) = body["totals"]
    assert (total["invoices"], total["not_known"]) == (2, 1)
    assert total["accrued"]["amount_minor"] == 5_30


def test_an_invoice_in_a_currency_that_the_policy_does_not_list_says_so() -> None:
    machine = lent(40)
    machine.take_in("A1", invoice("I2", 40, currency="EUR"))
    body = Api(machine).get(AT).body

    assert body["data"][1]["error"]["code"] == "currency_not_in_policy"
    assert [(t["currency"], t["not_known"]) for t in body["totals"]] == [("EUR", 1), ("USD", 0)]


def test_totals_are_of_all_invoices_and_come_with_the_first_page() -> None:
    api = Api(lent(10, 20, 30))
    first = api.get(f"{AT}?limit=2").body
    second = api.get(f"{AT}?limit=2&cursor={first['next_cursor']}").body

    assert [one["invoice_id"] for one in first["data"] + second["data"]] == ["I1", "I2", "I3"]
    assert first["totals"] == [
        {"currency": "USD", "invoices": 3, "not_known": 0, "accrued": usd(7_20),
         "posted": usd(0), "not_posted": usd(7_20), "postable": usd(7_20)}
    ]  # fmt: skip
    assert (second["totals"], second["next_cursor"]) == (None, None)


def test_nothing_is_postable_of_a_day_that_is_past() -> None:
    answer = Api(lent()).get(f"{AT}?through={TODAY - timedelta(days=1)}").body

    assert [one["postable"] for one in (*answer["totals"], *answer["data"])] == [None, None]


def test_a_cursor_is_bound_to_the_day_that_was_asked_for() -> None:
    api = Api(lent(10, 20))
    cursor = api.get(f"{AT}?limit=1").body["next_cursor"]

    assert api.get(f"{AT}?limit=1&cursor={cursor}&through=2024-03-17").status == 400


def test_an_account_with_nothing_open_has_nothing_to_tell() -> None:
    machine = lent(-10)
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 365_00, ("I1",)))
    body = Api(machine).get(AT).body

    assert (body["data"], body["totals"], body["next_cursor"]) == ([], [], None)

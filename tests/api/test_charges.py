"""Charges: seen whatever became of them, waived, and reinstated as their next revision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from chalicelib.core.aging import out_of_balance
from chalicelib.core.facts import NoticeCounted, Payment
from tests.api.client import WHY, Answered, Api
from tests.api.lent import lent, posted_at_30_days
from tests.flows.machine import TODAY, Machine, invoice

CHARGE = "I1:late_fee_30:percent"
AGAIN = f"{CHARGE}:r1"
PATH = f"/v1/accounts/A1/charges/{CHARGE}"
FEE = 15_00
verbs = pytest.mark.parametrize("verb", ["waive", "reinstate"])


def charged(*names: str) -> Machine:
    """Invoices of 1,000.00, announced and then charged 1.5% each, a week later."""
    machine = Machine()
    machine.take_in("A1", *(invoice(name, 25) for name in names or ("I1",)))
    machine.decide("A1")
    machine.take_in("A1", NoticeCounted(TODAY, "A1:USD:2024-03-18"))
    machine.clock.pass_by(days=7)
    machine.decide("A1", TODAY + timedelta(days=7))
    return machine


@pytest.fixture
def api() -> Api:
    return Api(charged())


def usd(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "USD"}


def blockers(answer: Answered) -> list[str]:
    return [blocker["code"] for blocker in answer.body["blockers"]]


def waive(api: Api, charge_id: str = CHARGE) -> Answered:
    return api.post(f"/v1/accounts/A1/charges/{charge_id}/waive", WHY)


def reinstate(api: Api, charge_id: str = CHARGE) -> Answered:
    return api.post(f"/v1/accounts/A1/charges/{charge_id}/reinstate", WHY)


def pay(api: Api, amount_minor: int, payment_id: str = "P1") -> None:
    """Money that names the invoice: its principal first, then its charges."""
    on = TODAY + timedelta(days=7)
    api.machine.take_in("A1", Payment(on, payment_id, on, "USD", amount_minor, ("I1",)))


def listed(api: Api, query: str = "") -> list[str]:
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = api.get(f"/v1/accounts/A1/charges?{query}&cursor={cursor}")
        found += [row["charge_id"] for row in answer.body["data"]]
        cursor = answer.body["next_cursor"]
    return found


def test_a_charge_is_told_with_what_it_rests_on(api: Api) -> None:
    body = api.get(PATH).body

    assert (body["amount"], body["open"], body["status"]) == (usd(FEE), usd(FEE), "open")
    assert (body["invoice_id"], body["stage"], body["kind"]) == ("I1", "late_fee_30", "percent")
    assert body["basis"] == "1.5% of USD 1,000.00 = 15.00"


@pytest.mark.parametrize("written", [CHARGE, quote(CHARGE, safe="")])
def test_the_colons_of_a_charges_id_may_be_written_either_way(api: Api, written: str) -> None:
    assert api.get(f"/v1/accounts/A1/charges/{written}").body["charge_id"] == CHARGE
    assert waive(api, written).status == 200


def test_a_waived_charge_stays_visible(api: Api) -> None:
    answer = waive(api)

    assert (answer.status, answer.body["open"]) == (200, usd(0))
    assert (answer.body["waived"], answer.body["amount"]) == (usd(FEE), usd(FEE))
    assert (listed(api), listed(api, "status=all")) == ([], [CHARGE])
    entry = api.machine.accounts.kept["A1"].entries[-1]
    assert (entry.kind, entry.amount_minor, entry.reason) == ("waiver", FEE, "goodwill")
    assert out_of_balance(api.machine.account("A1")) == {}


def test_only_what_is_open_is_waived(api: Api) -> None:
    pay(api, 1_000_00 + 5_00)

    assert waive(api).body["waived"] == usd(10_00)
    assert reinstate(api).body["amount"] == usd(10_00)


def test_a_reinstated_charge_is_owed_as_its_next_revision(api: Api) -> None:
    waive(api)
    answer = reinstate(api)

    assert (answer.status, answer.headers["Location"]) == (
        201,
        f"/v1/accounts/A1/charges/{AGAIN}",
    )
    assert (answer.body["charge_id"], answer.body["open"]) == (AGAIN, usd(FEE))
    assert api.get(answer.headers["Location"]).body == answer.body
    assert api.get(PATH).body["reinstated"] == usd(FEE)
    assert listed(api, "status=all") == [CHARGE, AGAIN]
    assert out_of_balance(api.machine.account("A1")) == {}


def test_a_revision_may_be_waived_and_reinstated_again(api: Api) -> None:
    waive(api)
    reinstate(api)
    waive(api, AGAIN)

    assert reinstate(api, AGAIN).body["charge_id"] == f"{CHARGE}:r2"
    assert listed(api) == [f"{CHARGE}:r2"]
    assert out_of_balance(api.machine.account("A1")) == {}


def test_the_charge_of_a_closed_invoice_opens_it_again(api: Api) -> None:
    waive(api)
    pay(api, 1_000_00)
    assert api.get("/v1/accounts/A1/invoices/I1").body["status"] == "closed"

    reinstate(api)

    body = api.get("/v1/accounts/A1/invoices/I1").body
    assert (body["status"], body["open"], body["open_charges"]) == ("open", usd(0), usd(FEE))
    assert out_of_balance(api.machine.account("A1")) == {}


def test_both_are_in_the_timeline_with_why(api: Api) -> None:
    waive(api)
    reinstate(api)
    events = [event for line in api.machine.accounts.kept["A1"].log for event in line.events]

    assert [(one.kind, one.subject, one.reason_code, one.figures) for one in events] == [
        (kind, CHARGE, "goodwill",
         {"amount_minor": "1500", "currency": "USD", "answered_as": answered})
        for kind, answered in (("charge_waived", CHARGE), ("charge_reinstated", AGAIN))
    ]  # fmt: skip


def test_what_is_not_open_is_not_waived(api: Api) -> None:
    waive(api)
    answer = waive(api)

    assert (answer.status, blockers(answer)) == (422, ["nothing_open"])
    assert answer.body["allowed_actions"] == ["reinstate"]


def test_what_was_not_waived_is_not_reinstated(api: Api) -> None:
    answer = reinstate(api)

    assert (answer.status, blockers(answer)) == (422, ["not_waived"])
    assert answer.body["allowed_actions"] == ["waive"]


def test_what_was_reinstated_is_not_reinstated_twice(api: Api) -> None:
    waive(api)
    reinstate(api)
    answer = reinstate(api)

    assert (blockers(answer), answer.body["allowed_actions"]) == (["not_waived"], [])


def test_the_charges_of_a_voided_invoice_stay_cancelled(api: Api) -> None:
    waive(api)
    api.post("/v1/accounts/A1/invoices/I1/void", WHY)

    assert blockers(reinstate(api)) == ["voided"]


@verbs
def test_every_fault_of_a_body_is_named(api: Api, verb: str) -> None:
    answer = api.post(f"{PATH}/{verb}", {"amount_minor": 1.5, "note": ""})

    assert sorted(answer.pointers) == ["/amount_minor", "/note", "/reason_code"]


@verbs
def test_approvers_decide_about_charges(api: Api, verb: str) -> None:
    if verb == "reinstate":
        waive(api)
    path = f"{PATH}/{verb}"

    assert api.as_("").post(path, WHY).status == 401
    assert api.as_("viewer,collector,service,agency").post(path, WHY).status == 403
    assert api.as_("approver").post(path, WHY).status < 300


@verbs
def test_keys_and_etags_are_honoured(api: Api, verb: str) -> None:
    if verb == "reinstate":
        waive(api)
    path, old = f"{PATH}/{verb}", api.get(PATH).headers["ETag"]

    assert api.post(path, WHY, Idempotency_Key="").status == 400
    assert api.post(path, WHY, If_Match='"old"').status == 412
    first = api.post(path, WHY, If_Match=old, Idempotency_Key="k")
    again = api.post(path, WHY, If_Match=old, Idempotency_Key="k")
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert api.post(path, WHY | {"note": "x"}, Idempotency_Key="k").status == 422


@verbs
@pytest.mark.parametrize(
    "charge_id", ["I9:late_fee_30:percent", "I1:late_fee_31:percent", "I1", "bonus"]
)
def test_what_is_not_there_is_not_found(api: Api, verb: str, charge_id: str) -> None:
    assert api.post(f"/v1/accounts/A1/charges/{charge_id}/{verb}", WHY).status == 404
    assert api.get(f"/v1/accounts/A1/charges/{charge_id}").status == 404
    assert api.get("/v1/accounts/A9/charges").status == 404


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_a_list_gives_each_charge_once(limit: int) -> None:
    api = Api(charged("I1", "I2", "I3"))
    api.post("/v1/accounts/A1/charges/I2:late_fee_30:percent/waive", WHY)
    api.post("/v1/accounts/A1/charges/I2:late_fee_30:percent/reinstate", WHY)
    api.post("/v1/accounts/A1/charges/I3:late_fee_30:percent/waive", WHY)
    api.post("/v1/accounts/A1/invoices/I3/write_off", WHY)
    everything = [
        CHARGE,
        "I2:late_fee_30:percent",
        "I2:late_fee_30:percent:r1",
        "I3:late_fee_30:percent",  # of a closed invoice
    ]

    assert listed(api, f"limit={limit}&status=all") == everything
    assert listed(api, f"limit={limit}") == [CHARGE, "I2:late_fee_30:percent:r1"]


def test_a_list_of_charges_goes_on_past_a_thousand_invoices_without_any() -> None:
    machine = charged("Z1")
    later = [invoice(f"B{n:04}", -10, 100) for n in range(1_000)]
    machine.take_in("A1", *later)
    api = Api(machine)
    first = api.get("/v1/accounts/A1/charges").body

    assert (first["data"], first["next_cursor"] is None) == ([], False)
    assert listed(api) == ["Z1:late_fee_30:percent"]


@pytest.mark.parametrize("query", ["limit=201", "status=waived", "invoice=I1", "cursor=abc"])
def test_a_list_is_asked_for_in_known_words(api: Api, query: str) -> None:
    assert api.get(f"/v1/accounts/A1/charges?{query}").status == 400


INTEREST = "/v1/accounts/A1/charges/I1:late:interest"


def paid_by_the_day(days: int) -> Api:
    """A cent was paid on each day past due but the last; then 30 days of interest were posted."""
    machine = lent(30)
    for number in range(1, days):
        on = TODAY - timedelta(days=30 - number)
        machine.take_in("A1", Payment(on, f"P{number}", on, "USD", 1, ("I1",)), wake_on=on)
    machine.decide("A1")
    machine.decide("A1", TODAY + timedelta(days=7))  # the reminder came first
    return Api(machine)


def test_interest_tells_how_it_was_worked_out() -> None:
    body = Api(posted_at_30_days()).get(INTEREST).body

    assert body["basis"] == "USD 365.00 x 12% x 30/365 = 3.60"
    working = body["working"]
    (segment,) = working["segments"]
    assert segment == {
        "from_on": "2024-02-08", "through_on": "2024-03-08", "days": 30, "base": usd(365_00),
        "annual_rate": "0.12", "source": "12% a year by contract", "unrounded": "3.60000000",
    }  # fmt: skip
    assert (working["unrounded"], working["running"]) == ("3.60000000", usd(3_60))
    assert working["rounding"] == "The exact sum over the segments is rounded once, half-up."


def test_a_later_posting_tells_what_was_charged_before() -> None:
    machine = posted_at_30_days()
    machine.decide("A1", TODAY + timedelta(days=20))
    body = Api(machine).get(f"{INTEREST}:2").body

    assert body["basis"] == "USD 365.00 x 12% x 60/365 = 7.20, less 3.60 charged before = 3.60"
    assert (body["working"]["running"], body["working"]["posted_before"]) == (usd(7_20), usd(3_60))


def test_other_kinds_say_it_all_in_their_line(api: Api) -> None:
    assert api.get(PATH).body["working"] is None


def test_a_list_shows_twenty_segments_of_a_charge_and_the_charge_itself_all() -> None:
    api = paid_by_the_day(25)
    alone = api.get(INTEREST).body["working"]
    (row,) = api.get("/v1/accounts/A1/charges").body["data"]

    listed_segments = row["working"]["segments"]
    assert (len(alone["segments"]), alone["more_segments"]) == (25, 0)
    assert (len(listed_segments), row["working"]["more_segments"]) == (20, 5)
    assert listed_segments[-1] == alone["segments"][-1]
    assert row["working"]["unrounded"] == alone["unrounded"]


def test_the_etag_of_interest_is_honoured_by_its_verbs() -> None:
    api = Api(posted_at_30_days())
    etag = api.get(INTEREST).headers["ETag"]
    answer = api.post(f"{INTEREST}/waive", WHY, If_Match=etag)

    assert (answer.status, answer.body["waived"]) == (200, usd(3_60))
    assert answer.headers["ETag"] == api.get(INTEREST).headers["ETag"] != etag

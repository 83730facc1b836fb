"""Under which ids an agency is told of money: it learns nothing of another agency (R10.5)."""

from __future__ import annotations

from chalicelib.core.agency_lines import BALANCE_CHANGED, AgencyLine
from chalicelib.flows.agency_money_ids import told_ref
from tests.unit.accounts import DAY


def ref(payment_id: str, because: str = "payment_direct") -> str:
    line = AgencyLine(
        "line", BALANCE_CHANGED, "south", "plc_2", "A", DAY, because=because, ref=payment_id
    )
    return told_ref(line)


def test_an_agency_is_told_of_its_own_money_by_its_own_id() -> None:
    assert ref("agy_south_P-1", "payment_agency") == "P-1"


def test_direct_money_is_told_by_the_row_that_it_has() -> None:
    assert ref("bank_7") == "direct:plc_2:bank_7"


def test_money_that_another_agency_received_names_neither_it_nor_its_id() -> None:
    told = [ref("agy_acme_P-1"), ref("agy_acme_P-2"), ref("agy_south-2_P-1")]

    assert len(set(told)) == 3
    assert all(one.startswith("direct:plc_2:") for one in told)
    assert not any(name in one for one in told for name in ("acme", "south", "P-"))
    assert ref("agy_acme_P-1", "payment_reversed") == told[0]

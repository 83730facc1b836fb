"""How much work it is to book many facts at once for what is placed: as many times as much."""

from __future__ import annotations

import sys
from types import FrameType

from chalicelib.core.facts import DisputeOpened
from tests.unit.accounts import DAY, invoice
from tests.unit.placed import ACCEPT, booked, offered


def calls_to_dispute(invoices: int) -> int:
    """How many functions are called to dispute all invoices of a placement, one by one."""
    names = [f"I{number:03d}" for number in range(invoices)]
    account = booked(offered([invoice(name, 100_00, 40) for name in names]), ACCEPT).account
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        booked(account, *(DisputeOpened(DAY, name, None) for name in names))
    finally:
        sys.setprofile(None)
    return calls


def test_disputing_four_times_as_many_invoices_is_not_sixteen_times_the_work() -> None:
    assert calls_to_dispute(160) < 10 * calls_to_dispute(40)  # 16 times, if each reads all

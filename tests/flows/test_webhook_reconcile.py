"""Deliveries that are due are handed over each minute, and never for longer than there is time."""

from __future__ import annotations

from chalicelib.flows.ports_webhooks import Delivery
from chalicelib.flows.webhook_reconcile import A_MINUTE, TIME_S
from tests.flows.machine import NOW
from tests.flows.test_webhooks import Office, office

__all__ = ["office"]  # the fixture


def test_of_one_endpoint_so_much_is_handed_over_in_a_minute(office: Office) -> None:
    webhook = office.endpoint()
    for number in range(A_MINUTE + 20):
        late = Delivery(f"evt_{number}", "a.b", "{}", NOW, NOW, next_at=NOW)
        office.deliveries.keep(webhook.shelf, late)

    assert office.reconcile.hand_over(NOW) == {"webhook_handed_over": A_MINUTE}


def test_a_slow_hand_over_ends_in_time_and_begins_with_another_receiver(office: Office) -> None:
    for name in ("orders", "stock", "tax"):
        office.endpoint(name)
    for number in range(1, 4):
        office.tell(number)
    office.queue.sent.clear()
    office.clock.pass_by(minutes=6)
    office.each_look_s = TIME_S / 2

    first = []
    for _ in range(3):
        office.reconcile.hand_over(office.clock.pass_by(minutes=1))
        first.append({name for name, _, _ in office.queue.sent})
        office.queue.sent.clear()

    assert all(len(names) == 1 for names in first)
    assert set.union(*first) == {"orders", "stock", "tax"}

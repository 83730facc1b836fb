"""A snapshot in portions: what a large ledger takes, of the few accounts that the story has."""

from __future__ import annotations

from datetime import UTC, date, datetime

from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.report import Report
from chalicelib.flows.snapshot_draft import Drafts
from chalicelib.messages import ReportMessage
from chalicelib.store.account_pages import DynamoAccountPages

from tests.fakes_report import MemoryReportQueue
from tests.infra.story.customer import NEXT
from tests.infra.story.left_behind import PLACED, leave_half_written
from tests.infra.story.seller import Seller

DAY = date.fromisoformat(NEXT)
EACH = 3  # accounts of a stretch


class Present:
    """The deployed functions' clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the deployed clock


def tell(seller: Seller) -> None:
    """Begin a snapshot of many stretches, lose its messages, and let the worker go on with it."""
    lost = MemoryReportQueue()
    begun(seller, lost).write(DAY)
    start = lost.sent[0][1]
    assert len(lost.sent) > 1
    leave_half_written(seller, "report_part")

    seller.deliver("report_part", ReportMessage(DAY, start, None).to_json())
    seller.settle()

    assert Drafts(seller.stage.archive).get(DAY, start).is_written
    assert not seller.is_unfinished(PLACED)


def begun(seller: Seller, queue: MemoryReportQueue) -> Report:
    """What begins a snapshot, as the deployed function does, with short stretches."""
    stage = seller.stage
    return Report(
        accounts=stage.accounts,
        pages=DynamoAccountPages(stage.table),
        registry=stage.registry,
        archive=stage.archive,
        policies=PolicyShelf(stage.registry),
        queue=queue,
        clock=Present(),
        today=lambda: DAY,
        monotonic=lambda: 0.0,
        each=EACH,
    )

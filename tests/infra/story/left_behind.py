"""What a crash left behind, and who comes across it: nobody's right may be missing then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.core.effects import Entry
from chalicelib.core.facts import NoticeMoved
from chalicelib.core.facts_placements import PlacementAct, PlacementProposed
from chalicelib.core.placement_moves import Move
from chalicelib.flows.job_waiting import Waiting, waiting_key
from chalicelib.flows.jobs import Jobs
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import OutboxRow, RunRow
from chalicelib.flows.ports_registry import NEW, Put
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.work import Work
from chalicelib.mail.tags import encode_tag
from chalicelib.messages import AgencyMessage, MailMessage, WorkMessage
from chalicelib.store.records import DynamoRecords

from tests.fakes_registry import MemoryJobQueue
from tests.fakes_store import MemoryQueues
from tests.flows.ledger_files import PAYMENT, csv_of
from tests.infra.story.agency import warned_in_vain
from tests.infra.story.customer import NEXT, REMINDED
from tests.infra.story.seller import Seller, good
from tests.infra.uploading import put
from tests.mail.build_mail import ses_event
from tests.unit.accounts import invoice, paid

DAY = date.fromisoformat(NEXT)
ANNA = Principal("anna", frozenset({ADMIN}))
LOST, IN_DOUBT, PLACED = "story-lost", "story-doubt", "story-placed"


@dataclass(frozen=True)
class EarlierToday:
    """A clock of an hour ago: what was lost then is found now."""

    def now(self) -> datetime:
        return datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - the deployed clock's past


def tell(seller: Seller) -> None:
    """Lose a hand-over, a job and a send; leave changes half written to every worker."""
    a_letter_and_a_job_whose_messages_were_lost_are_handed_over_again(seller)
    half_written_changes_are_finished_by_whoever_comes_first(seller)
    an_unfinished_account_that_nobody_asks_for_is_finished(seller)


def a_letter_and_a_job_whose_messages_were_lost_are_handed_over_again(seller: Seller) -> None:
    stage, clock = seller.stage, EarlierToday()
    for name in (LOST, IN_DOUBT):
        seller.take_in(name, invoice(f"{name}-1", 100_000), wake_on=DAY)
    policies = PolicyShelf(stage.registry)
    # Queues that nobody reads: what they are given is lost.
    queues, job_queue = MemoryQueues(), MemoryJobQueue()
    work = Work(stage.accounts, stage.registry, queues, policies, clock)
    for name in (LOST, IN_DOUBT):
        assert work.decide_account(DAY, name)["notices"] == 1
    claim = NoticeMoved(DAY, f"{IN_DOUBT}:USD:{DAY}", "sending", clock.now(), 1, clock.now())
    # Paid meanwhile: who settles the notice looks among what is closed.
    seller.take_in(IN_DOUBT, claim, paid(100_000, f"{IN_DOUBT}-1", on=DAY))
    jobs = Jobs(DynamoRecords(stage.table), job_queue, stage.archive)
    lost = jobs.submit("dry_run", {"as_of": NEXT}, ANNA, "lost", clock.now())
    mark = Waiting(clock.now())
    jobs.records.write(Put(waiting_key("job_gone"), mark, NEW))

    let_mail_keep_to_the_quota(seller)
    counts = seller.cloud.invoke("reconcile")
    seller.settle()

    assert counts["handed_over"] >= 1  # and what waits for other reasons
    assert counts["leases_ended"] == 1
    assert counts["jobs_handed_over_again"] == 1
    assert jobs.get(lost.id).state == "done"
    assert jobs.records.read(waiting_key("job_gone"), Waiting) is None
    assert {one.state for one in stage.accounts.load(LOST).account.notices.values()} <= {"sent"}
    [doubt] = stage.accounts.load(IN_DOUBT).account.notices.values()
    assert doubt.state == "unknown"


def let_mail_keep_to_the_quota(seller: Seller) -> None:
    """As it does in AWS: few letters leave from here on, and each waits for its turn."""
    functions, name = seller.cloud.client("lambda"), seller.cloud.stack.functions["mail"]
    there = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    paced = {"Variables": there | {"MAIL_PACING": "account"}}
    functions.update_function_configuration(FunctionName=name, Environment=paced)


def half_written_changes_are_finished_by_whoever_comes_first(seller: Seller) -> None:
    """Each worker that loads accounts, the report and the API too: all may write what was left."""
    placed(seller)
    notice_id = f"{PLACED}:USD:{REMINDED}"
    decide = WorkMessage(DAY, PLACED).to_json()
    tags = {"pastdue_notice": [encode_tag(notice_id)], "pastdue_attempt": ["1"]}
    comers = {
        "work": decide,
        "work_large": decide,
        "mail": MailMessage(PLACED, notice_id).to_json(),
        "mail_events": ses_event("Delivery", tags=tags),
        "agency": AgencyMessage("default").to_json(),
    }
    for function, body in comers.items():
        seller.settle()  # else the agency's worker is at it already
        # The agency is to hear of money: its worker reads the accounts of which lines wait.
        seller.take_in(PLACED, paid(100, "P2", on=DAY, payment_id=f"LINE-{function}"))
        leave_half_written(seller, function)
        seller.deliver(function, body)
        assert not seller.is_unfinished(PLACED), function
    leave_half_written(seller, "report")
    seller.cloud.invoke("report", {"run_on": NEXT})
    assert not seller.is_unfinished(PLACED)
    leave_half_written(seller, "jobs")
    told = put(seller.cloud, "payments-9.csv", csv_of({**PAYMENT, "account_id": PLACED}))
    assert told["taken"] == {"Payment": 1}
    leave_half_written(seller, "api")
    assert good(seller.bert.get(f"/v1/accounts/{PLACED}/invoices/P1"))
    assert not seller.is_unfinished(PLACED)


def placed(seller: Seller) -> None:
    """An account that an agency works, so that what is booked on it is told to the agency too."""
    warned_in_vain(seller, PLACED, "P1", "P2")
    seller.take_in(PLACED, PlacementProposed(DAY, "USD", "anna"))
    [name] = seller.stage.accounts.load(PLACED).account.placements
    moves: tuple[tuple[Move, str], ...] = (
        ("submit", "anna"), ("approve", "bert"), ("accept", "default"),
    )  # fmt: skip
    for move, by in moves:
        seller.take_in(PLACED, PlacementAct(DAY, name, move, by))


def leave_half_written(seller: Seller, who: str) -> None:
    """Leave a change behind that writes into every partition of which an account has something."""
    fee = Entry("charge", DAY, DAY, "USD", 150, f"P1:fee:{who}", "P1", f"P1:fee:{who}")
    seller.leave_unfinished(
        PLACED,
        paid(1_000, "P1", on=DAY, payment_id=f"PAY-{who}"),
        invoice(f"{who}-1", 100),
        entries=(fee,),
        outbox=(OutboxRow(f"notice:{who}", "notice", who, EarlierToday().now()),),
        run_row=RunRow(DAY, {"accounts_decided": 0}),
    )


def an_unfinished_account_that_nobody_asks_for_is_finished(seller: Seller) -> None:
    leave_half_written(seller, "reconcile")

    assert seller.cloud.invoke("reconcile")["finished_later"] == 1
    seller.settle()

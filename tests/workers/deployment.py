"""The handlers' own wiring, its adapters replaced by fakes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib import wiring
from chalicelib.core.errors import UnauthorizedError
from chalicelib.flows.auth_grant import KEY_PREFIX, Grant
from chalicelib.flows.authorize import Authorize
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.principal import Principal
from chalicelib.settings import Settings
from chalicelib.wiring_ports import Ports
from tests.fakes_agency import MemoryPlacementReads
from tests.fakes_cursors import FixedKeys
from tests.fakes_erasure import MemoryErasable, MemoryShredder
from tests.fakes_events import MemoryBus, MemoryEventRows
from tests.fakes_holds import MemoryHoldReads
from tests.fakes_mail import FakeQuota
from tests.fakes_notices import MemoryFileLinks, MemoryPastNotices
from tests.fakes_registry import MemoryAccountPages
from tests.fakes_tasks import MemoryTaskReads
from tests.flows.machine import Machine

SETTINGS = Settings(
    stage="test",
    account_id="000000000000",
    production_account_id="",
    seller_zone=ZoneInfo("Europe/Berlin"),
    sender_address="billing@seller.example",
    sandbox_address="sandbox@seller.example",
    configuration_set="",
    table_name="table",
    bucket_name="bucket",
    sweep_shard_queue_url="http://127.0.0.1/sweep-shard",
    work_queue_url="http://127.0.0.1/work",
    work_large_queue_url="http://127.0.0.1/work-large",
    mail_queue_url="http://127.0.0.1/mail",
    jobs_queue_url="http://127.0.0.1/jobs",
    report_part_queue_url="http://127.0.0.1/report-part",
    agency_queue_url="http://127.0.0.1/agency.fifo",
    webhook_queue_url="http://127.0.0.1/webhook",
    webhook_key_arn="arn:aws:secretsmanager:eu-central-1:000000000000:secret:webhook",
    secret_arn="arn:aws:secretsmanager:eu-central-1:000000000000:secret:test",
    oidc_issuers="[]",
)


def _no_issuer() -> Any:
    raise UnauthorizedError("no issuer's token is taken here")


class FakePorts(Ports):
    """The adapters of a deployment, each a fake of one machine."""

    def __init__(self, machine: Machine, settings: Settings = SETTINGS) -> None:
        super().__init__(settings, machine.clock.now, lambda: 0.0)
        self.machine = machine
        self.accounts = machine.accounts
        self.event_rows = MemoryEventRows(machine.accounts)
        self.bus = MemoryBus()
        self.recent = machine.registry
        self.hold_reads = MemoryHoldReads(machine.accounts, machine.registry)
        self.task_reads = MemoryTaskReads(machine.accounts)
        self.past_notices = MemoryPastNotices(machine.accounts)
        self.file_links = MemoryFileLinks()
        self.erasable = MemoryErasable(machine.accounts, machine.agencies)
        self.shredder = MemoryShredder(machine.archive)
        self.quota = FakeQuota()
        self.queues = machine.queues
        self.archive = machine.archive
        self.records = machine.records
        self.job_queue = machine.job_queue
        self.report_queue = machine.report_queue
        self.account_pages = MemoryAccountPages(machine.accounts.kept)
        self.policies = machine.policies
        self.export_feed = machine.export_feed
        self.agencies = machine.agencies
        self.agency_queue = machine.agency_queue
        self.placement_reads = MemoryPlacementReads(machine.accounts)
        self.signing_keys = FixedKeys(b"test")
        self.keys = machine.keys
        self.deliveries = machine.deliveries
        self.webhook_queue = machine.webhook_queue
        self.webhook_sender = machine.receiver
        self.webhook_key = b"test" * 16
        self.resolver = machine.resolver
        self.bookings = Bookings(machine.accounts, machine.policies, self.day_of)

    @property
    def registry(self) -> Any:
        return self.machine.registry


class FakeDeployment(wiring.Machine):
    """The real wiring over fakes; only letters go to the machine's mailer instead of SES."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(SETTINGS, FakePorts(machine))
        self.machine = machine

    def now(self) -> datetime:
        return self.machine.clock.now()

    def authorize(self, token: str) -> Mapping[str, str]:
        """Take `Bearer test viewer,approver anna [owner [agency_id]]` for an hour's grant.

        A key of ours is taken as it is in a deployment; `key:<id>` as a principal stands for one of
        which API Gateway has kept the grant.
        """
        if token.startswith("Bearer pdk_"):
            keys = Authorize(SETTINGS.stage, lambda: self.machine.keys, _no_issuer)
            return keys.grant(token, self.now()).context()
        words = token.split(" ")
        if words[:2] != ["Bearer", "test"] or not 4 <= len(words) <= 6:
            raise UnauthorizedError("not a token of the tests")
        roles, *who = words[2:]
        principal = Principal(who[0], frozenset(roles.split(",")), *who[1:])
        key_id = (
            principal.id.removeprefix(KEY_PREFIX) if principal.id.startswith(KEY_PREFIX) else ""
        )
        return Grant(principal, self.now() + timedelta(hours=1), key_id).context()

    def mail(self, account_id: str, notice_id: str) -> wiring.Counts:
        if account_of_news(notice_id) is not None:
            return self.machine.tell_news.tell(account_id, notice_id)
        return self.machine.deliver.deliver(account_id, notice_id)

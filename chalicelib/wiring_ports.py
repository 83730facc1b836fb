"""The adapters behind the ports of one deployment, each made when it is first needed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property

from chalicelib.alarms import tell_alarms, tell_events_wait, tell_quota_unknown
from chalicelib.core.errors import PastdueError
from chalicelib.flows.api_keys import ApiKeys, KeyShelf
from chalicelib.flows.bus import Teller
from chalicelib.flows.days import trial_day, zone_day
from chalicelib.flows.desk import Desk
from chalicelib.flows.jobs import Jobs
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, Queues, Registry
from chalicelib.flows.ports_agency import Agencies, AgencyQueue, PlacementReads
from chalicelib.flows.ports_erasure import Erasable, Shredder
from chalicelib.flows.ports_events import Bus, EventRows
from chalicelib.flows.ports_export import ExportFeed
from chalicelib.flows.ports_holds import HoldReads
from chalicelib.flows.ports_notices import FileLinks, PastNotices
from chalicelib.flows.ports_quota import Quota
from chalicelib.flows.ports_registry import AccountPages, JobQueue, Records
from chalicelib.flows.ports_report import ReportQueue
from chalicelib.flows.ports_tasks import TaskReads
from chalicelib.flows.ports_webhooks import Deliveries, Resolver, Sender, WebhookQueue
from chalicelib.flows.registry_cache import RegistryCache
from chalicelib.flows.sending_times import SendingTimes
from chalicelib.mail.quota import SesQuota, account_client
from chalicelib.outbound.https import HttpsSender, Trial, read_trials
from chalicelib.outbound.resolver import SystemResolver
from chalicelib.settings import Settings
from chalicelib.store.account_pages import DynamoAccountPages
from chalicelib.store.agencies import DynamoAgencies
from chalicelib.store.archive import S3Archive
from chalicelib.store.bus import EventBridgeBus, events_client
from chalicelib.store.clients import s3_client, s3_signer
from chalicelib.store.erasable import DynamoErasable
from chalicelib.store.event_rows import DynamoEventRows
from chalicelib.store.export_feed import DynamoExportFeed
from chalicelib.store.file_links import S3FileLinks
from chalicelib.store.hold_reads import DynamoHoldReads
from chalicelib.store.keys_shelf import DynamoKeys
from chalicelib.store.ledger import DynamoAccounts, EventTelling
from chalicelib.store.past_notices import DynamoPastNotices
from chalicelib.store.placement_reads import DynamoPlacementReads
from chalicelib.store.queues import (
    QueueUrls,
    SqsAgencyQueue,
    SqsJobQueue,
    SqsQueues,
    SqsReportQueue,
    sqs_client,
)
from chalicelib.store.records import DynamoRecords
from chalicelib.store.registry import DynamoRegistry
from chalicelib.store.secrets import SigningKeys, secrets_client, signing_key
from chalicelib.store.tables import Table, bind
from chalicelib.store.task_reads import DynamoTaskReads
from chalicelib.store.webhooks import DynamoDeliveries, SqsWebhookQueue
from chalicelib.telemetry import logger


class Ports:
    """One process's adapters. `present` gives the instant, `monotonic` seconds for what is cached.

    It is a `Clock` itself.
    """

    def __init__(
        self,
        values: Settings,
        present: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.settings = values
        self._present = present
        self._monotonic = monotonic

    def now(self) -> datetime:
        """Return the present instant."""
        return self._present()

    def day_of(self, at: datetime) -> date:
        """Return the seller's day of an instant; outside production, the day of the last run."""
        return self._day_of(at)

    def today(self) -> date:
        """Return the seller's day of the present instant."""
        return self.day_of(self.now())

    @cached_property
    def _day_of(self) -> Callable[[datetime], date]:
        zone = self.settings.seller_zone
        return zone_day(zone) if self.settings.is_production else trial_day(zone, self.recent)

    @cached_property
    def sending_times(self) -> SendingTimes:
        """When letters may leave; outside production at any time, as days are run in minutes."""
        values = self.settings
        return SendingTimes(values.seller_zone if values.is_production else None)

    @cached_property
    def quota(self) -> Quota:
        """What the mail service lets the account send."""
        return SesQuota(account_client, self._monotonic, tell_quota_unknown)

    @cached_property
    def _table(self) -> Table:
        return bind(self.settings.table_name)

    @cached_property
    def _registry(self) -> DynamoRegistry:
        return DynamoRegistry(self._table, self._monotonic)

    @property
    def registry(self) -> Registry:
        """The registry as it is."""
        return self._registry

    @cached_property
    def recent(self) -> Registry:
        """The registry as workers read it, run states and policies up to 15 s old."""
        return RegistryCache(self._registry, self._monotonic)

    @cached_property
    def policies(self) -> PolicyShelf:
        """The policies in force."""
        return PolicyShelf(self.recent, self.today)

    @cached_property
    def accounts(self) -> Accounts:
        """The ledger of accounts."""
        return DynamoAccounts(
            self._table,
            self._registry.shards(),
            told=tell_alarms,
            handed=self._tell_agencies,
            telling=self._telling,
        )

    @cached_property
    def _telling(self) -> EventTelling | None:
        if not self.settings.event_bus_name:
            return None
        teller = Teller(self.bus, self.event_rows, self._monotonic, tell_events_wait)
        return EventTelling(self.now, teller.tell, self.day_of)

    @cached_property
    def bus(self) -> Bus:
        """The bus that events are put on."""
        values = self.settings
        return EventBridgeBus(events_client(), values.event_bus_name, values.stage)

    @cached_property
    def event_rows(self) -> EventRows:
        """What waits to be put on the bus."""
        return DynamoEventRows(self._table, self._registry.shards())

    def _tell_agencies(self, agency_ids: Sequence[str]) -> None:
        """Tell the queue that lines wait; what is not told now, reconciling tells a minute later."""
        try:
            self.agency_queue.send_agency(agency_ids)
        except PastdueError as error:
            told = {"agency_ids": list(agency_ids), "code": error.code}
            logger.warning("agencies' lines wait untold", extra=told)

    @cached_property
    def agencies(self) -> Agencies:
        """The external agencies, and the way into the partition of one (R10.5)."""
        return DynamoAgencies(self._table)

    @cached_property
    def agency_queue(self) -> AgencyQueue:
        """The queue to the agencies' worker."""
        return SqsAgencyQueue(sqs_client(), self.settings.agency_queue_url)

    @cached_property
    def deliveries(self) -> Deliveries:
        """The events on their way to webhooks."""
        return DynamoDeliveries(self._table)

    @cached_property
    def webhook_queue(self) -> WebhookQueue:
        """The queue to the webhooks' worker."""
        return SqsWebhookQueue(sqs_client(), self.settings.webhook_queue_url)

    @cached_property
    def webhook_key(self) -> bytes:
        """The key that the secrets of webhooks are made from, read once a process."""
        return signing_key(secrets_client(), self.settings.webhook_key_arn)

    @cached_property
    def resolver(self) -> Resolver:
        """Where hosts are."""
        return SystemResolver()

    @cached_property
    def webhook_trials(self) -> dict[str, Trial]:
        """The receivers on this machine that the local stage tries out; elsewhere none."""
        return read_trials(self.settings.webhook_test_receivers)

    @cached_property
    def webhook_sender(self) -> Sender:
        """The way to the receivers of webhooks."""
        return HttpsSender(self.resolver, self.webhook_trials)

    @cached_property
    def placement_reads(self) -> PlacementReads:
        """Placements of all accounts."""
        return DynamoPlacementReads(self._table)

    @cached_property
    def hold_reads(self) -> HoldReads:
        """What the order desk's questions read."""
        return DynamoHoldReads(self._table)

    @cached_property
    def task_reads(self) -> TaskReads:
        """What worklists read."""
        return DynamoTaskReads(self._table)

    @cached_property
    def queues(self) -> Queues:
        """The queues to the workers."""
        values = self.settings
        urls = QueueUrls(
            sweep_shard=values.sweep_shard_queue_url,
            work=values.work_queue_url,
            work_large=values.work_large_queue_url,
            mail=values.mail_queue_url,
        )
        return SqsQueues(sqs_client(), urls)

    @cached_property
    def records(self) -> Records:
        """What is kept of the whole deployment."""
        return DynamoRecords(self._table)

    @cached_property
    def account_pages(self) -> AccountPages:
        """Every account id, page by page."""
        return DynamoAccountPages(self._table)

    @cached_property
    def job_queue(self) -> JobQueue:
        """The queue to the jobs' worker."""
        return SqsJobQueue(sqs_client(), self.settings.jobs_queue_url)

    @cached_property
    def report_queue(self) -> ReportQueue:
        """The queue to the worker of snapshots."""
        return SqsReportQueue(sqs_client(), self.settings.report_part_queue_url)

    @cached_property
    def jobs(self) -> Jobs:
        """What takes jobs, and tells what became of them."""
        return Jobs(self.records, self.job_queue, self.archive)

    def monotonic(self) -> float:
        """Return seconds that never go back, for how long something takes."""
        return self._monotonic()

    @cached_property
    def archive(self) -> Archive:
        """The files that are kept."""
        return S3Archive(s3_client(), self.settings.bucket_name)

    @cached_property
    def file_links(self) -> FileLinks:
        """Links to kept files."""
        return S3FileLinks(s3_signer(), self.settings.bucket_name)

    @cached_property
    def past_notices(self) -> PastNotices:
        """The notices that are done."""
        return DynamoPastNotices(self._table)

    @cached_property
    def erasable(self) -> Erasable:
        """What of history may be changed, to erase a person."""
        return DynamoErasable(self._table)

    @cached_property
    def shredder(self) -> Shredder:
        """What removes the files of a person, with all their versions."""
        return S3Archive(s3_client(), self.settings.bucket_name)

    @cached_property
    def keys(self) -> KeyShelf:
        """The API keys."""
        return DynamoKeys(self._table)

    @cached_property
    def api_keys(self) -> ApiKeys:
        """What makes and ends API keys."""
        return ApiKeys(self.keys, self.settings.stage, secrets.token_bytes)

    @cached_property
    def export_feed(self) -> ExportFeed:
        """What the ERP is to book of charges."""
        return DynamoExportFeed(self._table, self._registry.shards())

    @cached_property
    def signing_keys(self) -> SigningKeys:
        """The keys that cursors are signed with: of the stage's secret, and the one before it."""
        return SigningKeys(secrets_client(), self.settings.secret_arn, self._monotonic)

    @cached_property
    def desk(self) -> Desk:
        """What books what the API is told."""
        return Desk(self.accounts, self.policies, self.day_of)

    @cached_property
    def bookings(self) -> Bookings:
        """What books facts about notices."""
        return Bookings(self.accounts, self.policies, self.day_of)

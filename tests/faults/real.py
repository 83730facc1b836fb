"""The mail path as it is deployed, clients and all, through a proxy that breaks what it is told to.

The ledger's table, the archive and the mail service are the emulator's; the queue is a list.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import boto3
from botocore.config import Config
from chalicelib.core.account import Account, AccountDetails, ContactPerson
from chalicelib.core.apply import apply_all
from chalicelib.core.facts import Fact
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.deliver import Deliver
from chalicelib.flows.departures import Departures
from chalicelib.flows.kept_letters import KeptLetters
from chalicelib.flows.mail_events import MailEvents
from chalicelib.flows.notice_endings import Endings
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Change, RunState
from chalicelib.flows.ports_mail import OutgoingMail, SendOutcome
from chalicelib.flows.reconcile import Reconcile
from chalicelib.flows.tell_news import TellNews
from chalicelib.flows.work import Work
from chalicelib.mail.ses import SesMailer, ses_client
from chalicelib.store.archive import S3Archive
from chalicelib.store.create import create_table
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.registry import DynamoRegistry
from chalicelib.store.tables import bind, client_of
from local.cloud.emulator import ACCOUNT_ID, REGION, Emulator

from tests.fakes_store import MemoryQueues
from tests.faults.line import Taken
from tests.faults.memory import plain
from tests.faults.proxy import Proxy
from tests.flows.machine import FRIDAY, LETTERHEAD, TODAY, FixedClock, invoice

ANSWER_WITHIN_S = 0.4  # twenty seconds in truth
SENDER, SECRET, TABLE, BUCKET = "billing@seller.example", "local", "faults", "faults"
SHARDS = 1


class RealPost:
    """The SES adapter over the emulator's mail service, which says itself what it took."""

    def __init__(self, emulator: Emulator, proxy: Proxy) -> None:
        self.emulator = emulator
        client: Any = ses_client(REGION, proxy.url, ANSWER_WITHIN_S)
        client.meta.events.register("before-send.sesv2", _name_the_version)
        self.mailer = SesMailer(client)
        self.direct = SesMailer(ses_client(REGION, emulator.url))
        self.taken: list[Taken] = []
        self.told: Callable[[Taken], None] = lambda taken: None
        self.takes_first = False  # the service takes the letter, whatever the proxy answers then
        self.known = 0

    def send(self, message: OutgoingMail) -> SendOutcome:
        first, self.takes_first = self.takes_first, False
        if first:
            self.direct.send(message)
        outcome = self.mailer.send(message)
        self.look(message)
        return outcome

    def look(self, message: OutgoingMail) -> None:
        """Take in what the mail service took since the last look: all of it one letter's."""
        there = self.messages()
        for one in there[self.known :]:
            assert tuple(one["To"]) == message.to
            self.taken.append(Taken(message.notice_id, message.attempt, message.to))
            self.told(self.taken[-1])
        self.known = len(there)

    def messages(self) -> list[dict[str, Any]]:
        url = f"{self.emulator.url}/_ministack/ses/messages"
        with urllib.request.urlopen(url, timeout=10) as answer:
            found: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
        return [one for messages in found.values() for one in messages]


def _name_the_version(request: Any, **_: Any) -> None:
    """Sign as `sesv2`: the proxy knows the protocol by that, and the emulator takes any signature."""
    signed = request.headers["Authorization"]
    text = signed.decode() if isinstance(signed, bytes) else signed
    request.headers["Authorization"] = text.replace("/ses/aws4_request", "/sesv2/aws4_request")


@dataclass
class Real:
    """Everything that a letter passes, over AWS's own clients."""

    emulator: Emulator
    proxy: Proxy
    clock: FixedClock = field(default_factory=FixedClock)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.warm_up()
        table = bind(
            TABLE, endpoint_url=self.proxy.url, region=REGION, credentials=(ACCOUNT_ID, SECRET)
        )
        create_table(table)
        # Its own tries would take seconds each; the store must hold without them.
        client_of(table).meta.events.unregister(
            "needs-retry.dynamodb", unique_id="retry-config-dynamodb"
        )
        s3 = boto3.client(
            "s3", endpoint_url=self.proxy.url, region_name=REGION,
            config=Config(read_timeout=3, retries={"total_max_attempts": 1}),
        )  # fmt: skip
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.emulator.client("sesv2").create_email_identity(EmailIdentity="seller.example")
        self.registry = DynamoRegistry(table)
        self.registry.set_shards(SHARDS)
        self.registry.put_policy("standard", shipped_document("standard"))
        self.registry.set_default_policy_id("standard")
        self.registry.beat(FRIDAY)
        self.registry.put_run(RunState(TODAY, "running", 1))
        self.accounts = DynamoAccounts(table, SHARDS, sleep=lambda _: None)
        self.policies = PolicyShelf(self.registry)
        self.bookings = Bookings(self.accounts, self.policies, lambda at: at.date())
        self.archive = S3Archive(s3, BUCKET)
        self.post = RealPost(self.emulator, self.proxy)
        self.deliver = Deliver(
            Endings(self.bookings, KeptLetters(self.archive), self.clock),
            Departures(self.bookings, self.registry, self.queues, self.clock),
            self.queues, self.post, plain, lambda: LETTERHEAD, SENDER,
        )  # fmt: skip
        self.tell_news = TellNews(self.bookings, self.registry, self.post, self.clock, SENDER)
        self.mail_events = MailEvents(self.bookings)
        self.reconcile = Reconcile(self.bookings, self.registry, self.queues)

    def warm_up(self) -> None:
        """Let the proxy read AWS's protocols: it takes seconds, more than a client would wait."""
        patient = replace(self.emulator, port=int(self.proxy.url.rpartition(":")[2]))
        patient.client("dynamodb").list_tables()
        patient.client("s3").list_buckets()
        ses = patient.client("sesv2")
        ses.meta.events.register("before-send.sesv2", _name_the_version)
        ses.list_email_identities()

    def begin(self) -> str:
        """Return a new account, whose reminder waits to be sent to one contact, then another."""
        self.proxy.forget()
        self.clock.at = FixedClock().at
        self.queues.mail.clear()
        self.queues.delays.clear()
        self.post.taken.clear()
        self.post.takes_first = False
        name = f"R{next(self.numbers)}"
        facts: list[Fact] = [
            ContactSaved(TODAY, ContactPerson(who, email=f"{who}@{name}.example", roles=roles))
            for who, roles in (("ann", frozenset({"accounts"})), ("cid", frozenset({"admin"})))
        ]
        facts.append(invoice("I1", 15))
        account = Account(name, AccountDetails(name=f"Customer {name}"))
        policy = self.policies.of(account.details)
        booked = apply_all(account, facts, policy)
        loaded = self.accounts.load(name)
        self.accounts.commit(Change(loaded, booked.account, TODAY, booked.entries, booked.effects))
        Work(self.accounts, self.registry, self.queues, self.policies, self.clock).decide_account(
            TODAY, name
        )
        return name

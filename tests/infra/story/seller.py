"""Who acts for the seller in the story, and how functions are driven."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import count
from typing import Any

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.core.facts import Fact
from chalicelib.flows.policies import load
from chalicelib.flows.ports import Change
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.writes import Limits
from local.agency_demo_days import demo_policy
from local.cloud.machine import LocalCloud
from local.cloud_machine import address_of
from local.http_json import Caller, over_http
from local.stage import Stage, open_stage
from local.token_signer import Signer

from tests.infra.http_api import Answer, Person
from tests.infra.uploading import QUIET_TIMEOUT_S
from tests.outbound.receivers import Receiver

POLICY = demo_policy()  # the standard one, with a commission for the agency
WHY = {"reason_code": "goodwill", "note": "Agreed by phone."}
SHARDS = 2
# So little that any change of an account is a large one: it is stored, and written out in parts.
TINY = Limits(actions=3, part_bytes=700, parts_per_write=2)
_messages = count(1)


@dataclass
class Seller:
    """Who acts for the seller, and the stage from outside its functions."""

    cloud: LocalCloud
    signer: Signer
    receiver: Receiver  # of webhooks

    def __post_init__(self) -> None:
        self.erp = self.person("erp", "service")
        self.anna = self.person("anna", "approver")
        self.bert = self.person("bert", "approver", "viewer")
        self.admin = self.person("carla", "admin")
        self.other_admin = self.person("dora", "admin")

    def person(self, name: str, *roles: str) -> Person:
        """Somebody with a token of these roles."""
        return Person(self.cloud, self.signer, name, roles)

    def caller(self, name: str, role: str) -> Caller:
        """The same for stories that are told with the command line's client."""
        token = self.person(name, role).token()
        return Caller(over_http(self.cloud.stack.api_url), token)

    @cached_property
    def stage(self) -> Stage:
        """The stage as its operator sees it."""
        return open_stage(address_of(self.cloud))

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        self.cloud.wait_until_quiet(timeout_s=QUIET_TIMEOUT_S)

    def run(self, day: str) -> None:
        """Start the day's run over HTTP, wait for its end, and keep its figures.

        What was left due before may make it wait for an approval (R13.1).
        """
        if good(self.anna.post("/v1/runs", {"as_of": day}))["state"] == "waiting":
            go = WHY | {"accounts_due": good(self.bert.get(f"/v1/runs/{day}"))["accounts_due"]}
            assert good(self.bert.post(f"/v1/runs/{day}/approve", go))["state"] == "running"
        self.settle()
        self.cloud.invoke("report", {"run_on": day})

    def run_on_schedule(self, day: str) -> None:
        """The same as the schedules do it, which know an instant only."""
        at = {"scheduled_at": f"{day}T04:00:00Z"}
        self.cloud.invoke("sweep", at)
        self.settle()
        self.cloud.invoke("report", at)

    def take_in(self, account_id: str, *facts: Fact, wake_on: date | None = None) -> Account:
        """Book facts on an account from outside the functions, and return it."""
        loaded = self.stage.accounts.load(account_id, facts)
        change = booked(account_id, facts, loaded, wake_on)
        self.stage.accounts.commit(change)
        return change.after

    def leave_unfinished(self, account_id: str, *facts: Fact, **more: Any) -> None:
        """Book facts as a large change that was stored, and whose writer then died.

        `more`: what else the change writes, its entries on top of those of the facts.
        """
        table, shards = self.stage.table, self.stage.accounts.shards()
        accounts = DynamoAccounts(table, shards, limits=TINY)
        loaded = accounts.load(account_id, facts)
        change = booked(account_id, facts, loaded, loaded.wake_on)
        more["entries"] = (*change.entries, *more.get("entries", ()))
        left = accounts.commit(replace(change, finish_later=True, **more))
        assert not left.is_finished

    def is_unfinished(self, account_id: str) -> bool:
        """Whether a large change of an account is stored and not written out."""
        return account_id in self.stage.accounts.unfinished()

    def deliver(self, function: str, *bodies: str) -> None:
        """Give a function messages as its queue would, and see that it took them all."""
        answer = self.cloud.invoke(function, {"Records": [message(body) for body in bodies]})
        assert answer == {"batchItemFailures": []}, (function, bodies, answer)


def booked(account_id: str, facts: Any, loaded: Any, wake_on: date | None) -> Change:
    """Return the change that facts make of an account; one that is new gets a name."""
    account = loaded.account
    if loaded.version == 0:
        details = AccountDetails(name=account_id, email=f"{account_id}@customer.example")
        account = Account(account_id, details)
    done = apply_all(account, facts, load(POLICY))
    return Change(loaded, done.account, wake_on, done.entries, done.effects)


def message(body: str) -> dict[str, Any]:
    """Return a message as Lambda gets it from SQS."""
    return {
        "messageId": f"message-{next(_messages)}",
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:af-south-1:000000000000:story",
        "awsRegion": "af-south-1",
    }


def good(answer: Answer) -> Any:
    """Return what a call was answered, if it was taken."""
    assert answer.status < 300, answer.text
    return answer.body

"""One story on one deployed cloud, and what its functions were allowed and asked for meanwhile.

Least privilege, both ways: an action that is allowed and never used fails, and so does one that is
used and not allowed. Conditions that the emulator does not know: `test_policy_conditions.py`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from local.cloud.machine import LocalCloud, local_cloud
from local.cloud.package import Package
from local.cloud_machine import address_of
from local.stage import open_stage
from local.token_signer import Signer

from tests.infra.permits import Decision, decisions, never_allowed, never_used, permits
from tests.infra.story import CHAPTERS
from tests.infra.story.seller import POLICY, SHARDS, Seller
from tests.outbound.receivers import Receiver, receiving

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(900)]


@dataclass
class Told:
    """The cloud on which the story was told, and what it wrote down of it."""

    cloud: LocalCloud
    record: Path
    receiver: Receiver

    def decisions(self) -> list[Decision]:
        return decisions(self.record, self.cloud.stack.functions)


@pytest.fixture(scope="module")
def story(
    packaged: Package, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    """A cloud of the story's own: its runs move the stage's today, its policies stay its own."""
    folder = tmp_path_factory.mktemp("story")
    record = folder / "decisions.jsonl"
    with (
        receiving("receiver.test", folder) as receiver,
        local_cloud(
            packaged, folder, None, parameters(signer, receiver), decisions=record
        ) as running,
    ):
        registry = open_stage(address_of(running), new_shards=SHARDS).registry
        registry.put_policy("standard", POLICY)
        registry.set_default_policy_id("standard")
        registry.beat(date(2030, 1, 1))
        yield Told(running, record, receiver)


def parameters(signer: Signer, receiver: Receiver) -> dict[str, str]:
    """What the stack is told: whose tokens hold, and to whom webhooks may go."""
    trial = {"host": receiver.host, "port": receiver.port, "ca": receiver.certificate}
    return {
        "OidcIssuers": signer.issuers(),
        "WebhookTestReceivers": json.dumps([trial]),
    }


def test_the_story_is_told_to_its_end(story: Told, signer: Signer) -> None:
    seller = Seller(story.cloud, signer, story.receiver)

    for chapter in CHAPTERS:
        chapter(seller)

    assert story.cloud.dead_letters() == ()


def test_nothing_was_asked_for_that_is_not_allowed(story: Told) -> None:
    assert never_allowed(story.decisions()) == []


def test_nothing_is_allowed_that_was_not_asked_for(story: Told) -> None:
    assert never_used(permits(story.cloud), story.decisions()) == []

"""The endpoints of webhooks and how each one does, as they are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.core.errors import NotFoundError, StaleVersionError
from chalicelib.flows.ports_registry import NEW, Put, Record, RecordKey, Records
from chalicelib.flows.ports_webhooks import WEBHOOKS_MAX, Health, Webhook

BOOK = "WEBHOOKS"
TRIES = 5  # while others change the same


@dataclass(frozen=True, slots=True)
class WebhookBook:
    """Reads and changes endpoints, and what is known of their health."""

    records: Records

    def all(self) -> Sequence[Webhook]:
        """Return every endpoint by id; one query."""
        # Two that were added at once may be one more than the limit.
        found = self.records.list(BOOK, Webhook, most=2 * WEBHOOKS_MAX)
        return [record.value for record in found]

    def find(self, webhook_id: str) -> Record[Webhook] | None:
        """Return an endpoint, None when there is none."""
        return self.records.read(webhook_key(webhook_id or "?"), Webhook)

    def get(self, webhook_id: str) -> Record[Webhook]:
        """Return an endpoint.

        Raises:
            NotFoundError: there is none of that id.
        """
        found = self.find(webhook_id)
        if found is None:
            raise NotFoundError(f"there is no webhook {webhook_id[:64]!r}")
        return found

    def health(self, webhook: Webhook) -> Record[Health]:
        """Return how an endpoint does; one of which nothing failed is of revision 0."""
        key = health_key(webhook)
        return self.records.read(key, Health) or Record(key, Health(), NEW)

    def note(self, webhook: Webhook, change: Callable[[Health], Health]) -> Health:
        """Change what is known of an endpoint's health, and return it."""
        for _ in range(TRIES):
            was = self.health(webhook)
            after = change(was.value)
            if after == was.value:
                return after
            try:
                self.records.write(Put(was.key, after, was.revision))
            except StaleVersionError:
                continue
            return after
        return self.health(webhook).value  # the others' changes say as much

    def claim_trial(self, was: Record[Health], until: datetime) -> bool:
        """Let nobody else try an endpoint until an instant; return whether nobody else does."""
        try:
            self.records.write(Put(was.key, replace(was.value, rests_until=until), was.revision))
        except StaleVersionError:
            return False
        return True

    def disable(self, webhook: Webhook, because: str) -> bool:
        """Send an endpoint nothing more; return False if it is another one by now, or disabled."""
        for _ in range(TRIES):
            now = self.find(webhook.id)
            if now is None or now.value.shelf != webhook.shelf or not now.value.is_enabled:
                return False
            after = replace(now.value, is_enabled=False, disabled_because=because)
            try:
                self.records.write(Put(now.key, after, now.revision))
            except StaleVersionError:
                continue
            return True
        return False


def webhook_key(webhook_id: str) -> RecordKey:
    """Return where an endpoint is kept."""
    return RecordKey(BOOK, webhook_id)


def health_key(webhook: Webhook) -> RecordKey:
    """Return where an endpoint's health is kept: beside its deliveries."""
    return RecordKey(f"WH#{webhook.shelf}", "HEALTH")

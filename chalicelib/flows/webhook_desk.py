"""The endpoints of webhooks, as administrators put them in; a secret is in one answer and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core.bus_events_types import CATALOGUE
from chalicelib.core.errors import Fault, LimitError, UnfitInputError
from chalicelib.flows.desk import Caller, Reply, check_match
from chalicelib.flows.ports_registry import NEW, Put, Record, Removal
from chalicelib.flows.ports_webhooks import (
    WEBHOOK_ID,
    WEBHOOKS_MAX,
    Health,
    Resolver,
    Webhook,
)
from chalicelib.flows.registry_desk import LoggedAct, RegistryDesk, Rule, act_of, acts_in
from chalicelib.flows.webhook_book import WebhookBook, health_key, webhook_key
from chalicelib.flows.webhook_signing import secret_of
from chalicelib.flows.webhook_url import Rules, url_faults

# What an endpoint's ETag stands for: what an administrator can change by PUT.
GUARDED = ("webhook_id", "url", "event_types", "description", "enabled")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an endpoint, as a whole. `event_types` none: every type."""

    url: str
    event_types: Sequence[str] = ()
    description: str = ""
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class WebhookDesk:
    """Keeps the endpoints, and who changed what of them. `key` reads the stage's webhook key."""

    book: WebhookBook
    desk: RegistryDesk
    resolver: Resolver
    rules: Rules
    key: Callable[[], bytes]

    def one(self, webhook_id: str, *, is_whole: bool) -> dict[str, Any]:
        """Return an endpoint, how it does, and the last 50 things that were done about it.

        Not `is_whole`: of its URL the scheme and the host, as the rest may be a secret.

        Raises:
            NotFoundError: there is none of that id.
        """
        webhook = self.book.get(webhook_id).value
        health = self.book.health(webhook).value
        return webhook_body(webhook, is_whole=is_whole) | {
            "failures": health.failures,
            "failing_since": at_text(health.failing_since),
            "rests_until": at_text(health.rests_until),
            "log": acts_in(self.desk.records, log_of(webhook_id)),
        }

    def page(
        self, after: str, limit: int, *, is_whole: bool
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return endpoints by id from after a mark, as `one` does, and the mark of the next page."""
        found = [one for one in self.book.all() if one.id > after]
        rows = [webhook_body(one, is_whole=is_whole) for one in found[:limit]]
        return rows, found[limit - 1].id if len(found) > limit else None

    def put(self, caller: Caller, webhook_id: str, said: Said) -> Reply:
        """Put an endpoint in, or another state of one; 201 with its secret for a new one.

        One that is enabled again begins with a clean bill of health.

        Raises:
            UnfitInputError: no endpoint can have this id, its URL is not public HTTPS, or a type unknown.
            PreconditionFailedError, PreconditionRequiredError: as api.md says of `If-Match`.
            LimitError: there are 20 endpoints already.
        """
        self._check(webhook_id, said)
        made: list[Webhook] = []

        def rule() -> Rule:
            found = self.book.find(webhook_id)
            after = self._after(caller, webhook_id, said, found)
            where = f"/v1/webhooks/{webhook_id}"
            body = webhook_body(after) | {"secret": None}
            if found is not None and found.value == after:
                return Rule((), Reply(200, body))
            puts = [Put(webhook_key(webhook_id), after, found.revision if found else NEW)]
            if found is not None and after.is_enabled and not found.value.is_enabled:
                puts.append(Put(health_key(after), Health()))
            made[:] = [] if found else [after]
            figures = {"enabled": str(after.is_enabled), "types": str(len(after.event_types))}
            act = act_of(caller, log_of(webhook_id), "webhook_put", webhook_id, **figures)
            return Rule(puts, Reply(200 if found else 201, body, where), (act,))

        reply = self.desk.act(caller, rule)
        return self._shown_once(reply, made)

    def _check(self, webhook_id: str, said: Said) -> None:
        faults = []
        if not re.fullmatch(WEBHOOK_ID, webhook_id):
            detail = "must be 1 to 40 small letters, digits or hyphens"
            faults.append(Fault("webhook_id", "bad_id", detail))
        faults += [
            Fault(
                f"/event_types/{place}", "unknown_type", "is not a type of the catalogue of events"
            )
            for place, kind in enumerate(said.event_types)
            if kind not in CATALOGUE
        ]
        there = self.book.find(webhook_id)
        # One whose host is gone can still be disabled.
        if said.is_enabled or there is None or there.value.url != said.url:
            faults += url_faults(said.url, self.rules, self.resolver, "/url")
        if faults:
            raise UnfitInputError("the webhook cannot be put in", faults)

    def _after(
        self, caller: Caller, webhook_id: str, said: Said, found: Record[Webhook] | None
    ) -> Webhook:
        """Return the endpoint as it is said to be, if the caller may say so."""
        types = tuple(sorted(set(said.event_types)))
        if found is None:
            check_match(caller, None)
            if len(self.book.all()) >= WEBHOOKS_MAX:
                raise LimitError(f"there are {WEBHOOKS_MAX} webhooks already")
            return Webhook(
                webhook_id, said.url, caller.at, types, said.description, said.is_enabled
            )
        there = found.value
        after = replace(
            there,
            url=said.url,
            event_types=types,
            description=said.description,
            is_enabled=said.is_enabled,
            disabled_because="" if said.is_enabled else there.disabled_because,
        )
        if after != there:
            seen = webhook_body(there)
            check_match(caller, {name: seen[name] for name in GUARDED})
        return after

    def rotate(self, caller: Caller, webhook_id: str, overlap_hours: int) -> Reply:
        """Give an endpoint a new secret, shown in this answer alone; older ones sign on for hours.

        That is every one that signs now: the answer to an earlier rotation may be lost, and its
        receiver have none but the oldest. Without an overlap all older ones end.

        Given again for the same idempotency key, the answer has no secret.

        Raises:
            NotFoundError: there is none of that id.
        """
        made: list[Webhook] = []

        def rule() -> Rule:
            found = self.book.get(webhook_id)
            after = replace(
                found.value,
                generation=found.value.generation + 1,
                old_generation=found.value.signing(caller.at)[-1],
                old_until=caller.at + timedelta(hours=overlap_hours),
            )
            made[:] = [after]
            reply = Reply(200, webhook_body(after) | {"secret": None})
            figures = {"hours": str(overlap_hours)}
            act = act_of(
                caller, log_of(webhook_id), "webhook_secret_rotated", webhook_id, **figures
            )
            return Rule((Put(found.key, after, found.revision),), reply, (act,))

        return self._shown_once(self.desk.act(caller, rule), made)

    def remove(self, caller: Caller, webhook_id: str) -> Reply:
        """Take an endpoint away: nothing more is sent to it, whatever waits.

        Raises:
            NotFoundError: there is none of that id.
        """

        def rule() -> Rule:
            found = self.book.get(webhook_id)
            act = act_of(caller, log_of(webhook_id), "webhook_removed", webhook_id)
            gone = (Removal(found.key), Removal(health_key(found.value)))
            return Rule(gone, Reply(200, {"webhook_id": webhook_id, "removed": True}), (act,))

        return self.desk.act(caller, rule)

    def _shown_once(self, reply: Reply, made: Sequence[Webhook]) -> Reply:
        """Give the answer with the secret, which the answer that is kept does not have."""
        if reply.is_replayed or not made:
            return reply
        secret = secret_of(self.key(), made[0], made[0].generation)
        return replace(reply, body={**reply.body, "secret": secret})


def log_of(webhook_id: str) -> str:
    """Return the log of what is done about an endpoint."""
    return f"webhook/{webhook_id}"


def act_about(caller: Caller, webhook_id: str, kind: str, **figures: str) -> LoggedAct:
    """Return the log's line of what the caller does about an endpoint's deliveries."""
    return act_of(caller, log_of(webhook_id), kind, webhook_id, **figures)


def webhook_body(webhook: Webhook, *, is_whole: bool = True) -> dict[str, Any]:
    """Return an endpoint as plain values, without its secret; its URL whole, or as far as its host."""
    url = webhook.url if is_whole else "/".join(re.split("[/?]", webhook.url)[:3])
    return {
        "webhook_id": webhook.id,
        "url": url,
        "event_types": list(webhook.event_types) or None,
        "description": webhook.description or None,
        "enabled": webhook.is_enabled,
        "disabled_because": webhook.disabled_because or None,
        "created_at": at_text(webhook.created_at),
        "old_secret_until": at_text(webhook.old_until),
    }


def at_text(at: datetime | None) -> str | None:
    """Return an instant as answers have it."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")

"""What is asked for when a person is to be erased, and what is looked for until it is done.

The order is the one place that knows who it was: the job takes it away when it has ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.core.account import Account, Notice
from chalicelib.core.erased_words import words_of
from chalicelib.core.erasure import ACCOUNT_ADDRESS, is_erased, on_its_way
from chalicelib.core.errors import ConflictError, Fault, NotFoundError, UnfitInputError
from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.erasure_letters import went_to
from chalicelib.flows.jobs import Jobs, job_of
from chalicelib.flows.ports import Accounts
from chalicelib.flows.ports_notices import PastNotices
from chalicelib.flows.ports_registry import Put, RecordKey
from chalicelib.flows.reconcile import UNKNOWN_FOR_GOOD_AFTER
from chalicelib.flows.registry_desk import RegistryDesk, Rule

ERASE_KIND = "erase_contact"
ORDER_KEPT = timedelta(days=30)  # at most, should the job never end
ORDERS_MAX = 20  # for one contact, whose jobs have not ended or failed


@dataclass(frozen=True, slots=True)
class Order:
    """Texts that tell who somebody is: names, addresses, phone numbers.

    `earlier`: jobs whose orders for the same contact were there before. What they looked for is
    among the texts, so their orders go with this one once they have ended, however they ended.
    """

    texts: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erase:
    """Who is to be erased, and why. `also`: what the person was called or reached under besides."""

    account_id: str
    contact_id: str
    reason_code: str
    note: str
    also: tuple[str, ...] = ()


def order_key(account_id: str, contact_id: str, job_id: str) -> RecordKey:
    """Return where a job's order is kept: apart from the account, which knows the person by id only.

    Each job has its own. Once one has taken the person out of live state, a second order finds
    nothing there any more: it must not take the first one's words away.
    """
    return RecordKey(f"F#{account_id}", f"{contact_id}#{job_id}")


def texts_of(account: Account, contact_id: str) -> tuple[str, ...]:
    """Return what the account knows of a person by words, none of one that is gone."""
    if contact_id == ACCOUNT_ADDRESS:
        return (account.details.email,) if account.details.email else ()
    contact = account.contact_people.get(contact_id)
    if contact is None or is_erased(contact):
        return ()
    return tuple(text for text in (contact.name, contact.email, contact.phone) if text)


def why_not_now(notice: Notice) -> str:
    """Return in words what an erasure waits for, and until when at the latest."""
    until: datetime | None = notice.lease_until
    if notice.state == "unknown" and notice.state_at is not None:
        until = notice.state_at + UNKNOWN_FOR_GOOD_AFTER
    when = "" if until is None else f"; ask again after {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    what = "is being sent" if notice.state == "sending" else "may have been sent"
    return f"notice {notice.id} {what} to the contact just now, and its answer is awaited{when}"


@dataclass(frozen=True, slots=True)
class ErasureDesk:
    """Takes orders to erase somebody; the job does them (`Erasure`)."""

    accounts: Accounts
    past: PastNotices
    desk: RegistryDesk
    jobs: Jobs

    def ask(self, caller: Caller, erase: Erase) -> Reply:
        """Order an erasure: 202 with the job to look at. Asked for again, it is gone through again.

        Raises:
            NotFoundError: there is no such account, or it never had such a contact.
            ConflictError: a letter is on its way to the contact; it says until when.
            UnfitInputError: the note names the person: it would stay in the timeline; or nothing
                is known of a contact that was removed before.
        """
        key = caller.replay_key.id if caller.replay_key is not None else caller.request_id

        def rule() -> Rule:
            known = self._known(erase)
            texts = self._texts(erase, known)
            arguments = {
                "account_id": erase.account_id,
                "contact_id": erase.contact_id,
                "reason_code": erase.reason_code,
                "note": erase.note,
            }
            job = job_of(ERASE_KIND, arguments, caller.principal, key, caller.at)
            body = {
                "job_id": job.id,
                "account_id": erase.account_id,
                "contact_id": erase.contact_id,
                "state": job.state,
            }
            where = order_key(erase.account_id, erase.contact_id, job.id)
            order = Put(where, Order(texts, tuple(known)), expires_at=caller.at + ORDER_KEPT)
            asked = self.jobs.puts(job)
            # A job that is there has the order that it was written with; after its end, none.
            puts = (order, *asked) if asked else ()
            return Rule(puts, Reply(202, body, f"/v1/jobs/{job.id}"))

        reply = self.desk.act(caller, rule)
        if not reply.is_replayed:
            self.jobs.send(str(reply.body["job_id"]))
        return reply

    def _known(self, erase: Erase) -> dict[str, Order]:
        """Return the orders for a contact that are there, by job: they know who it was."""
        mine = order_key(erase.account_id, erase.contact_id, "")
        found = self.desk.records.list(mine.book, Order, prefix=mine.name, most=ORDERS_MAX)
        return {one.key.name.removeprefix(mine.name): one.value for one in found}

    def _texts(self, erase: Erase, known: Mapping[str, Order]) -> tuple[str, ...]:
        loaded = self.accounts.load(erase.account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {erase.account_id[:64]!r}")
        account, contact_id = loaded.account, erase.contact_id
        if not self._is_known(account, contact_id):
            raise NotFoundError(f"the account has no contact {contact_id[:64]!r}, and never had")
        moving = on_its_way(account.notices.values(), contact_id)
        if moving is not None:
            raise ConflictError(why_not_now(moving))
        earlier = (text for one in known.values() for text in one.texts)
        texts = tuple(dict.fromkeys((*texts_of(account, contact_id), *erase.also, *earlier)))
        if not texts and contact_id not in account.contact_people:
            # Nothing to look for, nor to compare the note with, which would stay in the timeline.
            why = "is needed: the account knows the contact by its id only; name it, or its address"
            raise UnfitInputError("nobody can be looked for", [Fault("/also", "needed", why)])
        if words_of(texts).are_named_in(erase.note):
            said = "names the person; the note stays in the timeline when they are gone"
            raise UnfitInputError("this is no note", [Fault("/note", "names_the_person", said)])
        return texts

    def _is_known(self, account: Account, contact_id: str) -> bool:
        if contact_id == ACCOUNT_ADDRESS or contact_id in account.contact_people:
            return True
        notices: Sequence[Notice] = (*account.notices.values(), *self.past.all_of(account.id))
        return any(went_to(notice, contact_id) for notice in notices)

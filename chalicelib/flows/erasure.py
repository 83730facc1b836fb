"""The job that erases a person: live state, history, kept letters, agencies' reports (R11.2).

What the books need stays: entries, amounts, days, ids, what was sent to the contact's id and what
became of it, and the digest of each letter. Every step may be done again; the last one takes the
order away, which alone still knew who it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chalicelib.core.account import Account, Notice, digest_of
from chalicelib.core.effects import Event
from chalicelib.core.erased_texts import mentions, without_words
from chalicelib.core.erased_words import Words, words_of
from chalicelib.core.erasure import is_erased, on_its_way, without_person
from chalicelib.core.errors import StaleVersionError, UnavailableError
from chalicelib.core.facts_details import ContactErased
from chalicelib.flows.desk import booked
from chalicelib.flows.erasure_letters import LetterErasure, went_to
from chalicelib.flows.erasure_order import ORDER_KEPT, Order, order_key, texts_of, why_not_now
from chalicelib.flows.jobs import ENDED, Job, Step, Task, job_key
from chalicelib.flows.kept_letters import person_prefix
from chalicelib.flows.notice_state import DayOf
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, Change, Clock
from chalicelib.flows.ports_agency import AgencyReport
from chalicelib.flows.ports_erasure import Erasable, Shredder
from chalicelib.flows.ports_notices import PastNotices
from chalicelib.flows.ports_registry import Put, RecordKey, Records, Removal

TRIES = 6  # while others change the account
PAGE = 100  # values of history, or reports
LETTERS_PAGE = 20
LOOK_AT_MAX = 100  # places that a person is told to look at
STAGES = ("live", "history", "letters", "reports", "again", "once_more", "people")
# Where copies stay that nobody can reach into, and for how many days.
AGES_OUT: Mapping[str, int] = {
    "backups_of_the_table": 35,
    "former_versions_of_kept_files": 30,
    "answers_kept_for_idempotency_keys": 7,
    "dead_letters_of_mail_events": 14,
    "archives_of_evidence": 30,
    "uploaded_files": 90,
}
NOT_SEARCHED = (
    "the mail service's own suppression list and the mailboxes of whoever got a letter",
    "archives of evidence, and lists and letters that somebody downloaded",
    "names that agencies were told while a placement was theirs",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is erased, and what is looked for of them. `digests`: of addresses that are theirs alone."""

    account_id: str
    contact_id: str
    words: Words
    digests: frozenset[str]


@dataclass(slots=True)
class Tally:
    """What was done so far: counts, and the places that a person is to look at."""

    counts: dict[str, int]
    look_at: list[str]

    def add(self, name: str, count: int) -> None:
        """Count something."""
        self.counts[name] = self.counts.get(name, 0) + count

    def look(self, place: str, value: object, words: Words) -> None:
        """Note a place in which a part of the name is left."""
        if mentions(value, words):
            self.see(place)

    def see(self, place: str) -> None:
        """Note a place for a person to look at, once."""
        if place not in self.look_at:
            self.add("places_to_look_at", 1)
            if len(self.look_at) < LOOK_AT_MAX:
                self.look_at.append(place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Erases contacts. `new_salt` gives random text, for what an objection is remembered by."""

    accounts: Accounts
    policies: PolicyShelf
    past: PastNotices
    records: Records
    archive: Archive
    erasable: Erasable
    shredder: Shredder
    clock: Clock
    day_of: DayOf
    new_salt: Callable[[], str] = field(repr=False)

    def __call__(self, task: Task) -> Step:
        """Go on where the job stopped, through every stage; the last one's result is the report.

        Raises:
            UnavailableError: a letter is on its way to the contact, or something does not answer.
        """
        job = task.job
        tally = Tally(dict(job.progress), list(task.kept.get("look_at", ())))
        stage, _, mark = (job.cursor or STAGES[0]).partition("|")
        while True:
            after = self._stage(job, stage, mark, tally)
            if after is not None:
                mark = after
            elif stage == STAGES[-1]:
                return Step("", tally.counts, self._report(job, tally))
            else:
                stage, mark = STAGES[STAGES.index(stage) + 1], ""
            if task.is_over():
                return Step(f"{stage}|{mark}", tally.counts, {"look_at": tally.look_at})

    def _stage(self, job: Job, stage: str, mark: str, tally: Tally) -> str | None:
        """Do a part of a stage; return where to go on in it, None when it is done."""
        if stage in ("live", "again"):
            # Again at the end: a notice may have come back to life, a text been written.
            self._live(job, tally)
            return None
        person = self._person(job)
        if stage in ("history", "once_more"):
            # Once more at the end: whoever had read history before writes what he had read.
            return self._history(person, mark, tally)
        if stage == "letters":
            return self._letters(person, mark, tally)
        if stage == "reports":
            return self._reports(person, mark, tally)
        where = person_prefix(person.account_id, person.contact_id)
        tally.add("file_versions_removed", self.shredder.erase(where))
        self._forget(job)
        return None

    def _forget(self, job: Job) -> None:
        """Take the order away, and those before it for the same contact whose jobs have ended."""
        order = self._ordered(job)
        gone = [job.id]
        for job_id in order.earlier:
            found = self.records.read(job_key(job_id), Job)
            if found is None or found.value.state in ENDED:
                gone.append(job_id)
        self.records.write(*(Removal(_key_of(job, job_id)) for job_id in gone))

    def _ordered(self, job: Job) -> Order:
        found = self.records.read(_key_of(job, job.id), Order)
        return Order() if found is None else found.value

    def _live(self, job: Job, tally: Tally) -> None:
        """Take the person out of live state, in one change of the account."""
        account_id, contact_id = job.arguments["account_id"], job.arguments["contact_id"]
        for tries_left in reversed(range(TRIES)):
            loaded = self.accounts.load(account_id)
            account = loaded.account
            moving = on_its_way(account.notices.values(), contact_id)
            if moving is not None:
                raise UnavailableError(why_not_now(moving))
            words = words_of(self._order(job, account), (account.details.name,))
            on = self.day_of(self.clock.now())
            policy = self.policies.of(account.details, on)
            fact = ContactErased(on, contact_id, self.new_salt())
            booking = booked(account, (fact,), policy, on)
            after = without_words(booking.account, words)
            _look_at(after, words, tally)
            if after == account:
                return
            there = account.contact_people.get(contact_id)
            is_told = there is not None and is_erased(there)
            change = Change(
                loaded=loaded,
                after=after,
                wake_on=on if loaded.wake_on is None else min(loaded.wake_on, on),
                entries=booking.entries,
                effects=booking.effects,
                events=() if is_told else (self._event(job, on),),
                policy=policy.label,
            )
            try:
                self.accounts.commit(change)
            except StaleVersionError:
                if not tries_left:
                    raise
            else:
                tally.add("changes_of_the_account", 1)
                return

    def _order(self, job: Job, account: Account) -> tuple[str, ...]:
        """Return what is looked for; what was changed of the contact since it was asked, too."""
        order = self._ordered(job)
        there = texts_of(account, job.arguments["contact_id"])
        now = replace(order, texts=tuple(dict.fromkeys((*order.texts, *there))))
        if now != order:
            expires_at = self.clock.now() + ORDER_KEPT
            self.records.write(Put(_key_of(job, job.id), now, expires_at=expires_at))
        return now.texts

    def _event(self, job: Job, on: date) -> Event:
        said = job.arguments
        return Event(
            on,
            self.clock.now(),
            "contact_erased",
            job.asked_by,
            said["contact_id"],
            said["reason_code"],
            said["note"],
            {"job_id": job.id},
        )

    def _person(self, job: Job) -> Person:
        account_id, contact_id = job.arguments["account_id"], job.arguments["contact_id"]
        texts = self._ordered(job).texts
        account = self.accounts.load(account_id).account
        others = {one.email.lower() for one in account.contact_people.values()}
        others.add(account.details.email.lower())
        own = (text for text in texts if "@" in text and text.lower() not in others)
        return Person(
            account_id,
            contact_id,
            words_of(texts, (account.details.name,)),
            frozenset(digest_of(text) for text in own),
        )

    def _history(self, person: Person, mark: str, tally: Tally) -> str | None:
        def change(place: str, value: Any) -> Any:
            if isinstance(value, Notice):
                return without_person(value, person.contact_id, person.digests)
            after = without_words(value, person.words)
            tally.look(place, after, person.words)
            return after

        done = self.erasable.history(person.account_id, mark, PAGE, change)
        tally.add("values_of_history_looked_at", done.looked_at)
        tally.add("values_of_history_changed", done.changed)
        return done.mark

    def _letters(self, person: Person, mark: str, tally: Tally) -> str | None:
        account = self.accounts.load(person.account_id).account
        known = {one.id: one for one in self.past.all_of(person.account_id)} | account.notices
        names = [name for name in sorted(known) if went_to(known[name], person.contact_id)]
        rest = [name for name in names if name > mark]
        letters = LetterErasure(self.archive, person.contact_id, person.words, person.digests)
        for name in rest[:LETTERS_PAGE]:
            tally.add("letters_looked_at", 1)
            tally.add("letter_files_changed", letters.of(name))
        for place in letters.to_look_at:
            tally.see(place)
        return rest[LETTERS_PAGE - 1] if len(rest) > LETTERS_PAGE else None

    def _reports(self, person: Person, mark: str, tally: Tally) -> str | None:
        """Go over what the agencies of the account's placements reported of it, one after the other."""
        account = self.accounts.load(person.account_id).account
        agencies = sorted({one.agency for one in account.placements.values() if one.agency})
        agency, _, place = mark.partition("/")
        rest = [name for name in agencies if name >= agency]
        if not rest or person.words.pattern is None:
            return None
        if rest[0] != agency:
            place = ""

        def change(where: str, report: AgencyReport) -> AgencyReport:
            if report.placement_id not in account.placements:
                return report
            if report.state == "received":  # not applied yet: it comes in as it was sent
                tally.add("reports_that_wait", 1)
                return report
            return without_words_in_report(report, person.words)

        done = self.erasable.reports(rest[0], place, PAGE, change)
        tally.add("reports_changed", done.changed)
        if done.mark is not None:
            return f"{rest[0]}/{done.mark}"
        return f"{rest[1]}/" if len(rest) > 1 else None

    def _report(self, job: Job, tally: Tally) -> dict[str, Any]:
        account = self.accounts.load(job.arguments["account_id"]).account
        left = account.contact_people.get(job.arguments["contact_id"])
        return {
            "account_id": account.id,
            "contact_id": job.arguments["contact_id"],
            "erased_on": left.marked_on.isoformat() if left and left.marked_on else None,
            "keeps_objection": bool(left and left.email),
            "counts": dict(tally.counts),
            "ages_out_after_days": dict(AGES_OUT),
            "look_at": tally.look_at,
            "not_searched": list(NOT_SEARCHED),
        }


def _key_of(job: Job, job_id: str) -> RecordKey:
    """Return where the order of a job for the same contact is kept."""
    return order_key(job.arguments["account_id"], job.arguments["contact_id"], job_id)


def _look_at(account: Account, words: Words, tally: Tally) -> None:
    """Note the live values in which a part of the name is left."""
    live: dict[str, Mapping[str, object]] = {
        "TASK#": account.tasks,
        "HOLD#": account.holds,
        "PLAN#": account.plans,
        "DSP#": account.disputes,
        "RLS#": account.release_requests,
        "PLC#": account.placements,
        "CASH#": account.money,
    }
    for prefix, values in live.items():
        for name, value in values.items():
            tally.look(f"{prefix}{name}", value, words)


def without_words_in_report(report: AgencyReport, words: Words) -> AgencyReport:
    """Return an agency's report with the words gone from its texts; its ids and amounts stay."""
    body = json.loads(report.body)
    after = _texts_of(body, words, "")
    if after == body:
        return report
    return replace(report, body=json.dumps(after, ensure_ascii=False))


def _texts_of(value: Any, words: Words, name: str) -> Any:
    if isinstance(value, str):
        is_id = name == "id" or name.endswith(("_id", "_ids", "_on", "_at", "_code"))
        return value if is_id else words.out_of(value)
    if isinstance(value, dict):
        return {key: _texts_of(one, words, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts_of(one, words, name) for one in value]
    return value

"""Which policy an account has, and which version of it is in force on a day (R2.1, R2.2).

One small value for the whole deployment: it is read once in a while, and what it says of a day
does not change once the day has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import LimitError, NotFoundError
from chalicelib.core.policy_load import policy_version
from chalicelib.flows.ports_registry import Put, Record, RecordKey, Records

DEFAULT_POLICY_ID = "standard"
POLICIES_MAX = 100
SCHEDULED_MAX = 50  # versions of one policy that the table names; older ones are in its history
TABLE_KEY = RecordKey("META", "POLICIES")
INSTALLED_ON = date.min  # in force since ever: what a stage was installed with


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A version that takes effect on a day, approved (R2.2)."""

    effective_on: date
    version: str


@dataclass(frozen=True, slots=True)
class PolicyCard:
    """One policy: its approved versions by their day, and those that wait for a second person."""

    scheduled: tuple[Scheduled, ...] = ()
    proposed: tuple[str, ...] = ()

    def in_force(self, on: date) -> str | None:
        """Return the version in force on a day; of two that took effect on one, the later approved."""
        found = None
        for entry in self.scheduled:
            if entry.effective_on <= on:
                found = entry.version
        return found

    def next_change(self, after: date) -> date | None:
        """Return the next day after one on which another version takes effect."""
        days = (entry.effective_on for entry in self.scheduled if entry.effective_on > after)
        return min(days, default=None)

    def with_scheduled(self, version: str, effective_on: date) -> PolicyCard:
        """Return the card with a version approved for a day, and no longer proposed."""
        entry = Scheduled(effective_on, version)
        ordered = sorted((*self.scheduled, entry), key=lambda one: one.effective_on)
        return replace(self.without_proposed(version), scheduled=tuple(ordered[-SCHEDULED_MAX:]))

    def without_proposed(self, version: str) -> PolicyCard:
        """Return the card without a proposed version."""
        return replace(self, proposed=tuple(v for v in self.proposed if v != version))

    def with_proposed(self, version: str) -> PolicyCard:
        """Return the card with a version that waits for a second person."""
        return replace(self, proposed=(*self.without_proposed(version).proposed, version))


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """Every policy by its id, and which one an account has that names none."""

    default: str = DEFAULT_POLICY_ID
    classes: dict[str, str] = field(default_factory=dict)
    policies: dict[str, PolicyCard] = field(default_factory=dict)

    def policy_id_of(self, details: AccountDetails) -> str:
        """Return the id of an account's policy: its own, else its class's, else the default (R2.1)."""
        return details.policy_id or self.classes.get(details.account_class) or self.default

    def version_on(self, policy_id: str, on: date) -> str:
        """Return the version of a policy that is in force on a day.

        Raises:
            NotFoundError: there is no such policy, or none of its versions is in force yet.
        """
        card = self.policies.get(policy_id)
        if card is None:
            raise NotFoundError(f"there is no policy {policy_id[:64]!r}")
        version = card.in_force(on)
        if version is None:
            raise NotFoundError(f"no version of the policy {policy_id!r} is in force on {on}")
        return version

    def with_card(self, policy_id: str, card: PolicyCard) -> PolicyTable:
        """Return the table with a policy's card.

        Raises:
            LimitError: there would be more than 100 policies.
        """
        policies: Mapping[str, PolicyCard] = {**self.policies, policy_id: card}
        if len(policies) > POLICIES_MAX:
            raise LimitError(f"there may be {POLICIES_MAX} policies")
        return replace(self, policies=dict(policies))


@dataclass(frozen=True, slots=True)
class PolicyText:
    """The document of a version, as it was put in; never changed."""

    text: str


def text_key(policy_id: str, version: str) -> RecordKey:
    """Return where a version's document is kept."""
    return RecordKey(f"P#{policy_id}", f"TEXT#{version}")


def read_table(records: Records) -> Record[PolicyTable]:
    """Return the table of policies; before anything was written, an empty one of revision 0."""
    return records.read(TABLE_KEY, PolicyTable) or Record(TABLE_KEY, PolicyTable(), 0)


def read_document(records: Records, policy_id: str, version: str) -> bytes:
    """Return the document of a version.

    Raises:
        NotFoundError: there is none.
    """
    found = records.read(text_key(policy_id, version), PolicyText)
    if found is None:
        raise NotFoundError(f"the policy {policy_id[:64]!r} has no version {version[:64]!r}")
    return found.value.text.encode()


def install(records: Records, policy_id: str, document: bytes) -> None:
    """Put a policy in force for every day, at once and without a second person.

    For whoever sets a stage up, never for the API: what is in force is replaced.
    """
    record = read_table(records)
    version = policy_version(document)
    card = PolicyCard((Scheduled(INSTALLED_ON, version),))
    records.write(
        Put(text_key(policy_id, version), PolicyText(document.decode())),
        Put(TABLE_KEY, record.value.with_card(policy_id, card), record.revision),
    )


def set_default(records: Records, policy_id: str) -> None:
    """Say which policy is for accounts that name none. For whoever sets a stage up."""
    record = read_table(records)
    records.write(Put(TABLE_KEY, replace(record.value, default=policy_id), record.revision))

"""Keys of the one table (architecture, Data), written here only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zlib import crc32

HEAD = "HEAD"
SETTLEMENTS = "SETL"
INTEREST_RESTS = "RESTS"
DECISION = "DECISION#"
CONTACT = "CON#"
META = "META"
KEYS = "KEYS"  # the list of API keys, in order of their making
STATEMENT = "STMT"
LARGE_STATEMENT = "STMT#LARGE"  # of a large account: the key is all that the due index tells of it
WAKE, LARGE, OUTBOX, LEASE, STATEMENTS = "wake", "large", "outbox", "lease", "statement"
EVENTS = "event"  # of the due index: what waits for the bus, apart from the letters
EXPORT_FEED = "E#FEED"
EXPORT_LINES_END = 10**15 - 1
AGENCIES = "AGENCIES"  # the book of the agencies themselves, apart from what is theirs
ACKNOWLEDGED, REMITS = "ACK", "REMITS"
DOSSIERS, DOSSIER_PARTS, READS, REPORTS_WAITING = "PLC#", "PART#", "READ#", "WAIT#"
AGENCY_PAYMENTS, REMITTANCES, REMITTANCES_BY_TIME = "PAY#", "RMT#", "RMTAT#"
AT_ONCE = date.min.isoformat()  # due on any day: a decision that was left unfinished


def safe(identity: str) -> str:
    """Return an id as a part of a key: `#` parts a key, so it is written %23."""
    return identity.replace("%", "%25").replace("#", "%23")


def unsafe(part: str) -> str:
    """Return the id that `safe` wrote."""
    return part.replace("%23", "#").replace("%25", "%")


def live(account_id: str) -> str:
    """Return the partition of an account's live state."""
    return f"A#{account_id}"


def history(account_id: str) -> str:
    """Return the partition of an account's history."""
    return f"H#{account_id}"


def outbox(account_id: str) -> str:
    """Return the partition of an account's outbox."""
    return f"O#{account_id}"


def event_row(version: int, part: int) -> str:
    """Return the sort key of a change's events in its account's outbox; in order of time."""
    return f"EVT#{version:010d}#{part:04d}"


def replay(replay_id: str) -> str:
    """Return the partition of an answer kept under an idempotency key."""
    return f"I#{replay_id}"


def account_of(pk: str) -> str:
    """Return the account of a partition key that `live`, `history` or `outbox` wrote."""
    return pk[2:]


def invoice(invoice_id: str) -> str:
    """Return the sort key of an invoice; the same in live state and in history."""
    return f"INV#{safe(invoice_id)}"


def charge(invoice_id: str, charge_id: str) -> str:
    """Return the sort key of a live invoice's charge."""
    return f"CHG#{safe(invoice_id)}#{safe(charge_id)}"


def money(money_key: str) -> str:
    """Return the sort key of a payment or credit note, by its key in `Account.money`."""
    kind, _, identity = money_key.partition(":")
    return f"CASH#{kind}#{safe(identity)}"


def notice(notice_id: str) -> str:
    """Return the sort key of a notice; the same in live state and in history."""
    return f"NTC#{safe(notice_id)}"


def contact(contact_id: str) -> str:
    """Return the sort key of a contact of an account."""
    return f"{CONTACT}{safe(contact_id)}"


def release_request(request_id: str) -> str:
    """Return the sort key of a request to release an account for an order."""
    return f"RLS#{safe(request_id)}"


def placement(placement_id: str) -> str:
    """Return the sort key of a placement."""
    return f"PLC#{safe(placement_id)}"


def placements(state: str) -> str:
    """Return the work index's partition of the placements in a state."""
    return f"P#{state}"


def releases(assignee: str) -> str:
    """Return the work index's partition of the release requests that someone is to answer."""
    return f"R#{assignee}"


def tasks(assignee: str) -> str:
    """Return the work index's partition of the tasks of whoever owns them when all are in."""
    return f"T#{assignee}"


def unassigned_tasks(kind: str) -> str:
    """Return the work index's partition of the tasks of a kind that nobody owns."""
    return f"U#{kind}"


def task_rank(due_on: date, task_id: str) -> str:
    """Return a task's place in its partition of the work index: by its date, then by its id."""
    return f"{due_on.isoformat()}#{safe(task_id)}"


def log(on: date, version: int, part: int) -> str:
    """Return the sort key of what one change wrote into the ledger; in order of time."""
    return f"LOG#{on.isoformat()}#{version:010d}#{part:04d}"


def numbered(prefix: str, index: int) -> str:
    """Return the sort key of the value at a place of one of the account's lists."""
    return f"{prefix}#{index:05d}"


def run(run_on: date, shard: int) -> str:
    """Return the partition of a run's rows of one shard."""
    return f"R#{run_on.isoformat()}#{shard:02d}"


def api_key(key_id: str) -> str:
    """Return the partition of an API key: the only ones that the authorizer may read."""
    return f"K#{key_id}"


def export_waiting(shard: int) -> str:
    """Return the partition of lines for the ERP that wait for their numbers."""
    return f"E#{shard:02d}"


def export_of(account_id: str, version: int, part: int) -> str:
    """Return the sort key of a change's lines for the ERP: by account, in order of its changes."""
    return f"{safe(account_id)}#{version:010d}#{part:04d}"


def export_line(number: int) -> str:
    """Return the sort key of a row of the export feed, by the number of its first line."""
    return f"LINE#{number:015d}"


def export_number(sk: str) -> int:
    """Return the number that `export_line` wrote."""
    return int(sk.partition("#")[2])


def agency(agency_id: str) -> str:
    """Return the partition of what is an agency's: all that its API may touch."""
    return f"G#{agency_id}"


def agency_waiting(agency_id: str) -> str:
    """Return the partition of lines for an agency that wait for their numbers."""
    return f"W#{agency_id}"


def agency_answer(account_id: str, at: datetime, line_id: str) -> str:
    """Return the sort key of a waiting line that no change wrote: after the account's changes."""
    return f"{safe(account_id)}#~{instant(at)}#{safe(line_id)}"


def agency_event(last: int) -> str:
    """Return the sort key of a row of an agency's feed, by the number of its last line."""
    return f"FEED#{last:015d}"


def agency_event_number(sk: str) -> int:
    """Return the number that `agency_event` wrote."""
    return int(sk.partition("#")[2])


def dossier(placement_id: str) -> str:
    """Return the sort key of a placement's dossier."""
    return f"{DOSSIERS}{safe(placement_id)}"


def dossier_part(placement_id: str, number: int) -> str:
    """Return the sort key of a part of a large dossier; apart from the list of them."""
    return f"{DOSSIER_PARTS}{safe(placement_id)}#{number:04d}"


def agency_report(kind: str, report_id: str) -> str:
    """Return the sort key of what an agency reported."""
    return f"IN#{safe(kind)}#{safe(report_id)}"


def report_waiting(at: datetime, kind: str, report_id: str) -> str:
    """Return the sort key by which a report waits to be applied: in order of time."""
    return f"{REPORTS_WAITING}{instant(at)}#{safe(kind)}#{safe(report_id)}"


def report_that_waits(sk: str) -> str:
    """Return the sort key of the report that `report_waiting` names."""
    return f"IN#{sk.split('#', 2)[2]}"


def agency_payment(payment_id: str) -> str:
    """Return the sort key of a payment between agency and seller."""
    return f"{AGENCY_PAYMENTS}{safe(payment_id)}"


def remittance(remittance_id: str) -> str:
    """Return the sort key of a remittance."""
    return f"{REMITTANCES}{safe(remittance_id)}"


def remittance_at(at: datetime, remittance_id: str) -> str:
    """Return the sort key by which remittances are listed: in order of time."""
    return f"{REMITTANCES_BY_TIME}{instant(at)}#{safe(remittance_id)}"


def remittance_listed(sk: str) -> str:
    """Return the sort key of the remittance that `remittance_at` names."""
    return f"{REMITTANCES}{sk.split('#', 2)[2]}"


def dossier_read(at: datetime, *parts: str) -> str:
    """Return the sort key of an audit line: in order of time, then by what it says."""
    return "#".join((f"{READS}{instant(at)}", *map(safe, parts)))


def shard_of(account_id: str, shards: int) -> int:
    """Return an account's shard, the same for ever: CRC-32 of its id modulo the shards."""
    return crc32(account_id.encode()) % shards


def due_shard(family: str, shard: int) -> str:
    """Return the due index's partition of a family's shard."""
    return f"{family}#{shard:02d}"


def instant(at: datetime) -> str:
    """Return an instant as sortable text of fixed width, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

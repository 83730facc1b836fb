"""The page that an evidence archive opens with: what it is, how to read and how to check it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.flows.evidence_files import SUMS, instant
from chalicelib.flows.evidence_gather import Gathered
from chalicelib.flows.evidence_ledger import Balance


@dataclass(frozen=True, slots=True)
class Asked:
    """Who has an account exported, when and what for. `zone` is the seller's time zone."""

    at: datetime
    by: str
    reason_code: str
    note: str
    zone: str
    recipient: str = ""
    stage: str = ""


# Path, and what it holds, in the order in which a reader meets them.
CONTENTS = (
    ("account.json", "who the account is, its contacts, and everything else that is kept of it"),
    ("balance.txt", "the equation of the ledger per currency, with its figures"),
    ("ledger.csv", "every entry ever booked, in order, with the running balance"),
    ("invoices.csv", "every invoice, open and closed; invoices.json has every field of it"),
    ("charges.csv", "every late fee, interest, compensation and collection fee, worked out again"),
    ("charges.json", "the same with every figure, and the rule of the policy that made it"),
    ("interest_segments.csv", "the days, bases and rates of every charge of interest"),
    (
        "payments.csv",
        "payments and credit notes; allocations.csv says where each part of them went",
    ),
    ("letters.csv", "every letter: when, to whom, what became of it, whether its digest holds"),
    ("letters/", "each letter's files as they left, with record.json and delivery.json"),
    ("calls_and_contacts.csv", "every contact with the customer, in and out"),
    ("timeline.csv", "all that was decided, booked and done, in order; timeline.jsonl the same"),
    ("promises.csv", "promises to pay; plan_instalments.csv: payment plans"),
    ("disputes.csv", "what the customer objected to, and what came of it"),
    ("holds.csv", "credit holds in force; timeline.csv has those that ended"),
    ("tasks_open.csv", "what people still have to do; timeline.csv has what they did"),
    ("contacts.csv", "the people at the customer"),
    ("placements.csv", "what was handed to agencies"),
    ("placements/", "of each placement what the agency saw and reported"),
    (
        "policies.csv",
        "the versions of the policy that acted; policies/ has each, and in plain words",
    ),
    ("rates/", "the tables of reference rates that interest rests on, with their sources"),
    ("manifest.json", "counts, sizes, digests, and the results of the checks"),
    (SUMS, "the SHA-256 digest of every other file"),
)


def readme(
    found: Gathered,
    asked: Asked,
    balances: Sequence[Balance],
    policies: Sequence[str],
    checks: Mapping[str, Mapping[str, int]],
    paths: Collection[str],
) -> str:
    """Return the page as text; `paths` are the files that the archive has by now."""
    return "\n".join(_lines(found, asked, balances, policies, checks, paths)) + "\n"


def _lines(
    found: Gathered,
    asked: Asked,
    balances: Sequence[Balance],
    policies: Sequence[str],
    checks: Mapping[str, Mapping[str, int]],
    paths: Collection[str],
) -> Iterator[str]:
    account = found.account
    yield f"Evidence about the account {account.id}"
    yield f"{account.details.name}".strip()
    yield ""
    yield from _who(found, asked)
    yield ""
    yield from _attention(balances, checks)
    yield "WHAT IS IN IT"
    yield ""
    for path, what in CONTENTS:
        is_empty = path.endswith("/") and not any(one.startswith(path) for one in paths)
        yield f"  {path:<24} {what}" + (" (none here)" if is_empty else "")
    yield ""
    yield from _how_to_read(asked)
    yield ""
    yield from _how_to_check(checks)
    yield ""
    yield "POLICIES THAT ACTED ON THIS ACCOUNT"
    yield ""
    yield from (f"  {label}" for label in policies or ("none",))
    yield ""
    yield "THE LEDGER"
    yield ""
    for balance in balances:
        yield from (f"  {line}" for line in balance.sentences())
        yield ""


def _who(found: Gathered, asked: Asked) -> Iterator[str]:
    yield f"  Exported at   {instant(asked.at)}"
    yield f"  by            {asked.by}"
    yield f"  for           {asked.recipient or 'not said'}"
    yield f"  reason        {asked.reason_code}" + (f": {asked.note}" if asked.note else "")
    yield f"  system        Pastdue, stage {asked.stage or 'not said'}"
    yield f"  time zone     {asked.zone}"
    yield f"  as of         version {found.version} of the account: all files are of this one state"
    yield f"  last decided  {found.account.last_decided_on or 'never'}"


def _attention(
    balances: Sequence[Balance], checks: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    wrong = [one.currency for one in balances if not one.holds]
    said = [f"  The ledger in {currency} does not add up: see balance.txt." for currency in wrong]
    for what, counts in checks.items():
        if counts.get("differs"):
            said.append(f"  {counts['differs']} of the {what} differ from what was written down.")
    if said:
        yield "ATTENTION"
        yield ""
        yield from said
        yield ""


def _how_to_read(asked: Asked) -> Iterator[str]:
    yield "HOW TO READ IT"
    yield ""
    yield f"  Days (names that end in _on) are calendar days in {asked.zone}; instants (_at) are UTC."
    yield "  Amounts in .csv files are in major units with a point: 1234.50. In .json files names"
    yield "  that end in _minor are whole minor units (cents) of the currency beside them."
    yield "  The .csv files are UTF-8 and separated by commas. A text that begins like a formula has"
    yield "  an apostrophe before it, so that no spreadsheet runs it; .json files have it as it is."
    yield "  Numbers such as R4.3 are the rules of Pastdue's documentation; policies/*.txt says in"
    yield "  plain words what the seller had set."
    yield "  A letter counts as sent (`counted`) when the receiving mail system took it, or when it"
    yield "  left and did not come back within 72 hours; `posted` ones went by post."
    yield "  [contact ...] in a letter stands for a person whose data was erased since."


def _how_to_check(checks: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    yield "HOW TO CHECK IT"
    yield ""
    yield f"  Unpack it, and in its folder: sha256sum -c {SUMS}"
    yield "  (macOS: shasum -a 256 -c SHA256SUMS; Windows: Get-FileHash FILE, and compare.)"
    yield "  Or: pastdue ops verify-export FILE.zip, which checks the digests, adds ledger.csv up and"
    yield "  works the letters' digests out again. It needs no connection to anything."
    yield "  The digest of the whole .zip file was written into the account's own log when it was"
    yield "  exported (kind evidence_exported), so that a later change of this file shows."
    for what, counts in checks.items():
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
        yield f"  {what}: {told}"

"""Laws of evidence: whatever happened to an account, its archive adds up and checks (R7.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.flows.evidence import export_account
from chalicelib.flows.evidence_gather import Sources
from chalicelib.flows.evidence_verify import verify
from hypothesis import given, settings
from tests.fakes_agency import MemoryAgencies
from tests.fakes_notices import MemoryPastNotices
from tests.fakes_store import MemoryArchive, MemoryRegistry
from tests.flows.evidence_bench import ASKED, Opened, opened
from tests.property.desk_acts import DOCUMENTS, Act, World, acts


def archive_of(world: World) -> Opened:
    registry = MemoryRegistry()
    registry.put_policy("standard", world.document)
    stores = world.accounts, MemoryPastNotices(world.accounts), MemoryArchive(), registry
    sources = Sources(*stores, world.policies, MemoryAgencies(world.accounts))
    return opened(export_account(sources, "A", ASKED))


@settings(max_examples=15, deadline=None)
@given(document=DOCUMENTS, story=acts())
def test_the_ledger_of_an_archive_comes_to_the_accounts_totals(
    document: bytes, story: Sequence[Act]
) -> None:
    world = World(document)
    for act in story:
        world.do(act)

    archive = archive_of(world)

    booked = Counter[str]()
    for row in archive.rows("ledger.csv"):
        decimals = 0 if row["currency"] == "JPY" else 2
        booked[row["currency"]] += int(Decimal(row["effect"]).scaleb(decimals))
    totals = {
        currency: sum(ENTRY_SIGN[kind] * minor for kind, minor in kinds.items())
        for currency, kinds in world.account.totals.items()
    }
    assert dict(booked) == totals
    assert archive.exported.out_of_balance == ()
    assert not archive.exported.checks["charges"].get("differs")
    assert verify(archive.exported.content).faults == ()

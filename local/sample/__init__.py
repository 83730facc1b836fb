"""The sample ledger that is shipped: what the accounts of a small seller owed on 2 March 2026.

27 accounts, each with its own story; over the days of `DAYS` they bring about reminders, late fees,
a final demand, holds placed and released, disputes, promises, payment plans, calls, a pause,
undelivered invoices, money that came late, and accounts that simply pay. All names are invented.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from local.cli_ledger import LedgerFiles

FIRST_DAY = date(2026, 3, 2)
DAYS = 11  # through Thursday, 12 March 2026
_FOLDER = Path(__file__).parent


def sample_files() -> LedgerFiles:
    """Return the files of the sample ledger."""
    return LedgerFiles(
        invoices=(_FOLDER / "invoices.csv",),
        payments=(_FOLDER / "payments.csv",),
        credit_notes=(_FOLDER / "credit_notes.csv",),
        facts=(_FOLDER / "facts.jsonl",),
    )

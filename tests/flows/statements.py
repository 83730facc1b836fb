"""Statements of all that is open, for the tests of full imports."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from chalicelib.flows.full_import import FullImport
from chalicelib.flows.full_import_run import FullImportRun, Progress, Stated
from chalicelib.flows.ledger_read import Ledger, read_ledger
from tests.fakes_registry import MemoryRecords
from tests.flows.machine import TODAY, Machine

HEADER = "account_id,invoice_id,issued_on,due_on,currency,amount,open_amount,po_number\n"


def item(
    name: str, opened: str, *, account: str = "A1", amount: str = "1000.00", **said: str
) -> str:
    """A row of a statement: an invoice of 10 January, due on 9 February."""
    values = {"issued": "2024-01-10", "due": "2024-02-09", "currency": "USD", "po": ""} | said
    return (
        f"{account},{name},{values['issued']},{values['due']},{values['currency']},"
        f"{amount},{opened},{values['po']}"
    )


def statement(*rows: str) -> Ledger:
    """What a file of these rows holds."""
    return read_ledger([("invoices", "open_items.csv", (HEADER + "\n".join(rows)).encode())])


class Mirror:
    """A machine whose ledger mirrors an ERP's."""

    def __init__(self, machine: Machine | None = None, kind: str = "mirror") -> None:
        self.machine = machine or Machine()
        self.records = MemoryRecords()
        full = FullImport(self.machine.accounts, self.machine.policies)
        self.run = FullImportRun(
            full, self.machine.registry, self.records, self.machine.policies, kind
        )
        self.given = 0

    def stated(self, ledger: Ledger, on: date = TODAY, number: int | None = None) -> Stated:
        """A statement, the next one that is given."""
        self.given = self.given + 1 if number is None else number
        at = datetime.combine(date(2024, 3, 1), time(0, 0, self.given % 60), UTC)
        return Stated(f"imp_{self.given}", ledger, on, at)

    def take(
        self,
        *rows: str,
        on: date = TODAY,
        ledger: Ledger | None = None,
        approved: int | None = None,
    ) -> Progress:
        """Take a statement in, step by step to its end; approved unless a count is given."""
        return self.finish(self.stated(ledger or statement(*rows), on), approved)

    def finish(self, stated: Stated, approved: int | None = 1_000_000) -> Progress:
        progress = Progress()
        while not progress.is_ended:
            progress = self.run.go_on(
                stated,
                Progress.from_json(progress.to_json()),
                approved=approved,
                is_over=lambda: True,
            )
        return progress

    def opened(self, account_id: str = "A1") -> dict[str, int]:
        """What is open of an account's invoices."""
        account = self.machine.account(account_id)
        return {i.id: i.open_minor for i in account.invoices.values() if i.open_minor}

    def kinds(self, account_id: str = "A1") -> list[tuple[str, int]]:
        """The account's ledger entries."""
        entries: Iterable[tuple[str, int]] = (
            (entry.kind, entry.amount_minor)
            for entry in self.machine.accounts.kept[account_id].entries
        )
        return list(entries)

"""Makes the table where no stack makes it: tests, and tools of one machine."""

from __future__ import annotations

from chalicelib.store.tables import Table


def create_table(table: Table) -> None:
    """Create a bound model's table with its indexes, on demand, and wait until it is there.

    The deployed table is the stack's (infra/store.yaml); a test compares the two.
    """
    if not table.exists():
        table.create_table(billing_mode="PAY_PER_REQUEST", wait=True)

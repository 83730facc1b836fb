"""Two versions of the package on one table: a driver that runs inside either of them, alone."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloud.emulator import Emulator

TABLE = "versions"
# Without site-packages: only what was packaged is there, of this version and no other.
DRIVER = '''
import json, os, sys
sys.path.insert(0, sys.argv[1])
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import PastdueError
from chalicelib.core.facts import InvoiceIssued
from chalicelib.core.facts_details import DetailsChanged
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.flows.policies import load
from chalicelib.flows.ports import Change, OutboxRow
from chalicelib.store.create import create_table
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.tables import bind

policy = load("standard")
table = bind(os.environ["TABLE_NAME"])
accounts = DynamoAccounts(table, 1)
told = {"effects": [], "refused": []}

def book(account_id, *facts):
    loaded = accounts.load(account_id)
    booked = apply_all(loaded.account, facts, policy)
    accounts.commit(Change(loaded, booked.account, facts[0].on, booked.entries))

def run(day):
    """Decide every account that is due; one that cannot be read stops no other."""
    for due in list(accounts.due(0, day)):
        try:
            loaded = accounts.load(due.account_id)
            decision = decide(loaded.account, policy, day)
            at = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
            rows = tuple(OutboxRow("notice:" + n.id, "notice", n.id, at) for n in decision.notices)
            accounts.commit(Change(loaded, decision.account, decision.wake_on, decision.entries,
                                   decision.effects, rows))
            told["effects"] += [f"{day} {e.account_id} {e.kind} {getattr(e, 'id', '')}"
                                for e in decision.effects]
        except PastdueError as error:
            told["refused"].append(f"{due.account_id} {type(error).__name__}")

for step in json.loads(sys.argv[2]):
    name, *values = step
    if name == "create":
        create_table(table)
    elif name == "issue":
        account_id, due_on = values[0], date.fromisoformat(values[1])
        issued = due_on - timedelta(days=30)
        book(account_id, InvoiceIssued(issued, account_id + "-1", "USD", 50_000, 50_000, issued,
                                       due_on, issued, issued))
    elif name == "nickname":  # what the newer version alone can say
        loaded = accounts.load(values[0])
        details = replace(loaded.account.details, nickname=values[1])
        book(values[0], DetailsChanged(date.fromisoformat(values[2]), details))
    elif name == "run":
        run(date.fromisoformat(values[0]))
    elif name == "read":
        told["nickname"] = getattr(accounts.load(values[0]).account.details, "nickname", None)
print(json.dumps(told))
'''


@dataclass(frozen=True)
class Version:
    """An unpacked package, and the emulator whose table it works on."""

    folder: Path
    emulator: Emulator

    def does(self, *steps: tuple[str, ...], table: str = TABLE) -> dict[str, Any]:
        """Do some steps in a process of its own, and return what it tells of them."""
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", DRIVER, str(self.folder), json.dumps(steps)],
            env={**self.emulator.environment(), "TABLE_NAME": table},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

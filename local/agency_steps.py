"""Steps of the agency demo as they are shown: whose they are, and a short table of what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tables import money, table

if TYPE_CHECKING:
    from rich.table import Table

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What one side, `finance` or `agency`, sees after it did something."""

    side: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: int = 0  # so many columns at the end hold figures

    def heading(self) -> str:
        """Return whose step it is, and what was done; as a line, for tables may be narrower."""
        return f"{self.side.upper()}  {self.title}"

    def table(self) -> Table:
        """Return the step as a table for people."""
        return table("", self.columns, self.rows, right=self.right)

    def document(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"side": self.side, "title": self.title, "rows": rows}


def money_of(amount: Values | None) -> str:
    """Return an amount of the API in words, "" of none."""
    if amount is None:
        return ""
    return f"{money(amount['amount_minor'], amount['currency'])} {amount['currency']}"


def said(side: str, title: str, values: Mapping[str, str]) -> Step:
    """Return a step with one row."""
    return Step(side, title, tuple(values), (tuple(values.values()),))


def checklist_step(title: str, answer: Values, candidate: Values) -> Step:
    """Return the checklist of a candidate (R10.1), item by item."""
    rows = tuple(
        ("yes" if item["holds"] else "NO", item["code"], item["detail"])
        for item in candidate["items"]
    )
    named = f"{title}: {answer['account_id']}, {money_of(candidate['balance'])}"
    return Step("finance", named, ("holds", "item", "why"), rows)


def placement_step(title: str, placement: Values) -> Step:
    """Return a placement as finance reads it."""
    shown = {
        "state": str(placement["state"]),
        "outcome": str(placement["outcome"] or ""),
        "agency": str(placement["agency"] or ""),
        "invoices": str(placement["invoices_count"]),
        "placed": money_of(placement["placed"]),
        "balance": money_of(placement["balance"]),
        "unremitted": money_of(placement["unremitted"]),
    }
    return Step("finance", title, tuple(shown), (tuple(shown.values()),), right=3)


def feed_step(title: str, events: Sequence[Values]) -> Step:
    """Return what the feed told, by its numbers."""
    rows = tuple(
        (
            str(event["sequence"]),
            str(event["type"]),
            str(event["status"] or ""),
            str(event["because"] or event["ref"] or ""),
            money_of(event["amount"]),
            money_of(event["balance"]),
            money_of(event["commission"]),
        )
        for event in events
    )
    columns = ("no.", "event", "status", "about", "amount", "balance", "commission")
    return Step("agency", title, columns, rows, right=3)


def dossier_step(title: str, dossier: Values) -> Step:
    """Return what an agency sees of a placement."""
    debtor, amounts = dossier["debtor"], dossier["amounts"]
    people = ", ".join(one["name"] or one["email"] for one in debtor["contacts"])
    demands = ", ".join(one["sent_on"] for one in dossier["history"]["final_demands"])
    tried = ", ".join(f"{name} {count}" for name, count in dossier["history"]["attempts"].items())
    rows = (
        (
            "creditor",
            f"{dossier['creditor']['name']}, reference {dossier['creditor']['reference']}",
        ),
        ("debtor", debtor["name"]),
        ("contacts", people),
        ("invoices", ", ".join(one["invoice_id"] for one in dossier["invoices"])),
        ("principal", money_of(amounts["principal"])),
        ("balance", money_of(amounts["balance"])),
        ("final demand sent", demands),
        ("tried before", tried),
        ("commission", f"{dossier['terms']['commission_percent']} %"),
        ("may now", ", ".join(dossier["allowed_actions"])),
    )
    return Step("agency", title, ("what", "as the agency sees it"), rows)


def remittance_step(title: str, body: Values) -> Step:
    """Return a remittance with its control totals."""
    totals = body["totals"]
    shown = {
        "remittance": str(body["id"]),
        "kind": str(body["kind"]),
        "payments": str(totals["count"]),
        "collected": money_of(totals["collected"]),
        "commission": money_of(totals["commission"]),
        "paid": money_of(totals["paid"]),
    }
    return Step("agency", title, tuple(shown), (tuple(shown.values()),), right=4)


def reconciliation_step(title: str, answer: Values) -> Step:
    """Return what differs between the agency's books and the seller's."""
    rows = tuple(
        (row["placement_id"], ", ".join(row["codes"]), money_of(row["balance"]))
        for row in answer["data"]
    )
    nothing = (("none", f"{answer['compared']} placement(s) compared", ""),)
    return Step("agency", title, ("placement", "difference", "balance"), rows or nothing, right=1)

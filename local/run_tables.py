"""The tables that `pastdue run` and `pastdue serve` show of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rich.console import RenderableType

from chalicelib.core.aging import bucket_names
from chalicelib.core.blocks import BLOCKS
from chalicelib.core.effects import (
    CaseClosed,
    CaseOpened,
    ChargePosted,
    ChargeReversed,
    Effect,
    HoldEnded,
    HoldPlaced,
    InstalmentMissed,
    PlanMoved,
    PromiseEnded,
    Skipped,
    TaskEnded,
    TaskMade,
)
from chalicelib.core.effects_placements import PlacementMoved
from chalicelib.flows.effects_file import charge_sums, stopped_counts
from local.day_runs import DayDone
from local.run_report import Aging, RunReport
from local.tables import charge_name, money, table


def run_tables(report: RunReport, paths: Mapping[str, str]) -> Iterator[RenderableType]:
    """Yield everything that a run is to show, in the order in which it is read."""
    first, last = report.days[0].day, report.days[-1].day
    yield _aging(report, report.before, f"Aging before, on {first}")
    yield _days(report.days)
    yield _work(report.days)
    yield _charges(report)
    yield from _charge_sums(report)
    yield from _stopped(report)
    yield _letters(report)
    yield _holds(report)
    yield _skips(report)
    yield from _placements(report)
    yield _tasks(report)
    yield _aging(report, report.after, f"Aging after, on {last}")
    yield _seconds(report)
    yield again_line(report.again)
    yield f"Letters to open: {paths['letters']}"
    for failure in report.failures:
        yield f"FAILED: {failure}"


def again_line(again: DayDone) -> str:
    """Return in a line what running a day once more brought."""
    if not again.effects and not again.letters:
        return f"Again: {again.day} was run once more: nothing new."
    return (
        f"Again: {again.day} was run once more and brought {len(again.effects)} effects and "
        f"{again.letters} letters."
    )


def _aging(report: RunReport, aging: Aging, title: str) -> RenderableType:
    names = bucket_names(report.policy.aging)
    rows = [
        [
            currency,
            *(money(amount, currency) for amount in row.buckets),
            money(row.principal_minor, currency),
            money(row.charges_minor, currency),
            money(row.unapplied_minor, currency),
        ]
        for currency, row in aging.items()
    ]
    columns = ["", *names, "principal", "charges", "unapplied"]
    return table(title, columns, rows, right=len(columns) - 1)


def _days(days: list[DayDone]) -> RenderableType:
    kinds = ("stage", "charge", "notice", "statement", "hold_placed", "hold_released", "skip")
    rows = []
    for day in days:
        counts = [sum(effect.kind == kind for effect in day.effects) for kind in kinds]
        rows.append(
            [
                f"{day.day:%a} {day.day}",
                f"{day.accounts_due:,}{' *' if day.approved else ''}",
                *(str(count or "-") for count in counts),
                str(day.letters or "-"),
                f"{sum(day.seconds.values()):.1f}",
            ]
        )
    columns = [
        "day", "due", "stages", "charges", "notices", "statements", "holds", "released", "skipped",
        "sent", "s",
    ]  # fmt: skip
    made = table("Days", columns, rows, right=len(columns) - 1)
    if any(day.approved for day in days):
        made.caption = (
            "* so many more accounts were due than usual that a person would have been asked "
            "(R13.1); on this machine the run was approved by itself"
        )
    return made


def _work(days: list[DayDone]) -> RenderableType:
    """Return what the days brought to the people who collect, and to what was agreed (R6, R9)."""
    rows = [
        [
            f"{day.day:%a} {day.day}",
            *(str(sum(map(is_it, day.effects)) or "-") for is_it in _WORK.values()),
        ]
        for day in days
    ]
    return table("Collections work", ["day", *_WORK], rows, right=len(_WORK))


_OVER = frozenset({"completed", "broken", "cancelled"})  # states of a plan that has ended
_WORK: Mapping[str, Callable[[Effect], bool]] = {
    "tasks\nopened": lambda effect: isinstance(effect, TaskMade),
    "tasks\nclosed": lambda effect: isinstance(effect, TaskEnded),
    "cases\nopened": lambda effect: isinstance(effect, CaseOpened),
    "cases\nclosed": lambda effect: isinstance(effect, CaseClosed),
    "promises\nkept": lambda e: isinstance(e, PromiseEnded) and e.outcome == "kept",
    "promises\nbroken": lambda e: isinstance(e, PromiseEnded) and e.outcome == "broken",
    "plans\nbegun": lambda e: isinstance(e, PlanMoved) and e.state == "active",
    "plans\nended": lambda e: isinstance(e, PlanMoved) and e.state in _OVER,
    "instalments\nmissed": lambda effect: isinstance(effect, InstalmentMissed),
}


def _charges(report: RunReport) -> RenderableType:
    rows = []
    for effect in report.effects:
        if isinstance(effect, ChargePosted):
            what, why = charge_name(effect.charge), effect.basis or effect.stage
            amount = money(effect.amount_minor, effect.currency)
        elif isinstance(effect, ChargeReversed):
            why = effect.because
            if effect.because == "value_date":
                why = "the money had come in before"
            what, amount = "reversal", f"-{money(effect.amount_minor, effect.currency)}"
        else:
            continue
        name = report.name_of(effect.account_id)
        rows.append([f"{effect.on}", name, effect.invoice_id, what, why, effect.currency, amount])
    columns = ["day", "account", "invoice", "charge", "why", "", "amount"]
    return table(f"Charges: {len(rows)}", columns, rows, right=1)


def _charge_sums(report: RunReport) -> Iterator[RenderableType]:
    """Yield what the charges came to by kind, if there are any."""
    rows = [
        [
            charge_name(row["charge"]),
            f"{row['count']:,}",
            row["currency"],
            money(row["amount_minor"], row["currency"]),
        ]
        for row in charge_sums(report.effects)
    ]
    if rows:
        yield table("Charges by kind", ["charge", "count", "", "amount"], rows, right=1)


def _stopped(report: RunReport) -> Iterator[RenderableType]:
    """Yield which charges were not posted because a table of rates does not reach (R4.4)."""
    rows = [[row["detail"], f"{row['count']:,}"] for row in stopped_counts(report.effects)]
    if rows:
        yield table("Charges stopped: not posted", ["why", "charges"], rows, right=1)


def _letters(report: RunReport) -> RenderableType:
    rows = [
        [
            f"{entry.created_on}",
            entry.account_name,
            entry.kind_name,
            str(entry.invoice_count or "-"),
            entry.state,
            f"{entry.stem}.html",
            f"{entry.currency} {entry.amount}",
        ]
        for entry in report.letters
    ]
    columns = ["day", "account", "letter", "invoices", "state", "file", "asks for"]
    return table(f"Notices: {len(rows)}", columns, rows, right=1)


def _holds(report: RunReport) -> RenderableType:
    rows = []
    for effect in report.effects:
        if isinstance(effect, HoldPlaced):
            rows.append([f"{effect.on}", report.name_of(effect.account_id), "placed", effect.reason,
                         effect.evidence])  # fmt: skip
        elif isinstance(effect, HoldEnded):
            rows.append([f"{effect.on}", report.name_of(effect.account_id), "released",
                         effect.reason, ""])  # fmt: skip
    return table(f"Holds: {len(rows)}", ["day", "account", "hold", "reason", "evidence"], rows)


def _skips(report: RunReport) -> RenderableType:
    rows = [
        [
            f"{effect.on}",
            report.name_of(effect.account_id),
            effect.invoice_id,
            effect.stage,
            BLOCKS[effect.block].sentence if effect.block in BLOCKS else effect.block,
        ]
        for effect in report.effects
        if isinstance(effect, Skipped)
    ]
    return table(f"Skipped: {len(rows)}", ["day", "account", "invoice", "stage", "why"], rows)


def _placements(report: RunReport) -> Iterator[RenderableType]:
    """Yield what became of placements with agencies, if there are any (R10)."""
    rows = [
        [
            f"{effect.on}",
            report.name_of(effect.account_id),
            effect.agency,
            effect.move.replace("_", " "),
            (effect.reason or effect.outcome).replace("_", " "),
            effect.currency,
            money(effect.amount_minor, effect.currency),
        ]
        for effect in report.effects
        if isinstance(effect, PlacementMoved)
    ]
    if rows:
        columns = ["day", "account", "agency", "move", "why", "", "balance"]
        yield table(f"Placements: {len(rows)}", columns, rows, right=1)


def _tasks(report: RunReport) -> RenderableType:
    tasks = report.tasks
    rows = [
        [
            one.owner,
            str(one.rank),
            report.name_of(one.account.id),
            one.task.kind,
            f"{one.task.due_on}",
            one.past_due,
            one.why,
        ]
        for one in tasks
    ]
    columns = ["for", "", "account", "task", "due", "past due", "why now"]
    return table(f"Tasks for people: {len(rows)}", columns, rows)


def _seconds(report: RunReport) -> RenderableType:
    steps = dict(report.seconds)
    for day in report.days:
        for step, seconds in day.seconds.items():
            name = f"  of the days: {step}"
            steps[name] = steps.get(name, 0.0) + seconds
    rows = [[step, f"{seconds:.1f}"] for step, seconds in steps.items()]
    return table("How long each step took", ["step", "s"], rows, right=1)

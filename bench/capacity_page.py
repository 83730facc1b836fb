"""Writes docs/capacity.md from bench/capacity.json and bench/prices.toml; nothing in it is typed by hand.

python bench/capacity_counts.py    (measures anew; some two minutes)
python bench/capacity_page.py
"""

from __future__ import annotations

import json
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import capacity_model as model

from local.cloud.templates import put_together, template_files

BENCH = Path(__file__).resolve().parent
PAGE = BENCH.parent / "docs" / "capacity.md"
KINDS = {
    "import_invoice": "an invoice imported (ten to an account's change)",
    "payment": "a payment booked by the API",
    "hold_lookup": "a hold look-up",
    "sweep": "the sweep of a run",
    "sweep_shard": "the hand-out of a shard",
    "decide_quiet": "an account decided, nothing to do",
    "decide_with_notice": "an account decided, a letter to send",
    "decide_again": "a message that came twice",
    "letter": "a letter sent",
    "letter_event": "an event of SES booked",
    "reconcile_minute": "a minute of reconciling with nothing to do",
    "report_invoice": "an open invoice in the day's snapshot",
}
SECOND, MINUTE, HOUR = 1, 60, 3600
THOUSAND = 1000


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())
    print(f"wrote {PAGE.name}")


def page() -> str:
    """Return the page's text."""
    counts = json.loads((BENCH / "capacity.json").read_text())
    prices = tomllib.loads((BENCH / "prices.toml").read_text())
    days = [model.day_of(size, counts) for size in model.SIZES]
    parts = (
        _introduction(counts),
        "## What each kind of work asks of AWS\n",
        _work(counts),
        "## An average day\n",
        _average_day(days),
        "## How long a day takes, and what bounds it\n",
        _hours(days, counts),
        _limits(counts),
        f"## What a month costs\n\nList prices of {prices['region']} in US dollars as of "
        f"{prices['as_of']} (`bench/prices.toml`), free tiers left out.\n",
        _months(days, counts, prices),
        _assumptions(counts),
    )
    return _filled("\n".join(parts))


def _filled(text: str) -> str:
    """Return the text with its paragraphs and items in lines of 100; tables stay as they are."""
    blocks: list[str] = []
    for line in text.splitlines():
        is_new = not line or line[0] in "|#*" or not blocks or not blocks[-1]
        if is_new or blocks[-1][0] in "|#":
            blocks.append(line)
        else:
            blocks[-1] += f" {line.strip()}"
    lines: list[str] = []
    for block in blocks:
        if block[:1] in ("", "|", "#"):
            if block or (lines and lines[-1]):
                lines.append(block)
        else:
            indent = "  " if block[0] == "*" else ""
            lines.append(textwrap.fill(block, 100, subsequent_indent=indent))
    return "\n".join(lines).rstrip() + "\n"


def _introduction(counts: dict[str, Any]) -> str:
    python, processor = counts["machine"]["python"], counts["machine"]["processor"]
    return f"""# Capacity and cost

Written by `bench/capacity_page.py` from what `bench/capacity_counts.py` measured; do not edit by hand.

Measured are {counts["accounts"]} accounts of {counts["invoices_per_account"]} open invoices each in the
local AWS emulator: every use case runs with the adapters that are deployed, requests are counted where
the SDK sends them, and capacity units from the sizes of items by DynamoDB's published rules. These
figures are exact. Processor time is that of one machine (Python {python}, {processor});
how long a function takes in Lambda is *estimated* from it, by the share of a processor that its memory
buys and by how long AWS usually takes to answer. Nothing here was measured in AWS.
"""


def _work(counts: dict[str, Any]) -> str:
    rows = []
    for kind, meaning in KINDS.items():
        cost = counts["costs"][kind]
        requests = sum(cost["requests"].values())
        seconds = model.lambda_seconds(kind, cost) if kind in model.MEMORY_MB else None
        rows.append(
            (
                meaning,
                _figure(requests),
                _figure(cost["read_units"]),
                _figure(cost["write_units"]),
                _figure(cost["processor_ms"]),
                "" if seconds is None else _figure(seconds * 1000),
            )
        )
    heads = (
        "work",
        "requests",
        "read units",
        "write units",
        "processor ms",
        "Lambda ms, estimated",
    )
    return _table(heads, rows)


def _average_day(days: Sequence[model.Day]) -> str:
    lines: tuple[tuple[str, Callable[[model.Day], object]], ...] = (
        ("accounts", lambda day: day.load.accounts),
        ("invoices that come in", lambda day: day.load.per_day["import_invoice"]),
        ("payments", lambda day: day.load.per_day["payment"]),
        ("accounts decided", _decided),
        ("letters", lambda day: day.letters),
        ("requests to DynamoDB", lambda day: day.requests["dynamodb"]),
        ("read units", lambda day: day.read_units),
        ("write units", lambda day: day.write_units),
        ("requests to SQS", lambda day: day.requests["sqs"]),
        ("requests to S3", lambda day: day.requests["s3"]),
        ("invocations", lambda day: day.invocations),
        ("Lambda seconds", lambda day: day.lambda_s),
    )
    rows = [(name, *(_figure(value(day)) for day in days)) for name, value in lines]
    return _table(("open invoices", *_sizes()), rows)


def _decided(day: model.Day) -> Decimal:
    return day.load.per_day["decide_quiet"] + day.load.per_day["decide_with_notice"]


def _hours(days: Sequence[model.Day], counts: dict[str, Any]) -> str:
    hours = [model.hours_of(day, counts) for day in days]
    rows = [
        ("handing out", *(_span(one.handing_out_s) for one in hours)),
        (f"deciding, with {model.WORKERS} workers", *(_span(one.deciding_s) for one in hours)),
        *(
            (f"letters at {rate} a second of SES", *(_span(one.letters_s[rate]) for one in hours))
            for rate in model.MAIL_RATES
        ),
        (
            f"the snapshot, in stretches by {model.REPORT_WORKERS} workers",
            *(_report(one.report_s) for one in hours),
        ),
        ("of which looking for its accounts", *(_span(one.search_s) for one in hours)),
    ]
    return _table(("open invoices", *_sizes()), rows)


def _report(seconds: Decimal) -> str:
    return _span(seconds) + (" (too long)" if seconds > model.REPORT_S else "")


def _limits(counts: dict[str, Any]) -> str:
    day = model.day_of(model.SIZES[-1], counts)
    hours = model.hours_of(day, counts)
    invoice_s = model.lambda_seconds("report_invoice", counts["costs"]["report_invoice"])
    stretch = model.STRETCH_ACCOUNTS * counts["invoices_per_account"]
    per_shard = model.SHARD_FUNCTION_S * 1000 // model.HAND_OUT_BATCH_MS * 10
    per_partition = _figure(model.SHARDS * model.PARTITION_WRITES_S // 2)
    decided = _figure(hours.index_writes_per_s * model.SHARDS / 2)
    return f"""
What bounds a day, in the order in which it is met:

* **SES.** Letters leave at {model.MAIL_SHARE} of the rate that SES allows the account. Ask for a rate
  that fits the letters above; what does not leave within its sending window leaves in the next one.
* **The snapshot.** Looking for the accounts goes through the whole table, one page after the other; then
  {model.REPORT_WORKERS} workers go through stretches of {_figure(model.STRETCH_ACCOUNTS)} accounts, some
  {_span(stretch * invoice_s)} each with {counts["invoices_per_account"]} open invoices an account. Both
  go on in the next function where one's time is over. A snapshot has {_span(Decimal(model.REPORT_S))}
  from its start: enough for some {_figure(model.largest_snapshot(counts))} open invoices. A larger
  ledger's alarm says that it was not finished, and aging is answered from the last snapshot there is;
  the run itself is not held up.
* **Deciding.** {model.WORKERS} workers write {_figure(hours.writes_per_s)} units a second; a table on
  demand takes {_figure(model.TABLE_WRITES_S)} unless its quota is raised, so the workers could be
  {_figure(model.WORKERS * model.TABLE_WRITES_S / hours.writes_per_s)}.
* **The due index.** Each decision moves one entry: two writes in its shard's partition, which takes
  {_figure(model.PARTITION_WRITES_S)} a second. {model.SHARDS} shards take {per_partition} decisions a
  second; {model.WORKERS} workers make {decided}. The number of
  shards is chosen before the first account comes, and stays.
* **Handing out.** A shard's function hands out some {_figure(per_shard)} accounts in its
  {model.SHARD_FUNCTION_S} s; what is left is handed out by the message's next try.
* **One account.** Its items are one partition of the table; a booking writes tens of units, so one account
  takes tens of bookings a second, one after the other by its version.
"""


def _months(days: Sequence[model.Day], counts: dict[str, Any], prices: dict[str, Any]) -> str:
    watched = model.watched_by(put_together(template_files(BENCH.parent)))
    months = [model.month_of(day, counts, prices, watched) for day in days]
    rows = [(name, *(_money(month[name]) for month in months)) for name in months[0]]
    totals = [sum(month.values(), Decimal(0)) for month in months]
    rows.append(("**in all**", *(f"**{_money(total)}**" for total in totals)))
    each = [total / day.load.open_invoices * 1000 for total, day in zip(totals, days, strict=True)]
    rows.append(("for 1,000 open invoices", *(_money(value) for value in each)))
    return _table(("US dollars a month", *_sizes()), rows)


def _assumptions(counts: dict[str, Any]) -> str:
    year = counts["year"]
    years = {name: _figure(value) for name, value in year.items()}
    return f"""
## What is assumed

* The year is that of the seeded ledger (`pastdue bench`): {years["invoices"]} invoices of
  {years["accounts"]} accounts that pay late more often than most, {years["open_invoices_on_average"]} open
  on an average day; {years["decisions"]} decisions, {years["notices"]} letters,
  {years["payments"]} payments. A better paying ledger is cheaper. Peaks are not in
  an average: a month's end may be several times a day's letters.
* Each payment comes by a call of its own, and with it one hold look-up. Other reading by people, the
  agencies' side, webhooks and exports are left out.
* DynamoDB looks through a megabyte of the table in {model.SCAN_PAGE_MS} ms.
* AWS answers a transaction in {model.REQUEST_MS["TransactWriteItems"]} ms and anything else in
  {model.REQUEST_MS["other"]} ms; {model.VCPU_MB} MB of memory are one processor.
* What was closed is kept for {model.HISTORY_YEARS} years at the size of what is open; a letter's files take
  {_figure(model.LETTER_BYTES)} bytes; a unit of work logs {model.LOG_BYTES_PER_WORK} bytes.
* Metrics of our own are those that alarms look at, as if each were written every hour; those that only the
  dashboard shows, and counts that are written on a bad day, come on top at $0.30 each.
* The measured stage is no production: it looks its day up by a query, once for a change or two, where
  production asks the clock. So production asks a little less than this says.
* Cold starts, retries and the requests of failed tries are left out.
"""


def _sizes() -> tuple[str, ...]:
    return tuple(_figure(size) for size in model.SIZES)


def _figure(value: object) -> str:
    """Return a figure with three digits that count, in full."""
    number = Decimal(str(value))
    if number == 0:
        return "0"
    places = 2 - number.adjusted()  # from a thousand on below nought: the other digits are noughts
    shown = round(number, places if abs(number) >= THOUSAND else max(places, 0))
    text = f"{shown:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _span(seconds: Decimal) -> str:
    for size, name in ((HOUR, "h"), (MINUTE, "min")):
        if seconds >= size:
            return f"{_figure(seconds / size)} {name}"
    return f"{_figure(seconds)} s" if seconds >= SECOND else "under 1 s"


def _money(dollars: Decimal) -> str:
    return f"{dollars:,.2f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

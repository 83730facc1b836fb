"""What a stage of so many open invoices needs and costs: worked out from measured counts alone.

Pure: `counts` is what `capacity_counts.py` wrote, `prices` what prices.toml says. Assumptions that are
not measured have a name here and are printed on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from chalicelib.flows.report import FINISHED_WITHIN
from chalicelib.flows.snapshot_ids import STRETCH_ACCOUNTS

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)

# --- assumptions ---------------------------------------------------------------------------------
REQUEST_MS = {"TransactWriteItems": 12, "other": 5}  # how long AWS takes to answer, typically
VCPU_MB = 1769  # the memory at which a function has one whole processor
DAYS_A_MONTH = Decimal("30.4")
LETTER_EVENTS = 2  # SES says that a letter left, and that it arrived
LOG_BYTES_PER_WORK = 700  # of each log line and metric that a unit of work writes
HISTORY_YEARS = 2  # for which what was closed is still kept
LETTER_BYTES = 60_000  # kept in the archive for each, each attempt and the last one
SCAN_PAGE_MS = 50  # how long DynamoDB takes to look through a megabyte of the table

# --- limits of AWS and of the deployment -----------------------------------------------------------
SHARDS = 16
PARTITION_WRITES_S = 1_000  # write units a second of one partition of a table or an index
TABLE_WRITES_S = 40_000  # of a table on demand, unless the quota is raised
WORKERS = 50  # MaximumConcurrency of the work queue
REPORT_WORKERS = 10  # MaximumConcurrency of the queue of a snapshot's portions
REPORT_S = FINISHED_WITHIN.total_seconds()  # in which a snapshot must be finished
SCAN_PAGE_BYTES = 1_048_576
SHARD_FUNCTION_S = 300  # sweep_shard's own limit, for one message
HAND_OUT_BATCH_MS = 12  # a call of SQS with ten accounts, and its share of the index's page
MAIL_SHARE = Decimal("0.8")  # of the rate that SES allows
MAIL_RATES = (14, 100, 500)  # letters a second that SES may allow an account

# Which function does a kind of work, and how much memory it has (.chalice/config.json).
MEMORY_MB = {
    "import_invoice": 2048, "payment": 1769, "hold_lookup": 1769, "sweep": 512, "sweep_shard": 512,
    "decide_quiet": 1024, "decide_with_notice": 1024, "letter": 1024, "letter_event": 512,
    "reconcile_minute": 512, "report_invoice": 2048,
}  # fmt: skip
THROUGH_QUEUES = {"sweep_shard", "decide_quiet", "decide_with_notice", "letter", "letter_event"}
THROUGH_API = {"payment", "hold_lookup"}


@dataclass(frozen=True, slots=True)
class Load:
    """How often each kind of work comes on an average day, for a ledger of a size."""

    open_invoices: int
    accounts: Decimal
    per_day: Mapping[str, Decimal]


def load_of(open_invoices: int, counts: Mapping[str, Any]) -> Load:
    """Return the day of a ledger of this size that lives as the simulated year did.

    Payments come one by one, as an ERP sends them, and order release asks for a hold once for each
    payment; both are assumptions of a sort: nothing in a ledger says how often people ask.
    """
    year = counts["year"]
    scale = Decimal(open_invoices) / Decimal(str(year["open_invoices_on_average"])) / year["days"]
    notices, decisions = year["notices"] * scale, year["decisions"] * scale
    payments = year["payments"] * scale
    return Load(
        open_invoices,
        Decimal(open_invoices) / counts["invoices_per_account"],
        {
            "import_invoice": year["invoices"] * scale,
            "payment": payments,
            "hold_lookup": payments,
            "sweep": Decimal(1),
            "sweep_shard": Decimal(SHARDS),
            "decide_quiet": decisions - notices,
            "decide_with_notice": notices,
            "letter": notices,
            "letter_event": notices * LETTER_EVENTS,
            "reconcile_minute": Decimal(24 * 60),
            "report_invoice": Decimal(open_invoices),
        },
    )


def lambda_seconds(kind: str, cost: Mapping[str, Any]) -> Decimal:
    """Return how long a function takes for a unit of work: its processor's share, and AWS's answers."""
    share = min(Decimal(MEMORY_MB[kind]) / VCPU_MB, Decimal(1))
    processor_ms = Decimal(str(cost["processor_ms"])) / share
    waiting_ms = sum(
        Decimal(str(count)) * REQUEST_MS.get(name.partition(".")[2], REQUEST_MS["other"])
        for name, count in cost["requests"].items()
    )
    return (processor_ms + waiting_ms) / 1000


@dataclass(frozen=True, slots=True)
class Day:
    """What an average day comes to."""

    load: Load
    read_units: Decimal
    write_units: Decimal
    requests: Mapping[str, Decimal]  # by service
    invocations: Decimal
    lambda_s: Decimal
    gb_seconds: Decimal
    letters: Decimal


def invoices_kept(load: Load) -> Decimal:
    """Return how many invoices the table holds: what is open, and what was closed."""
    return load.open_invoices + HISTORY_YEARS * 365 * load.per_day["import_invoice"]


def search_s(load: Load, counts: Mapping[str, Any]) -> Decimal:
    """Return how long a snapshot looks for its accounts: one page of the table after the other."""
    size = invoices_kept(load) * Decimal(str(counts["stored"]["table_bytes_per_invoice"]))
    return size / SCAN_PAGE_BYTES * SCAN_PAGE_MS / 1000


def stretches(load: Load) -> int:
    """Return how many stretches a snapshot has, each of which one worker goes through."""
    return max(ceil(load.accounts / STRETCH_ACCOUNTS), 1)


def _search_units(load: Load, counts: Mapping[str, Any]) -> Decimal:
    """Return the read units of looking through what was closed; the rest was measured."""
    closed = invoices_kept(load) - load.open_invoices
    # A scan that need not be consistent reads two blocks of 4 KB for a unit.
    return closed * Decimal(str(counts["stored"]["table_bytes_per_invoice"])) / 8192


def day_of(open_invoices: int, counts: Mapping[str, Any]) -> Day:
    """Return what an average day of a ledger of this size asks of AWS."""
    load = load_of(open_invoices, counts)
    costs = counts["costs"]
    requests: dict[str, Decimal] = {}
    reads = writes = lambda_s = gb_seconds = invocations = Decimal(0)
    for kind, times in load.per_day.items():
        cost = costs[kind]
        reads += times * Decimal(str(cost["read_units"]))
        writes += times * Decimal(str(cost["write_units"]))
        seconds = times * lambda_seconds(kind, cost)
        lambda_s += seconds
        gb_seconds += seconds * MEMORY_MB[kind] / 1024
        invocations += times / 10 if kind in {"decide_quiet", "decide_with_notice"} else times
        for name, count in cost["requests"].items():
            service = name.partition(".")[0]
            requests[service] = requests.get(service, Decimal(0)) + times * Decimal(str(count))
        if kind in THROUGH_QUEUES:  # Lambda takes messages away ten at a time: receive and delete
            requests["sqs"] = requests.get("sqs", Decimal(0)) + times / 5
        if kind in THROUGH_API:
            requests["api"] = requests.get("api", Decimal(0)) + times
    # An import is one invocation, a report one and one for each stretch, however many invoices.
    invocations -= load.per_day["import_invoice"] + load.per_day["report_invoice"]
    invocations += 2 + stretches(load)
    reads += _search_units(load, counts)
    searched_s = search_s(load, counts)
    lambda_s += searched_s
    gb_seconds += searched_s * MEMORY_MB["report_invoice"] / 1024
    return Day(
        load, reads, writes, requests, invocations, lambda_s, gb_seconds, load.per_day["letter"]
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """What is paid for watching a stage: metrics in alarms, and metrics of our own."""

    alarm_metrics: int
    own_metrics: int


def watched_by(template: Mapping[str, Any]) -> Watched:
    """Return how many metrics the alarms of a template look at, and how many of ours it names."""
    alarms = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource.get("Type") == "AWS::CloudWatch::Alarm"
    ]
    parts = [
        part
        for alarm in alarms
        for part in alarm.get("Metrics", [{"MetricStat": {"Metric": alarm}}])
    ]
    metrics = [part["MetricStat"]["Metric"] for part in parts if "MetricStat" in part]
    own = {metric["MetricName"] for metric in metrics if metric["Namespace"] == "Pastdue"}
    return Watched(len(metrics), len(own))


def month_of(
    day: Day, counts: Mapping[str, Any], prices: Mapping[str, Any], watched: Watched
) -> dict[str, Decimal]:
    """Return a month's cost in US dollars by what it is for, from an average day's figures."""
    million = {name: Decimal(price) / 1_000_000 for name, price in prices["per_million"].items()}
    each = {name: Decimal(price) for name, price in prices["each"].items()}
    days = DAYS_A_MONTH
    stored_gb = (
        invoices_kept(day.load) * Decimal(str(counts["stored"]["table_bytes_per_invoice"])) / 10**9
    )
    archive_gb = HISTORY_YEARS * 365 * day.letters * LETTER_BYTES / 10**9
    works = sum(day.load.per_day.values(), Decimal(0)) - day.load.per_day["report_invoice"]
    return {
        "DynamoDB requests": days
        * (
            day.read_units * million["dynamodb_read_units"]
            + day.write_units * million["dynamodb_write_units"]
        ),
        "DynamoDB storage": stored_gb
        * (each["dynamodb_gb_months"] + each["dynamodb_backup_gb_months"]),
        "Lambda": days
        * (
            day.invocations * million["lambda_requests"]
            + day.gb_seconds * each["lambda_gb_seconds"]
        ),
        "SES": days * day.letters * million["ses_letters"],
        "SQS, events, API": days
        * (
            day.requests.get("sqs", Decimal(0)) * million["sqs_requests"]
            + day.requests.get("events", Decimal(0)) * million["eventbridge_events"]
            + day.requests.get("api", Decimal(0)) * million["api_gateway_requests"]
        ),
        "S3": days * day.requests.get("s3", Decimal(0)) * million["s3_put_requests"]
        + archive_gb * each["s3_gb_months"],
        "Logs": days * works * LOG_BYTES_PER_WORK / 10**9 * each["log_gb"],
        "Fixed": each["key_months"] + 2 * each["secret_months"] + each["dashboard_months"],
        "Alarms": watched.alarm_metrics * each["alarm_months"],
        "Metrics": watched.own_metrics * each["metric_months"],
    }


@dataclass(frozen=True, slots=True)
class Hours:
    """How long a day's parts take, and what bounds them. Seconds."""

    handing_out_s: Decimal
    deciding_s: Decimal
    letters_s: Mapping[int, Decimal]  # by the rate that SES allows
    search_s: Decimal  # of the snapshot's accounts
    report_s: Decimal  # of the snapshot, its search included
    writes_per_s: Decimal  # while deciding, of the table
    index_writes_per_s: Decimal  # of the busiest partition of the due index


def hours_of(day: Day, counts: Mapping[str, Any]) -> Hours:
    """Return how long a day's run takes with the workers that the stack allows.

    Deciding is bounded by the workers, or by the partitions of the due index if these are slower.
    """
    costs, per_day = counts["costs"], day.load.per_day
    decided = per_day["decide_quiet"] + per_day["decide_with_notice"]
    handing_out_s = decided / SHARDS / 10 * HAND_OUT_BATCH_MS / 1000
    by_workers_s = (
        sum(
            per_day[kind] * lambda_seconds(kind, costs[kind])
            for kind in ("decide_quiet", "decide_with_notice")
        )
        / WORKERS
    )
    # A decision moves its account's entry in the due index: two writes of one partition's.
    by_index_s = decided * 2 / (SHARDS * PARTITION_WRITES_S)
    deciding_s = max(by_workers_s, by_index_s)
    writes = sum(
        per_day[kind] * Decimal(str(costs[kind]["write_units"]))
        for kind in ("decide_quiet", "decide_with_notice")
    )
    all_s = per_day["report_invoice"] * lambda_seconds("report_invoice", costs["report_invoice"])
    searched_s = search_s(day.load, counts)
    report_s = searched_s + all_s / min(stretches(day.load), REPORT_WORKERS)
    return Hours(
        handing_out_s,
        deciding_s,
        {rate: day.letters / (rate * MAIL_SHARE) for rate in MAIL_RATES},
        searched_s,
        report_s,
        writes / deciding_s if deciding_s else Decimal(0),
        decided * 2 / SHARDS / deciding_s if deciding_s else Decimal(0),
    )


def largest_snapshot(counts: Mapping[str, Any]) -> int:
    """Return for how many open invoices a snapshot is finished in its time."""
    size = SIZES[
        -1
    ]  # large enough for every worker to have a stretch: beyond, time is in proportion
    return int(size * Decimal(REPORT_S) / hours_of(day_of(size, counts), counts).report_s)

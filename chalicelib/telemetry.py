"""Structured logs and metrics: ids and counts only, never names, addresses or letter text.

What failed is told without its message: `chalicelib.log_lines`.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from chalicelib.correlation import correlate
from chalicelib.log_lines import ValuelessFormatter
from chalicelib.settings import service_name

# Of a stage, as infra/stack.yaml says: so that no stage rings the alarms of another.
SERVICE = service_name()
NAMESPACE = "Pastdue"
# What a line may say it is about, where it is known: all of them ids, days or numbers.
ABOUT = (
    "run_on",
    "shard",
    "stretch",
    "account_id",
    "notice_id",
    "job_id",
    "step",
    "agency_id",
    "webhook_id",
    "event_id",
)

logger = Logger(service=SERVICE, logger_formatter=ValuelessFormatter())
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


def count(counts: Mapping[str, int]) -> None:
    """Add every count to this invocation's metrics (EMF), under its own name."""
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def follow(correlation_id: str) -> None:
    """Let every line and every message from now on carry this id."""
    correlate(correlation_id)
    logger.set_correlation_id(correlation_id)


def about(values: Mapping[str, object]) -> None:
    """Let every line from now on say what it is about: of `values` those that `ABOUT` names.

    What lines were about before is forgotten.
    """
    logger.remove_keys(ABOUT)
    known = {name: values[name] for name in ABOUT if isinstance(values.get(name), str | int)}
    logger.append_keys(**known)

"""Structured logs and metrics: ids and counts only, never names, addresses or letter text."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

SERVICE = "pastdue"
NAMESPACE = "Pastdue"

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


def count(counts: Mapping[str, int]) -> None:
    """Add every count to this invocation's metrics (EMF), under its own name."""
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)

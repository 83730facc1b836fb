"""Effects that somebody must look into, as log lines and as the metric that an alarm watches (R4.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.core.effects import ChargeStopped, Effect
from chalicelib.flows.ports_events import EventRow
from chalicelib.telemetry import NAMESPACE, SERVICE, logger

CHARGE_STOPPED = "charge_stopped"  # the metrics; infra/alarms.yaml has their alarms
QUOTA_UNKNOWN = "mail_quota_unknown"
OWN_TEXT_FAILED = "own_text_failed"


def tell_alarms(effects: Sequence[Effect]) -> None:
    """Log each charge that was stopped, and count them at once, whoever booked them (R4.4).

    The metric is written by itself: not every function that books has metrics of its own.
    """
    stopped = [effect for effect in effects if isinstance(effect, ChargeStopped)]
    for effect in stopped:
        told = {
            "account_id": effect.account_id,
            "charge_id": effect.id,
            "code": effect.because,
            "detail": effect.detail,  # a table and its days
        }
        logger.error("a charge was stopped", extra=told)
    if stopped:
        _count(CHARGE_STOPPED, len(stopped))


def tell_quota_unknown() -> None:
    """Log and count that SES did not say what the account may send: letters go at a known pace."""
    logger.warning("the sending quota is not known")
    _count(QUOTA_UNKNOWN, 1)


def tell_own_text_failed(text: str, code: str) -> None:
    """Log and count that an own text did not hold for a letter: the shipped words went (R11.5)."""
    logger.error("an own text failed", extra={"text": text, "code": code})
    _count(OWN_TEXT_FAILED, 1)


def tell_figures(figures: Mapping[str, int]) -> None:
    """Write what is behind at once: it is known also if the invocation dies of its other work."""
    for name, value in figures.items():
        _count(name, value)


def tell_events_wait(row: EventRow, code: str) -> None:
    """Log that events were not put on the bus; the reconcile does it again, and counts failures."""
    told = {"account_id": row.account_id, "row": row.id, "events": len(row.events), "code": code}
    logger.warning("events wait untold", extra=told)


def _count(name: str, times: int) -> None:
    with single_metric(
        name=name, unit=MetricUnit.Count, value=times, namespace=NAMESPACE
    ) as metric:
        metric.add_dimension(name="service", value=SERVICE)

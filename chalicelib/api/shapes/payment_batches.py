"""Batches of payments: each row is read on its own, and answered on its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.config import JsonDict

from chalicelib.api.reading import faults_in
from chalicelib.api.shapes.base import Answer, FaultAnswer, Identity, Shape
from chalicelib.api.shapes.invoice_batches import Unreadable
from chalicelib.api.shapes.payments import EXAMPLE, PaymentAnswer, PaymentBody
from chalicelib.flows.payment_batch import ROWS_MAX

_ROW: JsonDict = {"account_id": "4711", **EXAMPLE}


class BatchPayment(PaymentBody):
    """A payment of a batch, and whose it is."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_ROW]}
    )

    account_id: Identity


def _each_alone(value: Any, read: ValidatorFunctionWrapHandler) -> BatchPayment | Unreadable:
    try:
        row: BatchPayment = read(value)
    except ValidationError as error:
        return Unreadable(value, faults_in(error))
    return row


def _as_it_came(row: BatchPayment | Unreadable) -> Any:
    return row.value if isinstance(row, Unreadable) else row.model_dump(mode="json")


BatchRow = Annotated[BatchPayment, WrapValidator(_each_alone), PlainSerializer(_as_it_came)]


class PaymentBatchBody(Shape):
    """Payments of any accounts. Each is answered on its own; what is wrong with one stops no other."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"payments": [_ROW]}]},
    )  # fmt: skip

    payments: Annotated[list[BatchRow], Field(min_length=1, max_length=ROWS_MAX)]


class BatchPaymentAnswer(Answer):
    """What became of one row. `retryable`: the same row sent again may be booked."""

    index: int
    account_id: str | None
    payment_id: str | None
    status: Literal["created", "unchanged", "conflict", "invalid", "failed"]
    retryable: bool
    errors: list[FaultAnswer]
    payment: Annotated[
        PaymentAnswer | None, Field(description="How it stands, of a row that is booked.")
    ] = None


class PaymentBatchCounts(Answer):
    """How many rows had each status."""

    created: int
    unchanged: int
    conflict: int
    invalid: int
    failed: int


class PaymentBatchAnswer(Answer):
    """Every row's answer, in the order of the rows."""

    data: list[BatchPaymentAnswer]
    counts: PaymentBatchCounts

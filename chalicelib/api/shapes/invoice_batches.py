"""Batches of invoices: each row is read on its own, and answered on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from chalicelib.api.reading import faults_in
from chalicelib.api.shapes.base import Answer, FaultAnswer, Identity, Shape
from chalicelib.api.shapes.invoices import EXAMPLE, InvoiceBody
from chalicelib.core.errors import Fault
from chalicelib.flows.invoice_batch import ROWS_MAX

_ROW: dict[str, Any] = {"account_id": "4711", "invoice_id": "R-2024-0060", **EXAMPLE}


class BatchInvoice(InvoiceBody):
    """An invoice of a batch, and whose it is."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [_ROW]},
    )

    account_id: Identity
    invoice_id: Identity


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of a batch that is no invoice; `faults` say why, with pointers into the row."""

    value: Any
    faults: tuple[Fault, ...]

    def id(self, name: str) -> str | None:
        """Return an id of the row, None where it is none."""
        found = self.value.get(name) if isinstance(self.value, Mapping) else None
        return found[:64] if isinstance(found, str) else None


def _each_alone(value: Any, read: ValidatorFunctionWrapHandler) -> BatchInvoice | Unreadable:
    try:
        row: BatchInvoice = read(value)
    except ValidationError as error:
        return Unreadable(value, faults_in(error))
    return row


def _as_it_came(row: BatchInvoice | Unreadable) -> Any:
    return row.value if isinstance(row, Unreadable) else row.model_dump(mode="json")


BatchRow = Annotated[BatchInvoice, WrapValidator(_each_alone), PlainSerializer(_as_it_came)]


class InvoiceBatchBody(Shape):
    """Invoices of any accounts. Each is answered on its own; what is wrong with one stops no other."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"invoices": [_ROW]}]},
    )

    invoices: Annotated[list[BatchRow], Field(min_length=1, max_length=ROWS_MAX)]
    update: Annotated[
        bool,
        Field(
            description="Whether invoices that are there take over what may change of them: due "
            "date, PO number, agreed due date, a first delivery."
        ),
    ] = False


class BatchAnswer(Answer):
    """What became of one row. `retryable`: the same row sent again may be taken in."""

    index: int
    account_id: str | None
    invoice_id: str | None
    status: Literal["created", "updated", "unchanged", "conflict", "invalid", "failed"]
    retryable: bool
    errors: list[FaultAnswer]


class BatchCounts(Answer):
    """How many rows had each status."""

    created: int
    updated: int
    unchanged: int
    conflict: int
    invalid: int
    failed: int


class InvoiceBatchAnswer(Answer):
    """Every row's answer, in the order of the rows."""

    data: list[BatchAnswer]
    counts: BatchCounts

"""How reports answer with figures: money per currency, and decimals as texts (api.md)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from chalicelib.core.money import EXACT


def money(amount_minor: int, currency: str) -> dict[str, Any]:
    """Return an amount as it is answered."""
    return {"amount_minor": amount_minor, "currency": currency}


def moneys(table: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return a table of amounts per currency as a list, one per currency."""
    return [money(amount, currency) for currency, amount in sorted(table.items())]


def decimal_text(figure: Decimal | None, digits: int) -> str | None:
    """Return a figure rounded half-up to so many decimals, as a text; None stays."""
    if figure is None:
        return None
    step = Decimal(1).scaleb(-digits)
    return format(figure.quantize(step, rounding=ROUND_HALF_UP, context=EXACT), "f")

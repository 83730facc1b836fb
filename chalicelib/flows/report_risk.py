"""The risk score of one account, with the contribution of each part (R12.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from chalicelib.core.errors import NotFoundError
from chalicelib.core.money import EXACT
from chalicelib.core.risk import RiskPart, risk_of
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts
from chalicelib.flows.report_money import decimal_text

POINT_DIGITS = 2
MEASURE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class RiskReport:
    """Answers an account's score from the account as it is now."""

    accounts: Accounts
    policies: PolicyShelf

    def risk(self, account_id: str, today: date) -> dict[str, Any]:
        """Return the score with its parts, as plain values; null and none without weights.

        Reads the account once.

        Raises:
            NotFoundError: there is no such account.
        """
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        policy = self.policies.of(loaded.account.details, today)
        risk = risk_of(loaded.account, policy, today)
        return {
            "account_id": account_id,
            "as_of": today.isoformat(),
            "policy_id": policy.id,
            "policy_version": policy.version,
            "score": None if risk is None else risk.score,
            "parts": [] if risk is None else [_part(part) for part in risk.parts],
        }


def _part(part: RiskPart) -> dict[str, Any]:
    return {
        "code": part.code,
        "weight": part.weight,
        "measure": None if part.measure is None else _text(part.measure, MEASURE_DIGITS),
        "points": _text(part.points, POINT_DIGITS),
        "figures": part.figures,
    }


def _text(figure: Fraction, digits: int) -> str:
    exact = EXACT.divide(Decimal(figure.numerator), Decimal(figure.denominator))
    return str(decimal_text(exact, digits))

"""`pastdue interest`: what interest and compensation on a sum come to, with segments (R4.3, R4.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeVar

import click
from rich.table import Table

from chalicelib.core.errors import Fault, InvalidInputError, NotFoundError
from chalicelib.core.money import AmountError, parse_amount
from chalicelib.core.policy import DEBTOR_KINDS, Policy
from chalicelib.core.workings import percent_text
from chalicelib.flows.currencies import CURRENCY_DIGITS, amount_in_words
from chalicelib.flows.interest_sum import (
    DebtorKind,
    Field,
    Sum,
    day_faults,
    payment_faults,
    policy_faults,
    span_faults,
)
from chalicelib.flows.interest_view import unrounded_text, worth_body
from chalicelib.flows.interest_worth import Worth, worth
from chalicelib.flows.policy_words import days
from local.cli_dates import DAY
from local.cli_errors import DONE
from local.cli_output import Output
from local.cli_policies import load_policy
from local.tables import money, table

NAMES: dict[Field, str] = {
    "principal": "--principal",
    "currency": "--currency",
    "first": "--from",
    "last": "--to",
    "payments": "--payment",
    "policy": "--policy",
}
MOST_DIGITS = max(CURRENCY_DIGITS.values())  # where the currency is none: only the rest is checked
SEPARATORS = "; leave out thousands separators and write it like 1000.00"
CODE_SHOWN = 64  # characters of what was given as a currency
Read = TypeVar("Read")


@click.command(
    "interest",
    epilog="Example: pastdue interest --principal 1000.00 --currency GBP --from 2025-01-01 "
    "--to 2025-02-20 --policy uk-statutory",
)
@click.option(
    "--principal", required=True, metavar="AMOUNT", help="What fell due, such as 1000.00."
)
@click.option("--currency", required=True, metavar="CODE", help="Its currency, such as GBP.")
@click.option(
    "--from",
    "first",
    required=True,
    metavar="DATE",
    help="The due date: interest counts from the day after.",
)
@click.option("--to", "last", required=True, metavar="DATE", help="The last day that counts.")
@click.option(
    "--policy",
    "policy_name",
    required=True,
    metavar="FILE|ID",
    help="A policy file or a shipped policy, such as uk-statutory.",
)
@click.option(
    "--payment",
    "payments",
    multiple=True,
    metavar="DATE:AMOUNT",
    help="A payment, such as 2025-01-20:300.00: the principal is less from the day after. May be "
    "given more than once.",
)
@click.option(
    "--debtor-kind",
    type=click.Choice(DEBTOR_KINDS),
    default=DEBTOR_KINDS[0],
    show_default=True,
    help="Charges that are for debtors of the other kind are left out.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def command(  # noqa: PLR0913 - one argument for each option
    output: Output,
    *,
    principal: str,
    currency: str,
    first: str,
    last: str,
    policy_name: str,
    payments: tuple[str, ...],
    debtor_kind: DebtorKind,
    as_json: bool,
) -> int:
    """Work out what interest and compensation on a sum come to under a policy.

    Interest is simple and counts day by day from the day after --from through --to; a payment counts
    as late through its own day. The exact sum is rounded once. Compensation counts from the day on
    which its stage is reached. The policy's caps are those of a debt without other late fees.

    A day that the policy's table of rates does not reach is an error (exit code 2), not a guess.
    """
    del as_json
    reading = _Reading()
    policy = reading.of("", lambda: load_policy(policy_name))
    asked = reading.sum(principal, currency, (first, last), payments, debtor_kind)
    if policy is not None:
        reading.faults += policy_faults(policy, currency[:CODE_SHOWN], NAMES)
    if policy is None or asked is None or reading.faults:
        raise InvalidInputError("the interest cannot be worked out", reading.faults)
    found = worth(asked, policy)
    output.show(*_told(asked, policy, found))
    output.document(worth_body(asked, policy, found))
    return DONE


class _Reading:
    """One reading of the options, which gathers what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def of(self, where: str, read: Callable[[], Read]) -> Read | None:
        """Return what was read, or None with its faults noted under the option's name."""
        try:
            return read()
        except InvalidInputError as error:
            self.faults += error.faults or [Fault(where, error.code, str(error))]
        except NotFoundError as error:
            self.faults.append(Fault(where or NAMES["policy"], error.code, str(error)))
        except click.BadParameter as error:
            self.faults.append(Fault(where, "not_a_date", error.message))
        except AmountError as error:
            hint = SEPARATORS if "," in str(error) else ""
            self.faults.append(Fault(where, "not_an_amount", f"{error}{hint}"))
        return None

    def sum(
        self,
        principal: str,
        currency: str,
        span: tuple[str, str],
        payments: tuple[str, ...],
        debtor_kind: DebtorKind,
    ) -> Sum | None:
        """Return what is asked, or None with its faults noted."""
        if currency not in CURRENCY_DIGITS:
            detail = f"{currency[:CODE_SHOWN]!r} is no currency code of ISO 4217, such as GBP"
            self.faults.append(Fault(NAMES["currency"], "unknown_currency", detail))
        owed = self._amount(NAMES["principal"], principal, currency)
        due_on = self._day(NAMES["first"], span[0])
        through = self._day(NAMES["last"], span[1])
        paid = [self._payment(one, currency) for one in payments]
        if due_on is not None and through is not None:
            self.faults += span_faults(due_on, through, NAMES["last"])
        if owed is None or due_on is None or through is None:
            return None
        known = tuple(one for one in paid if one is not None)
        asked = Sum(owed, currency, due_on, through, known, debtor_kind)
        if due_on < through:
            self.faults += payment_faults(asked, NAMES["payments"])
        return asked

    def _day(self, where: str, text: str) -> date | None:
        day = self.of(where, lambda: DAY.convert(text, None, None))
        if day is not None and (wrong := list(day_faults({where: day}))):
            self.faults += wrong
            return None
        return day

    def _amount(self, where: str, text: str, currency: str) -> int | None:
        digits = CURRENCY_DIGITS.get(currency, MOST_DIGITS)
        amount_minor = self.of(where, lambda: parse_amount(text, digits))
        if amount_minor is not None and amount_minor <= 0:
            self.faults.append(Fault(where, "not_positive", f"{text} is not above 0"))
            return None
        return amount_minor

    def _payment(self, text: str, currency: str) -> tuple[date, int] | None:
        day_text, colon, amount_text = text.partition(":")
        if not colon:
            detail = f"{text[:64]!r} is no payment; write it like 2025-01-20:300.00"
            self.faults.append(Fault(NAMES["payments"], "not_a_payment", detail))
            return None
        day = self._day(NAMES["payments"], day_text)
        amount_minor = self._amount(NAMES["payments"], amount_text, currency)
        return None if day is None or amount_minor is None else (day, amount_minor)


def _told(asked: Sum, policy: Policy, found: Worth) -> Iterator[Table | str]:
    """Yield what people read: the segments, then each figure with its arithmetic."""
    currency, digits = asked.currency, CURRENCY_DIGITS[asked.currency]
    working = found.accrued
    yield (
        f"{amount_in_words(asked.principal_minor, currency)}, due on {asked.due_on}, through "
        f"{asked.through}: {days(asked.days)} past due under {policy.label}"
    )
    rows = [
        [
            one.since.isoformat(),
            one.through.isoformat(),
            one.source,
            f"{one.days:,}",
            money(one.base_minor, currency),
            percent_text(one.rate),
            unrounded_text(one.product, working.year_days, currency),
        ]
        for one in working.segments
    ]
    columns = ["from", "through", "rate from", "days", currency, "a year", "unrounded"]
    if rows:
        yield table("", columns, rows, right=4)
    yield f"Interest: {working.line(currency, digits)}"
    yield from (f"  {note}" for note in _notes(asked, policy, found))
    for one in found.compensation:
        when = f"due from {one.due_on}"
        if asked.paid_on is not None and asked.paid_on <= one.due_on:
            when = f"not due, since all was paid on {asked.paid_on}, so not in the total"
        elif one.times == 0:
            when = f"not due before {one.due_on}, so not in the total"
        elif one.times > 1:
            when += f", {one.times} times"
        yield f"Compensation (stage {one.stage}, {when}): {one.line}"
    yield f"Total: {amount_in_words(found.total_minor, currency)}"
    rates = policy.interest.rates if policy.interest is not None else None
    if rates is not None:
        yield (
            f"Rates: {rates.title} ({rates.id}), known through {rates.known_through}, "
            f"read on {rates.retrieved_on} from {rates.source}"
        )


def _notes(asked: Sum, policy: Policy, found: Worth) -> Iterator[str]:
    """Yield what else decides about the interest."""
    terms = policy.interest
    if terms is not None and asked.days <= terms.grace_days:
        yield (
            f"Up to {terms.grace_days} days past due nothing is charged; later it counts from the "
            "day after the due date."
        )
    if found.limited_by == "skip_below":
        yield "The policy does not charge so little: it is below skip_below. In the total it is 0."
    elif found.limited_by == "debtor_kind":
        yield "The policy charges interest to debtors of the other kind only. In the total it is 0."
    elif found.limited_by is not None:
        amount = amount_in_words(found.interest_minor, asked.currency)
        yield f"The policy's cap {found.limited_by} lowers it to {amount}."
    if not found.stages and found.limited_by != "debtor_kind":
        yield "No stage of this policy charges interest, so no run would post it."
    elif found.stages and asked.paid_on is not None:
        posted = "only what stages charged before that day; the rest lapses"
        if terms is not None and terms.post_final:
            posted = "it only if a stage charged interest before that day; else it lapses"
        yield f"All was paid on {asked.paid_on}: a run posts {posted}."

"""What happens to placements in words: for timelines and explanations (R10, R13.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.core.effects_placements import (
    PlacedInvoiceEnded,
    PlacementBalance,
    PlacementMoved,
)
from chalicelib.flows.currencies import amount_in_words as _amount

_BECAUSE = {  # of a balance that goes up or down
    "payment_direct": "the customer paid",
    "payment_agency": "the agency collected",
    "payment_reversed": "a payment was taken back",
    "credit_note": "a credit note was booked",
    "fee": "the collection fee was posted",
    "charge": "a charge was posted",
    "waiver": "a charge was waived",
    "void": "an invoice was voided",
    "write_off": "it was written off",
    "external": "it was settled elsewhere",
    "correction": "it was corrected",
}


def _moved(effect: PlacementMoved) -> str:
    agency = effect.agency or "an agency"
    amount = _amount(effect.amount_minor, effect.currency)
    day = f" on {effect.effective_on}" if effect.effective_on is not None else ""
    until = f" until {effect.effective_on}" if effect.effective_on is not None else ""
    said = _SENTENCES[effect.move].format(
        id=effect.id, agency=agency, amount=amount, day=day, until=until, state=effect.state
    )
    reason = f" ({effect.reason.replace('_', ' ')})" if effect.reason not in ("", "rule") else ""
    return f"{said}{reason}."


_SENTENCES: Mapping[str, str] = {
    "propose": "Placement {id} of {amount} with agency {agency} is proposed",
    "submit": "Placement {id} of {amount} waits for an approval",
    "lapse": "Placement {id} lapses before anybody approved it",
    "approve": "Placement {id} of {amount} is offered to agency {agency}{until}",
    "decline": "Placement {id} is declined, and a draft again",
    "accept": "Agency {agency} accepts placement {id} of {amount}",
    "reject": "Agency {agency} rejects placement {id}",
    "expire": "The offer of placement {id} to agency {agency} expires unanswered",
    "withdraw": "The offer of placement {id} to agency {agency} is withdrawn",
    "suspend": "Placement {id} rests: agency {agency} is told to ask for nothing",
    "resume": "Placement {id} goes on with agency {agency}",
    "recall": "Placement {id} is asked back from agency {agency}, with effect{day}",
    "object": "Agency {agency} objects to the recall of placement {id}",
    "move_recall": "The recall of placement {id} takes effect{day}",
    "cancel_recall": "The recall of placement {id} is taken back: agency {agency} goes on",
    "recalled": "Placement {id} is back from agency {agency}",
    "return": "Agency {agency} gives placement {id} back",
    "paid": "Nothing is open any more of placement {id}: agency {agency} ends its work",
    "settled": "Placement {id} is settled: the rest is given up",
    "close": "Placement {id} with agency {agency} is closed",
    "settlement_proposed": "Agency {agency} proposes to settle placement {id} for {amount}{until}",
    "settlement_agreed": "A settlement of placement {id} for {amount}{until} is agreed",
    "settlement_declined": "The settlement of placement {id} for {amount} is declined",
    "settlement_lapsed": "The settlement of placement {id} for {amount} lapses unpaid",
}


def _balance(effect: PlacementBalance) -> str:
    because = _BECAUSE.get(effect.because, effect.because.replace("_", " "))
    way = "rises" if effect.amount_minor > 0 else "falls"
    by = _amount(abs(effect.amount_minor), effect.currency)
    said = (
        f"The balance of placement {effect.id} {way} by {by} to "
        f"{_amount(effect.balance_minor, effect.currency)}: {because}"
    )
    if not effect.commission_minor:
        return f"{said}."
    commission = _amount(abs(effect.commission_minor), effect.currency)
    if effect.commission_minor < 0:
        return f"{said}; {commission} of commission is taken back."
    return f"{said}; the agency earns {commission} by it."


def _invoice_ended(effect: PlacedInvoiceEnded) -> str:
    return (
        f"Nothing is open any more of invoice {effect.invoice_id}: agency {effect.agency} asks for it "
        f"no more."
    )


PLACEMENT_WORDS: Mapping[str, Callable[[Any], str]] = {
    "placement": _moved,
    "placement_balance": _balance,
    "placement_invoice": _invoice_ended,
}

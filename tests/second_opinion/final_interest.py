"""Interest that is posted when the principal is paid (R4.3). Imports no `chalicelib`."""

from __future__ import annotations

from tests.second_opinion.charges import interest_to_post, post
from tests.second_opinion.rates import UnknownRateError
from tests.second_opinion.reading import Invoice, MoneyIn
from tests.second_opinion.rules import Customer, World, blocks_of, stopped_by_law
from tests.second_opinion.taking_back import too_much


def post_final_interest(
    world: World, customer: Customer, invoice: Invoice, payment: MoneyIn, was_open: int
) -> None:
    """Post it when a payment has just closed an invoice that was charged interest before.

    `was_open` is what was open and undisputed of it before the payment, for `skip_below`.
    """
    rules, today = world.rules, payment.booked_on
    if invoice.open or not invoice.interest_rules or not rules.interest.get("post_final", False):
        return
    blocks = blocks_of(customer, invoice, today) | stopped_by_law(customer, today)
    if blocks & {"in_plan", "legal_stop"}:
        return
    rule = invoice.interest_rules[-1]
    least = rules.bound(rule.get("skip_below"), invoice.currency)
    if least is not None and was_open < least:
        return
    through = max(entry.value_on for entry in invoice.entries)
    back = too_much(world, customer, invoice, payment)
    excess = sum(amount for charge, amount in back if charge.kind == "interest")
    capped = sum(amount for charge, amount in back if charge.kind != "compensation")
    try:
        wanted = interest_to_post(rules, customer, invoice, rule, through, excess)
    except UnknownRateError:
        return
    charge_id = f"{invoice.id}:final:interest"
    earlier = sum(charge.id.startswith(charge_id) for charge in invoice.charges)
    if earlier:
        charge_id += f":{earlier + 1}"
    name = (charge_id, "final", "interest")
    post(world, customer, invoice, name, wanted, as_of=through, today=today, taken_back=capped)

"""Under which ids money that an agency is concerned with is kept, here and on its shelf (R10.6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from chalicelib.core.agency_lines import BALANCE_CHANGED, AgencyLine
from chalicelib.core.placements import AGENCY, Placement
from chalicelib.flows.ports_agency import PaymentRow

PREFIX = "agy_"
OF_MONEY = frozenset({"payment_agency", "payment_direct", "payment_reversed"})


def reserved(payment_id: str) -> str | None:
    """Return why nobody else may use a payment's id: agencies' payments are kept so; None if free."""
    if not payment_id.startswith(PREFIX):
        return None
    return f"ids that begin with {PREFIX} are kept for payments that agencies report"


def agency_payment_id(agency_id: str, own_id: str) -> str:
    """Return the id under which the ledger has a payment that an agency reported."""
    return f"{PREFIX}{agency_id}_{own_id}"


def row_id(agency_id: str, placement_id: str, payment_id: str) -> str:
    """Return the id of a payment's row: the agency's own, or one that no agency can choose.

    Of direct money that is `direct:<placement>:<payment>`: payments of two accounts may have the
    same id, and one payment may be for two placements.
    """
    own = agency_payment_id(agency_id, "")
    if payment_id.startswith(own):
        return payment_id.removeprefix(own)
    return f"direct:{placement_id}:{payment_id}"


def told_ref(line: AgencyLine) -> str:
    """Return what a line of the feed is about as the agency knows it: of money the row's id.

    What another agency received is direct money to this one, which learns neither that agency's
    id nor its payment's (R10.5): it has no row here, and is told apart by a digest.
    """
    if line.type != BALANCE_CHANGED or line.because not in OF_MONEY or not line.ref:
        return line.ref
    ref = line.ref
    if ref.startswith(PREFIX) and not ref.startswith(agency_payment_id(line.agency, "")):
        ref = hashlib.sha256(ref.encode()).hexdigest()[:16]
    return row_id(line.agency, line.placement_id, ref)


def ledger_payment_id(agency_id: str, row: PaymentRow) -> str:
    """Return the id under which the ledger has the payment of a row."""
    if row.by == AGENCY:
        return agency_payment_id(agency_id, row.payment_id)
    return row.payment_id.removeprefix(f"direct:{row.placement_id}:")


def payment_rows(
    placement: Placement, payment_ids: Iterable[str] | None = None
) -> Iterator[PaymentRow]:
    """Yield what of a placement's money counts between agency and seller.

    Of direct money that is the commission alone, so its amount is 0: the agency has nothing of it
    to hand over. `payment_ids`: only of these, in the ledger's ids. In which remittance a row is
    nobody says here.
    """
    wanted = None if payment_ids is None else frozenset(payment_ids)
    for one in placement.takings:
        if wanted is not None and one.payment_id not in wanted:
            continue
        yield PaymentRow(
            payment_id=row_id(placement.agency, placement.id, one.payment_id),
            placement_id=placement.id,
            received_on=one.received_on,
            currency=placement.currency,
            amount_minor=one.amount_minor if one.by == AGENCY else 0,
            commission_minor=one.commission_minor,
            by=one.by,
            bounced=one.bounced,
        )

"""Every minute: hands over what a crash left behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import invoked

blueprint = Blueprint(__name__)


@blueprint.lambda_function(name="reconcile")
@invoked
def reconcile(event: Mapping[str, Any]) -> Counts:
    """Hand over again what the outbox still holds, and end leases that ran out."""
    del event  # the schedule says nothing but "now"
    return deps().reconcile(deps().now())

"""Reports over all accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.api.answers import day, query
from chalicelib.api.route import view
from chalicelib.wiring import deps

blueprint = Blueprint(__name__)


@blueprint.route("/v1/reports/aging", methods=["GET"])
@view(blueprint)
def aging() -> Mapping[str, Any]:
    """Answer what is open by age, as of the newest run or of the day `as_of` (R3.1)."""
    values = query(blueprint.current_request, ("as_of",))
    return deps().aging(day(values, "as_of"))

"""Whether this deployment answers."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.shapes.health import Health
from chalicelib.flows.desk import Reply
from chalicelib.wiring import deps

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/health",
    summary="Whether the API answers",
    roles=(),
    answers={200: Health},
)
def health(_call: Call) -> Reply:
    """Answers when what the API needs is there, else 503."""
    return Reply(200, {"status": "ok", **deps().health()})

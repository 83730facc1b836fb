"""Whether this deployment answers."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.wiring import deps

blueprint = Blueprint(__name__)


@blueprint.route("/v1/health", methods=["GET"])
def health() -> dict[str, str]:
    """Answer `{"status": "ok", ...}` when what the API needs is there."""
    return {"status": "ok", **deps().health()}

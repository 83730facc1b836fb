"""Whether this deployment answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.api.route import view
from chalicelib.wiring import deps

blueprint = Blueprint(__name__)


@blueprint.route("/v1/health", methods=["GET"])
@view(blueprint)
def health() -> Mapping[str, Any]:
    """Answer `{"status": "ok", ...}` when what the API needs is there, else 503."""
    return {"status": "ok", **deps().health()}

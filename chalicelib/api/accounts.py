"""Questions about one account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from chalice.app import Blueprint

from chalicelib.api.answers import query
from chalicelib.api.route import view
from chalicelib.wiring import deps

blueprint = Blueprint(__name__)


@blueprint.route("/v1/accounts/{account_id}/hold", methods=["GET"])
@view(blueprint)
def hold(account_id: str) -> Mapping[str, Any]:
    """Answer whether the account may be shipped to, and what that rests on (R8.7)."""
    query(blueprint.current_request, ())
    return deps().hold(unquote(account_id))

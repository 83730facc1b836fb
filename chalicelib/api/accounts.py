"""Questions about one account."""

from __future__ import annotations

from chalice.app import Blueprint

blueprint = Blueprint(__name__)

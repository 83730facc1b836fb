"""The contract, served: the OpenAPI document, and a page to browse it whose assets are shipped."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.api.openapi import document
from chalicelib.core.bus_events_schema import events_schema

blueprint = Blueprint(__name__)

# Swagger UI comes inside a package that the functions have anyway.
_ASSETS = "event_handler/openapi/swagger_ui"
_PAGE_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pastdue API</title>
<style>{style}</style>
</head>
<body>
<div id="docs">Loading the documentation ...</div>
<script>{script}</script>
<script>
SwaggerUIBundle({{
  spec: {spec}, dom_id: "#docs", docExpansion: "none", validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout", tryItOutEnabled: false
}});
</script>
</body>
</html>
"""


@blueprint.route("/openapi.json", methods=["GET"])
def openapi() -> Response:
    """Answer the OpenAPI 3.1 document."""
    return json_answer(_document())


@blueprint.route("/events.schema.json", methods=["GET"])
def events() -> Response:
    """Answer the JSON Schema of the events on the bus and in webhooks (docs/events.md)."""
    return json_answer(_events())


@blueprint.route("/docs", methods=["GET"])
def docs() -> Response:
    """Answer the page; it asks nothing of any other host."""
    return html_answer(_page())


def json_answer(text: str) -> Response:
    """Return a document that anyone may read, and keep for a while."""
    headers: dict[str, Any] = {
        "Content-Type": "application/json",
        "Cache-Control": "public, max-age=300",
    }
    return Response(status_code=200, body=text, headers=headers)


def html_answer(page: str) -> Response:
    """Return a page that asks nothing of any other host."""
    headers: dict[str, Any] = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _PAGE_POLICY,
        "Cache-Control": "public, max-age=300",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(status_code=200, body=page, headers=headers)


def page_of(spec: str) -> str:
    """Return the page that shows an OpenAPI document."""
    return _PAGE.format(
        style=_asset("swagger-ui.min.css"),
        script=_asset("swagger-ui-bundle.min.js"),
        # A text of the document must not end the script that it stands in.
        spec=spec.replace("<", "\\u003c"),
    )


@cache
def _document() -> str:
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":"))


@cache
def _events() -> str:
    return json.dumps(events_schema(), ensure_ascii=False, separators=(",", ":"))


@cache
def _page() -> str:
    return page_of(_document())


def _asset(name: str) -> str:
    return (files("aws_lambda_powertools") / _ASSETS / name).read_text("utf-8")

"""The agencies' contract, served: OpenAPI, JSON Schema, and a page; of finance's routes nothing."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from chalice.app import Blueprint, Response
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from chalicelib.api.docs import html_answer, json_answer, page_of
from chalicelib.api.openapi import agency_document
from chalicelib.api.shapes.agency_feed import FeedAnswer, FeedEventAnswer
from chalicelib.api.shapes.agency_money import (
    AgencyPaymentAnswer,
    ReconciliationBody,
    RemittanceAnswer,
    RemittanceBody,
)
from chalicelib.api.shapes.agency_placements import DossierAnswer, TombstoneAnswer
from chalicelib.api.shapes.agency_reports import (
    AcceptBody,
    AgencyActivityBody,
    AgencyDisputeBody,
    AgencyPaymentBody,
    AgencyPromiseBody,
    ContactProposalBody,
    RecallResponseBody,
    RejectBody,
    ReportAnswer,
    ReturnBody,
    ReversalBody,
    SettlementProposalBody,
)

blueprint = Blueprint(__name__)
SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_READ: tuple[type[BaseModel], ...] = (
    AgencyPaymentAnswer, DossierAnswer, FeedAnswer, FeedEventAnswer, RemittanceAnswer, ReportAnswer,
    TombstoneAnswer,
)  # fmt: skip
_SENT: tuple[type[BaseModel], ...] = (
    AcceptBody, AgencyActivityBody, AgencyDisputeBody, AgencyPaymentBody, AgencyPromiseBody,
    ContactProposalBody, RecallResponseBody, ReconciliationBody, RejectBody, RemittanceBody,
    ReturnBody, ReversalBody, SettlementProposalBody,
)  # fmt: skip


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of what agencies read and send: a definition for each."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((shape, "serialization") for shape in _READ),
        *((shape, "validation") for shape in _SENT),
    ]
    _, found = models_json_schema(wanted, ref_template="#/$defs/{model}")
    return {
        "$schema": SCHEMA,
        "title": "Pastdue placements",
        "description": "What an agency reads (dossier, feed, money) and what it reports.",
        "$defs": found["$defs"],
    }


@blueprint.route("/agency/v1/openapi.json", methods=["GET"])
def agency_openapi() -> Response:
    """Answer the OpenAPI 3.1 document of the agencies' routes."""
    return json_answer(_document())


@blueprint.route("/agency/v1/schema.json", methods=["GET"])
def agency_schema() -> Response:
    """Answer the JSON Schema (2020-12) of dossier, feed and reports."""
    return json_answer(_schema())


@blueprint.route("/agency/v1/docs", methods=["GET"])
def agency_docs() -> Response:
    """Answer the page that shows the document; it asks nothing of any other host."""
    return html_answer(_page())


@cache
def _document() -> str:
    return json.dumps(agency_document(), ensure_ascii=False, separators=(",", ":"))


@cache
def _schema() -> str:
    return json.dumps(json_schema(), ensure_ascii=False, separators=(",", ":"))


@cache
def _page() -> str:
    return page_of(_document())

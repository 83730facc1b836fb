"""Which roles may call what: the sets that routes are declared with (api.md, roles)."""

from __future__ import annotations

from chalicelib.flows.principal import ADMIN, APPROVER, COLLECTOR, SERVICE, VIEWER

READERS = frozenset({VIEWER, COLLECTOR, APPROVER, ADMIN, SERVICE})  # who may read
COLLECTORS = frozenset({COLLECTOR, APPROVER, ADMIN})  # who works accounts
APPROVERS = frozenset({APPROVER, ADMIN})  # who overrides: releases, waivers, write-offs
ADMINS = frozenset({ADMIN})  # who sets policies, people and keys
BOOKERS = frozenset({SERVICE, ADMIN})  # who books what the ERP knows: invoices, payments
ORDER_DESK = frozenset({SERVICE, COLLECTOR, APPROVER, ADMIN})  # who asks for a release

"""Who calls, over one deployment's adapters: what the authorizer imports, and no more than that."""

from __future__ import annotations

import time
from functools import cache

from chalicelib.flows.api_keys import KeyShelf
from chalicelib.flows.authorize import AccessTokens, Authorize
from chalicelib.settings import Settings


@cache
def authorize(values: Settings) -> Authorize:
    """Return what reads tokens: one per process, so that issuers' keys are kept for a while."""
    return Authorize(values.stage, cache(lambda: _keys(values)), cache(lambda: _tokens(values)))


def _keys(values: Settings) -> KeyShelf:
    from chalicelib.store.keys_shelf import DynamoKeys  # noqa: PLC0415 - a person's token needs none
    from chalicelib.store.tables import bind  # noqa: PLC0415

    return DynamoKeys(bind(values.table_name))


def _tokens(values: Settings) -> AccessTokens:
    from chalicelib.identity.issuers import read_issuers  # noqa: PLC0415 - a key needs no PyJWT
    from chalicelib.identity.oidc import OidcTokens  # noqa: PLC0415

    return OidcTokens(read_issuers(values.oidc_issuers), time.monotonic)

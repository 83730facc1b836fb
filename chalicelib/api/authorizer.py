"""The one authorizer: who calls. What they may do is checked by the views, call for call."""

from __future__ import annotations

from chalice.app import AuthRequest, AuthResponse, Blueprint

from chalicelib.core.errors import UnauthorizedError
from chalicelib.log_lines import InvocationFailedError
from chalicelib.telemetry import logger
from chalicelib.wiring import deps

CACHED_S = 60  # how long API Gateway keeps an answer, and so how long a revoked key still works

blueprint = Blueprint(__name__)


class NobodyError(Exception):
    """Nobody is known to call. API Gateway answers 401 to an error of exactly this message."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


@blueprint.authorizer(name="authz", ttl_seconds=CACHED_S)
def authz(request: AuthRequest) -> AuthResponse:
    """Allow every route: the answer is kept for the token, whatever is called with it next.

    Raises:
        NobodyError: the token grants nothing; only the log says why, and never the token.
        InvocationFailedError: nobody could say; API Gateway answers 503.
    """
    try:
        context = dict(deps().authorize(request.token))
    except UnauthorizedError as error:
        logger.info("token refused", extra={"code": error.code, "reason": str(error)})
        raise NobodyError from None
    except Exception as error:
        logger.exception("authz failed")
        failed = InvocationFailedError("authz", error)
    else:
        return AuthResponse(routes=["*"], principal_id=context["principal"], context=context)
    raise failed

"""The health answer."""

from __future__ import annotations

from typing import Literal

from chalicelib.api.shapes.base import Answer


class Health(Answer):
    """This deployment answers. `sending` tells whether letters go out."""

    status: Literal["ok"]
    stage: str
    sending: Literal["on", "paused"]

"""The events of `GET /v1/watch`."""

from __future__ import annotations

import msgspec


class PositionMoved(msgspec.Struct, frozen=True):
    """A province moved: its figures may be others now; request them. Also sent once at the beginning."""

    province: str
    """The province."""
    position: int
    """The last one that is counted."""
    head: int | None
    """The newest position of ingest's feed; null: not known."""
    revision: int
    """Moves with everything that can change a response."""


class AlertsMoved(msgspec.Struct, frozen=True):
    """An alert of a province opened or closed; `GET /v1/alerts` lists them."""

    province: str
    """The province."""

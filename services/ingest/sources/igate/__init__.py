"""Pull from a provincial one-stop system of the VNPT iGate kind (domain.md 1.1): a list paged by offset behind Keycloak."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from services.ingest.events import Batch, Event, Rejected
from services.ingest.sources.http import PortalClient
from services.ingest.sources.igate.record import FIELDS, Decoder
from services.ingest.sources.igate.settings import Settings
from services.ingest.sources.igate.walk import Walk
from services.ingest.sources.whitelist import TOLERANCE

__all__ = ["FIELDS", "Adapter", "Settings", "decoder"]


class Adapter:
    """One source of the kind `igate`, for one pull."""

    def __init__(self, name: str, settings: Settings, secret: str, *, breaker: Mapping[str, object] | None = None) -> None:
        """`breaker` is the breaker's state after the last pull. Raises `SourceMisconfigured` for an impossible address."""
        self._settings = settings
        self._decoder = Decoder(name, settings, datetime.now(UTC) + TOLERANCE)
        self.client = PortalClient(settings.base_url, settings.credentials(secret), settings, breaker=breaker)

    def read(self, place: dict[str, Any] | None) -> AsyncIterator[Batch]:
        """The pull that goes on from `place`; see `Walk`."""
        return Walk(self.client, self._decoder, self._settings, place).batches()


def decoder(source: str, settings: Settings, latest: datetime) -> Callable[[object], Event | Rejected]:
    """Reads single records, as served or as kept in quarantine."""
    return Decoder(source, settings, latest).decode

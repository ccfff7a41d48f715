"""Pull from a provincial one-stop system of the VNPT iGate kind (domain.md 1.1): a list paged by offset behind Keycloak."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

from services.ingest.events.model import Batch, Event, Rejected
from services.ingest.sources.checks import Finding
from services.ingest.sources.fields.instants import TOLERANCE
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.http.secrets import Secret
from services.ingest.sources.kinds.igate.checks import check
from services.ingest.sources.kinds.igate.lists import list_dossiers
from services.ingest.sources.kinds.igate.procedures import procedures
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.rows import ReadRows
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.totals import has_dossier, totals
from services.ingest.sources.kinds.igate.walk import Walk
from services.ingest.sources.kinds.igate.wire import FIELDS
from services.ingest.sources.model import Arrival
from services.ingest.sources.named_codes import NamedCode
from shared.procedures import PortalProcedure

__all__ = [
    "ARRIVAL",
    "BEARS_VERSION_TIME",
    "EXAMPLE_RECORD",
    "EXAMPLE_SETTINGS",
    "FIELDS",
    "REVISION",
    "SUMMARY",
    "Adapter",
    "Settings",
    "decoder",
]

SUMMARY = "A provincial one-stop system of the VNPT iGate kind, which the worker reads from the newest change down."
ARRIVAL = Arrival.pulled
BEARS_VERSION_TIME = True
REVISION = 7
EXAMPLE_SETTINGS: Mapping[str, object] = {
    "base_url": "https://motcua.example",
    "realm": "digo",
    "client_id": "motcua",
    "rate": 5,
    "statuses": {"Chờ liên thông thuế": "payment_requested"},
}
EXAMPLE_RECORD: Mapping[str, object] = {
    "id": "63900000",
    "code": "000.00.19.H30-230615-0042",
    "dossierStatus": {"name": "Đã trả kết quả"},
    "procedure": {"code": "1.001612.000.00.00.H30"},
    "agency": {"code": "10813"},
    "acceptedDate": "2023-06-15T08:00:00.000+0700",
    "appointmentDate": "2023-06-20T17:00:00.000+0700",
    "completedDate": "2023-06-19T16:00:00.000+0700",
    "returnedDate": "2023-06-20T09:00:00.000+0700",
    "updatedDate": "2023-06-20T09:00:00.000+0700",
    "applyMethod": {"name": "Trực tuyến"},
}


class Adapter:
    """One source of the kind `igate`; pulls one after another may share it, and with it connections, token and pace."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        secret: Secret | None,
        *,
        breaker: Mapping[str, object] | None = None,
        withholding: Withholding | None = None,
    ) -> None:
        """`breaker` is the breaker's state after the last pull. Raises `SourceMisconfigured` for an impossible address."""
        self._settings = settings
        self._rows_read: ReadRows | None = None
        """What a pull read that the next one may go on from."""
        self._decoder = Decoder(name, settings, datetime.now(UTC) + TOLERANCE, withholding)
        self.client = PortalClient(settings.base_url, settings.credentials(secret), settings, breaker=breaker, source=name)

    def begin(self) -> None:
        """A pull begins: its time budget, its calls and what counts as the future start from now."""
        self._decoder.latest = datetime.now(UTC) + TOLERANCE
        self.client.begin()

    def read(self, cursor: Mapping[str, object] | None) -> AsyncIterator[Batch]:
        """The pull that goes on from `cursor`; see `Walk`."""
        walk = Walk(self.client, self._decoder, self._settings, cursor, read=self._rows_read)
        self._rows_read = walk.read
        return walk.batches()

    async def procedures(self) -> list[PortalProcedure]:
        """The portal's own catalogue of procedures."""
        return await procedures(self.client, min(self._settings.page_size, 200))

    async def totals(self, begin: datetime, end: datetime) -> list[tuple[str, str, dict[str, int]]]:
        """The portal's control totals per agency: id, code, columns."""
        return await totals(self.client, begin, end)

    def list_dossiers(self, agency: str | None, cursor: Mapping[str, object] | None = None) -> AsyncGenerator[Batch, None]:
        """What the portal lists now, from `cursor` on, under one agency (its id) or altogether."""
        return list_dossiers(self.client, self._decoder, self._settings, agency, cursor)

    async def has_dossier(self, code: str) -> bool:
        """Whether the portal has a dossier of this code."""
        return await has_dossier(self.client, self._decoder, self._settings, code)

    def take_named_codes(self) -> list[NamedCode]:
        """The codes that what was read since the last time names."""
        taken = list(self._decoder.named_codes)
        self._decoder.named_codes.clear()
        return taken

    def check(self, now: datetime) -> AsyncIterator[Finding]:
        """What of the portal works, call by call."""
        return check(self.client, self._decoder, self._settings, now)


def decoder(
    source: str, settings: Settings, latest: datetime, withholding: Withholding | None = None
) -> Callable[[object], Event | Rejected]:
    """Reads single records, as served or as kept in quarantine."""
    return Decoder(source, settings, latest, withholding).decode

"""Sources: whatever a province speaks goes in, canonical events and records with a reason come out.

A source of a new kind is one module (or folder) here that is a `Kind`, with an `Adapter` where it is pulled, and one line in
`KINDS`: the API, the worker and the documents follow from it, and `tests/ingest/test_source_contract.py` holds it to the
contract.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from types import TracebackType

import msgspec

from services.ingest.events.model import Batch, Event, Rejected
from services.ingest.sources.bounds import require_small
from services.ingest.sources.errors import SourceAway, SourceError, SourceMisconfigured, SourceRefuses, SourceUnreadable
from services.ingest.sources.fields.instants import TOLERANCE
from services.ingest.sources.http.addresses import Permitted, address_of
from services.ingest.sources.http.secrets import require_bound, secret_of
from services.ingest.sources.kind import (
    Adapter,
    Arrival,
    Connected,
    Kind,
    OffersProcedures,
    PortalSettings,
    PulledKind,
    TellsTotals,
)
from services.ingest.sources.kinds import files, igate, national, own
from shared.errors import FieldError, Invalid, ValidationDetails
from shared.procedures import PortalProcedure
from shared.settings import settings as configuration
from shared.spelling import require_known_members, unknown_name

__all__ = [
    "KINDS",
    "Arrival",
    "Connected",
    "Kind",
    "Pool",
    "Reader",
    "SourceAway",
    "SourceError",
    "SourceMisconfigured",
    "SourceRefuses",
    "SourceUnreadable",
    "bears_version_time",
    "check_source",
    "decoder",
    "kinds_that_come",
    "offers_procedures",
    "open_source",
    "permitted",
    "settings_of",
    "tells_totals",
]

KINDS: dict[str, Kind] = {"igate": igate, "national": national, "own": own, "files": files}
"""Every kind by its name: one line for each."""


def kinds_that_come(by: Arrival) -> tuple[str, ...]:
    """Names of the kinds whose records come in one way."""
    return tuple(name for name, kind in KINDS.items() if kind.ARRIVAL is by)


def bears_version_time(kind: str) -> bool:
    """Whether records of a kind bear a version time; of those that bear none, what first came later is the newer."""
    return kind not in KINDS or KINDS[kind].BEARS_VERSION_TIME


def tells_totals(kind: str) -> bool:
    """Whether sources of a kind count their dossiers themselves, so that they can be reconciled."""
    return _adapts(kind, TellsTotals)


def offers_procedures(kind: str) -> bool:
    """Whether sources of a kind have a catalogue of procedures."""
    return _adapts(kind, OffersProcedures)


def _adapts(kind: str, how: type) -> bool:
    module = KINDS.get(kind)
    return isinstance(module, PulledKind) and isinstance(module.Adapter, type) and issubclass(module.Adapter, how)


class Pool:
    """Adapters between two pulls of the same source: the next one needs no new connection and no new token."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._idle: dict[str, tuple[object, Adapter]] = {}

    def take(self, name: str, key: object) -> Adapter | None:
        """The idle adapter of a source if it was made from the same `key`; None: make one."""
        kept = self._idle.pop(name, None)
        return kept[1] if kept is not None and kept[0] == key else None

    async def give(self, name: str, key: object, adapter: Adapter) -> None:
        """Keep an adapter for the next pull."""
        before = self._idle.get(name)
        self._idle[name] = (key, adapter)
        if before is not None:
            await before[1].client.close()

    async def close(self) -> None:
        """Give all connections back."""
        while self._idle:
            _, (_, adapter) = self._idle.popitem()
            await adapter.client.close()


class Reader:
    """One pull of one source; `calls` and `breaker` tell of it, also after it failed."""

    def __init__(self, source: Connected, pool: Pool | None) -> None:
        """A fault in `source` is raised when the reader is entered."""
        self._source = source
        self._pool = pool
        self._key: object = None
        self._adapter: Adapter | None = None

    async def __aenter__(self) -> Reader:
        """Make the client; raises `SourceMisconfigured` when the row cannot be right."""
        source = self._source
        name, kind = source.name, source.kind
        settings, module = settings_of(source), KINDS[kind]
        if not isinstance(module, PulledKind) or not isinstance(settings, PortalSettings):
            raise SourceMisconfigured(f"A source of the kind {kind} sends by itself: there is nothing to ask it.")
        secret = None
        if source.secret:
            secret = secret_of(source.secret, source.province, address_of(settings.base_url), os.environ)
        self._key = (kind, settings, secret)
        kept = self._pool.take(name, self._key) if self._pool is not None else None
        adapter: Adapter = kept or module.Adapter(name, settings, secret, breaker=source.breaker)
        adapter.begin()
        self._adapter = adapter
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep the connections for the next pull where this one ended well; give them back otherwise."""
        if self._pool is not None and error is None:
            await self._pool.give(self._source.name, self._key, self._entered)
        else:
            await self._entered.client.close()

    @property
    def _entered(self) -> Adapter:
        assert self._adapter is not None, "the reader is entered first"
        return self._adapter

    @property
    def _counting(self) -> TellsTotals:
        adapter = self._entered
        if not isinstance(adapter, TellsTotals):
            raise SourceMisconfigured(f"A source of the kind {self._source.kind} cannot be asked for totals.")
        return adapter

    def read(self, place: Mapping[str, object] | None) -> AsyncIterator[Batch]:
        """Batches from `place` on, each with the place after it."""
        return self._entered.read(place)

    async def procedures(self) -> list[PortalProcedure]:
        """The source's own catalogue of procedures."""
        adapter = self._entered
        if not isinstance(adapter, OffersProcedures):
            raise SourceMisconfigured(f"A source of the kind {self._source.kind} has no catalogue of procedures.")
        return await adapter.procedures()

    async def totals(self, begin: datetime, end: datetime) -> list[tuple[str, str, dict[str, int]]]:
        """The source's own control totals per agency: its id there, its code, the columns."""
        return await self._counting.totals(begin, end)

    def listed(self, agency: str | None) -> AsyncIterator[Batch]:
        """What the source lists now, under one agency (its id there) or altogether; the place is not moved."""
        return self._counting.listed(agency)

    async def has(self, code: str) -> bool:
        """Whether the source has a dossier of this code."""
        return await self._counting.has(code)

    @property
    def calls(self) -> int:
        """Calls made to the source."""
        return self._adapter.client.total_calls if self._adapter is not None else 0

    @property
    def breaker(self) -> Mapping[str, object] | None:
        """The circuit breaker's state."""
        report = self._source.breaker
        if self._adapter is not None:
            report = self._adapter.client.breaker.report()
        return report


def permitted() -> Permitted:
    """Where the operator lets sources be; raises `ValueError` for a list that cannot be read."""
    return Permitted(configuration().source_hosts)


def open_source(source: Connected, pool: Pool | None = None) -> Reader:
    """A reader for a source, with what `pool` kept of the last one."""
    return Reader(source, pool)


def decoder(source: Connected, now: datetime) -> Callable[[object], Event | Rejected]:
    """What reads single records of a source: as they are sent, or as they were put aside."""
    settings = settings_of(source)
    return KINDS[source.kind].decoder(source.name, settings, now + TOLERANCE)


def settings_of(source: Connected) -> msgspec.Struct:
    """The settings of a source as its kind reads them; raises `SourceMisconfigured`."""
    return _settings(source.kind, source.settings)


def check_source(province: str, kind: str, settings: Mapping[str, object], secret: str | None) -> None:
    """Raise `Invalid` unless an adapter of `kind` can work with `settings`, and the secret of that name is bound to them."""
    if kind not in KINDS:
        says = unknown_name("value", kind, KINDS)
        raise Invalid(f"body.kind: {says}", members=ValidationDetails(errors=[FieldError("body.kind", says, "enum")]))
    require_known_members(settings, KINDS[kind].Settings, "body.settings", f"setting of the kind {kind}")
    try:
        found = _settings(kind, settings)
        require_small(settings)
        if isinstance(found, PortalSettings):
            address = address_of(found.base_url)
            permitted().require_permitted(address)
            if secret is not None:
                require_bound(secret, province, address, os.environ)
        elif secret is not None:
            raise SourceMisconfigured(f"A source of the kind {kind} sends by itself and needs no secret.")
    except SourceMisconfigured as error:
        raise Invalid(str(error)) from error
    except ValueError as error:
        raise Invalid(f"The settings of this source are too large: {error}.") from error


def _settings(kind: str, settings: Mapping[str, object]) -> msgspec.Struct:
    if kind not in KINDS:
        raise SourceMisconfigured(f"There is no source of the kind {kind!r}. Known: {', '.join(sorted(KINDS))}.")
    try:
        found: msgspec.Struct = msgspec.convert(settings, KINDS[kind].Settings)
    except msgspec.ValidationError as error:
        raise SourceMisconfigured(f"The settings of this source cannot be right: {error}.") from error
    return found

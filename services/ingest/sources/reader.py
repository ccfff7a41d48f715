"""Reading a source that is pulled: the adapter of its kind, entered with its settings, secret and connections."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from datetime import datetime
from types import TracebackType

from services.ingest.events.model import Batch
from services.ingest.sources.checks import Finding
from services.ingest.sources.decoding import withholding_of
from services.ingest.sources.errors import SourceMisconfigured
from services.ingest.sources.http.addresses import address_of
from services.ingest.sources.http.secrets import secret_of
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import (
    Adapter,
    Checkable,
    ConnectedSource,
    NamesCodes,
    OffersProcedures,
    PortalSettings,
    PulledKind,
    ReportsTotals,
)
from services.ingest.sources.named_codes import NamedCode
from services.ingest.sources.settings import settings_of
from shared.languages import bilingual
from shared.procedures import PortalProcedure


class AdapterPool:
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


class SourceReader:
    """One pull of one source; `calls` and `breaker` tell of it, also after it failed."""

    def __init__(self, source: ConnectedSource, pool: AdapterPool | None) -> None:
        """A fault in `source` is raised when the reader is entered."""
        self._source = source
        self._pool = pool
        self._key: object = None
        self._adapter: Adapter | None = None

    async def __aenter__(self) -> SourceReader:
        """Make the client; raises `SourceMisconfigured` when the row cannot be right."""
        source = self._source
        name, kind = source.name, source.kind
        settings, module = settings_of(source), KINDS[kind]
        if not isinstance(module, PulledKind) or not isinstance(settings, PortalSettings):
            raise SourceMisconfigured(
                bilingual(
                    "A source of the kind {kind} sends by itself: there is nothing to ask it.",
                    "Nguồn loại {kind} tự gửi: không có gì để hỏi.",
                    kind=kind,
                )
            )
        secret = None
        if source.secret:
            secret = secret_of(source.secret, source.province, address_of(settings.base_url), os.environ)
        self._key = (kind, settings, secret)
        kept = self._pool.take(name, self._key) if self._pool is not None else None
        adapter: Adapter = kept or module.Adapter(
            name, settings, secret, breaker=source.breaker, withholding=withholding_of(source)
        )
        adapter.begin()
        self._adapter = adapter
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep the connections for the next pull where this one ended well; give them back otherwise."""
        if self._pool is not None and error is None:
            await self._pool.give(self._source.name, self._key, self._open_adapter)
        else:
            await self._open_adapter.client.close()

    @property
    def _open_adapter(self) -> Adapter:
        assert self._adapter is not None, "the reader is entered first"
        return self._adapter

    @property
    def _counting(self) -> ReportsTotals:
        adapter = self._open_adapter
        if not isinstance(adapter, ReportsTotals):
            raise SourceMisconfigured(
                bilingual(
                    "A source of the kind {kind} cannot be asked for totals.",
                    "Không thể hỏi số tổng của nguồn loại {kind}.",
                    kind=self._source.kind,
                )
            )
        return adapter

    def read(self, cursor: Mapping[str, object] | None) -> AsyncIterator[Batch]:
        """Batches from `cursor` on, each with the cursor after it."""
        return self._open_adapter.read(cursor)

    async def procedures(self) -> list[PortalProcedure]:
        """The source's own catalogue of procedures."""
        adapter = self._open_adapter
        if not isinstance(adapter, OffersProcedures):
            raise SourceMisconfigured(
                bilingual(
                    "A source of the kind {kind} has no catalogue of procedures.",
                    "Nguồn loại {kind} không có danh mục thủ tục.",
                    kind=self._source.kind,
                )
            )
        return await adapter.procedures()

    async def totals(self, begin: datetime, end: datetime) -> list[tuple[str, str, dict[str, int]]]:
        """The source's own control totals per agency: its id there, its code, the columns."""
        return await self._counting.totals(begin, end)

    def list_dossiers(self, agency: str | None, cursor: Mapping[str, object] | None = None) -> AsyncGenerator[Batch, None]:
        """What the source lists now, under one agency (its id there) or altogether, from a cursor of this list on."""
        return self._counting.list_dossiers(agency, cursor)

    async def has_dossier(self, code: str) -> bool:
        """Whether the source has a dossier of this code."""
        return await self._counting.has_dossier(code)

    def take_named_codes(self) -> list[NamedCode]:
        """The codes of agencies and procedures that what was read since the last time names."""
        adapter = self._open_adapter
        return adapter.take_named_codes() if isinstance(adapter, NamesCodes) else []

    def check(self, now: datetime) -> AsyncIterator[Finding]:
        """What of the source works, call by call."""
        adapter = self._open_adapter
        if not isinstance(adapter, Checkable):
            raise SourceMisconfigured(
                bilingual(
                    "A source of the kind {kind} cannot be tried.", "Không thể thử nguồn loại {kind}.", kind=self._source.kind
                )
            )
        return adapter.check(now)

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


def open_source(source: ConnectedSource, pool: AdapterPool | None = None) -> SourceReader:
    """A reader for a source, with what `pool` kept of the last one."""
    return SourceReader(source, pool)

"""What a kind of source is: what its module says and does, from which everything else about it follows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import msgspec

from services.ingest.events.model import Batch, Event, Rejected
from services.ingest.sources.checks import Finding
from services.ingest.sources.fields.whitelist import Spec
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.named_codes import NamedCode
from shared.procedures import PortalProcedure


class Arrival(StrEnum):
    """How the records of a source come in."""

    pulled = "pulled"  # the worker reads them
    events = "events"  # sent to POST /v1/events
    national = "national"  # sent to POST /v1/national/<name>
    imports = "imports"  # in files sent to POST /v1/imports


class Kind(Protocol):
    """A module of `services.ingest.sources` that speaks with one kind of source; a pulled one is a `PulledKind` too."""

    @property
    def SUMMARY(self) -> str:  # noqa: N802 -- a constant of the module
        """What kind of source it is, in a sentence."""

    @property
    def ARRIVAL(self) -> Arrival:  # noqa: N802
        """How its records come in."""

    @property
    def BEARS_VERSION_TIME(self) -> bool:  # noqa: N802
        """Whether its records bear a version time; else what came last is the newer."""

    @property
    def REVISION(self) -> int:  # noqa: N802
        """Counted up with every change by which the decoder reads the same record otherwise."""

    @property
    def FIELDS(self) -> Spec:  # noqa: N802
        """The only fields of a record that may be kept."""

    @property
    def EXAMPLE_SETTINGS(self) -> Mapping[str, object]:  # noqa: N802
        """Settings as they may be given."""

    @property
    def EXAMPLE_RECORD(self) -> Mapping[str, object]:  # noqa: N802
        """A record as it may come, which these settings read."""

    @property
    def Settings(self) -> type[msgspec.Struct]:  # noqa: N802 -- a class of the module
        """What its settings are, every field with its meaning; numbers have their least and most in `BOUNDS` of the class."""

    def decoder(
        self, source: str, settings: Any, latest: datetime, withholding: Withholding | None = None
    ) -> Callable[[object], Event | Rejected]:
        """What reads single records of `source`; `latest` is the newest instant that a past event may bear.

        `withholding` makes the codes of agencies and procedures that are named by what may be a person's.
        """


class Adapter(Protocol):
    """What reads a source of a kind that is pulled. It may tell of more: `ReportsTotals`, `OffersProcedures`."""

    @property
    def client(self) -> PortalClient:
        """Its connections, token, pace and breaker."""

    def begin(self) -> None:
        """A pull begins."""

    def read(self, cursor: Mapping[str, object] | None) -> AsyncIterator[Batch]:
        """Batches from `cursor` on, each with the cursor after it."""


@runtime_checkable
class ReportsTotals(Protocol):
    """An adapter of a source that counts its dossiers itself, so that they can be reconciled."""

    def list_dossiers(self, agency: str | None, cursor: Mapping[str, object] | None) -> AsyncGenerator[Batch, None]:
        """What the source lists now, under one agency (its id there) or altogether, from a cursor of this list on."""

    async def totals(self, begin: datetime, end: datetime) -> list[tuple[str, str, dict[str, int]]]:
        """The source's own control totals per agency: its id there, its code, the columns."""

    async def has_dossier(self, code: str) -> bool:
        """Whether the source has a dossier of this code."""


@runtime_checkable
class OffersProcedures(Protocol):
    """An adapter of a source that has a catalogue of procedures."""

    async def procedures(self) -> list[PortalProcedure]:
        """The source's own catalogue of procedures."""


@runtime_checkable
class Checkable(Protocol):
    """An adapter that can try its source call by call."""

    def check(self, now: datetime) -> AsyncIterator[Finding]:
        """What works and what does not, in the order of `CheckStep`; no more than `MAX_CALLS` calls."""


@runtime_checkable
class NamesCodes(Protocol):
    """An adapter whose records name agencies and procedures beside their codes."""

    def take_named_codes(self) -> list[NamedCode]:
        """The codes that what was read since the last time names."""


@runtime_checkable
class NamesRecords(Protocol):
    """A kind that is sent, whose records name agencies or procedures beside their codes."""

    def named_codes(self, record: object) -> list[NamedCode]:
        """The codes that a record names, as it was sent."""


@runtime_checkable
class PulledKind(Protocol):
    """A kind that the worker reads."""

    @property
    def Adapter(self) -> Callable[..., Any]:  # noqa: N802 -- a class of the module
        """Makes an `Adapter`, given name, settings, secret, `breaker` and `withholding`."""


@runtime_checkable
class PortalSettings(Protocol):
    """What the settings of every kind that is pulled have."""

    @property
    def base_url(self) -> str:
        """Address of the portal."""


@runtime_checkable
class FileSettings(Protocol):
    """What the settings of every kind that comes in files have."""

    @property
    def columns(self) -> dict[str, str]:
        """Field by heading, beyond those that are known."""

    @property
    def delimiter(self) -> str | None:
        """Of a CSV; None: the one that its headings show."""

    @property
    def agency(self) -> str | None:
        """The agency of every row, where a file is one agency's own."""


class ConnectedSource(Protocol):
    """A source as it is connected: what reading it takes."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def province(self) -> str:
        """The province that it speaks of."""

    @property
    def kind(self) -> str:
        """One of `KINDS`."""

    @property
    def settings(self) -> Mapping[str, object]:
        """What `Settings` of its kind is made of."""

    @property
    def reading(self) -> int:
        """Revision of its settings."""

    @property
    def secret(self) -> str | None:
        """Name of its password."""

    @property
    def withholding_key(self) -> bytes | None:
        """The database's own key, for codes of what is withheld."""

    @property
    def breaker(self) -> Mapping[str, object] | None:
        """Its circuit breaker's state after the last pull."""

"""The feed and the catalogue: ingest serves them, metrics follows them.

The feed is the contract between ingest and metrics: `GET /v1/feed?province=S&after=P&limit=N`. Positions are dense,
gap-free and ordered by commit within a province, so a consumer that stores the last position in the
transaction of its effect counts everything exactly once. A change of the catalogue takes a position as a version of a dossier
does, so agencies and procedures are known as they were at each position. A position means something in one feed only: with it
the consumer stores `epoch` and `digest`, and compares them with those of the next page. An ingest that was restored from a
backup gives other versions the same positions; then the epoch differs, or the head is below the position, or `after_digest` is
another.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from shared.agencies import Agency
from shared.dossier import Facts
from shared.procedures import Procedure


class FeedItem(msgspec.Struct, frozen=True, gc=False):
    """One version of one dossier."""

    position: int
    """Its number in the feed: one more than that of the version before it."""
    number: int
    """Dense number of the dossier within its province; its identity on this border."""
    facts: Facts
    """All that is counted of the dossier, as of this version."""


class CatalogueStep(msgspec.Struct, frozen=True):
    """A change of the catalogue, at its position."""

    position: int
    """Its number in the feed; figures as of it and later are those of the changed catalogue."""
    version: int
    """Of the catalogue since then: `GET /v1/catalogue` with this `position` gives it."""


class FeedPage(msgspec.Struct, frozen=True):
    """Versions after `after`, in order; empty lists when there is nothing new.

    The positions of `items` and of `catalogues` together have no gap.
    """

    province: str
    """The province."""
    after: int
    """The position of the query."""
    head: int
    """The newest position there is."""
    catalogue: int
    """The newest version of the catalogue, perhaps of a position behind this page."""
    epoch: str
    """Of ingest's database: a backup has that of its origin, a new database another."""
    after_digest: str
    """Digest of the version at `after`; empty when there is none. It must equal the `digest` of the page that ended there."""
    digest: str
    """Digest of the last version of this page, or `after_digest` when there is none: store it with the position."""
    items: list[FeedItem]
    """Versions of dossiers by position; with the changes of the catalogue at most `limit`."""
    catalogues: list[CatalogueStep] = []
    """Changes of the catalogue by position."""

    @property
    def last(self) -> int:
        """The position of the last version or change; `after` when there is none."""
        ends = [self.after]
        ends += (item.position for item in self.items[-1:])
        ends += (step.position for step in self.catalogues[-1:])
        return max(ends)


class ProvinceHead(msgspec.Struct, frozen=True):
    """How far a province is."""

    province: str
    """The province."""
    head: int
    """The newest position of its feed."""
    numbers: int
    """How many dossiers there are."""
    catalogue: int
    """Version of its catalogue."""


class Heads(msgspec.Struct, frozen=True):
    """How far ingest is, and whether it goes on."""

    epoch: str
    """Of ingest's database: a backup has that of its origin, a new database another."""
    worker_silent: bool
    """No worker is alive, or one of its loops stands still: what the sources have is not read."""
    worker_since: datetime | None
    """The last sign of life of what is silent."""
    provinces: list[ProvinceHead]
    """Every province that the key may see."""


class Catalogue(msgspec.Struct, frozen=True):
    """Agencies and procedures of a province, all generations of them."""

    province: str
    """The province."""
    version: int
    """Grows by one with each change; `catalogue` of a page of the feed is the newest."""
    agencies: list[Agency]
    """By code and first day."""
    procedures: list[Procedure]
    """By code and first day."""
    position: int = 0
    """The position from which it holds; 0: from the beginning."""


class Missing(msgspec.Struct, frozen=True):
    """A source whose news may be missing; once for each reason."""

    source: str
    """Its name."""
    reason: Literal["failing", "late", "silent", "unverified", "importing", "interrupted"]
    """`failing`: its last pull failed; `late`: its last whole pull is older than three intervals and a minute; `silent`: it
    sends or comes in files, and nothing came within the interval that it declares (of a source that is retired all three stay
    as they were then, until somebody dismisses them, and so does `unverified`); `unverified`: of a reading of its whole
    list it is not known that nothing was skipped, and it was not reconciled since, or not all of it was read by the settings
    and the release of now; `importing`: a file of it is being taken
    in; `interrupted`: an import of a file of it was cut off and not resumed."""
    since: datetime | None
    """When its last whole pull ended, when something came last, when the list was read, or when the import began or was cut
    off; null: there was no whole pull yet."""


class UnmappedDay(msgspec.Struct, frozen=True):
    """Dossiers with an unknown agency or procedure that were received, or ended, on a day."""

    day: date
    """A civil day in Vietnam."""
    agency_received: int
    """Received on that day, of no known agency."""
    agency_ended: int
    """Ended on that day, of no known agency."""
    procedure_received: int
    """Received on that day, of no known procedure."""
    procedure_ended: int
    """Ended on that day, of no known procedure."""


class UnmappedDossiers(msgspec.Struct, frozen=True):
    """Dossiers whose agency or procedure is not given, or not in the catalogue."""

    days: list[UnmappedDay]
    """By day, those on which there are any."""
    others: bool
    """There are so many that only the newest are counted in `days`."""


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """What ingest knows a province to lack: `GET /v1/quality`."""

    quarantined: int
    """Records that wait in quarantine."""
    quarantined_since: datetime | None
    """When the first of them came; null: there are none."""
    missing: list[Missing]
    """Sources whose news may be missing, by name."""
    gap: int | None
    """Dossiers that differ from their sources, by the last reconciliations; null: there was none yet."""
    gap_since: datetime | None
    """When the first of these reconciliations that found any ended; null: none did."""
    unmapped: UnmappedDossiers
    """Dossiers of agencies and procedures that are not known."""
    redating: int = 0
    """Dossiers, at most, that a change of the catalogue has not reached yet: they are dated as before it."""
    redating_since: datetime | None = None
    """When the first of these changes was made; null: all are done."""
    head: int = 0
    """Newest position of the feed when this was read: versions up to it are included in what is said here."""

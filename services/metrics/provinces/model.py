"""How far a province is counted, of which feed, and what ingest reported of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from shared.contracts.feed import Quality


@dataclass(frozen=True, slots=True)
class IngestHead:
    """The head of a province's feed as ingest last reported it."""

    head: int | None
    """None: ingest does not have the province."""
    epoch: str
    position: int
    """What was counted when the head was fetched: the head of the same feed is not below."""
    behind_since: datetime | None
    worker_silent: bool
    worker_since: datetime | None
    fetched_at: datetime
    known_until: datetime


@dataclass(frozen=True, slots=True)
class Province:
    """How far a province is counted."""

    province: str
    position: int
    head: int
    """The newest position that is known of the feed."""
    revision: int
    """Moves with everything that can change a response: positions, catalogue, quality of the sources, manual inputs."""
    catalogue: int
    applied_at: datetime | None
    first_on: date | None
    """The first day on which a dossier was received, as far as is known; None: no such day is known."""
    quality: Quality | None
    """What ingest reports of the sources; None while unknown."""
    batches: int
    counting_seconds: float
    """How many batches were counted, and how long that took in all."""
    epoch: str | None
    digest: str | None
    """Of the feed that is counted, and of its version at `position`; None: not known yet."""
    restored: str | None
    """Why ingest's feed is not the one that was counted, and nothing is; None: it is."""
    restored_at: datetime | None
    """Since when."""
    counted_by: str | None
    """Revision of the definition of counters that all of it was counted by; None: not known, or of several."""
    petitions_rejected: int
    """Rows of files of petitions that were set aside, and neither corrected nor dismissed."""
    petitions_rejected_since: datetime | None
    """Since when the first of them waits."""
    ingest: IngestHead | None
    """The head that the API fetched last; None: ingest never responded."""
    read_at: datetime
    """When this row was read, by the database's clock."""

    @property
    def ingest_known(self) -> bool:
        """Whether the head that was fetched last is still valid."""
        return self.ingest is not None and self.ingest.known_until >= self.read_at

    @property
    def other_feed(self) -> tuple[str, datetime] | None:
        """How it shows that ingest's feed is not the one that was counted, and since when; None: it is, as far as is known.

        The worker compares each page; the API compares the head that it fetched, in case no worker runs.
        """
        if self.restored is not None and self.restored_at is not None:
            return self.restored, self.restored_at
        fetched = self.ingest
        if fetched is None or not self.position:
            return None
        if self.epoch is not None and fetched.epoch != self.epoch:
            return f"its epoch is {fetched.epoch} and was {self.epoch}", fetched.fetched_at
        if (fetched.head or 0) < fetched.position:
            return f"its head is {fetched.head or 0}", fetched.fetched_at
        return None

    @property
    def lag(self) -> int | None:
        """Versions that ingest has and that are not counted; None: not known."""
        if self.other_feed is not None:
            return None
        newest = max(self.head, (self.ingest and self.ingest.head) or 0)
        return newest - self.position if newest > self.position else 0 if self.ingest_known else None


class FeedMark(NamedTuple):
    """Identifies the version at a position: another feed has another one there."""

    epoch: str | None
    digest: str | None


UNMARKED = FeedMark(None, None)

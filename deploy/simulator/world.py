"""A world: its offices, its procedures and the ledger of its dossiers; and the list that a portal makes of it."""

from __future__ import annotations

import bisect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import date

from deploy.simulator.ledger import History, Offering, Office, Snapshot, records, snapshot
from shared.agencies import Agency, AgencyKind
from shared.procedures import Procedure
from shared.workdays import LimitUnit, TimeLimit

_SINCE = date(2000, 1, 1)


class World(ABC):
    """What a portal serves. The same arguments always make the same world."""

    province: str
    offices: list[Office]
    offerings: list[Offering]
    starts_at: int
    """The portal's clock when it is started."""

    @abstractmethod
    def __len__(self) -> int:
        """How many dossiers there ever are."""

    @abstractmethod
    def history(self, index: int) -> History:
        """The ledger's entry of one dossier."""

    @abstractmethod
    def index_of(self, code: str) -> int | None:
        """Index of the dossier with this code; None when there is none."""

    @abstractmethod
    def listing(self) -> Listing:
        """The dossiers by their newest change, as of `starts_at`."""

    def agencies(self) -> list[Agency]:
        """The offices as the catalogue knows them."""
        return [
            Agency(
                code=office.code,
                name_vi=office.name_vi,
                name_en=office.name_en,
                kind=AgencyKind(office.level),
                valid_from=office.valid_from,
                parent=office.parent,
            )
            for office in self.offices
        ]

    def procedures(self) -> list[Procedure]:
        """The procedures as the catalogue knows them; those in no catalogue are left out."""
        return [
            Procedure(
                code=offering.code,
                name_vi=offering.name_vi,
                name_en=offering.name_en,
                sector=offering.sector,
                valid_from=_SINCE,
                limit=TimeLimit(offering.amount, LimitUnit(offering.unit)),
                interlinked=offering.interlinked,
                digitisation_required=offering.digitisation_required,
                fee_required=offering.fee_required,
            )
            for offering in self.offerings
            if offering.in_catalogue
        ]

    def histories(self) -> Iterator[History]:
        """The whole ledger."""
        return (self.history(index) for index in range(len(self)))

    def at(self, now: int) -> Iterator[Snapshot]:
        """Every dossier that the portal has at `now`, as it shows it."""
        for history in self.histories():
            state = snapshot(history, now)
            if state is not None:
                yield state


class Listing(ABC):
    """Dossiers ordered by their newest change, newest first, while time passes."""

    version = 0
    """Grows with each change of the list."""

    @abstractmethod
    def __len__(self) -> int:
        """How many the portal has now."""

    @abstractmethod
    def page(self, offset: int, size: int) -> Sequence[int]:
        """Indexes of the dossiers at these places of the list."""

    @abstractmethod
    def advance(self, now: int) -> Sequence[int]:
        """Set the list to the instant `now`; returns the dossiers that changed."""


class StillListing(Listing):
    """For a world without changes, in which a higher index has a newer change; needs no memory."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def page(self, offset: int, size: int) -> Sequence[int]:
        return range(self._count - 1 - offset, max(self._count - 1 - offset - size, -1), -1)

    def advance(self, now: int) -> Sequence[int]:
        return ()


_INDEX_BITS = 24


class MovingListing(Listing):
    """For a ledger in memory: every change moves its dossier to the head of the list, as in the portals.

    An entry is `instant << 24 | index`, so that the list stays sorted by plain integers and a place is found by bisection.
    """

    def __init__(self, histories: Sequence[History], now: int) -> None:
        if len(histories) >= 1 << _INDEX_BITS:
            raise ValueError(f"a moving list holds at most {1 << _INDEX_BITS} dossiers; make the world still")
        entries: list[int] = []
        changes: list[int] = []
        self._place: dict[int, int] = {}
        self._deleted_at: dict[int, int] = {}
        for position, history in enumerate(histories):
            if history.deleted_at is not None:
                self._deleted_at[position] = history.deleted_at
            newest = None
            for record in records(history):
                if record <= now:
                    newest = record
                else:
                    changes.append(record << _INDEX_BITS | position)
            if newest is not None and newest != history.deleted_at:
                entry = newest << _INDEX_BITS | position
                entries.append(entry)
                self._place[position] = entry
        entries.sort()
        changes.sort()
        self._entries = entries
        self._changes = changes
        self._next = 0

    def __len__(self) -> int:
        return len(self._entries)

    def page(self, offset: int, size: int) -> Sequence[int]:
        mask = (1 << _INDEX_BITS) - 1
        end = len(self._entries) - offset
        return [entry & mask for entry in reversed(self._entries[max(end - size, 0) : max(end, 0)])]

    def advance(self, now: int) -> Sequence[int]:
        moved: list[int] = []
        mask = (1 << _INDEX_BITS) - 1
        limit = (now + 1) << _INDEX_BITS
        while self._next < len(self._changes) and self._changes[self._next] < limit:
            entry = self._changes[self._next]
            self._next += 1
            index = entry & mask
            before = self._place.pop(index, None)
            if before is not None:
                del self._entries[bisect.bisect_left(self._entries, before)]
            if self._deleted_at.get(index) != entry >> _INDEX_BITS:
                bisect.insort(self._entries, entry)
                self._place[index] = entry
            moved.append(index)
        if moved:
            self.version += 1
        return moved


class LedgerWorld(World):
    """A world whose whole ledger is in memory."""

    def __init__(
        self, *, province: str, offices: list[Office], offerings: list[Offering], ledger: Sequence[History], starts_at: int
    ) -> None:
        self.province = province
        self.offices = offices
        self.offerings = offerings
        self.starts_at = starts_at
        self._ledger = ledger
        self._by_code = {history.code: history.index for history in ledger}

    def __len__(self) -> int:
        return len(self._ledger)

    def history(self, index: int) -> History:
        return self._ledger[index]

    def index_of(self, code: str) -> int | None:
        return self._by_code.get(code)

    def listing(self) -> Listing:
        return MovingListing(self._ledger, self.starts_at)

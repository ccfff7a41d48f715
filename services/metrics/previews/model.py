"""What the dossiers of a preview would add to the counters, and the rows that makes of a period. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from services.metrics.agencies.model import UNMAPPED, Units
from services.metrics.counting.measures import STOCKS
from services.metrics.figures.kpis.algebra import CounterRow, counter_row
from services.metrics.periods import Period
from shared.agencies import Agency
from shared.contracts.keys import WorkGrouping


class CellKey(NamedTuple):
    """What a cell is counted of."""

    agency: str | None
    """Unit key; None: not known."""
    day: date
    procedure: str | None = None
    """Code of an interlinked procedure; None: of any other dossier."""
    department: str | None = None
    """Of steps of the internal process; empty: not known. None: of dossiers."""
    step: str | None = None
    """The same of the name of the step."""


class Cell(NamedTuple):
    """What would be added to the counters of an agency on a day, of one procedure, or by one kind of step."""

    key: CellKey
    amounts: Mapping[str, int]
    """By measure, those that are not 0."""


class Changes:
    """What the dossiers that were counted so far would add to the counters."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._cells: dict[CellKey, dict[str, int]] = {}

    def add(self, cells: Iterable[Cell]) -> None:
        """Count further dossiers."""
        for key, amounts in cells:
            here = self._cells.setdefault(key, {})
            for name, amount in amounts.items():
                here[name] = here.get(name, 0) + amount
                if not here[name]:
                    del here[name]
            if not here:
                del self._cells[key]

    def __iter__(self) -> Iterator[Cell]:
        return (Cell(key, amounts) for key, amounts in self._cells.items())

    @property
    def agencies(self) -> set[str]:
        """Unit keys that have cells."""
        return {key.agency for key in self._cells if key.agency is not None}


class PeriodRows:
    """The rows by number of an agency that cells make of a period: stocks before it count, and nothing after it."""

    def __init__(self, period: Period, numbers: Mapping[str, int]) -> None:
        """`numbers`: of all unit keys that cells may have."""
        self._period, self._numbers = period, numbers
        self._within: dict[int, dict[str, int]] = {}
        self._before: dict[int, dict[str, int]] = {}

    def add(self, cell: Cell) -> None:
        """Add a cell."""
        key = cell.key
        if key.day > self._period.until:
            return
        sums = self._within if key.day >= self._period.since else self._before
        here = sums.setdefault(UNMAPPED if key.agency is None else self._numbers[key.agency], {})
        for name, amount in cell.amounts.items():
            here[name] = here.get(name, 0) + amount

    def rows(self) -> dict[int, CounterRow]:
        """What would be added to the rows of the period."""
        found = {}
        for number in self._within.keys() | self._before.keys():
            within, before = self._within.get(number, {}), self._before.get(number, {})
            found[number] = counter_row(within, {name: before.get(name, 0) for name in STOCKS}, within, {})
        return found


SubjectRows = Mapping[str, Mapping[int, CounterRow]]
"""By procedure, department or step: the rows by number of an agency."""


class PeriodChange:
    """What cells add to the rows of a period: in all, and by procedure, department and step."""

    def __init__(self, period: Period, numbers: Mapping[str, int]) -> None:
        """`numbers`: of all unit keys that cells may have."""

        def none() -> PeriodRows:
            return PeriodRows(period, numbers)

        self._all = none()
        self._procedures: defaultdict[str, PeriodRows] = defaultdict(none)
        self._work: dict[WorkGrouping, defaultdict[str, PeriodRows]] = {
            "department": defaultdict(none),
            "step": defaultdict(none),
        }

    def add(self, cell: Cell) -> None:
        """Add a cell."""
        key = cell.key
        if key.department is not None and key.step is not None:
            self._work["department"][key.department].add(cell)
            self._work["step"][key.step].add(cell)
            return
        self._all.add(cell)
        if key.procedure is not None:
            self._procedures[key.procedure].add(cell)

    def rows(self) -> dict[int, CounterRow]:
        """In all."""
        return self._all.rows()

    def by_procedure(self) -> SubjectRows:
        """Of interlinked procedures."""
        return {code: rows.rows() for code, rows in self._procedures.items()}

    def by_work(self, by: WorkGrouping) -> SubjectRows:
        """Of the steps that end in the period."""
        return {work: rows.rows() for work, rows in self._work[by].items()}


def both_units(known: Units, agencies: Iterable[Agency] | None, counted: set[str]) -> tuple[Units, Units]:
    """The units of now and as a change would leave them, by the same numbers.

    `agencies`: as the change would leave them, None: as they are. Keys that have no number yet get one here alone.
    """
    listed = None if agencies is None else list(agencies)
    keys = counted | {one.key for one in listed or ()}
    missing = sorted(keys - known.numbers.keys())
    if listed is None and not missing:
        return known, known
    free = max(known.numbers.values(), default=UNMAPPED) + 1
    numbers = {**known.numbers, **{key: number for number, key in enumerate(missing, free)}}
    before = Units(known.structure, numbers)
    return before, before if listed is None else Units(listed, numbers)

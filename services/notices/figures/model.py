"""Figures of a notice: pinned at a position, printed one way, each with where it comes from.

Pure. Counts are exact integers; a rate keeps its numerator and denominator and is rounded half-up once, when printed; a change
between two rates is the difference of the two printed ones, in percentage points, so that whoever subtracts gets what is
written. 0/0 has no value and is said in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Literal

import msgspec

from services.notices.figures.catalogue import Catalogue
from services.notices.quantities import wording
from shared.contracts.kpis import Reason
from shared.errors import Unavailable


class Unit(Enum):
    """What a figure counts in: things, a share in per cent, or percentage points between two shares."""

    count = "count"
    rate = "rate"
    points = "points"


class How(Enum):
    """How a figure follows from others.

    `sum`: of the inputs; `rate`: the first in per cent of the second; `difference`: the first less the second, as printed;
    `rows`: how many of the inputs are not 0; `rest`: the first less all others.
    """

    sum = "sum"
    rate = "rate"
    difference = "difference"
    rows = "rows"
    rest = "rest"


class Derivation(msgspec.Struct, frozen=True):
    """`how` over the figures named by `inputs`."""

    how: How
    """The operation."""
    inputs: tuple[str, ...]
    """Keys of figures of the same notice, in the order that the operation takes them."""


class FigureData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One number and its origin: exactly one of `opened_by`, `entered_at` and `derived` is set."""

    key: str
    """Its name in this notice: a KPI's id (`resolved`), of an agency `resolved@<unit key>`, of a procedure `resolved#<code>`;
    of what was entered `count.<name>`."""
    unit: Unit
    """What it counts in."""
    numerator: int | None = None
    """The count, or the part of a share; absent where only `stated` is known."""
    denominator: int | None = None
    """The whole of a share; absent of anything else."""
    stated: str | None = None
    """Decimal of a rate known only as such, or of a difference in points; else absent."""
    opened_by: str | None = None
    """Id of the figure at metrics, where `GET /v1/figures/{id}` opens it to its dossiers; absent where it is not metrics'."""
    rule: str | None = None
    """KPI id and version of its rule: `resolved@1`; absent where metrics did not give the figure."""
    entered_at: str | None = None
    """Where in the inspection it was entered: `counts.published.value`; absent where it was not."""
    evidence: str | None = None
    """The record that an entered count was taken from; else absent."""
    derived: Derivation | None = None
    """How it follows from other figures of the notice; absent where it does not."""


class Figure(FigureData, frozen=True, kw_only=True, omit_defaults=True):
    """One number and its origin, with what it is worth and how it is printed."""

    @property
    def value(self) -> Decimal | None:
        """Count, per cent or points as printed; None for 0/0."""
        if self.stated is not None:
            return Decimal(self.stated)
        assert self.numerator is not None
        if self.unit is Unit.rate:
            assert self.denominator is not None
            return wording.percent(self.numerator, self.denominator)
        return Decimal(self.numerator)

    @property
    def size(self) -> int:
        """A count as an integer."""
        assert self.unit is Unit.count
        assert self.numerator is not None
        return self.numerator

    def prose(self) -> str:
        """As running text prints it; 0/0 and points of no direction are the composer's business."""
        value = self.value
        if value is None:
            return NOTHING
        if self.unit is Unit.count:
            return wording.count(self.size)
        return wording.rate(value) if self.unit is Unit.rate else wording.decimal(abs(value))

    def tabular(self) -> str:
        """As a table prints it."""
        value = self.value
        if value is None:
            return NOTHING
        return wording.cell(self.size) if self.unit is Unit.count else wording.decimal(value)


NOTHING = "không phát sinh"
"""What a document says for 0/0."""


class CaveatFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a caveat was found by; each kind has its own."""

    position: int | msgspec.UnsetType = msgspec.UNSET
    """Of `no_figures`: position of the feed at which the figures stand."""
    period_to: date | msgspec.UnsetType = msgspec.UNSET
    """Of `period_not_ended`: the period's last day."""
    counted_on: date | msgspec.UnsetType | None = msgspec.UNSET
    """Of `no_figures` and `period_not_ended`: the day on which the figures were counted; null: nothing was yet."""
    because: tuple[Reason, ...] | msgspec.UnsetType = msgspec.UNSET
    """Of `figures_incomplete`: `freshness.reasons` of metrics, as it gave them."""


CaveatKind = Literal["no_figures", "period_not_ended", "figures_incomplete"]


class Caveat(msgspec.Struct, frozen=True):
    """Something that keeps figures from being final, which whoever orders a notice must confirm and its reader is told."""

    kind: CaveatKind
    text: str
    """As the document says it."""
    detail: str
    """What it is and what to do about it, for whoever orders."""
    facts: CaveatFacts = CaveatFacts()


class Subject(msgspec.Struct, frozen=True):
    """An agency or a procedure that has figures of its own."""

    key: str
    """Unit key of an agency, code of a procedure."""
    code: str
    name: str
    """In Vietnamese, in full."""
    kind: str = ""
    """Of an agency: `commune` or `office`."""

    @property
    def printed(self) -> str:
        """As lists in running text print it."""
        return wording.printed_name(self.name)


class Pinned(msgspec.Struct, frozen=True):
    """All figures that metrics gave for an inspection, at one position of the feed."""

    province: str
    position: int
    as_of: datetime | None
    """The instant at which that position was counted."""
    agencies: tuple[Subject, ...]
    procedures: tuple[Subject, ...]
    figures: dict[str, Figure]
    freshness: object = None
    """What metrics said about the completeness of its sources: a `Freshness`, and of a stored notice the JSON of one, maybe as
    an earlier release wrote it."""
    caveats: tuple[Caveat, ...] = ()
    """What its reader must be told."""
    catalogue: Catalogue = Catalogue()
    """What the figures are made of; notices made before it was kept have none."""


class Figures:
    """The figures a notice uses: those pinned, and those entered or derived while it is composed."""

    def __init__(self, pinned: Pinned) -> None:
        """Start from what metrics gave."""
        self.pinned = pinned
        self._all = dict(pinned.figures)

    def __getitem__(self, key: str) -> Figure:
        """The figure of a key; raises `Unavailable` when metrics did not give it."""
        try:
            return self._all[key]
        except KeyError:
            raise Unavailable(
                f"Metrics gave no figure '{key}', so the notice cannot be composed. Check that metrics and notices are of "
                "versions that go together."
            ) from None

    def __contains__(self, key: str) -> bool:
        """Whether there is a figure of that key."""
        return key in self._all

    def all(self) -> dict[str, Figure]:
        """Every figure there is by now."""
        return dict(self._all)

    def sum(self, key: str, inputs: Iterable[str]) -> Figure:
        """The sum of counts."""
        keys = tuple(inputs)
        total = sum(self[one].size for one in keys)
        return self._add(Figure(key=key, unit=Unit.count, numerator=total, derived=Derivation(How.sum, keys)))

    def present(self, key: str, inputs: Iterable[str]) -> Figure:
        """How many of the inputs are not 0."""
        keys = tuple(inputs)
        found = sum(1 for one in keys if self[one].size)
        return self._add(Figure(key=key, unit=Unit.count, numerator=found, derived=Derivation(How.rows, keys)))

    def rest(self, key: str, whole: str, parts: Iterable[str]) -> Figure:
        """What is left of a count without its parts."""
        keys = (whole, *parts)
        left = self[whole].size - sum(self[one].size for one in keys[1:])
        return self._add(Figure(key=key, unit=Unit.count, numerator=left, derived=Derivation(How.rest, keys)))

    def rate(self, key: str, part: str, whole: str) -> Figure:
        """The share of one count in another."""
        return self._add(
            Figure(
                key=key,
                unit=Unit.rate,
                numerator=self[part].size,
                denominator=self[whole].size,
                derived=Derivation(How.rate, (part, whole)),
            )
        )

    def difference(self, key: str, now: str, before: str) -> Figure | None:
        """The change between two printed rates in percentage points; None when one of them is 0/0."""
        new, old = self[now].value, self[before].value
        if new is None or old is None:
            return None
        return self._add(
            Figure(key=key, unit=Unit.points, stated=str(new - old), derived=Derivation(How.difference, (now, before)))
        )

    def entered(self, key: str, number: int, path: str, evidence: str | None = None) -> Figure:
        """A count that the team entered at `path` of the inspection, from the record `evidence`."""
        return self._add(Figure(key=key, unit=Unit.count, numerator=number, entered_at=path, evidence=evidence))

    def stated(self, key: str, rate: Decimal, path: str) -> Figure:
        """A rate that is known only as such: of an earlier period, or a target."""
        return self._add(Figure(key=key, unit=Unit.rate, stated=str(rate), entered_at=path))

    def _add(self, figure: Figure) -> Figure:
        known = self._all.setdefault(figure.key, figure)
        assert known == figure, f"two different figures under {figure.key}"
        return figure


def recomputed(figure: Figure, figures: dict[str, Figure]) -> Decimal | None:
    """The value of a derived figure, from its inputs anew; its own value where it is not derived."""
    if figure.derived is None:
        return figure.value
    inputs = [figures[key] for key in figure.derived.inputs]
    match figure.derived.how:
        case How.sum:
            return Decimal(sum(one.size for one in inputs))
        case How.rest:
            return Decimal(inputs[0].size - sum(one.size for one in inputs[1:]))
        case How.rows:
            return Decimal(sum(1 for one in inputs if one.size))
        case How.rate:
            return wording.percent(inputs[0].size, inputs[1].size)
        case How.difference:
            new, old = inputs[0].value, inputs[1].value
            return None if new is None or old is None else new - old

"""Figures of a notice: pinned at a position of the feed, each with its origin and its printed form.

Pure. Counts are exact integers. A rate has a numerator and a denominator and is rounded half-up once, when it is printed. A
change between two rates is the difference of the printed rates, in points. 0/0, and what no source states, is printed in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Literal

import msgspec

from services.notices.figures.catalogue import Catalogue
from services.notices.figures.index_766 import Index766
from services.notices.quantities import wording
from shared.contracts.kpis import Reason
from shared.errors import Unavailable


class FigureUnit(Enum):
    """What a figure counts in: things, a share in per cent, percentage points between two shares, or points of an index."""

    count = "count"
    rate = "rate"
    points = "points"
    score = "score"


class DerivationMethod(Enum):
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

    how: DerivationMethod
    """The operation."""
    inputs: tuple[str, ...]
    """Keys of figures of the same notice, in the order that the operation takes them."""


class EvidenceOrigin(msgspec.Struct, frozen=True, omit_defaults=True):
    """The items of evidence that a figure counts: `GET /v1/inspections/{id}/evidence` lists them by the same names."""

    item: str
    """Id of the template's item: `publication.posted`."""
    measure: str
    """What is counted of it: `met`."""
    version: int
    """Version of the evidence."""
    subject: str = ""
    """Unit key of the agency, or `group:office` and `group:commune` for a level; absent: of all."""
    about: str = ""
    """What they are about, where only those are counted; else absent."""


class IndexOrigin(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of the index of decision 766 a figure is: `GET /v1/indices/766` of metrics has it, of these days."""

    since: date
    """The first day of its period, inside."""
    until: date
    """The last day, inside."""
    measure: Literal["points", "out_of", "of", "lost", "share"]
    """Points reached; those of what is available; those of all components; those that are missing to what is available; of an
    agency, which share of its available points it reaches."""
    of: str = ""
    """Id of a component, `group:<number>`, or unit key of an agency; absent: of the whole."""


class FigureData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One number and its origin: exactly one of `figure_id`, `input_path`, `evidence`, `derived` and `index` is set."""

    key: str
    """Its name in this notice: a KPI's id (`resolved`), of an agency `resolved@<unit key>`, of a procedure `resolved#<code>`,
    of a department `steps_overdue:<name>`, of a step `steps_overdue><name>`; of a manual input `count.<name>`; of evidence
    `evidence.<item>.<measure>`."""
    unit: FigureUnit
    """What it counts in."""
    numerator: int | None = None
    """The count, or the part of a share; absent where only `stated` is known, and where no source states what is counted."""
    denominator: int | None = None
    """The whole of a share; absent of anything else."""
    stated: str | None = None
    """Decimal of a rate known only as such, of a difference in points, or of points of an index; else absent."""
    figure_id: str | None = None
    """Id of the figure at metrics: `GET /v1/figures/{id}` there lists its dossiers; absent where it is not from metrics."""
    rule: str | None = None
    """KPI id and version of its rule: `resolved@1`; absent where metrics did not give the figure."""
    input_path: str | None = None
    """Field of the inspection that holds it: `counts.published.value`; absent where it is no manual input."""
    source_document: str | None = None
    """The document that a manual input was taken from; else absent."""
    evidence: EvidenceOrigin | None = None
    """The evidence that it counts; absent where it is not from evidence."""
    derived: Derivation | None = None
    """How it follows from other figures of the notice; absent where it does not."""
    index: IndexOrigin | None = None
    """What of the index of decision 766 it is; absent of anything else."""


class Figure(FigureData, frozen=True, kw_only=True, omit_defaults=True):
    """One number and its origin, with its value and its printed form."""

    @property
    def is_known(self) -> bool:
        """Whether there is a number: of what no source states there is none."""
        return self.numerator is not None or self.stated is not None

    @property
    def value(self) -> Decimal | None:
        """Count, per cent or points as printed; None for 0/0, and for what is not known."""
        if self.stated is not None:
            return Decimal(self.stated)
        if self.numerator is None:
            return None
        if self.unit is FigureUnit.rate:
            assert self.denominator is not None
            return wording.percent(self.numerator, self.denominator)
        return Decimal(self.numerator)

    @property
    def size(self) -> int:
        """A count as an integer; only of one that is known."""
        assert self.unit is FigureUnit.count
        assert self.numerator is not None
        return self.numerator

    @property
    def _without_value(self) -> str:
        return NOTHING if self.is_known else NOT_KNOWN

    def prose(self) -> str:
        """As running text prints it; points without their sign, for the sentence states the direction."""
        value = self.value
        if value is None:
            return self._without_value
        if self.unit is FigureUnit.count:
            return wording.count(self.size)
        if self.unit is FigureUnit.score:
            return wording.score(value)
        return wording.rate(value) if self.unit is FigureUnit.rate else wording.decimal(abs(value))

    def tabular(self) -> str:
        """As a table prints it."""
        value = self.value
        if value is None:
            return self._without_value
        return wording.cell(self.size) if self.unit is FigureUnit.count else wording.decimal(value)


def key_parts(key: str) -> tuple[str, str, str]:
    """The name in a figure's key, the mark of its subject (`@`, `#`, `:`, `>`; empty: it is of the whole), and the subject."""
    found = _MARK.search(key)
    at = len(key) if found is None else found.start()
    return key[:at], key[at : at + 1], key[at + 1 :]


_MARK = re.compile("[@#:>]")


NOTHING = "không phát sinh"
"""What a document prints for 0/0."""
NOT_KNOWN = "chưa có số liệu"
"""What a document prints for what no source states."""


def total_of(inputs: Iterable[Figure]) -> int | None:
    """The sum of counts; what is not known adds nothing to what is, and of nothing but that the sum is not known either."""
    every = list(inputs)
    known = [one.size for one in every if one.is_known]
    return sum(known) if known or not every else None


class CaveatFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts that a caveat rests on; each kind has its own."""

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
    """Something that keeps figures from being final: it must be confirmed in the order, and the notice states it."""

    kind: CaveatKind
    text: str
    """As the document states it, in Vietnamese."""
    detail: str
    """What it is and what to do about it, for whoever orders."""
    facts: CaveatFacts = CaveatFacts()


class Subject(msgspec.Struct, frozen=True):
    """An agency, a procedure, or a department or step of the internal process that has figures of its own."""

    key: str
    """Unit key of an agency, code of a procedure, name of a department or step; empty where that is not known."""
    code: str
    name: str
    """In Vietnamese, in full."""
    kind: str = ""
    """Of an agency: `commune` or `office`; of a scope also `province` and `district`."""

    @property
    def printed(self) -> str:
        """As lists in running text print it."""
        return wording.printed_name(self.name)


FORMER = " (trước sắp xếp)"
"""Behind the name of a unit that was merged into one of the same name, where both have figures."""


def valid_from(agency: Subject) -> str:
    """The day from which a unit of its key is valid: codes are used again under new names, and mean the newest."""
    return agency.key.partition("@")[2]


class EarlierShares(msgspec.Struct, frozen=True):
    """Shares of an earlier period that cannot be compared, or only with care: the notice states it."""

    kpis: tuple[str, ...]
    """The shares."""
    reason: Literal["incomplete", "before_data", "unknown_scope"]
    """`incomplete`: sources of that period are missing; `before_data`: it began before there were data; `unknown_scope`: the
    scope did not exist in those days."""


class Pinned(msgspec.Struct, frozen=True):
    """All figures that metrics gave for an inspection, at one position of the feed."""

    province: str
    position: int
    as_of: datetime | None
    """The instant at which that position was counted."""
    agencies: tuple[Subject, ...]
    procedures: tuple[Subject, ...]
    figures: dict[str, Figure]
    scope: Subject | None = None
    """Whose agencies they are; None in notices drafted before it was stored."""
    departments: tuple[Subject, ...] = ()
    """Those that steps of the internal process are known of; empty in notices drafted before steps were counted."""
    steps: tuple[Subject, ...] = ()
    """The steps of the internal process by their names; empty in notices drafted before they were told apart."""
    freshness: object = None
    """What metrics states about the completeness of its sources: a `Freshness`; of a stored notice the JSON of one, which an
    earlier release may have written."""
    caveats: tuple[Caveat, ...] = ()
    """Everything that keeps the figures from being final."""
    earlier: tuple[EarlierShares, ...] = ()
    """Earlier shares that cannot be compared, or only with care; empty also of notices drafted before it was stored."""
    catalogue: Catalogue = Catalogue()
    """What the figures are made of; empty in notices drafted before it was stored."""
    index: Index766 | msgspec.UnsetType = msgspec.UNSET
    """The index of decision 766, with the counts and rules that its figures follow from; absent where the period holds none
    of the index, and in notices drafted before it was stored."""


class FigureSet:
    """The figures of a notice: those pinned, and the manual inputs and derived figures added while it is composed."""

    def __init__(self, pinned: Pinned) -> None:
        """Begin with the pinned figures."""
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

    def find(self, key: str) -> Figure | None:
        """The figure of a key, or None where metrics did not give it."""
        return self._all.get(key)

    def __contains__(self, key: str) -> bool:
        """Whether there is a figure of that key."""
        return key in self._all

    def all(self) -> dict[str, Figure]:
        """Every figure, by key."""
        return dict(self._all)

    def add_sum(self, key: str, inputs: Iterable[str]) -> Figure:
        """Add the sum of counts."""
        keys = tuple(inputs)
        total = total_of(self[one] for one in keys)
        return self._add(
            Figure(key=key, unit=FigureUnit.count, numerator=total, derived=Derivation(DerivationMethod.sum, keys))
        )

    def add_nonzero(self, key: str, inputs: Iterable[str]) -> Figure:
        """Add how many of the inputs are not 0."""
        keys = tuple(inputs)
        found = sum(1 for one in keys if self[one].size)
        return self._add(
            Figure(key=key, unit=FigureUnit.count, numerator=found, derived=Derivation(DerivationMethod.rows, keys))
        )

    def add_rest(self, key: str, whole: str, parts: Iterable[str]) -> Figure:
        """Add what is left of a count without its parts."""
        keys = (whole, *parts)
        left = self[whole].size - sum(self[one].size for one in keys[1:])
        return self._add(
            Figure(key=key, unit=FigureUnit.count, numerator=left, derived=Derivation(DerivationMethod.rest, keys))
        )

    def add_rate(self, key: str, part: str, whole: str) -> Figure:
        """Add the share of one count in another."""
        return self._add(
            Figure(
                key=key,
                unit=FigureUnit.rate,
                numerator=self[part].numerator,
                denominator=self[whole].size,
                derived=Derivation(DerivationMethod.rate, (part, whole)),
            )
        )

    def add_difference(self, key: str, now: str, before: str) -> Figure | None:
        """Add the change between two printed rates in percentage points; None, and nothing added, when one has no value."""
        new, old = self[now].value, self[before].value
        if new is None or old is None:
            return None
        return self._add(
            Figure(
                key=key,
                unit=FigureUnit.points,
                stated=str(new - old),
                derived=Derivation(DerivationMethod.difference, (now, before)),
            )
        )

    def add_input(self, key: str, number: int, path: str, source_document: str | None = None) -> Figure:
        """Add a manual input: the count at `path` of the inspection, taken from `source_document`."""
        return self._add(
            Figure(key=key, unit=FigureUnit.count, numerator=number, input_path=path, source_document=source_document)
        )

    def add_evidence(self, key: str, number: int, origin: EvidenceOrigin) -> Figure:
        """Add a count of items of evidence."""
        return self._add(Figure(key=key, unit=FigureUnit.count, numerator=number, evidence=origin))

    def add_stated_rate(self, key: str, rate: Decimal, path: str) -> Figure:
        """Add a rate without numerator and denominator, at `path` of the inspection: of an earlier period, or a target."""
        return self._add(Figure(key=key, unit=FigureUnit.rate, stated=str(rate), input_path=path))

    def _add(self, figure: Figure) -> Figure:
        known = self._all.setdefault(figure.key, figure)
        assert known == figure, f"two different figures under {figure.key}"
        return figure


def recomputed(figure: Figure, figures: dict[str, Figure]) -> Decimal | None:
    """The value of a derived figure, computed from its inputs again; the value of any other figure."""
    if figure.derived is None:
        return figure.value
    inputs = [figures[key] for key in figure.derived.inputs]
    match figure.derived.how:
        case DerivationMethod.sum:
            total = total_of(inputs)
            return None if total is None else Decimal(total)
        case DerivationMethod.rest:
            return Decimal(inputs[0].size - sum(one.size for one in inputs[1:]))
        case DerivationMethod.rows:
            return Decimal(sum(1 for one in inputs if one.size))
        case DerivationMethod.rate:
            return wording.percent(inputs[0].size, inputs[1].size) if inputs[0].is_known else None
        case DerivationMethod.difference:
            new, old = inputs[0].value, inputs[1].value
            return None if new is None or old is None else new - old

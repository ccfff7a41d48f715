"""What a KPI is made of: sums of measures over a period, a numerator, a denominator, a rule with a version. Pure.

A KPI is linear in the counters, so the KPI of a group is made from the sums of its members, never from the members' rates, and
a restatement is the same formula over differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from operator import itemgetter
from typing import Literal, cast

from services.metrics.counting.edges import Edge
from services.metrics.counting.measures import BY_NAME, FLOWS, STOCKS
from services.metrics.counting.time_buckets import TIME_BUCKETS
from services.metrics.manual_inputs.model import MANUAL_INPUTS
from shared.contracts.definitions import DefinedBalance, DefinedKpi, ExampleFigure, Term
from shared.contracts.kpis import KpiFigure, Text

Better = Literal["higher", "lower"]


class When(StrEnum):
    """Which sum of a measure's column a term takes."""

    flow = "flow"
    """Over the days of the period."""
    start = "start"
    """The stock at the end of the day before the period."""
    end = "end"
    """The stock at the end of the period's last day."""
    manual_input = "manual_input"
    """Over the period, of manual inputs."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of measures with whole factors; add, subtract and multiply to make others."""

    terms: tuple[tuple[int, When, str], ...]

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.terms + other.terms)

    def __sub__(self, other: Sum) -> Sum:
        return Sum(self.terms + tuple((-factor, when, name) for factor, when, name in other.terms))

    def __rmul__(self, factor: int) -> Sum:
        return Sum(tuple((factor * one, when, name) for one, when, name in self.terms))


def flow(name: str) -> Sum:
    """A flow over the period."""
    if BY_NAME[name].edge is Edge.stock:
        raise ValueError(f"{name} is a stock")
    return Sum(((1, When.flow, name),))


def start(name: str) -> Sum:
    """A stock at the end of the day before the period."""
    return _stock(When.start, name)


def end(name: str) -> Sum:
    """A stock at the end of the period."""
    return _stock(When.end, name)


def manual_input(name: str) -> Sum:
    """A manual input over the period."""
    if name not in MANUAL_INPUTS:
        raise ValueError(f"{name} is no manual input")
    return Sum(((1, When.manual_input, name),))


def _stock(when: When, name: str) -> Sum:
    if BY_NAME[name].edge is not Edge.stock:
        raise ValueError(f"{name} is not a stock")
    return Sum(((1, when, name),))


@dataclass(frozen=True, slots=True)
class Kpi:
    """One entry of the catalogue."""

    id: str
    name: Text
    description: Text
    numerator: Sum
    denominator: Sum | None = None
    """None: the KPI is a count, and its value is its numerator."""
    unit: Literal["dossiers", "share", "working_days", "per_dossier", "ratio", "answers", "steps", "hours"] = "dossiers"
    better: Better | None = None
    target: float | None = None
    """In the KPI's own unit, as a decision sets it; None where none does."""
    decimals: int = 0
    """Digits after the comma where it is printed, half-up; a share is printed in per cent."""
    source: str = "Nghị định 61/2018/NĐ-CP; biểu II.06a, Thông tư 01/2020/TT-VPCP"
    valid_from: date = date(2018, 6, 21)
    version: int = 1
    parts: tuple[str, ...] = ()
    """KPIs that add up to its numerator, where there are such."""
    base: tuple[str, ...] = ()
    """KPIs that add up to its denominator, where there are such."""
    percentile: Fraction | None = None
    """Of the buckets that the numerator sums, instead of a quotient: the value is read from them, by straight lines."""
    stated: Sum | None = None
    """Those of which a source states what the numerator counts. Where there are some of `among` and it is stated of none, the
    numerator is not known; where it is stated of some, the others count as no. None: it is always known."""
    among: Sum | None = None
    """Of a count: those that it could be stated of. Of a quotient they are its denominator."""

    example: ExampleFigure = field(kw_only=True)
    """What it comes to in the worked example, computed by hand."""

    @property
    def counts_steps(self) -> bool:
        """Whether it counts steps of the internal process, not dossiers."""
        return BY_NAME[self.numerator.terms[0][2]].edge is Edge.step if self.numerator.terms[0][1] is When.flow else False

    @property
    def statable(self) -> Sum | None:
        """Those of which a source may state what the numerator counts; None: it is always known."""
        return None if self.stated is None else self.among or self.denominator

    @property
    def digits(self) -> int:
        """Digits after the point to which its value is rounded."""
        return self.decimals + 2 if self.unit == "share" else self.decimals

    @property
    def rule(self) -> str:
        """Name and version of the formula, printed beside every figure."""
        return f"{self.id}@{self.version}"


COLUMNS: tuple[tuple[When, str], ...] = (
    *((When.flow, name) for name in FLOWS),
    *((When.start, name) for name in STOCKS),
    *((When.end, name) for name in STOCKS),
    *((When.manual_input, name) for name in MANUAL_INPUTS),
)
"""The sums of a row, which `store` delivers and formulas read."""

_INDEX = {column: index for index, column in enumerate(COLUMNS)}


class CounterRow(tuple[int, ...]):
    """What was counted of a group over a period: a sum for each of `COLUMNS`; rows add up with `added`."""

    __slots__ = ()

    def flow(self, name: str) -> int:
        """The sum of a flow over the days of the period."""
        return self[_INDEX[When.flow, name]]

    def at_start(self, name: str) -> int:
        """The stock at the end of the day before the period."""
        return self[_INDEX[When.start, name]]

    def at_end(self, name: str) -> int:
        """The stock at the end of the period's last day."""
        return self[_INDEX[When.end, name]]

    def manual_input(self, name: str) -> int:
        """The sum of a manual input over the period."""
        return self[_INDEX[When.manual_input, name]]

    def of(self, total: Sum) -> int:
        """A sum of measures."""
        return sum(factor * self[_INDEX[when, name]] for factor, when, name in total.terms)


def counter_row(
    flows: Mapping[str, int], starts: Mapping[str, int], changes: Mapping[str, int], manual_input: Mapping[str, int]
) -> CounterRow:
    """A row from the sums of flows and manual inputs, the stocks before the period and what it added to them; absent is 0."""
    return CounterRow(
        (
            *(flows.get(name, 0) for name in FLOWS),
            *(starts.get(name, 0) for name in STOCKS),
            *(starts.get(name, 0) + changes.get(name, 0) for name in STOCKS),
            *(manual_input.get(name, 0) for name in MANUAL_INPUTS),
        )
    )


EMPTY = CounterRow((0,) * len(COLUMNS))


class Formulas:
    """The formulas of several KPIs, compiled once: all of them cost a few microseconds per row."""

    def __init__(self, kpis: tuple[Kpi, ...]) -> None:
        """Compiles the sums of `kpis`."""
        self.kpis = kpis
        self.rules = tuple(kpi.rule for kpi in kpis)
        sides = (side for kpi in kpis for side in (_numerator(kpi), _denominator(kpi)))
        text = ",".join(sides)
        # The text is made from the declared list alone; compiled it is ten times as fast as walking the terms.
        self.counts: Callable[[CounterRow], tuple[int | None, ...]] = eval(f"lambda row: ({text},)")
        """Numerator and denominator of each KPI in turn. None: a numerator that no source states, a denominator of a count."""
        self.as_json: Callable[[CounterRow, str, str], str] = _writer(kpis)
        """The figures of a row as the text of a JSON object: for tables of hundreds of rows, several times as fast as objects.
        The last two arguments stand before and after the rule in each figure's id, and are escaped already."""

    @property
    def columns(self) -> set[tuple[When, str]]:
        """The columns of a row that are read at all."""
        sums = (side for kpi in self.kpis for side in (kpi.numerator, kpi.denominator, kpi.stated, kpi.statable))
        return {(when, name) for one in sums if one is not None for _, when, name in one.terms}


def _writer(kpis: tuple[Kpi, ...]) -> Callable[[CounterRow, str, str], str]:
    pieces, statements, arguments = [], [], []
    for place, kpi in enumerate(kpis):
        statements.append(f"n{place} = {_numerator(kpi)}")
        numerator = f"n{place}" if kpi.stated is None else f"'null' if n{place} is None else n{place}"
        if kpi.denominator is None:
            counts = '"numerator":%s,"denominator":null,"value":%s'
            arguments += [numerator, numerator]
        else:
            statements.append(f"d{place} = {_expression(kpi.denominator)}")
            if kpi.percentile is None:
                counts = '"numerator":%s,"denominator":%d,"value":%s'
                arguments.append(numerator)
                statements.append(f"v{place} = rounded(n{place}, d{place}, {kpi.digits})")
            else:
                counts = '"numerator":null,"denominator":%d,"value":%s'
                statements.append(f"v{place} = rounded(*percentile(kpis[{place}].percentile, row), {kpi.digits})")
            arguments += [f"d{place}", f"'null' if v{place} is None else v{place}"]
        pieces.append(f'"{kpi.id}":{{{counts},"rule":"{kpi.rule}","figure":"%s{kpi.rule}%s"}}')
        arguments += ["before", "after"]
    template = "{" + ",".join(pieces) + "}"
    body = "".join(f"    {statement}\n" for statement in statements)
    names: dict[str, object] = {"kpis": kpis, "percentile": percentile, "rounded": rounded, "template": template}
    # As `counts`: the text is made from the declared list alone.
    exec(f"def write(row, before, after):\n{body}    return template % ({', '.join(arguments)},)", names)
    return cast(Callable[[CounterRow, str, str], str], names["write"])


def _numerator(kpi: Kpi) -> str:
    if kpi.stated is None or kpi.statable is None:
        return _expression(kpi.numerator)
    return f"({_expression(kpi.numerator)} if {_expression(kpi.stated)} or not ({_expression(kpi.statable)}) else None)"


def _denominator(kpi: Kpi) -> str:
    return "None" if kpi.denominator is None else _expression(kpi.denominator)


def _expression(total: Sum) -> str:
    return "+".join(
        f"row[{_INDEX[when, name]}]" if factor == 1 else f"({factor})*row[{_INDEX[when, name]}]"
        for factor, when, name in total.terms
    )


def value_of(kpi: Kpi, row: CounterRow, numerator: int | None, denominator: int | None) -> float | int | None:
    """The value that a figure's counts give, rounded to the digits of its KPI; None for 0/0, for what no source states, and
    whatever else lacks a base."""
    if kpi.denominator is None:
        return numerator
    if kpi.percentile is not None:
        return rounded(*percentile(kpi.percentile, row), kpi.digits)
    return rounded(numerator, denominator, kpi.digits)


def rounded(numerator: int | None, denominator: int | None, digits: int) -> float | None:
    """A quotient of whole numbers rounded half-up (halves away from 0), in whole numbers; None without a base."""
    if numerator is None or not denominator:
        return None
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    scale: int = 10**digits
    units = (2 * scale * abs(numerator) + denominator) // (2 * denominator)
    return (units if numerator >= 0 else -units) / scale


def unrounded(figure: KpiFigure) -> float | int | None:
    """What decides of a figure, whose value only shows it: whether a threshold is crossed, who comes first, how many points.

    Of a percentile, which has no counts in a response, its value.
    """
    if figure.denominator is None or figure.numerator is None:
        return figure.value
    return figure.numerator / figure.denominator if figure.denominator else None


def percentile(share: Fraction, row: CounterRow) -> tuple[int, int]:
    """A percentile in working days from its additive buckets, by a straight line inside the bucket that holds it.

    A numerator and a denominator; the latter is 0 where there are no dossiers. In the last, open bucket its lower bound is
    given: the true value is that or more.
    """
    counts = _BUCKETS(row)
    # In half days and by the denominator of the share, everything is a whole number.
    wanted, below = share.numerator * sum(counts), 0
    if wanted <= 0:
        return 0, 0
    for count, lower, upper in zip(counts, _LOWER, _UPPER, strict=True):
        here = share.denominator * count
        if count > 0 and below + here >= wanted:
            return (lower, 2) if upper is None else (lower * here + (upper - lower) * (wanted - below), 2 * here)
        below += here
    return _LOWER[-1], 2


_BUCKETS: Callable[[CounterRow], tuple[int, ...]] = itemgetter(*(_INDEX[When.flow, name] for name, _ in TIME_BUCKETS))
_LOWER = (0, *(round(2 * upper) for _, upper in TIME_BUCKETS[:-1]))
"""In half days."""
_UPPER = (*_LOWER[1:], None)


def added(rows: Iterable[CounterRow]) -> CounterRow:
    """The row of a group: the sum of its members' rows."""
    return CounterRow(map(sum, zip(*rows, strict=True))) or EMPTY


def over_steps(rows: Sequence[CounterRow]) -> CounterRow:
    """The row of a period from those of its steps: flows add up, stocks are of its first and last day."""
    sums = added(rows)
    of = {When.start: rows[0], When.end: rows[-1]}
    return CounterRow(of.get(when, sums)[index] for index, (when, _) in enumerate(COLUMNS))


def defined(kpi: Kpi) -> DefinedKpi:
    """A KPI as the catalogue shows it."""
    return DefinedKpi(
        id=kpi.id,
        rule=kpi.rule,
        name=kpi.name,
        description=kpi.description,
        numerator=_terms(kpi.numerator),
        denominator=None if kpi.denominator is None else _terms(kpi.denominator),
        stated=None if kpi.stated is None else _terms(kpi.stated),
        among=None if kpi.statable is None else _terms(kpi.statable),
        parts=kpi.parts,
        base=kpi.base,
        percentile=None if kpi.percentile is None else float(kpi.percentile),
        unit=kpi.unit,
        better=kpi.better,
        target=kpi.target,
        decimals=kpi.decimals,
        source=kpi.source,
        valid_from=kpi.valid_from,
        version=kpi.version,
        example=kpi.example,
    )


def balance(left: tuple[str, ...], relation: Literal["=", "<="], right: tuple[str, ...], title: str = "") -> DefinedBalance:
    """What must hold between sums of KPIs; `title`: a sentence where the equation is hard to read."""
    return DefinedBalance(title or f"{' + '.join(left)} {relation} {' + '.join(right)}", left, relation, right)


def _terms(total: Sum) -> list[Term]:
    return [Term(factor, name, when.value) for factor, when, name in total.terms]

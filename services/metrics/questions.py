"""What can be asked, and the names of figures. Pure.

A figure is a KPI's rule in a scope and a period at a position; its id says all of that in plain text, so it needs no table, can
be kept for years, and opens to the same dossiers whichever process is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.metrics.kpis import BY_ID, KPIS
from services.metrics.kpis.algebra import Kpi
from services.metrics.periods import Period
from services.metrics.units import UNMAPPED, Group, Units
from shared.agencies import AgencyKind
from shared.errors import Invalid, NotFound

By = Literal["none", "agency", "procedure"]

STREAM = re.compile(r"[A-Za-z0-9_-]{1,16}")
_SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Question:
    """One question about KPIs."""

    stream: str
    period: Period
    scope: tuple[str, ...] = ()
    """Codes or unit keys; empty: the whole stream."""
    by: By = "none"
    kpis: tuple[Kpi, ...] = KPIS
    as_of: int | datetime | None = None
    structure_on: date | None = None
    """The day whose structure of agencies counts; None: that of then."""
    level: AgencyKind | None = None
    """With `by=agency`: rows are the units of this kind, each with all below it."""

    def over(self, period: Period) -> Question:
        """The same question about another period."""
        return replace(self, period=period)


def chosen(ids: list[str]) -> tuple[Kpi, ...]:
    """The KPIs of these ids, in the order of the catalogue; all of them when there are none. Raises `Invalid`."""
    if not ids:
        return KPIS
    wanted = {one for given in ids for one in given.split(",")}
    unknown = sorted(wanted - set(BY_ID))
    if unknown:
        raise Invalid(f"There is no KPI {', '.join(unknown[:5])}. GET /v1/kpis/catalogue lists them.")
    return tuple(kpi for kpi in KPIS if kpi.id in wanted)


@dataclass(frozen=True, slots=True)
class FigureId:
    """The parts of a figure's id."""

    stream: str
    position: int
    kpi: Kpi
    scope: str
    """`all`, `unmapped`, unit keys joined by commas (with all below), or `=` and a unit key (that unit alone)."""
    period: Period
    structure_on: date | None
    procedure: str | None

    def __str__(self) -> str:
        return self.kpi.rule.join(
            around(self.stream, self.position, self.scope, self.period, self.structure_on, self.procedure)
        )


def around(
    stream: str, position: int, scope: str, period: Period, structure_on: date | None, procedure: str | None
) -> tuple[str, str]:
    """What stands before and after the rule in an id, made once for all figures of a row."""
    structure = "then" if structure_on is None else structure_on.isoformat()
    after = (scope, period.since.isoformat(), period.until.isoformat(), structure, *((procedure,) if procedure else ()))
    return f"{stream}{_SEPARATOR}{position}{_SEPARATOR}", _SEPARATOR + _SEPARATOR.join(after)


def read_figure_id(text: str) -> FigureId:
    """The parts of an id; raises `NotFound` when it names no figure."""
    parts = text.split(_SEPARATOR)
    wrong = NotFound("This is not the id of a figure. Take one from the field 'figure' of an answer of GET /v1/kpis.")
    if len(parts) not in (7, 8) or not STREAM.fullmatch(parts[0]) or not re.fullmatch(r"\d{1,18}", parts[1]):
        raise wrong
    kpi_id, _, version = parts[2].partition("@")
    kpi = BY_ID.get(kpi_id)
    if kpi is None:
        raise wrong
    if version != str(kpi.version):
        raise NotFound(f"The rule {parts[2]} is not computed any more; {kpi.rule} is. Figures of notices are stored with them.")
    try:
        period = Period(date.fromisoformat(parts[4]), date.fromisoformat(parts[5]))
        structure_on = None if parts[6] == "then" else date.fromisoformat(parts[6])
    except ValueError:
        raise wrong from None
    return FigureId(parts[0], int(parts[1]), kpi, parts[3], period, structure_on, parts[7] if len(parts) == 8 else None)


def scope_name(group: Group, *, alone: bool) -> str:
    """How an id names a group of units."""
    if group.key is None:
        return "unmapped" if alone else "all"
    return f"={group.key}" if alone else group.key


def members_of(
    name: str, units: Units, period: Period, structure_on: date | None, permitted: frozenset[int] | None
) -> frozenset[int]:
    """Numbers of the units that an id's scope covers; raises `NotFound` for what is not there or not `permitted`."""
    if name in ("all", "unmapped"):
        if permitted is not None:
            raise NotFound("This key knows no figure of the whole province. Take an id from an answer that it was given.")
        return units.everything if name == "all" else frozenset((UNMAPPED,))
    if name.startswith("="):
        return units.alone(name[1:], structure_on, permitted)
    return units.scope(name.split(","), period.until, structure_on, permitted).members

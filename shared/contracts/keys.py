"""Keys of figures: what a figure is of, in plain text, so that it needs no table and opens to the same dossiers for ever.

`<province>~<position>~<kpi>@<version>~<scope>~<from>~<to>~<structure>`, of an interlinked procedure with `~<code>` at the end,
of a department or a step of the internal process with `~department:<name>` or `~step:<name>` (no name: what is not known).
The scope is `all`, `unmapped`, unit keys joined by commas (each with all below it) or `=` and one unit key (that unit without
what is below); the structure is `then` or the day whose structure of agencies counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, Self, cast

_SEPARATOR = "~"
_PROVINCE = re.compile(r"[A-Za-z0-9_-]{1,16}")
_POSITION = re.compile(r"[0-9]{1,18}")
_RULE = re.compile(r"([a-z0-9_]{1,100})@([0-9]{1,9})")
_UNIT = re.compile(r"[^\x00-\x1f~,@=][^\x00-\x1f~,@]*@[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PROCEDURE = re.compile(r"[^\x00-\x1f~]+")


@dataclass(frozen=True, slots=True)
class WholeProvince:
    """The whole province, agencies that are not in the catalogue inside."""

    def __str__(self) -> str:
        return "all"


@dataclass(frozen=True, slots=True)
class Unmapped:
    """The dossiers whose agency is not in the catalogue."""

    def __str__(self) -> str:
        return "unmapped"


@dataclass(frozen=True, slots=True)
class Subtrees:
    """Units with all below them."""

    units: tuple[str, ...]
    """Unit keys, `<code>@<valid from>`."""

    def __str__(self) -> str:
        return ",".join(self.units)


@dataclass(frozen=True, slots=True)
class SingleUnit:
    """A unit without what is below it."""

    unit: str
    """Unit key, `<code>@<valid from>`."""

    def __str__(self) -> str:
        return f"={self.unit}"


Scope = WholeProvince | Unmapped | Subtrees | SingleUnit


WorkGrouping = Literal["department", "step"]
"""What steps of the internal process are grouped by."""


class WorkKey(NamedTuple):
    """The steps of the internal process of one department, or of one name."""

    by: WorkGrouping
    name: str
    """Empty: those whose department or name is not known."""

    def __str__(self) -> str:
        return f"{self.by}:{self.name}"


_WORK = re.compile(r"(department|step):([^\x00-\x1f~]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKey:
    """What the figures of one row have in common: all of a key but the KPI."""

    province: str
    position: int
    scope: Scope
    since: date
    until: date
    structure_on: date | None
    """The day whose structure of agencies counts; None: that of then."""
    procedure: str | None = None
    """Code of an interlinked procedure; None: all dossiers."""
    work: WorkKey | None = None
    """Which steps of the internal process; None: all of them."""

    def around(self) -> tuple[str, str]:
        """What stands before and after the rule in the key of each figure: made once for all figures of a row."""
        structure = "then" if self.structure_on is None else self.structure_on.isoformat()
        after = ["", str(self.scope), self.since.isoformat(), self.until.isoformat(), structure]
        if self.procedure is not None:
            after.append(self.procedure)
        if self.work is not None:
            after.append(str(self.work))
        return f"{self.province}{_SEPARATOR}{self.position}{_SEPARATOR}", _SEPARATOR.join(after)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureKey(RowKey):
    """The key of one figure; its text is what clients keep."""

    kpi: str
    version: int
    """Of the KPI's rule."""

    @property
    def rule(self) -> str:
        """Id and version of the KPI."""
        return f"{self.kpi}@{self.version}"

    def __str__(self) -> str:
        return self.rule.join(self.around())

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `str` wrote; raises `ValueError` for anything else."""
        province, position, rule, scope, since, until, structure, *procedure = text.split(_SEPARATOR)
        work = _WORK.fullmatch(procedure.pop()) if procedure and procedure[-1].startswith(("department:", "step:")) else None
        named = _RULE.fullmatch(rule)
        if (
            named is None
            or len(procedure) > 1
            or not _PROVINCE.fullmatch(province)
            or not _POSITION.fullmatch(position)
            or not all(_PROCEDURE.fullmatch(code) for code in procedure)
        ):
            raise ValueError(text)
        key = cls(
            province=province,
            position=int(position),
            scope=_scope(scope),
            since=date.fromisoformat(since),
            until=date.fromisoformat(until),
            structure_on=None if structure == "then" else date.fromisoformat(structure),
            procedure=procedure[0] if procedure else None,
            work=WorkKey(cast(WorkGrouping, work[1]), work[2]) if work is not None else None,
            kpi=named[1],
            version=int(named[2]),
        )
        if str(key) != text:  # leading zeros, and the other ways in which ISO 8601 writes a day
            raise ValueError(text)
        return key


def _scope(text: str) -> Scope:
    if text == "all":
        return WholeProvince()
    if text == "unmapped":
        return Unmapped()
    units = tuple(text.removeprefix("=").split(","))
    if not all(_UNIT.fullmatch(unit) for unit in units):
        raise ValueError(text)
    if not text.startswith("="):
        return Subtrees(units)
    if len(units) > 1:
        raise ValueError(text)
    return SingleUnit(units[0])

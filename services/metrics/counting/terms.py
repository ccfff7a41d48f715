"""What conditions of measures are made of: expressions over the columns of `dossier_version`, and terms of many. Pure."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import Grouping

from services.metrics.counting.tables.versions import dossier_version

Condition: TypeAlias = sa.ColumnElement[bool]
T = TypeVar("T")

v = dossier_version.c
TERMS: dict[str, Condition] = {
    "resolved": v.outcome == "resolved",
    "without_result": sa.and_(v.outcome.in_(["returned", "withdrawn", "refused"]), v.received_on.is_not(None)),
    "overdue": v.timeliness == "overdue",
    "portal_overdue": v.portal_timeliness == "overdue",
    "timed": sa.and_(v.outcome == "resolved", v.spent_minutes.is_not(None)),
    "contradictory": v.contradictions.is_not(None),
    "unmapped": sa.or_(v.agency_no == 0, v.procedure.is_(None)),
}
"""What many conditions need of a dossier, by name; NULL where the portal does not state it."""

STEP = sa.table("process_step", sa.column("day", sa.Date), sa.column("minutes_over", sa.Integer))
"""A step of a dossier's internal process, which measures of steps read."""

_TERM = sa.table("term", *(sa.column(name, sa.Boolean) for name in TERMS))
term = _TERM.c


def over(expression: sa.ColumnElement[T], relation: sa.FromClause) -> sa.ColumnElement[T]:
    """The expression over the columns of `relation`: a term is a column of it where it has one of that name, else spelt out."""

    def replaced(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.ColumnClause):
            if element.table is dossier_version:
                return relation.c[element.name]
            if element.table is STEP:
                return relation.c[element.name]
            if element.table is _TERM:
                if element.name in relation.c:
                    return relation.c[element.name]
                return Grouping(over(TERMS[element.name], relation))  # it stands among others: its own OR must not reach them
        return None

    found: sa.ColumnElement[T] = visitors.replacement_traverse(expression, {}, replaced)
    return found


def columns_read(*expressions: sa.ColumnElement[Any] | None) -> list[str]:
    """Names of the columns and terms that expressions read, in order of their first reading."""
    names = (
        element.name
        for one in expressions
        if one is not None
        for element in visitors.iterate(one)
        if isinstance(element, sa.ColumnClause) and element.table in (dossier_version, _TERM)
    )
    return list(dict.fromkeys(names))

"""Wrongly overdue: dossiers that the portal calls overdue and the law does not, and the other way round, each with its cause.

The two lists are the dossiers behind the KPIs `overdue_by_portal_only` and `overdue_by_law_only`, so they have as many lines as
these count, at the same position.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from services.metrics.figures import formulas_of, head_of, moment
from services.metrics.kpis import BY_ID
from services.metrics.kpis.algebra import EMPTY
from services.metrics.opening import open_page
from services.metrics.questions import FigureId, Question, scope_name
from services.metrics.store import sums
from services.metrics.store.opening import Place
from services.metrics.units import UNMAPPED_NAME, Units
from shared.database import Connection
from shared.workdays.causes import Cause, finding
from shared.workdays.wording import Language


class Side(StrEnum):
    """Who alone calls the dossier overdue."""

    portal_only = "portal_only"
    law_only = "law_only"


KPI_OF = {Side.portal_only: BY_ID["overdue_by_portal_only"], Side.law_only: BY_ID["overdue_by_law_only"]}


class After(NamedTuple):
    """Where a page ended."""

    side: Side
    place: Place | None
    """None: before the first of that side."""


async def disagreements(
    tx: Connection,
    question: Question,
    units: Units,
    permitted: frozenset[int] | None,
    *,
    sides: tuple[Side, ...],
    after: After | None,
    limit: int,
) -> tuple[dict[str, Any], After | None, int]:
    """A page of the list with its counts, where it ended, and the stream's generation.

    Wants a transaction that sees one state (REPEATABLE READ).
    """
    at = await moment(tx, question)
    scope = units.scope(question.scope, question.period.until, question.structure_on, permitted)
    kpis = tuple(KPI_OF[side] for side in sides)
    formulas = formulas_of(kpis)
    asked = sums.Asked(question.stream, sorted(scope.members), question.period, columns=frozenset(formulas.columns))
    row = (await sums.as_of(tx, asked, at.position)).get(0, EMPTY)
    counts = formulas.counts(row)[::2]
    figures = [
        FigureId(
            question.stream,
            at.position,
            kpi,
            scope_name(scope, alone=False),
            question.period,
            question.structure_on,
            None,
        )
        for kpi in kpis
    ]
    lines: list[dict[str, Any]] = []
    ended: After | None = None
    for side, figure in zip(sides, figures, strict=True):
        if after is not None and sides.index(side) < sides.index(after.side):
            continue
        if len(lines) == limit:
            ended = After(side, None)
            break
        place = after.place if after is not None and after.side is side else None
        room = limit - len(lines)
        page, _ = await open_page(tx, figure, units, permitted, part="numerator", after=place, limit=room)
        lines += [_line(side, dossier, units) for dossier in page["dossiers"]]
        if page["next"] is not None:
            ended = After(side, page["next"])
            break
    return (
        {
            **head_of(question, scope, at),
            "counts": {
                side.value: {"kpi": kpi.id, "value": count, "figure": str(figure)}
                for side, kpi, count, figure in zip(sides, kpis, counts, figures, strict=True)
            },
            "dossiers": lines,
        },
        ended,
        at.stream.generation,
    )


def _line(side: Side, dossier: dict[str, Any], units: Units) -> dict[str, Any]:
    """A dossier as an office can act on it: what both sides say, why, and what to do, in both languages."""
    cause = Cause(dossier["cause"]) if dossier["cause"] in set(Cause) else Cause.other
    told = {
        language.value: finding(
            cause,
            language,
            portal_due_on=dossier["portal_due_on"],
            legal_due_on=dossier["due_on"],
            ended_on=dossier["ended_on"],
            supplements=dossier["supplements"],
        )
        for language in Language
    }
    key = dossier["agency"]
    name = units.group_of(units.numbers[key]).name if key is not None else UNMAPPED_NAME
    return {
        "side": side.value,
        **{field: value for field, value in dossier.items() if field not in ("contribution", "position")},
        "agency_name": name,
        "cause": cause.value,
        "text": {language: one.text for language, one in told.items()},
        "action": {language: one.action for language, one in told.items()},
    }


_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("side", "Bên báo quá hạn", "Overdue by"),
    ("agency_name", "Cơ quan", "Agency"),
    ("code", "Mã hồ sơ", "Dossier"),
    ("procedure", "Thủ tục", "Procedure"),
    ("received_on", "Ngày tiếp nhận", "Received"),
    ("due_on", "Hạn theo quy định", "Due by law"),
    ("portal_due_on", "Hạn trên phần mềm", "Due in the software"),
    ("ended_on", "Ngày có kết quả", "Result ready"),
    ("cause", "Nguyên nhân (mã)", "Cause"),
    ("text", "Nội dung", "What happened"),
    ("action", "Việc cần làm", "What to do"),
)
_SIDES = {
    Side.portal_only: {"vi": "Chỉ phần mềm", "en": "The software only"},
    Side.law_only: {"vi": "Chỉ theo quy định", "en": "The law only"},
}


def as_rows(found: dict[str, Any], language: Language) -> list[list[str]]:
    """The list as a table with its head, in one language."""
    rows = [[vi if language is Language.vi else en for _, vi, en in _COLUMNS]]
    for line in found["dossiers"]:
        shown = {**line, "side": _SIDES[Side(line["side"])]}
        cells = (shown[column] for column, _, _ in _COLUMNS)
        rows.append(["" if cell is None else cell[language.value] if isinstance(cell, dict) else str(cell) for cell in cells])
    return rows

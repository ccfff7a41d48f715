"""Wrongly overdue: dossiers that the portal calls overdue and the law does not, and the other way round, each with its cause.

The two lists are the dossiers behind the KPIs `overdue_by_portal_only` and `overdue_by_law_only`, so they have as many lines as
these count, at the same position.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

from services.metrics.agencies.model import Units
from services.metrics.figures.drilldown import drilldown_page
from services.metrics.figures.kpis.algebra import EMPTY
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.figures.query import KpiQuery, key_of_figure, key_of_row
from services.metrics.figures.service import (
    ResultPage,
    columns_of,
    context_of,
    figure_freshness,
    formulas_of,
    resolve_state,
    rows_of,
)
from services.metrics.figures.store import sums
from services.metrics.figures.store.drilldown import DossierCursor
from shared.contracts.disagreements import DisagreedCount, DisagreedDossier, DisagreementPage
from shared.contracts.dossiers import DrilldownDossier
from shared.contracts.kpis import Text
from shared.database import Connection
from shared.workdays.causes import DelayCause, describe_cause
from shared.workdays.wording import Language


class Side(StrEnum):
    """Who alone calls the dossier overdue."""

    portal_only = "portal_only"
    law_only = "law_only"


KPI_OF = {Side.portal_only: BY_ID["overdue_by_portal_only"], Side.law_only: BY_ID["overdue_by_law_only"]}


class DisagreementCursor(NamedTuple):
    """Where a page ended."""

    side: Side
    dossier: DossierCursor | None
    """None: before the first of that side."""


async def disagreements(
    tx: Connection,
    query: KpiQuery,
    units: Units,
    permitted: frozenset[int] | None,
    *,
    sides: tuple[Side, ...],
    after: DisagreementCursor | None,
    limit: int,
) -> ResultPage[DisagreementPage, DisagreementCursor]:
    """A page of the list with its counts.

    Needs a transaction that sees one state (REPEATABLE READ).
    """
    at = await resolve_state(tx, query)
    scope = units.scope(query.scope, query.period.until, query.structure_on, permitted)
    kpis = tuple(KPI_OF[side] for side in sides)
    formulas = formulas_of(kpis)
    counter_query = sums.CounterQuery(query.province, sorted(scope.members), query.period, columns=columns_of(kpis))
    row = (await rows_of(tx, counter_query, at)).get(0, EMPTY)
    counts = formulas.counts(row)[::2]
    key = key_of_row(query, at.position, scope.scope)
    figures = [key_of_figure(key, kpi) for kpi in kpis]
    lines: list[DisagreedDossier] = []
    next_after: DisagreementCursor | None = None
    for side, figure in zip(sides, figures, strict=True):
        if after is not None and sides.index(side) < sides.index(after.side):
            continue
        if len(lines) == limit:
            next_after = DisagreementCursor(side, None)
            break
        dossier = after.dossier if after is not None and after.side is side else None
        room = limit - len(lines)
        page = await drilldown_page(tx, figure, units, permitted, part="numerator", after=dossier, limit=room)
        lines += [_line(side, dossier, units) for dossier in page.response.dossiers]
        if page.next_after is not None:
            next_after = DisagreementCursor(side, page.next_after)
            break
    counted: dict[Literal["portal_only", "law_only"], DisagreedCount] = {
        side.value: DisagreedCount(kpi.id, count or 0, str(figure))
        for side, kpi, count, figure in zip(sides, kpis, counts, figures, strict=True)
    }
    found = DisagreementPage(
        **context_of(query, scope, at),
        counts=counted,
        dossiers=lines,
        next_cursor=None,
        freshness=figure_freshness(at, key, row),
    )
    return ResultPage(found, at.province.revision, next_after)


def _line(side: Side, dossier: DrilldownDossier, units: Units) -> DisagreedDossier:
    """A dossier as an office can act on it: what both sides say, why, and what to do, in both languages."""
    cause = DelayCause(dossier.cause) if dossier.cause in set(DelayCause) else DelayCause.other
    vi, en = (
        describe_cause(
            cause,
            language,
            portal_due_on=dossier.portal_due_on,
            legal_due_on=dossier.due_on,
            ended_on=dossier.ended_on,
            supplements=dossier.supplements or 0,
        )
        for language in (Language.vi, Language.en)
    )
    return DisagreedDossier(
        number=dossier.number,
        code=dossier.code,
        procedure=dossier.procedure,
        status=dossier.status,
        channel=dossier.channel,
        received_on=dossier.received_on,
        due_on=dossier.due_on,
        ended_on=dossier.ended_on,
        outcome=dossier.outcome,
        timeliness=dossier.timeliness,
        portal_timeliness=dossier.portal_timeliness,
        supplements=dossier.supplements,
        portal_due_on=dossier.portal_due_on,
        agency=dossier.agency,
        side=side.value,
        agency_name=units.unit(dossier.agency).name,
        cause=cause.value,
        text=Text(vi.text, en.text),
        action=Text(vi.action, en.action),
    )


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
    "portal_only": Text("Chỉ phần mềm", "The software only"),
    "law_only": Text("Chỉ theo quy định", "The law only"),
}


def as_rows(found: DisagreementPage, language: Language) -> list[list[str]]:
    """The list as a table with its head, in one language."""
    rows = [[vi if language is Language.vi else en for _, vi, en in _COLUMNS]]
    for line in found.dossiers:
        cells = (_SIDES[line.side] if column == "side" else getattr(line, column) for column, _, _ in _COLUMNS)
        rows.append([_cell(cell, language) for cell in cells])
    return rows


def _cell(value: Text | date | str | None, language: Language) -> str:
    if isinstance(value, Text):
        return value.vi if language is Language.vi else value.en
    return "" if value is None else str(value)

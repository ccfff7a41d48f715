"""Previews: metrics is asked once for each scope and period of notices, and their figures are compared with its response.

Each notice is read in a transaction of its own: metrics is asked between them.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.notices.drafting.api.schemas import NoticePeriod
from services.notices.drafting.store import notices as notices_store
from services.notices.drafting.store.notices import NoticeRow
from services.notices.figures.metrics_client import KpiSelection, Metrics
from services.notices.figures.model import Figure, Pinned
from services.notices.previews.model import (
    NoticePreview,
    PreviewedNotice,
    UncomparedNotice,
    moved_figures,
)
from shared.contracts.kpis import Freshness
from shared.contracts.previews import FigurePreview
from shared.database import Database
from shared.errors import NotFound

_FIGURES = msgspec.json.Decoder(dict[str, Figure])
_PINNED = msgspec.json.Decoder(Pinned)


async def preview_notices(
    database: Database, metrics: Metrics, province: str, number: int, rows: Sequence[NoticeRow]
) -> NoticePreview:
    """What a preview would move in drafted notices.

    Raises `PreviewUnfinished`, `PreviewOutdated`, `NotFound` where there is no such preview, and what `Metrics` raises.
    """
    whole = await metrics.figure_preview(number, KpiSelection(province, None, None, None, None, None))
    found: dict[KpiSelection, FigurePreview | NotFound] = {}
    moved, uncompared = [], []
    for row in rows:
        since, until = row.period_from.isoformat(), row.period_to.isoformat()
        subject = KpiSelection(province, row.scope, since, until, None, None)
        if subject not in found:
            found[subject] = await _preview_of(metrics, number, subject)
        preview = found[subject]
        if isinstance(preview, NotFound):
            uncompared.append(UncomparedNotice(row.id, preview.detail))
        elif (preview.total.kpis or preview.rows or preview.procedures or preview.work) and (
            one := await _compared(database, row, preview)
        ) is not None:
            moved.append(one)
    return NoticePreview(
        province=province,
        preview=number,
        dossiers=whole.dossiers,
        examined=len(rows),
        moved=len(moved),
        figures=sum(len(one.figures) for one in moved),
        notices=moved,
        uncompared=uncompared,
        next_cursor=None,
        freshness=Freshness(**{name: getattr(whole.freshness, name) for name in Freshness.__struct_fields__}),
    )


async def _preview_of(metrics: Metrics, number: int, subject: KpiSelection) -> FigurePreview | NotFound:
    """The preview of a scope and period; `NotFound` where metrics does not know the scope any more."""
    try:
        return await metrics.figure_preview(number, subject)
    except NotFound as unknown:
        return unknown


async def _compared(database: Database, row: NoticeRow, preview: FigurePreview) -> PreviewedNotice | None:
    async with database.connection() as connection:
        content = await notices_store.content(connection, row.id)
    pinned = _PINNED.decode(content.pinned)
    figures, derived = moved_figures(_FIGURES.decode(content.figures), pinned.catalogue, preview)
    assert row.drafted_at is not None
    if not figures:
        return None
    return PreviewedNotice(
        id=row.id,
        inspection=row.inspection_id,
        scope=row.scope,
        period=NoticePeriod(row.period_from, row.period_to),
        position=pinned.position,
        drafted_at=row.drafted_at,
        figures=figures,
        derived=derived,
        freshness=preview.freshness,
    )

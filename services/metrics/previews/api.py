"""Which figures a change of the catalogue would move."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request

from services.metrics.counting.ingest_client import IngestAway
from services.metrics.figures.api.parameters import Level, Parameters
from services.metrics.parameters import Overseer, reading
from services.metrics.previews import examples, service
from services.metrics.previews.service import PreviewOutdated, PreviewUnfinished
from shared.contracts.previews import FigurePreview
from shared.errors import FieldFault, Invalid
from shared.fields import RowId
from shared.languages import Bilingual
from shared.web.operations import Router, operation

router = Router("comparisons")

_NOW = Bilingual(
    "A preview is of the figures of now: leave `as_of` out.", "Bản xem trước tính trên số liệu hiện tại: bỏ tham số `as_of`."
)


@router.get("/catalogue-previews/{number}", summary="The figures that a change of the catalogue would move")
@operation(example=examples.PREVIEW, problems=(PreviewUnfinished, PreviewOutdated, IngestAway))
async def read_figure_preview(
    request: Request,
    number: Annotated[RowId, Path(description="`id` of the preview, as ingest gave it", examples=[3])],
    principal: Overseer,
    parameters: Parameters,
    level: Level = None,
) -> FigurePreview:
    """Per KPI and agency, the figures of the period as they are and as they would be; only what would move is listed.

    Exact for dossiers as they were when ingest looked at them: what `GET /v1/restatements` tells once the change is applied.
    """
    if parameters.as_of is not None:
        raise Invalid.of_fields([FieldFault("query.as_of", _NOW, "not_applicable")])
    state, province = request.app.state, parameters.province
    principal.demand_province(province)
    preview = await state.previews.read(state.database, state.ingest, province, number)
    async with reading(request) as tx:
        return await service.preview_figures(tx, parameters.query("agency", level), state.units, principal, number, preview)

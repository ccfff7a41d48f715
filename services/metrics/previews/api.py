"""Which figures a change of the catalogue would move."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response

from services.metrics.counting.ingest_client import IngestAway
from services.metrics.figures import exports
from services.metrics.figures.api.parameters import Level, Parameters
from services.metrics.figures.api.rendering import deliver_page
from services.metrics.parameters import Overseer, reading
from services.metrics.previews import examples, service
from shared.contracts.previews import FigurePreview, PreviewOutdated, PreviewUnfinished
from shared.errors import FieldFault, Invalid
from shared.fields import RowId
from shared.languages import Bilingual
from shared.spreadsheets import CSV
from shared.web.formats import TABLE_HEADERS, CsvFormat
from shared.web.operations import Router, operation

router = Router("comparisons")

_NOW = Bilingual(
    "A preview is of the figures of now: leave `as_of` out.", "Bản xem trước tính trên số liệu hiện tại: bỏ tham số `as_of`."
)


@router.get("/catalogue-previews/{number}", summary="The figures that a change of the catalogue would move")
@operation(
    response=FigurePreview,
    example=examples.PREVIEW,
    media=(CSV,),
    headers=TABLE_HEADERS,
    problems=(PreviewUnfinished, PreviewOutdated, IngestAway),
    unchanged=True,
)
async def read_figure_preview(
    request: Request,
    number: Annotated[RowId, Path(description="`id` of the preview, as ingest gave it", examples=[3])],
    principal: Overseer,
    parameters: Parameters,
    wanted: CsvFormat,
    level: Level = None,
) -> Response:
    """Per KPI and agency, the figures of the period as they are and as they would be; only what would move is listed.

    Exact for dossiers as they were when ingest looked at them: what `GET /v1/restatements` tells once the change is applied.
    As CSV a row for each figure. Which notices state such figures, notices tells: `GET /v1/catalogue-previews/{number}` there.
    """
    if parameters.as_of is not None:
        raise Invalid.of_fields([FieldFault("query.as_of", _NOW, "not_applicable")])
    state, province = request.app.state, parameters.province
    principal.demand_province(province)
    preview = await state.previews.read(state.database, state.ingest, province, number)
    async with reading(request) as tx:
        found = await service.preview_figures(tx, parameters.query("agency", level), state.units, principal, number, preview)
    return deliver_page(
        request,
        principal,
        found.response,
        lambda language: exports.previewed(found.response, parameters.kpis, language),
        wanted,
        position=found.response.position,
        revision=found.revision,
        name=f"preview-{number}-{province}",
        following=None,
    )

"""What a change of the catalogue would do, before it applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated

import msgspec
from fastapi import Path, Query, Request, Response
from pydantic import Field, WithJsonSchema

from services.ingest.catalogue.api.parameters import Province, Reader, Writer
from services.ingest.catalogue.api.rules import policies_of
from services.ingest.catalogue.api.schemas import DayOverrideIn, PoliciesIn
from services.ingest.catalogue.api.spreadsheets import converted
from services.ingest.catalogue.effects import AgencyEffect
from services.ingest.catalogue.rulesets import read_agencies
from services.ingest.catalogue.store.catalogue import DayOverride
from services.ingest.files.tables import MAX_BYTES, MAX_ROWS
from services.ingest.parameters import ON_A_PAGE
from services.ingest.previews import examples, service
from services.ingest.previews import store as previews_store
from services.ingest.previews.store import PreviewRow
from services.ingest.provinces.service import require_visible
from shared.agencies import Agency
from shared.contracts.kpis import Text
from shared.contracts.previews import PreviewedPage
from shared.errors import Conflict, NotFound
from shared.fields import BodyModel, JsonObject, Position, RowId
from shared.jsontext import MAX_TOKENS
from shared.languages import Language, bilingual
from shared.procedures import Procedure
from shared.spreadsheets import CSV, Cell, to_csv
from shared.web.formats import CsvFormat
from shared.web.operations import Router, operation
from shared.web.responses import NOT_STORED, json_response
from shared.web.routes import JSON, accepts

router = Router("catalogue", under="/catalogue")
Number = Annotated[RowId, Path(description="`id` of the preview", examples=[3])]


def _rows(name: str) -> WithJsonSchema:
    items = {"$ref": f"#/components/schemas/{name}"}
    return WithJsonSchema({"anyOf": [{"type": "array", "items": items, "maxItems": MAX_ROWS}, {"type": "null"}]})


class PreviewIn(BodyModel):
    """A change of the catalogue; what is left out stays as it is."""

    agencies: Annotated[list[JsonObject] | None, _rows("AgencyIn")] = Field(default=None, description="As for PUT .../agencies")
    procedures: Annotated[list[JsonObject] | None, _rows("ProcedureIn")] = Field(
        default=None, description="As for PUT .../procedures"
    )
    merge: bool = Field(default=False, description="Agencies and procedures are added to those that are there")
    days: list[DayOverrideIn] | None = Field(
        default=None, min_length=1, max_length=1_000, description="Days to add, as for POST .../days"
    )
    policies: PoliciesIn | None = Field(default=None, description="As for PUT .../policies")
    version: RowId | None = Field(default=None, description="A version to go back to", examples=[2])


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of the catalogue would do, so far."""

    id: int
    """Its number."""
    province: str
    """The province."""
    catalogue: int
    """Version of the catalogue that it is compared with."""
    examined: int
    """Dossiers that were looked at; all that there were when it was asked for, once it is finished."""
    share: float
    """How much is done, from 0 to 1."""
    finished_at: datetime | None
    """Null while it goes on."""
    outdated: bool
    """It does not go on: the catalogue was changed meanwhile, or a fault of ours, which was logged, ended it. Ask again."""
    dossiers: int
    """Dossiers that would get a new version."""
    due_dates: int
    """Of them, those with another due date."""
    judgements: dict[str, int]
    """Of them, those judged otherwise, by `before>after`, such as `overdue>on_time`; `none`: in process or not judged."""
    agencies_changed: int
    """Of them, those with another agency."""
    agencies: dict[str, AgencyEffect]
    """By unit key, `unmapped` without a known agency; those of which a dossier would change."""
    since: date | None
    """First day on which one of them was received or ended; null: none."""
    until: date | None
    """Last such day."""


@router.post("/{province}/previews", status_code=202, summary="Ask what a change of the catalogue would do")
@operation(example=examples.PLANNED, body_example=examples.CHANGE, problems=(Conflict,))
@accepts(limit=2 * MAX_BYTES, tokens=MAX_TOKENS)
async def ask_preview(request: Request, province: Province, principal: Writer, body: PreviewIn) -> Preview:
    """Agencies, procedures, days, policies, or going back to a version: checked as the change itself, and applied to nothing.

    The worker dates every dossier by both rulesets; follow it with `GET .../previews/{id}`.
    """
    change = service.ProposedChange(
        agencies=None if body.agencies is None else converted(body.agencies, Agency, "body.agencies"),
        procedures=None if body.procedures is None else converted(body.procedures, Procedure, "body.procedures"),
        days=None
        if body.days is None
        else [DayOverride(province, one.day, one.worked, one.legal_basis, one.known_from, one.verified) for one in body.days],
        policies=None if body.policies is None else policies_of(body.policies, "body.policies"),
        version=body.version,
        merge=body.merge,
    )
    async with request.app.state.database.transaction() as tx:
        await require_visible(tx, principal, province)
        number = await service.plan(tx, province, change, datetime.now(UTC))
        found = await previews_store.read(tx, province, number)
    await request.app.state.notifier.notify("ingest")
    assert found is not None
    return _preview(found)


@router.get("/{province}/previews/{number}", summary="What a change of the catalogue would do, so far", response_class=Response)
@operation(response=Preview, example=examples.FINISHED, media=(CSV,))
async def read_preview(request: Request, province: Province, number: Number, principal: Writer, wanted: CsvFormat) -> Response:
    """Exact for the dossiers as they were when they were looked at. Kept for a week.

    As CSV a row for the province and one for each agency; until it is finished its name ends in `-unfinished`.
    """
    async with request.app.state.database.connection() as connection:
        await require_visible(connection, principal, province)
        found = await previews_store.read(connection, province, number)
        agencies = await read_agencies(connection, province) if wanted.format == "csv" else []
        changed = await previews_store.agencies(connection, number) if wanted.format == "csv" else None
    if found is None:
        raise _no_preview(province, number)
    if wanted.format != "csv":
        return json_response(_preview(found))
    units = [*agencies, *(msgspec.json.decode(changed, type=list[Agency]) if changed else ())]
    unfinished = "" if found.finished_at is not None else "-unfinished"
    file = {"Content-Disposition": f'attachment; filename="catalogue-preview-{number}-{province}{unfinished}.csv"'}
    table = to_csv(_as_rows(found, {unit.key: unit for unit in units}, wanted.language), wanted.dialect)
    return Response(table, 200, NOT_STORED | file, wanted.media_type)


_COLUMNS = (
    Text("Cơ quan", "Agency"),
    Text("Tên", "Name"),
    Text("Hồ sơ thay đổi", "Dossiers"),
    Text("Đổi hạn trả", "Due dates"),
    Text("Đổi đánh giá", "Judgements"),
    Text("Chuyển đến", "Joined"),
    Text("Chuyển đi", "Left"),
)
_WHOLE, _UNMAPPED = Text("Toàn tỉnh", "The whole province"), Text("Chưa xác định cơ quan", "Agency not known")


def _as_rows(preview: PreviewRow, units: Mapping[str, Agency], language: Language) -> Iterator[list[Cell]]:
    """The effect in all and by agency, as a table with its head; a dossier that changes its agency counts at both."""
    effect = preview.effect
    yield [getattr(name, language) for name in _COLUMNS]
    moved = effect.agencies_changed
    yield ["", getattr(_WHOLE, language), effect.dossiers, effect.due_dates, sum(effect.judgements.values()), moved, moved]
    for key, one in sorted(effect.agencies.items()):
        unit = units.get(key)
        name = getattr(_UNMAPPED, language) if unit is None else unit.name_vi if language == "vi" else unit.name_en
        yield [key, name, one.dossiers, one.due_dates, one.judgements, one.joined, one.left]


@router.get(
    "/{province}/previews/{number}/dossiers",
    summary="The dossiers that a change of the catalogue would alter",
    response_class=Response,
)
@operation(response=PreviewedPage, example=examples.PAGE)
async def read_previewed_dossiers(
    request: Request,
    province: Province,
    number: Number,
    principal: Reader,
    after: Annotated[Position, Query(description="`number` of the last one that you have; 0: from the beginning")] = 0,
    limit: Annotated[int, Query(ge=1, le=2_000, description=ON_A_PAGE)] = 1_000,
) -> Response:
    """The facts of each by the catalogue in force and as they would be, by number: metrics counts both sides of them."""
    async with request.app.state.database.connection() as connection:
        await require_visible(connection, principal, province)
        rows = await previews_store.dossiers_after(connection, number, after, limit)
        # Read after the rows: it is finished then only if no more of them can come.
        found = await previews_store.read(connection, province, number)
        agencies = None if after else await previews_store.agencies(connection, number)
    if found is None:
        raise _no_preview(province, number)
    items = ",".join([f'{{"number":{row.number},"before":{row.before},"after":{row.after}}}' for row in rows])
    finished, outdated = (msgspec.json.encode(one).decode() for one in (found.finished_at is not None, found.outdated))
    body = (
        f'{{"catalogue":{found.catalogue},"finished":{finished},"outdated":{outdated},"dossiers":{found.effect.dossiers},'
        f'"agencies":{agencies or "null"},"items":[{items}]}}'
    )
    return Response(body.encode(), media_type=JSON, headers=NOT_STORED)


def _no_preview(province: str, number: int) -> NotFound:
    return NotFound(
        bilingual(
            "Province {province} has no preview {number}: ask for one with POST .../previews.",
            "Tỉnh {province} không có bản xem trước {number}: yêu cầu bằng POST .../previews.",
            province=province,
            number=number,
        )
    )


def _preview(row: PreviewRow) -> Preview:
    effect = row.effect
    return Preview(
        id=row.id,
        province=row.province,
        catalogue=row.catalogue,
        examined=effect.examined,
        share=1.0 if not row.upto else round(row.done_to / row.upto, 4),
        finished_at=row.finished_at,
        outdated=row.outdated,
        dossiers=effect.dossiers,
        due_dates=effect.due_dates,
        judgements=effect.judgements,
        agencies_changed=effect.agencies_changed,
        agencies=effect.agencies,
        since=effect.since,
        until=effect.until,
    )

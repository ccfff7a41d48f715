"""The portal's own catalogue of procedures (`GET bd/procedure`): what it says of each, read as narrowly as dossiers are."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from services.ingest.sources.errors import SourceUnreadable
from services.ingest.sources.fields.whitelist import storable
from services.ingest.sources.http.client import PortalClient
from shared.languages import Bilingual, bilingual
from shared.procedures import PortalProcedure, normal_code
from shared.workdays import LimitUnit, TimeLimit

_PATH = "/bd/procedure"
_VIETNAMESE, _ENGLISH = 228, 46
MAX_PAGES = 500
MAX_NAME = 1_000
"""Characters; real names of procedures have up to 400."""
_AT_ALL_HOURS = "toàn thời gian"
"""Name of the timesheet of limits in calendar days; the others count office days."""


class _Translation(Struct, gc=False, rename="camel"):
    name: str | None = None
    language_id: int | None = None


class _Sector(Struct, gc=False):
    code: str | None = None


class _Timesheet(Struct, gc=False):
    name: str | None = None


class _Definition(Struct, gc=False, rename="camel"):
    processing_time: float | None = None
    processing_time_unit: str | None = None
    timesheet: _Timesheet | None = None


class _Process(Struct, gc=False, rename="camel"):
    process_definition: _Definition | None = None


class _Row(Struct, gc=False, rename="camel"):
    code: str | None = None
    name: str | _Translation | list[_Translation] | None = None
    translate: list[_Translation] = []
    sector: _Sector | None = None
    procedure_process_definition: list[_Process] | _Process | None = None
    interlinked: bool | None = None
    digitizing_required: bool | None = None
    has_fee: bool | None = None


class _Page(Struct, gc=False, rename="camel"):
    content: list[_Row]
    last: bool | None = None


async def procedures(client: PortalClient, page_size: int) -> list[PortalProcedure]:
    """Every procedure that the portal offers and names by a code; the last mention of one counts. Raises `SourceError`."""
    offered: dict[str, PortalProcedure] = {}
    for number in range(MAX_PAGES):
        page = await client.fetch(_PATH, {"page": number, "size": page_size, "spec": "slice"}, _decoded)
        for row in page.content:
            if row.code and row.code.strip():
                one = _offered(row)
                offered[one.code] = one
        if page.last or not page.content:
            return list(offered.values())
    raise SourceUnreadable(
        bilingual(
            "The list of procedures does not end after {n} pages.", "Danh mục thủ tục chưa hết sau {n} trang.", n=MAX_PAGES
        ),
        settled=True,
    )


def _decoded(body: bytes) -> _Page:
    try:
        return msgspec.json.decode(body, type=_Page)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SourceUnreadable(
            Bilingual(
                "The list of procedures is not in the form that was agreed.", "Danh mục thủ tục không đúng dạng đã thỏa thuận."
            )
        ) from error


def _offered(row: _Row) -> PortalProcedure:
    assert row.code is not None
    names = row.name if isinstance(row.name, list) else [*row.translate]
    plain = row.name.name if isinstance(row.name, _Translation) else row.name if isinstance(row.name, str) else None
    by_language = {one.language_id: one.name for one in names if one.name}
    return PortalProcedure(
        code=normal_code(storable(row.code)),
        name_vi=_named(by_language.get(_VIETNAMESE) or plain),
        name_en=_named(by_language.get(_ENGLISH)),
        sector=_named(row.sector.code) if row.sector is not None else None,
        limit=_limit(row.procedure_process_definition),
        interlinked=row.interlinked,
        digitisation_required=row.digitizing_required,
        fee_required=row.has_fee,
    )


def _named(text: str | None) -> str | None:
    return None if text is None else storable(text, MAX_NAME)


def _limit(processes: list[_Process] | _Process | None) -> TimeLimit | None:
    """The limit of the first process that has one; None where the portal has none, or half a day, which no limit is."""
    for process in processes if isinstance(processes, list) else [processes]:
        definition = process.process_definition if process is not None else None
        if definition is None or definition.processing_time is None:
            continue
        amount = definition.processing_time
        if not (0 <= amount <= 3_650 and amount == int(amount)):
            continue
        if definition.processing_time_unit == "h":
            return TimeLimit(int(amount), LimitUnit.hours)
        at_all_hours = definition.timesheet is not None and (definition.timesheet.name or "").strip().lower() == _AT_ALL_HOURS
        return TimeLimit(int(amount), LimitUnit.calendar_days if at_all_hours else LimitUnit.working_days)
    return None

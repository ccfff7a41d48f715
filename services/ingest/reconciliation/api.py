"""Reconciliation: a source's own totals against ours, and the list from which an office corrects its records."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

import msgspec
from fastapi import Depends, Path, Query, Request, Response
from pydantic import Field

from services.ingest.parameters import ON_A_PAGE, OfSource, SourceName
from services.ingest.quarantine.api import DismissalIn
from services.ingest.quarantine.examples import DISMISSAL
from services.ingest.reconciliation import store as reconciliation_store
from services.ingest.reconciliation.examples import DIFFERING, DISMISSED, RECONCILED, RECONCILIATION_PLANNED
from services.ingest.reconciliation.model import CAUSES, DifferenceCause, DifferenceSide
from services.ingest.reconciliation.service import dismiss, whole_span
from services.ingest.reconciliation.store import Difference, ReconciliationRow
from services.ingest.reconciliation.totals import AgencyTotals, ReceivedMeans, result_in_words
from services.ingest.sources.service import error_for, require_readable, visible_source
from services.ingest.sources.traits import reports_totals
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.errors import Conflict, Invalid, NotFound
from shared.fields import LINE, BodyModel, Day, Line, RowId
from shared.languages import Bilingual, bilingual
from shared.spreadsheets import CSV, to_csv
from shared.web.formats import CsvFormat, FormatChoice
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import NOT_STORED, json_response

router = Router("reconciliation")

Manager = Annotated[Principal, Depends(require("sources:manage"))]
Watcher = Annotated[Principal, Depends(require("sources:manage", "ops:read"))]
Number = Annotated[RowId, Path(description="Number of the reconciliation", examples=[31])]
CURSOR = Cursor[int]("reconciliations", RowNumber)
DIFFERENCES = Cursor[str]("differences", Annotated[str, msgspec.Meta(max_length=200, pattern=LINE)])


class ReconciliationPeriod(BodyModel):
    """Civil days, both inside. Without them the source is reconciled as a whole, which alone verifies it."""

    from_on: Day | None = Field(
        default=None,
        alias="from",
        examples=["2022-12-15"],
        description="First day, from 2001 on; the default is the first of all",
    )
    to_on: Day | None = Field(
        default=None, alias="to", examples=["2023-07-20"], description="Last day, up to 2044; the default is today"
    )


class ReconciliationOut(msgspec.Struct, frozen=True):
    """One reconciliation; `differences` counts the list under `/differences`."""

    id: int
    """Its number."""
    source: str
    """Name of the source."""
    province: str
    """The province."""
    from_on: date
    """First day."""
    to_on: date
    """Last day, included."""
    nightly_on: date | None
    """The day of which it is the night's own; null: somebody asked for it."""
    state: Literal["planned", "running", "complete", "failed"]
    """`complete` and `failed` are ends."""
    planned_at: datetime
    """When it was asked for."""
    finished_at: datetime | None
    """Null before the end."""
    position: int | None
    """Head of the feed that ours was counted at."""
    examined: int | None
    """Dossiers that were looked at; null before the end."""
    differences: int
    """Dossiers in its list that differ."""
    applied: int
    """Those of them of which the reconciliation took in what the source says."""
    remarks: int
    """Entries of its list on dossiers that do not differ."""
    dismissed_at: datetime | None
    """When somebody dismissed what it found at a source that is retired; null: nobody did."""
    dismissed_by: str | None
    """Name of the key by which it was dismissed."""
    dismissed_for: str | None
    """Why."""
    failure: str | None
    """What went wrong, in a word: away, refuses, unreadable, misconfigured, failed."""
    last_error: str | None
    """In a sentence, for keys with the scope sources:manage; null for others."""
    equal: bool | None
    """Whether every agency's totals agree in the end, after what was taken in; null before the end."""
    received_means: ReceivedMeans | None
    """What the source's `received` counts, by its columns: the newly received, or with those carried over; null: both fit."""
    judged_at: datetime | None
    """By which instant the source judges dossiers in process to be late: the end of the days or its own clock; null before the
    end."""
    vi: str | None
    """The result in a sentence, in Vietnamese; null before the end."""
    en: str | None
    """The result in a sentence, in English; null before the end."""
    totals: list[AgencyTotals]
    """Per agency; empty before the end."""


class DifferenceOut(msgspec.Struct, frozen=True):
    """A dossier that differs, and why."""

    code: str
    """Code of the dossier."""
    cause: DifferenceCause
    """The likely cause."""
    agency: str | None
    """Code of its agency; null where nobody names one."""
    vi: str
    """The likely cause in Vietnamese."""
    en: str
    """The likely cause in English."""
    there: DifferenceSide | None
    """What the source says."""
    here: DifferenceSide | None
    """What we say."""
    applied: bool
    """What the source says was taken in by this reconciliation."""
    remark: bool
    """The dossier does not differ: what is said of it explains totals of other days, or can be corrected at the source."""


class DifferencePage(msgspec.Struct, frozen=True):
    """By dossier code."""

    differences: list[DifferenceOut]
    """At most `limit`."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


class ReconciliationPage(msgspec.Struct, frozen=True):
    """Newest first."""

    reconciliations: list[ReconciliationOut]
    """At most `limit`."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


@router.post(
    "/sources/{name}/reconcile",
    status_code=202,
    summary="Compare a source's totals with ours",
)
@operation(
    response=ReconciliationOut,
    example=RECONCILIATION_PLANNED,
    body_example={"from": "2022-12-15", "to": "2023-07-20"},
    problems=(Conflict,),
)
async def reconcile(
    request: Request,
    name: SourceName,
    period: ReconciliationPeriod,
    principal: Manager,
) -> Response:
    """The worker starts within a moment; GET /v1/reconciliations/{id} shows how it went. It is also done every night.

    What the source has and never served is taken in. One that is cut off goes on where it was.
    """
    now = datetime.now(UTC)
    first, last = whole_span(now)
    first, last = period.from_on or first, period.to_on or last
    if last < first or first.year < 2001 or last.year > 2044:
        raise Invalid(
            Bilingual(
                "'from' must not be after 'to', both within 2001 and 2044.",
                "'from' không được sau 'to', cả hai trong khoảng 2001 đến 2044.",
            )
        )
    async with request.app.state.database.transaction() as tx:
        source = await visible_source(tx, principal, name)
        if not reports_totals(source.kind):
            raise Conflict(
                bilingual(
                    "A source of the kind {kind!r} cannot be asked for totals.",
                    "Không thể hỏi số tổng của nguồn loại {kind!r}.",
                    kind=source.kind,
                )
            )
        require_readable(source)
        number = await reconciliation_store.plan_reconciliation(tx, name, source.province, first, last, now)
        assert number is not None
        row = await reconciliation_store.reconciliation(tx, number)
        assert row is not None
    await request.app.state.notifier.notify("ingest", name)
    return json_response(_out(row, principal), status=202)


@router.get("/reconciliations", summary="Reconciliations, newest first")
@operation(response=ReconciliationPage, example={"reconciliations": [RECONCILED], "next_cursor": None}, problems=(NotFound,))
async def read_reconciliations(
    request: Request,
    principal: Watcher,
    source: OfSource = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=100, description=ON_A_PAGE)] = 20,
) -> Response:
    """With their totals per agency."""
    async with request.app.state.database.connection() as connection:
        if source is not None:
            await visible_source(connection, principal, source)
        rows = await reconciliation_store.reconciliations(
            connection, principal.province, source, CURSOR.decode(cursor), limit + 1
        )
    page, next_cursor = CURSOR.page(rows, limit, lambda row: row.id)
    return json_response(ReconciliationPage([_out(row, principal) for row in page], next_cursor))


@router.get("/reconciliations/{number}", summary="One reconciliation")
@operation(response=ReconciliationOut, example=RECONCILED)
async def read_reconciliation(request: Request, number: Number, principal: Watcher) -> Response:
    """Its totals per agency, and how many dossiers differ."""
    return json_response(_out(await _found(request, number, principal), principal))


@router.get("/reconciliations/{number}/differences", summary="The dossiers that differ")
@operation(response=DifferencePage, media=(CSV,), example=DIFFERING)
async def read_differences(
    request: Request,
    number: Number,
    principal: Manager,
    cause: Annotated[DifferenceCause | None, Query(description="Of those with this likely cause")] = None,
    agency: Annotated[Line | None, Query(max_length=64, description="Of the agency with this code", examples=["10813"])] = None,
    remark: Annotated[bool | None, Query(description="Only remarks, or only dossiers that differ")] = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=5000, description=ON_A_PAGE)] = 500,
    *,
    wanted: CsvFormat,
) -> Response:
    """Each with its likely cause in both languages, in CSV in that of `Accept-Language`."""
    await _found(request, number, principal)
    async with request.app.state.database.connection() as connection:
        rows = await reconciliation_store.differences(
            connection,
            number,
            cause=cause.value if cause else None,
            agency=agency,
            remark=remark,
            after=DIFFERENCES.decode(cursor) or "",
            limit=limit + 1,
        )
    page, next_cursor = DIFFERENCES.page(rows, limit, lambda row: f"{row.code} {row.cause}")
    listed = [_explained(row) for row in page]
    if wanted.format == "csv":
        return _csv(listed, wanted)
    return json_response(DifferencePage(listed, next_cursor))


@router.post("/reconciliations/{number}/dismiss", summary="Have what a retired source's reconciliation found awaited no longer")
@operation(response=ReconciliationOut, example=DISMISSED, body_example=DISMISSAL, problems=(Conflict,))
async def dismiss_reconciliation(request: Request, number: Number, principal: Manager, given: DismissalIn) -> Response:
    """Figures are no longer incomplete for it. Of a source in use nothing is dismissed: it is reconciled again.

    The dismissal is stored with who and why.
    """
    await _found(request, number, principal)
    async with request.app.state.database.transaction() as tx:
        await dismiss(tx, number, who=principal.name, why=given.reason, now=datetime.now(UTC))
    return json_response(_out(await _found(request, number, principal), principal))


@router.delete("/reconciliations/{number}/dismissal", summary="Have what a dismissed reconciliation found awaited again")
@operation(response=ReconciliationOut, example=RECONCILED)
async def await_reconciliation(request: Request, number: Number, principal: Manager) -> Response:
    """Nothing else changes; of one that was not dismissed nothing at all."""
    await _found(request, number, principal)
    async with request.app.state.database.transaction() as tx:
        await reconciliation_store.take_back_dismissal(tx, number)
    return json_response(_out(await _found(request, number, principal), principal))


_HEADINGS = {
    "vi": ("Mã hồ sơ", "Cơ quan", "Nguyên nhân", "Giải thích", "Tại nguồn", "Tại đây"),
    "en": ("Dossier", "Agency", "Cause", "Explanation", "At the source", "Here"),
}


def _csv(listed: list[DifferenceOut], wanted: FormatChoice) -> Response:
    rows = (
        (one.code, one.agency, one.cause.value, getattr(one, wanted.language), _sides(one.there), _sides(one.here))
        for one in listed
    )
    return Response(to_csv([_HEADINGS[wanted.language], *rows], wanted.dialect), 200, NOT_STORED, wanted.media_type)


def _sides(value: DifferenceSide | None) -> str:
    members = msgspec.to_builtins(value) if value is not None else {}
    return "; ".join(f"{name}: {one}" for name, one in members.items() if one not in (None, False))


async def _found(request: Request, number: int, principal: Principal) -> ReconciliationRow:
    async with request.app.state.database.connection() as connection:
        row = await reconciliation_store.reconciliation(connection, number)
    return principal.visible(row, f"There is no reconciliation {number}. GET /v1/reconciliations lists them.")


def _out(row: ReconciliationRow, principal: Principal) -> ReconciliationOut:
    said = None if row.equal is None or row.judged_at is None else result_in_words(row.totals, row.differences, row.applied)
    return ReconciliationOut(
        **{**row._asdict(), "last_error": error_for(principal, row.last_error)},
        vi=None if said is None else said.vi,
        en=None if said is None else said.en,
    )


def _explained(row: Difference) -> DifferenceOut:
    vi, en = CAUSES[DifferenceCause(row.cause)]
    return DifferenceOut(**{**row._asdict(), "cause": DifferenceCause(row.cause)}, vi=vi, en=en)

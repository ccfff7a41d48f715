"""Petitions: stated by systems that receive them, listed with whether they are late."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import Field

from services.metrics.agencies.service import reach_of
from services.metrics.counting.ingest_client import IngestAway
from services.metrics.parameters import (
    Body,
    Code,
    Day,
    Overseer,
    ProvinceCode,
    ProvinceField,
    Reader,
    Rebuilder,
    Words,
    Writer,
    reading,
)
from services.metrics.periods import LATEST
from services.metrics.petitions import examples
from services.metrics.petitions.model import Petition, clock_of
from services.metrics.petitions.service import Otherwise, Stated, record, take_file
from services.metrics.petitions.store import petitions as store
from services.metrics.petitions.store import rejected as waiting
from services.metrics.petitions.store.rejected import RejectedRow, RejectedState
from services.metrics.provinces.store.provinces import lock
from shared.contracts.kpis import Text
from shared.contracts.petitions import (
    MAX_FILE_BYTES,
    PETITION_FILES,
    ListedPetition,
    PetitionPage,
    PetitionsDismissed,
    PetitionsRecorded,
    PetitionsTaken,
    RejectedPetitionPage,
    Subject,
    WaitingPetition,
)
from shared.errors import Invalid, NotFound, Unreadable
from shared.fields import WRITTEN_DAY, Line, RowId
from shared.web.formats import language_of
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.routes import accepts
from shared.web.uploads import while_connected
from shared.workdays import OutsideCalendar, calendar_for

router = Router("operations")
CURSOR = Cursor[str]("petitions", str)
REJECTED_CURSOR = Cursor[int]("rejected petitions", RowNumber)
WrittenDay = Annotated[date, WRITTEN_DAY]


class StatedPetition(Body):
    """What is known of a petition now, all of it; never who sent it, nor what it is about."""

    code: Annotated[Line, Field(min_length=1, max_length=64)] = Field(description="Its code", examples=["PAKN-2026-0042"])
    agency: Code = Field(description="Code or unit key of the agency that answers for it", examples=["10813"])
    subject: Subject = Field(description="A rule of administration, or the conduct of an agency")
    received_on: Day = Field(description="The civil day of its receipt")
    passed_on: Day | None = Field(None, description="When it was passed on to this agency")
    refused_on: Day | None = Field(None, description="When it was refused")
    supplement_requested_on: Day | None = Field(None, description="When more was requested of who sent it")
    handled_on: Day | None = Field(None, description="When it was handled")
    published_on: Day | None = Field(None, description="When the result was made public")
    liked: bool | None = Field(None, description="Whether who sent it was satisfied; null: nobody rated it")
    repeated: bool = Field(False, description="It was sent once more after it had been handled")


class StatedPetitions(Body):
    """Petitions of a province."""

    province: ProvinceField
    petitions: list[StatedPetition] = Field(min_length=1, max_length=1_000, description="At most 1.000, each code once")


class Dismissal(Body):
    """Which rows need not be read, and why."""

    province: ProvinceField
    reason: Words = Field(description="It is stored with who did it", examples=["Rows of a training"])
    numbers: list[RowId] | None = Field(
        None, min_length=1, max_length=1_000, description="`id` of the rows; none: all that wait", examples=[[4]]
    )
    file: Annotated[Line, Field(max_length=64)] | None = Field(None, description="Of this file only")


@router.post("/petitions", status_code=201, summary="State what became of petitions")
@operation(example=examples.RECORDED, problems=(NotFound,))
async def add_petitions(request: Request, principal: Writer, body: StatedPetitions) -> PetitionsRecorded:
    """The newest statement of a code counts. Agencies that have petitions are counted by them, not by entered counts."""
    if len({one.code for one in body.petitions}) < len(body.petitions):
        raise Invalid("A code stands twice. State each petition once.")
    calendar = calendar_for(body.province)
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, body.province)
        stated = []
        for one in body.petitions:
            petition = Petition(**one.model_dump(exclude={"agency"}))
            petition.check()
            # The unit that carried the code when it began to answer for the petition: units change between the two days.
            scope = units.scope([one.agency], one.passed_on or one.received_on, None, reach)
            assert scope.key is not None
            try:
                clock = clock_of(petition, calendar)
            except OutsideCalendar as error:
                raise Invalid(f"Petition {one.code}: {error}") from error
            stated.append(Stated(petition, units.numbers[scope.key], clock))
        made = await record(tx, body.province, stated, reach, principal.name)
        await waiting.stated(tx, body.province, [one.petition.code for one in stated])
    return PetitionsRecorded(made.new + made.corrected, made.known, made.late)


@router.post("/petitions/files", summary="Send a file of petitions: CSV, XLSX or XLS")
@operation(body_media=PETITION_FILES, example=examples.TAKEN, problems=(IngestAway, Unreadable, NotFound))
@accepts(limit=MAX_FILE_BYTES, streamed=True)
async def take_petition_file(
    request: Request,
    principal: Writer,
    province: ProvinceCode,
    agency: Annotated[
        Code | None, Query(description="Code or unit key of the agency of each row that names none", examples=["10813"])
    ] = None,
    subject: Annotated[Subject | None, Query(description="What the petitions are about whose rows do not say it")] = None,
    dates: Annotated[
        Literal["dd/mm", "mm/dd"] | None, Query(description="Order of day and month; none: what the file proves")
    ] = None,
    corrects: Annotated[
        Line | None,
        Query(
            max_length=64, description="`file` of the answer to the file in whose place this one comes: its rows wait no longer"
        ),
    ] = None,
    dry_run: Annotated[bool, Query(description="Say what would become of its rows, and store nothing")] = False,
) -> PetitionsTaken:
    """The lists that offices keep, with their headings. Columns of persons and of contents are dropped unread.

    A row that cannot be read is set aside with its reason, counts nowhere and makes answers incomplete (`petitions_rejected`)
    until the corrected file is sent, or it is dismissed. Sending a file
    again changes nothing; of a petition that is known already the newest file counts.
    """
    principal.demand_province(province)
    state = request.app.state
    language = language_of(dict(request.scope["headers"])) or "en"
    if agency is not None:  # a wrong one is refused, before anything is read
        async with state.database.transaction(readonly=True) as tx:
            units, reach = await reach_of(state.units, tx, principal, province)
            units.scope([agency], LATEST, None, reach)
    digest = hashlib.sha256()
    file = await while_connected(
        request, lambda chunks: state.ingest.petition_file(_digested(chunks, digest.update), dates, language)
    )
    async with state.database.transaction() as tx:
        units, reach = await reach_of(state.units, tx, principal, province)
        return await take_file(
            tx,
            province,
            file,
            units,
            reach,
            calendar_for(province),
            Otherwise(agency, subject),
            principal.name,
            name=digest.hexdigest()[:32],
            corrects=corrects,
            dry_run=dry_run,
        )


async def _digested(chunks: AsyncIterator[bytes], update: Callable[[bytes], None]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        update(chunk)
        yield chunk


@router.get("/petitions/rejected", summary="Rows of files of petitions that were set aside")
@operation(example=examples.REJECTED, problems=(NotFound,))
async def list_rejected(
    request: Request,
    principal: Overseer,
    province: ProvinceCode,
    state: Annotated[
        RejectedState, Query(description="Those that wait, that what came later corrected, or that somebody dismissed")
    ] = "waiting",
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> RejectedPetitionPage:
    """Each with its file, sheet and line, why, and what to do. While one waits, answers have the reason
    `petitions_rejected`.
    """
    async with reading(request) as tx:
        await reach_of(request.app.state.units, tx, principal, province)
        rows = await waiting.select(tx, province, state, after=REJECTED_CURSOR.decode(cursor) or 0, limit=limit + 1)
    page, following = REJECTED_CURSOR.page(rows, limit, lambda row: row.id)
    return RejectedPetitionPage([_waiting(row) for row in page], following)


def _waiting(row: RejectedRow) -> WaitingPetition:
    given = row._asdict()
    what, sheet = Text(given.pop("vi"), given.pop("en")), given.pop("sheet")
    return WaitingPetition(**given, what=what, sheet=sheet or None)


@router.post("/petitions/rejected/dismiss", summary="Have rows that were set aside wait no longer")
@operation(example=examples.DISMISSED, problems=(NotFound,))
async def dismiss_rejected(request: Request, principal: Rebuilder, body: Dismissal) -> PetitionsDismissed:
    """Of a province, of a file of it, or of these numbers. The dismissal is stored with who and why.

    A row of the same file that comes again as it was stays dismissed; wrong in another way, or in another file, it waits anew.
    """
    async with request.app.state.database.transaction() as tx:
        await reach_of(request.app.state.units, tx, principal, body.province)
        await lock(tx, body.province)
        done = await waiting.dismiss(tx, body.province, body.numbers, body.file, principal.name, body.reason)
    return PetitionsDismissed(done)


@router.get("/petitions", summary="Petitions received in a period, by code")
@operation(example=examples.PAGE)
async def list_petitions(
    request: Request,
    principal: Reader,
    province: ProvinceCode,
    since: Annotated[WrittenDay, Query(alias="from", description="First civil day", examples=["2026-09-01"])],
    to: Annotated[WrittenDay, Query(description="Last civil day, inside", examples=["2026-09-30"])],
    scope: Annotated[
        list[Code],
        Query(max_length=100, description="Code or unit key, with all below it; repeat for several; none: the whole province"),
    ] = [],  # noqa: B006 - FastAPI copies it
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> PetitionPage:
    """As they are known now; `late` is as of the last day."""
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, province)
        members = sorted(units.scope(scope, to, None, reach).members)
        after = CURSOR.decode(cursor) or ""
        rows = await store.select(tx, province, members, since, to, after=after, limit=limit + 1)
    page = rows[:limit]
    petitions = [
        ListedPetition(agency=units.keys.get(row.agency_no), **{n: v for n, v in row._asdict().items() if n != "agency_no"})
        for row in page
    ]
    return PetitionPage(petitions, CURSOR.encode(page[-1].code) if len(rows) > limit else None)

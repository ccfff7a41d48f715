"""Petitions: stated by systems that receive them, listed with whether they are late."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import Field

from services.metrics.agencies.service import reach_of
from services.metrics.counting.ingest_client import IngestAway
from services.metrics.parameters import Body, Code, Day, ProvinceCode, ProvinceField, Reader, Writer, reading
from services.metrics.periods import LATEST
from services.metrics.petitions import examples, store
from services.metrics.petitions.model import Petition, clock_of
from services.metrics.petitions.service import Otherwise, Stated, record, take_file
from shared.contracts.petitions import (
    MAX_FILE_BYTES,
    PETITION_FILES,
    ListedPetition,
    PetitionPage,
    PetitionsRecorded,
    PetitionsTaken,
    Subject,
)
from shared.errors import Invalid, NotFound, Unreadable
from shared.fields import WRITTEN_DAY, Line
from shared.web.formats import language_of
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter
from shared.web.routes import accepts
from shared.web.uploads import while_connected
from shared.workdays import OutsideCalendar, calendar_for

router = Router("operations")
CURSOR = Cursor[str]("petitions", str)
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
    dry_run: Annotated[bool, Query(description="Say what would become of its rows, and store nothing")] = False,
) -> PetitionsTaken:
    """The lists that offices keep, with their headings. Columns of persons and of contents are dropped unread.

    A row that cannot be read is set aside with its reason, and counts nowhere until the corrected file is sent. Sending a file
    again changes nothing; of a petition that is known already the newest file counts.
    """
    principal.demand_province(province)
    state = request.app.state
    language = language_of(dict(request.scope["headers"])) or "en"
    if agency is not None:  # a wrong one is refused, before anything is read
        async with state.database.transaction(readonly=True) as tx:
            units, reach = await reach_of(state.units, tx, principal, province)
            units.scope([agency], LATEST, None, reach)
    file = await while_connected(request, lambda chunks: state.ingest.petition_file(chunks, dates, language))
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
            dry_run=dry_run,
        )


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

"""Routes of evidence: handed in by the team, whole or in parts; read in any version; and what changed between two."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Body, Query, Request, Response

from services.notices.evidence import service as evidence_service
from services.notices.evidence import store as evidence_store
from services.notices.evidence.api import examples
from services.notices.evidence.api.inspected import InspectionChanged, inspected
from services.notices.evidence.api.schemas import (
    EvidenceBody,
    EvidenceChanges,
    EvidenceName,
    EvidencePage,
    EvidencePatch,
    EvidenceTemplate,
    StoredEvidence,
    changed_item,
    listed,
    template_response,
    version_of,
)
from services.notices.evidence.entries import ITEM
from services.notices.evidence.model import MEASURES, ItemKey, Level, Measure, Template, counted
from services.notices.evidence.service import EvidenceChange, EvidenceOutdated
from services.notices.evidence.store import ItemRow
from services.notices.evidence.templates import item_of, template_named, template_of
from services.notices.figures.metrics_client import MetricsAway, MetricsClosed
from services.notices.figures.model import Subject
from services.notices.inspections.api.inspections import Reader, Writer, held_inspection, visible_inspection
from services.notices.inspections.api.parameters import InspectionNumber, Limit
from services.notices.inspections.service import read_stored
from shared.database import Connection
from shared.errors import Invalid, NotFound, PreconditionFailed, PreconditionRequired
from shared.fields import INT4, Line
from shared.languages import Bilingual, bilingual
from shared.spelling import unknown_name
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.preconditions import IfMatch, demand_match
from shared.web.responses import ETAG, etag_response, json_response

router = Router("inspections")

MEASURE = Bilingual("measure of this item", "số đếm của nội dung này")

CURSOR = Cursor[int]("evidence", RowNumber)
CHANGES_CURSOR = Cursor[ItemKey]("evidence-changes", tuple[str, str, str])

Version = Annotated[
    int | None, Query(ge=0, le=INT4, description="As it stood in this version; left out: in the newest", examples=[1])
]
AgencyFilter = Annotated[
    Line | None, Query(max_length=60, description="Of this agency only: its unit key", examples=["10864@2019-12-01"])
]


@router.get("/evidence-templates", summary="What an inspection establishes")
@operation(response=EvidenceTemplate, example=examples.TEMPLATE, unchanged=True)
async def read_template(
    request: Request,
    principal: Reader,
    period_end: Annotated[
        date | None,
        Query(description="Last day of the inspection's period; left out: the newest there is", examples=["2023-07-20"]),
    ] = None,
) -> Response:
    """The items by which evidence is handed in: who answers each, with what. Each kind of item has measures of its own.

    Since 2025-07-01 there are provinces and communes: `levels` names the levels of agencies in a scope of each kind.
    """
    template = template_of(period_end or date.max)
    return etag_response(request, template_response(template))


@router.put("/inspections/{number}/evidence", summary="Hand in the whole evidence of an inspection")
@operation(
    response=StoredEvidence,
    example=examples.STORED,
    headers={ETAG: "Of the newest version"},
    body_example=examples.BODY,
    problems=(NotFound, PreconditionFailed, PreconditionRequired, InspectionChanged, MetricsAway, MetricsClosed),
)
async def put_evidence(
    request: Request,
    principal: Writer,
    number: InspectionNumber,
    body: Annotated[EvidenceBody, Body()],
    if_match: IfMatch = None,
) -> Response:
    """What is not handed in again stands no more; earlier versions stay readable. `If-Match` has the ETag of
    `GET .../evidence`; what stands already may be handed in again under an earlier one. One fault refuses all: each is listed
    with its place and what to do, and nothing is stored.
    """
    read = await inspected(request, principal, number)
    template = template_of(read.inspection.period.end)
    items = await evidence_service.demand_items(body.items, read.inspection, read.agencies)

    async def store(tx: Connection) -> EvidenceChange:
        read.demand_unchanged(await held_inspection(tx, principal, number))
        tag = evidence_tag(number, await _newest(tx, number))
        change = await evidence_service.put(tx, number, items, template=template, key_id=principal.key_id)
        demand_match(if_match, tag, done=change.nothing)
        return change

    return stored_response(number, await request.app.state.database.run(store))


@router.patch("/inspections/{number}/evidence", summary="Add, change or remove evidence of an inspection")
@operation(
    response=StoredEvidence,
    example=examples.PATCHED,
    headers={ETAG: "Of the newest version"},
    body_example=examples.PATCH,
    problems=(NotFound, PreconditionFailed, InspectionChanged, EvidenceOutdated, MetricsAway, MetricsClosed),
)
async def patch_evidence(
    request: Request,
    principal: Writer,
    number: InspectionNumber,
    body: Annotated[EvidencePatch, Body()],
    if_match: IfMatch = None,
) -> Response:
    """What is not named stands as it is, so members of a team can hand in at once; `If-Match` may be left out. `*` names the
    agencies of which nothing stands: to change what another handed in, name its agency.
    """
    read = await inspected(request, principal, number)
    template = template_of(read.inspection.period.end)
    removed = {_key(name, read.agencies) for name in body.remove}

    async def store(tx: Connection) -> EvidenceChange:
        read.demand_unchanged(await held_inspection(tx, principal, number))
        tag = evidence_tag(number, await _newest(tx, number))
        present = await evidence_service.read_present(tx, number, removed)
        items = await evidence_service.demand_items(body.items, read.inspection, read.agencies, present)
        change = await evidence_service.patch(tx, number, items, removed, template=template, key_id=principal.key_id)
        demand_match(if_match, tag, required=False, done=change.nothing)
        return change

    return stored_response(number, await request.app.state.database.run(store))


def _key(name: EvidenceName, agencies: tuple[Subject, ...]) -> ItemKey:
    keys = {agency.code: agency.key for agency in agencies}
    subject = keys.get(name.agency, name.agency) if name.agency else f"group:{name.level}" if name.level else ""
    return (name.item, subject, name.about)


async def _newest(tx: Connection, number: int) -> int:
    newest = await evidence_store.newest(tx, number)
    return 0 if newest is None else newest.version


def evidence_tag(number: int, version: int) -> str:
    """The ETag of a version of the evidence of an inspection."""
    return f'"evidence-{number}-{version}"'


def stored_response(number: int, change: EvidenceChange) -> Response:
    """What handing in evidence did, under the ETag of the newest version."""
    return json_response(StoredEvidence(number, *change), etag=evidence_tag(number, change.version))


@router.get("/inspections/{number}/evidence", summary="The evidence of an inspection, item by item")
@operation(response=EvidencePage, example=examples.PAGE, unchanged=True)
async def read_evidence(
    request: Request,
    principal: Reader,
    number: InspectionNumber,
    item: Annotated[Line | None, Query(max_length=80, description="Of this item only", examples=["reporting.reports"])] = None,
    agency: AgencyFilter = None,
    level: Annotated[Level | None, Query(description="Of this level only")] = None,
    subject: Annotated[
        Line | None,
        Query(max_length=60, description="As `evidence` of a figure has it: the unit key of an agency, or `group:<level>`"),
    ] = None,
    about: Annotated[Line | None, Query(max_length=300, description="About this only")] = None,
    measure: Annotated[
        Measure | None, Query(description="With `item`: what this measure of it counts, as a figure of a notice has it")
    ] = None,
    version: Version = None,
    cursor: CursorParameter = None,
    limit: Limit = 50,
) -> Response:
    """A figure of a notice that counts evidence opens here: `evidence` of the figure has these parameters."""
    async with request.app.state.database.transaction() as tx:
        row = await visible_inspection(tx, principal, number)
        wanted = await _wanted(tx, number, version)
        of_version = await evidence_store.versions(tx, number, after=wanted - 1, upto=wanted)
        template = template_named(of_version[0].template) if of_version else template_of(read_stored(row.body).period.end)
        _demand_item(template, item, measure)
        found = await evidence_store.page(
            tx,
            number,
            wanted,
            item=item,
            subject=subject or agency or (f"group:{level}" if level else None),
            about=about,
            after=None if measure else CURSOR.decode(cursor),
            limit=None if measure else limit + 1,
        )
    if measure is not None and item is not None:
        found = _counted(template, item, measure, found, CURSOR.decode(cursor))
    page, next_cursor = CURSOR.page(found, limit, lambda one: one.id)
    out = EvidencePage(
        number, wanted, template.year, [listed(one, item_of(template, one.item.item)) for one in page], next_cursor
    )
    return etag_response(request, out, etag=evidence_tag(number, wanted))


async def _wanted(tx: Connection, number: int, version: int | None) -> int:
    """The version to be read; raises `NotFound` for one that there is not."""
    newest = await _newest(tx, number)
    if version is not None and version > newest:
        raise NotFound(
            bilingual(
                "The evidence of inspection {n} has no version {version}; the newest is {newest}.",
                "Nội dung kiểm tra của cuộc kiểm tra {n} không có phiên bản {version}; mới nhất là {newest}.",
                n=number,
                version=version,
                newest=newest,
            )
        )
    return newest if version is None else version


def _demand_item(template: Template, item: str | None, measure: Measure | None) -> None:
    if item is not None and item not in template:
        raise Invalid(unknown_name(ITEM, item, [one.id for one in template.items]))
    if measure is None:
        return
    if item is None:
        raise Invalid(Bilingual("A measure is one of an item: give `item` too.", "`measure` cần đi kèm `item`."))
    known = MEASURES[template[item].kind]
    if measure not in known:
        raise Invalid(unknown_name(MEASURE, measure, known))


def _counted(template: Template, item: str, measure: Measure, rows: list[ItemRow], after: int | None) -> list[ItemRow]:
    """The rows that a measure counts, after one of them."""
    kept = set(map(id, counted(template, template[item].kind, measure, items := tuple(row.item for row in rows))))
    return [row for row, one in zip(rows, items, strict=True) if id(one) in kept and row.id > (after or 0)]


@router.get("/inspections/{number}/evidence/changes", summary="What differs between two versions of the evidence")
@operation(response=EvidenceChanges, example=examples.CHANGES, unchanged=True)
async def read_changes(
    request: Request,
    principal: Reader,
    number: InspectionNumber,
    start: Annotated[
        int, Query(alias="from", ge=0, le=INT4, description="The earlier version; 0: before any", examples=[1])
    ] = 0,
    end: Annotated[
        int | None, Query(alias="to", ge=0, le=INT4, description="The later version; left out: the newest", examples=[2])
    ] = None,
    cursor: CursorParameter = None,
    limit: Limit = 50,
) -> Response:
    """What a draft that stands on the earlier version would state otherwise."""
    async with request.app.state.database.transaction() as tx:
        await visible_inspection(tx, principal, number)
        upto = await _wanted(tx, number, end)
        if start > upto:
            raise Invalid(Bilingual("`from` is later than `to`.", "`from` lớn hơn `to`."))
        versions = await evidence_store.versions(tx, number, after=start, upto=upto)
        found = await evidence_service.changes(tx, number, since=start, upto=upto)
    after = CHANGES_CURSOR.decode(cursor)
    rest = found if after is None else [one for one in found if one.key > after]
    page, next_cursor = CHANGES_CURSOR.page(rest, limit, lambda one: one.key)
    return etag_response(
        request,
        EvidenceChanges(
            number, start, upto, [version_of(one) for one in versions], [changed_item(one) for one in page], next_cursor
        ),
    )

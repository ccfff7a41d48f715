"""Days off and policies of a province: what its due dates are computed by besides procedures."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Request
from msgspec import UNSET

from services.ingest.catalogue import service as catalogue
from services.ingest.catalogue.api.changes import respond_changed
from services.ingest.catalogue.api.examples import (
    CHANGED,
    DAYS,
    POLICIES,
)
from services.ingest.catalogue.api.parameters import Note, Province, Writer
from services.ingest.catalogue.api.schemas import (
    CatalogueChange,
    DayOverrideIn,
    PoliciesIn,
)
from services.ingest.catalogue.api.spreadsheets import converted
from services.ingest.catalogue.model import SourceOrder
from services.ingest.catalogue.rulesets import Policies
from services.ingest.catalogue.store.catalogue import Author, DayOverride
from shared.web.operations import Router, operation
from shared.workdays import Policy

router = Router("catalogue", under="/catalogue")


@router.post("/{province}/days", summary="Add days off and make-up days")
@operation(body_example=DAYS, example={**CHANGED, "entries": 2})
async def add_days(
    request: Request,
    province: Province,
    principal: Writer,
    body: Annotated[list[DayOverrideIn], Body(min_length=1, max_length=1_000)],
    note: Note = None,
) -> CatalogueChange:
    """A later decision about the same day wins."""
    principal.demand_province(province)
    days = [DayOverride(province, one.day, one.worked, one.legal_basis, one.known_from, one.verified) for one in body]
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_days(tx, province, days, Author(principal.name, note))
    return await respond_changed(request, province, version, len(days))


@router.put("/{province}/policies", summary="Replace the province's policies")
@operation(body_example=POLICIES, example=CHANGED)
async def put_policies(
    request: Request, province: Province, principal: Writer, body: PoliciesIn, note: Note = None
) -> CatalogueChange:
    """Office hours of the province and of single agencies, and the rules where the law leaves a choice."""
    principal.demand_province(province)
    chosen = policies_of(body)
    async with request.app.state.database.transaction() as tx:
        version = await catalogue.put_policies(tx, province, chosen, Author(principal.name, note))
    return await respond_changed(request, province, version, 1)


def policies_of(body: PoliciesIn, at: str = "body") -> Policies:
    """The policies that stand `at` a place of a request; raises `Invalid` for rules that are not as agreed."""
    return Policies(
        body.office_hours,
        body.agency_hours,
        tuple(converted(body.clock, Policy, f"{at}.clock")),
        UNSET
        if body.sources is None
        else SourceOrder(tuple(body.sources.order), {name: tuple(order) for name, order in body.sources.fields.items()}),
    )

"""Indices: their score for a scope and period, and the points that people enter."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from services.metrics.agencies.service import reach_of
from services.metrics.figures.api.parameters import Parameters
from services.metrics.figures.api.rendering import deliver
from services.metrics.figures.service import NotCountedYet
from services.metrics.indices import examples, service, store
from services.metrics.indices.model import INDICES, Assessment, Index
from services.metrics.parameters import Body, Code, Day, ProvinceField, Reader, Words, Writer
from shared.contracts.indices import AssessmentRecorded
from shared.errors import Invalid
from shared.fields import Line
from shared.web.operations import Router, operation

router = Router("comparisons")


class NewAssessment(Body):
    """Points of a component that cannot be computed."""

    province: ProvinceField
    scope: Code | None = Field(None, description="Code or unit key; none: the whole province")
    since: Day = Field(alias="from", description="The first civil day of the period, inside")
    until: Day = Field(alias="to", description="The last civil day, inside")
    component: Annotated[Line, Field(max_length=40)] = Field(description="Id of a component of the index")
    points: float = Field(ge=0, le=100, allow_inf_nan=False, description="At most those that the component gives")
    basis: Words = Field(description="What the points rest on")


@router.get("/indices/{index}", summary="The index of decision 766, or the criteria of circular 01/2018")
@operation(example=examples.SCORE, problems=(NotCountedYet,), unchanged=True)
async def read_index(request: Request, principal: Reader, parameters: Parameters, index: Index) -> Response:
    """Each component with its rule and points; what is not available, and the total out of what is."""
    use_case = partial(service.score, query=parameters.query(), index=index)
    return await deliver(request, principal, parameters, use_case)


@router.post("/indices/{index}/assessments", status_code=201, summary="Enter points that cannot be computed")
@operation(example=examples.ASSESSED)
async def assess(request: Request, principal: Writer, index: Index, body: NewAssessment) -> AssessmentRecorded:
    """For exactly this scope and period; the newest counts, and only where nothing is computed."""
    component = next((one for one in INDICES[index] if one.id == body.component), None)
    if component is None:
        raise Invalid(f"Index {index} has no component {body.component!r}. GET /v1/indices/{index} lists them.")
    if body.points > component.points:
        raise Invalid(f"{component.id} gives at most {component.points:g} points.")
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, body.province)
        scope = units.scope([body.scope] if body.scope else [], body.until, None, reach)
        made = Assessment(component.id, body.points, body.basis)
        await store.assess(tx, body.province, str(scope.scope), index, body.since, body.until, made, principal.name)
    return AssessmentRecorded(index, component.id, body.points)

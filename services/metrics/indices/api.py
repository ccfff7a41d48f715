"""Indices: their score for a scope and period, and the points that people enter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from services.metrics.agencies.service import reach_of
from services.metrics.figures.api.parameters import Level, Parameters, run_use_case
from services.metrics.figures.api.rendering import deliver, deliver_page
from services.metrics.figures.service import NotCountedYet
from services.metrics.indices import comparing, decision_766, examples, exports, losses, model, rankings, service, store
from services.metrics.indices.model import Assessment, Index
from services.metrics.indices.published import read_published
from services.metrics.indices.pulls import order_pulls
from services.metrics.indices.rules import ruleset_on
from services.metrics.parameters import Body, Code, Day, ProvinceField, Reader, Rebuilder, Words, Writer
from services.metrics.periods import named
from shared.civil import civil_day
from shared.contracts.indices import AssessmentRecorded, PublishedRecorded, PullsOrdered
from shared.errors import Conflict, Invalid, NotFound
from shared.fields import Line
from shared.settings import settings
from shared.spreadsheets import CSV
from shared.web.formats import TABLE_HEADERS, CsvFormat
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


class NewPublished(Body):
    """A response of the national portal."""

    province: ProvinceField
    scope: Code | None = Field(None, description="Code or unit key that it is about; none: the whole province")
    since: Day = Field(alias="from", description="The first civil day of the period, inside")
    until: Day = Field(alias="to", description="The last civil day, inside")
    published_on: Day = Field(description="The day of which the response is")
    response: str = Field(
        min_length=2,
        max_length=2_000_000,
        pattern=r"^[^\x00]+$",
        description="The text of its JSON: `data.parent` and `data.children`, or metrics",
    )


class NewPulls(Body):
    """Which scores to pull."""

    province: ProvinceField
    period: Annotated[Line, Field(min_length=1, max_length=20)] = Field(
        description="A civil month, quarter or year: `C2026-M09`, `C2026-Q3`, `C2026`", examples=["C2026-M09"]
    )


@router.get("/indices/766/ranking", summary="The agencies of a scope by the index of decision 766")
@operation(example=examples.RANKING, problems=(NotCountedYet,), unchanged=True)
async def read_index_ranking(request: Request, principal: Reader, parameters: Parameters, level: Level = None) -> Response:
    """By the share of available points that is reached; equals share a rank. `change` is against the period before."""
    use_case = partial(rankings.ranking, query=parameters.query("agency", level))
    return await deliver(request, principal, parameters, use_case)


@router.get("/indices/766/losses", summary="What costs points of the index of decision 766, and what would bring them back")
@operation(example=examples.LOSSES, media=(CSV,), headers=TABLE_HEADERS, problems=(NotCountedYet,), unchanged=True)
async def read_index_losses(
    request: Request, principal: Reader, parameters: Parameters, wanted: CsvFormat, level: Level = None
) -> Response:
    """By agency and component: dossiers, and the points that the scope would gain if they were mended. JSON, or CSV."""
    state = request.app.state
    use_case = partial(losses.losses, query=parameters.query("agency", level))
    result = await run_use_case(state.database, state.units, use_case, principal, parameters.province, parameters.as_of)
    found = result.response
    return deliver_page(
        request,
        principal,
        found,
        lambda language: exports.losses(found, language),
        wanted,
        position=found.position,
        revision=result.revision,
        name=f"losses-766-{parameters.province}",
        following=None,
    )


@router.post("/indices/766/published", status_code=201, summary="Store scores that the national portal published")
@operation(example=examples.PUBLISHED)
async def add_published(request: Request, principal: Writer, body: NewPublished) -> PublishedRecorded:
    """A response of the portal as it came, for exactly this scope and period. It is stored beside what was stored before."""
    found = read_published(body.response.encode(errors="replace"))
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, body.province)
        scope = units.scope([body.scope] if body.scope else [], body.until, None, reach)
        await store.publish(
            tx, body.province, str(scope.scope), body.since, body.until, found, body.published_on, principal.name
        )
    return PublishedRecorded(len(found), len({one.unit for one in found} - {None}))


@router.post("/indices/766/published/pulls", status_code=202, summary="Have the published scores of a period pulled now")
@operation(example=examples.PULLS, body_example={"province": "30", "period": "C2026-M09"}, problems=(NotFound, Conflict))
async def order_published(request: Request, principal: Rebuilder, body: NewPulls) -> PullsOrdered:
    """From the addresses in the settings, for the whole province. Those of running periods come by themselves.

    `pulls` of GET /v1/indices/766/published tells how it went.
    """
    principal.demand_province(body.province)
    now = datetime.now(UTC)
    period = named(body.period, civil_day(now))
    async with request.app.state.database.transaction() as tx:
        return PullsOrdered(await order_pulls(tx, settings().scores_endpoints, body.province, period, now))


@router.get("/indices/766/published", summary="Scores that the national portal published, beside ours")
@operation(example=examples.COMPARISON, problems=(NotCountedYet,), unchanged=True)
async def read_published_scores(request: Request, principal: Reader, parameters: Parameters) -> Response:
    """The newest of each component and unit that were stored for exactly this scope and period, with why counts may differ."""
    return await deliver(request, principal, parameters, partial(comparing.comparison, query=parameters.query()))


@router.get("/indices/{index}", summary="The index of decision 766, or the criteria of circular 01/2018")
@operation(example=examples.SCORE, problems=(NotCountedYet,), unchanged=True)
async def read_index(request: Request, principal: Reader, parameters: Parameters, index: Index) -> Response:
    """Each component with its rule, points and the dossiers that cost them; what is not available, the total out of what is.

    Decision 766 goes by civil periods (`period=C2026-M09`); legal ones are scored by the same rules.
    """
    scored = decision_766.score if index == decision_766.INDEX else service.score
    return await deliver(request, principal, parameters, partial(scored, query=parameters.query()))


@router.post("/indices/{index}/assessments", status_code=201, summary="Enter points that cannot be computed")
@operation(example=examples.ASSESSED)
async def assess(request: Request, principal: Writer, index: Index, body: NewAssessment) -> AssessmentRecorded:
    """For exactly this scope and period; the newest counts, and only where nothing is computed."""
    max_points = _max_points(index, body.until)
    if body.component not in max_points:
        raise Invalid(f"Index {index} has no component {body.component!r}. GET /v1/indices/{index} lists them.")
    if body.points > max_points[body.component]:
        raise Invalid(f"{body.component} gives at most {max_points[body.component]:g} points.")
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, body.province)
        scope = units.scope([body.scope] if body.scope else [], body.until, None, reach)
        made = Assessment(body.component, body.points, body.basis)
        await store.assess(tx, body.province, str(scope.scope), index, body.since, body.until, made, principal.name)
    return AssessmentRecorded(index, body.component, body.points)


def _max_points(index: Index, until: date) -> dict[str, float]:
    """What the components of an index give at most."""
    if index == decision_766.INDEX:
        return {one.id: one.max for one in ruleset_on(until).component}
    return {one.id: one.points for one in model.CIRCULAR_01}

"""What keeps figures trustworthy: provinces, proofs, alerts, and the evidence that people enter."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request
from pydantic import ConfigDict, Field, model_validator

from services.metrics.agencies.model import Units
from services.metrics.alerts import store as alerts
from services.metrics.alerts.store import Rule
from services.metrics.consistency import service as proving
from services.metrics.consistency import store as proofs
from services.metrics.consistency.api import examples
from services.metrics.figures import service as figures
from services.metrics.figures.api.asking import ProvinceCode, Reader, reach_of, reading
from services.metrics.figures.api.schemas import KPI_ID
from services.metrics.figures.kpis import BY_ID
from services.metrics.figures.periods import EARLIEST, LATEST
from services.metrics.figures.query import LISTED
from services.metrics.indices.model import INDICES, Assessment, Index
from services.metrics.manual_inputs import store as evidence
from services.metrics.provinces import store as provinces
from shared import fields
from shared.access import Principal, require
from shared.contracts.kpis import Freshness
from shared.contracts.operations import (
    Alert,
    AlertRule,
    AlertRuleAdded,
    AlertRules,
    Alerts,
    Assessed,
    ConsistencyCheck,
    ConsistencyCheckPage,
    ConsistencyResult,
    ConsistencySummary,
    ManualInputRecorded,
    Provinces,
    ProvinceState,
    Rebuilt,
    Resynced,
)
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, ValidationDetails
from shared.fields import Line, RowId, Text
from shared.heartbeat import read_outage
from shared.spelling import unknown_name
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber

router = Router("operations")

ALERTS = Cursor[int]("alerts", RowNumber)
Operator = Annotated[Principal, Depends(require("ops:read"))]
Overseer = Annotated[Principal, Depends(require("figures:read"))]
"""Reads figures of whole provinces."""
Rebuilder = Annotated[Principal, Depends(require("figures:write"))]
Writer = Annotated[Principal, Depends(require("figures:write", agencies="enforced"))]
Day = Annotated[date, fields.WRITTEN_DAY, Field(ge=EARLIEST, le=LATEST)]
Watched = Literal["kpi", "silence"]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f~,]+$")]
Words = Annotated[Text, Field(min_length=1, max_length=500)]
ProvinceField = Annotated[fields.ProvinceCode, Field(description="Province", examples=["30"])]


class _Body(fields.BodyModel):
    model_config = ConfigDict(str_strip_whitespace=True)


class ManualInput(_Body):
    """Counts of a day that no portal knows."""

    province: ProvinceField
    agency: Code = Field(description="Code or unit key", examples=["10813"])
    on: Day = Field(description="The civil day that the counts are of")
    ratings: int | None = Field(None, ge=0, le=10**6, description="Answers of the satisfaction survey")
    ratings_satisfied: int | None = Field(None, ge=0, le=10**6, description="Of them satisfied")
    feedback: int | None = Field(None, ge=0, le=10**6, description="Complaints and petitions received")
    feedback_in_time: int | None = Field(None, ge=0, le=10**6, description="Of them answered in time")
    source: Words = Field(description="What it rests on: the report, its number and date")

    @model_validator(mode="after")
    def _parts_within_wholes(self) -> ManualInput:
        for part, whole in (("ratings_satisfied", "ratings"), ("feedback_in_time", "feedback")):
            some, all_ = getattr(self, part), getattr(self, whole)
            if some is not None and (all_ is None or some > all_):
                raise ValueError(f"{part} is a part of {whole} and cannot be larger")
        if not self.counts():
            raise ValueError("give at least one count")
        return self

    def counts(self) -> dict[str, int]:
        """The counts that were given."""
        named = self.model_dump(include={"ratings", "ratings_satisfied", "feedback", "feedback_in_time"})
        return {name: value for name, value in named.items() if value is not None}


class AssessmentIn(_Body):
    """Points of a component that cannot be computed."""

    province: ProvinceField
    scope: Code | None = Field(None, description="Code or unit key; none: the whole province")
    since: Day = Field(alias="from", description="The first civil day of the period, inside")
    until: Day = Field(alias="to", description="The last civil day, inside")
    component: Annotated[Line, Field(max_length=40)] = Field(description="Id of a component of the index")
    points: float = Field(ge=0, le=100, allow_inf_nan=False, description="At most those that the component gives")
    basis: Words = Field(description="What the points rest on")


class RuleIn(_Body):
    """A threshold to watch."""

    province: ProvinceField
    name: Words = Field(description="As alerts show it")
    kind: Watched = Field("kpi", description="A KPI of the last days, or a province without news")
    kpi: Annotated[Line, Field(max_length=100), KPI_ID] | None = Field(None, description="Which KPI; of the kind `kpi` only")
    scope: list[Code] = Field(default_factory=list, max_length=100, description="Codes or unit keys; empty: the whole province")
    each_agency: bool = Field(False, description="An alert per agency instead of one for the scope")
    days: int = Field(30, ge=1, le=3660, description="Window up to today")
    above: float | None = Field(
        None, ge=-(10**9), le=10**9, allow_inf_nan=False, description="Alert when the value is above; of a silence, hours"
    )
    below: float | None = Field(
        None, ge=-(10**9), le=10**9, allow_inf_nan=False, description="Alert when the value is below; not of a silence"
    )
    minimum: int = Field(0, ge=0, le=10**9, description="Smallest base of a rate")


@router.get("/provinces", summary="The provinces and how far they are counted")
@operation(example=examples.PROVINCES)
async def read_provinces(request: Request, principal: Overseer) -> Provinces:
    """Position, head of the feed, freshness, open alerts and proofs of each province."""
    async with reading(request) as tx:
        known = await provinces.all_provinces(tx)
        silent = await read_outage(tx, "metrics")
        proven = await proofs.summary(tx)
        open_ = await alerts.open_counts(tx)
    states = [
        _state(one, figures.freshness(one, silent), open_.get(name, 0), proven.get(name))
        for name, one in sorted(known.items())
        if principal.province in (None, name)
    ]
    return Provinces(states)


def _state(province: provinces.Province, told: Freshness, open_alerts: int, proven: proofs.Summary | None) -> ProvinceState:
    return ProvinceState(
        head=told.head,
        behind=told.behind,
        applied_at=told.applied_at,
        quarantined=told.quarantined,
        gap=told.gap,
        missing=told.missing,
        complete=told.complete,
        reasons=told.reasons,
        province=province.province,
        position=province.position,
        generation=province.generation,
        catalogue=province.catalogue,
        open_alerts=open_alerts,
        proof=None if proven is None else ConsistencySummary(**proven._asdict()),
    )


@router.post(
    "/provinces/{province}/resync", summary="Forget what was counted of a province, and count its feed from the beginning"
)
@operation(example=examples.RESYNCED)
async def resync(
    request: Request, principal: Rebuilder, province: Annotated[fields.ProvinceCode, Path(description="Province")]
) -> Resynced:
    """For when ingest was restored from a backup and the restored feed is the one to follow (`ingest_restored`).

    Positions begin anew, so an `as_of` or a figure id of before means nothing any more; notices keep the figures they were made
    of. What people entered stays. Takes seconds per million versions; answers are not complete until all is counted.
    """
    async with request.app.state.database.transaction() as tx:
        await reach_of(request.app.state.units, tx, principal, province)
        forgotten = await provinces.forget(tx, province)
    await request.app.state.notifier.notify("metrics")
    return Resynced(province, forgotten)


@router.get("/proofs", summary="Outcomes of the running proof, newest first")
@operation(example=examples.PROOFS)
async def read_proofs(
    request: Request, principal: Operator, province: ProvinceCode, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> ConsistencyCheckPage:
    """Counters counted anew from the versions against those that grew by differences: `differences` must be 0."""
    async with reading(request) as tx:
        units, _ = await reach_of(request.app.state.units, tx, principal, province)
        found = await proofs.latest(tx, province, limit)
    return ConsistencyCheckPage(province, [_proof(one, units) for one in found])


def _proof(found: proofs.ConsistencyCheck, units: Units) -> ConsistencyCheck:
    return ConsistencyCheck(
        whole=found.agency_no is None,
        position=found.position,
        cells=found.cells,
        differences=found.differences,
        seconds=found.seconds,
        checked_at=found.checked_at,
        agency=units.keys.get(found.agency_no or 0),
    )


@router.post("/proofs", summary="Prove all counters of a province now")
@operation(example=examples.PROVEN)
async def prove_now(request: Request, principal: Operator, province: ProvinceCode) -> ConsistencyResult:
    """Every cell of every agency, day, month and of the ledger; takes seconds per million versions."""
    async with request.app.state.database.transaction(snapshot=True) as tx:
        await reach_of(request.app.state.units, tx, principal, province)
        found = await proving.prove(tx, province, None)
    return ConsistencyResult(province, found.cells, found.differences, found.differences == 0)


@router.post("/rebuilds", summary="Count a province's counters anew from its versions, and mend those that differ")
@operation(example=examples.REBUILT, problems=(Conflict,))
async def rebuild_now(request: Request, principal: Rebuilder, province: ProvinceCode) -> Rebuilt:
    """For when a proof found differences. Takes seconds per million versions, in which new batches wait and answers do not."""
    principal.demand_province(province)
    return Rebuilt(province, await proving.rebuild(request.app.state.database, province))


@router.get("/alerts", summary="Alerts, newest first")
@operation(example=examples.ALERTS)
async def read_alerts(
    request: Request,
    principal: Reader,
    province: ProvinceCode,
    only_open: Annotated[bool, Query(description="Only those not closed yet")] = False,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Alerts:
    """When each opened and closed, at which value."""
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, province)
        within = None
        if reach is not None:
            rules = _within(await alerts.rules(tx, province, ended=True), units, reach)
            within = [units.keys[number] for number in reach], [rule.id for rule in rules]
        before = ALERTS.decode(cursor)
        found = await alerts.alerts(tx, province, only_open=only_open, before=before, limit=limit + 1, within=within)
    page, next_cursor = ALERTS.page(found, limit, lambda row: row.id)
    return Alerts(province, [Alert(**one._asdict()) for one in page], next_cursor)


@router.get("/alerts/rules", summary="The thresholds that are watched")
@operation(example=examples.ALERT_RULES)
async def read_rules(request: Request, principal: Reader, province: ProvinceCode) -> AlertRules:
    """Rules in force."""
    async with reading(request) as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, province)
        found = _within(await alerts.rules(tx, province), units, reach)
    return AlertRules(province, [AlertRule(**asdict(rule)) for rule in found])


def _within(rules: list[Rule], units: Units, reach: frozenset[int] | None) -> list[Rule]:
    """The rules whose whole scope the key may see."""

    def is_within(rule: Rule) -> bool:
        try:
            units.scope(rule.scope, LATEST, None, reach)
        except (Forbidden, NotFound):
            return False
        return True

    return rules if reach is None else [rule for rule in rules if is_within(rule)]


@router.post("/alerts/rules", status_code=201, summary="Watch a threshold")
@operation(example=examples.ALERT_RULE_ADDED, problems=(NotFound,))
async def add_rule(request: Request, principal: Writer, body: RuleIn) -> AlertRuleAdded:
    """A KPI above or below a value over the last days, or a province without news for some hours."""
    if body.kind == "kpi" and body.kpi not in BY_ID:
        fault = FieldError("body.kpi", unknown_name("KPI", body.kpi or "", BY_ID, where=LISTED), "unknown_value")
        raise Invalid(fault.message, members=ValidationDetails(errors=[fault]))
    if body.above is None and (body.below is None or body.kind == "silence"):
        raise Invalid("Give `above` or `below`; a silence needs `above`, in hours.")
    rule = Rule(
        0, body.province, body.name, body.kind, body.kpi if body.kind == "kpi" else None, tuple(body.scope), body.each_agency,
        body.days, body.above, body.below, body.minimum,
    )  # fmt: skip
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, body.province)
        units.scope(rule.scope, LATEST, None, reach)
        number = await alerts.add_rule(tx, rule, principal.name)
    return AlertRuleAdded(number)


@router.delete("/alerts/rules/{number}", status_code=204, summary="Watch a threshold no longer")
async def end_rule(request: Request, principal: Writer, province: ProvinceCode, number: Annotated[RowId, Path()]) -> None:
    """Its open alerts close."""
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, province)
        seen = {rule.id for rule in _within(await alerts.rules(tx, province), units, reach)}
        if number not in seen or not await alerts.end_rule(tx, province, number, datetime.now(UTC)):
            raise NotFound(f"Province {province} has no rule {number} in force. GET /v1/alerts/rules lists them.")


@router.post("/evidence", status_code=201, summary="Enter counts that no portal knows")
@operation(example=examples.EVIDENCE_ENTERED, problems=(NotFound,))
async def enter_evidence(request: Request, principal: Writer, body: ManualInput) -> ManualInputRecorded:
    """Survey answers and feedback of a day; they add to what was entered before."""
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, body.province)
        scope = units.scope([body.agency], body.on, None, reach)
        assert scope.key is not None
        await evidence.enter(tx, body.province, units.numbers[scope.key], body.on, body.counts(), body.source, principal.name)
    return ManualInputRecorded(scope.key, body.on, body.counts())


@router.post("/indices/{index}/assessments", status_code=201, summary="Enter points that cannot be computed")
@operation(example=examples.ASSESSED)
async def assess(request: Request, principal: Writer, index: Index, body: AssessmentIn) -> Assessed:
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
        await evidence.assess(tx, body.province, str(scope.scope), index, body.since, body.until, made, principal.name)
    return Assessed(index, component.id, body.points)

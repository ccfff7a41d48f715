"""Counts that people enter."""

from __future__ import annotations

from fastapi import Request
from pydantic import Field, model_validator

from services.metrics.agencies.service import reach_of
from services.metrics.manual_inputs import examples
from services.metrics.manual_inputs import store as manual_input
from services.metrics.parameters import Body, Code, Day, ProvinceField, Words, Writer
from shared.contracts.manual_inputs import ManualInputRecorded
from shared.errors import NotFound
from shared.web.operations import Router, operation

router = Router("operations")


class ManualInput(Body):
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


@router.post("/manual-inputs", status_code=201, summary="Enter counts that no portal knows")
@operation(example=examples.RECORDED, problems=(NotFound,))
async def add_manual_input(request: Request, principal: Writer, body: ManualInput) -> ManualInputRecorded:
    """Survey responses and feedback of a day; they add to what was entered before."""
    async with request.app.state.database.transaction() as tx:
        units, reach = await reach_of(request.app.state.units, tx, principal, body.province)
        scope = units.scope([body.agency], body.on, None, reach)
        assert scope.key is not None
        await manual_input.add(tx, body.province, units.numbers[scope.key], body.on, body.counts(), body.source, principal.name)
    return ManualInputRecorded(scope.key, body.on, body.counts())

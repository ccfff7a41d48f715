"""Bodies and responses of the routes of recommendations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

import msgspec
from pydantic import ConfigDict, Field, model_validator

from services.notices.inspections.model import PrintedLine
from services.notices.recommendations.model import RecommendationState, RecommendationStep, days_late, state_on
from services.notices.recommendations.store import RecommendationRow, StepRow
from shared.fields import INT4, BodyModel, Day, Printed
from shared.languages import Bilingual
from shared.model_errors import FieldValueError

ReplyText = Annotated[Printed, Field(min_length=1, max_length=3000)]


class RecommendationReply(BodyModel):
    """What was done about a recommendation."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    text: ReplyText
    """What was done, in Vietnamese."""
    on: Day
    """The day of the answer; none to come."""
    reference: PrintedLine | None = None
    """The document that reports it: `Báo cáo số 12/BC-UBND`; null: none."""


class RecommendationJudgement(BodyModel):
    """Whether an answer is accepted."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    number: Annotated[int, Field(ge=1, le=INT4)]
    """`number` of the answer that was read; a newer one is not judged by this."""
    accepted: bool
    """Whether the recommendation is carried out; if not, another answer is awaited."""
    reason: ReplyText | None = None
    """Why; needed where it is not accepted."""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if not self.accepted and self.reason is None:
            raise FieldValueError(
                "reason", Bilingual("Give the `reason` why it is not accepted.", "Ghi lý do (`reason`) không chấp nhận.")
            )
        return self


class ListedRecommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation of a notice in force, to one of those whom it asks."""

    id: int
    """Its number."""
    notice: int
    """`id` of the notice."""
    province: str
    """The province."""
    key: str
    """As `GET /v1/notices/{number}/recommendations` lists it."""
    agency: str | None
    """Unit key of the agency that it asks; null: somebody who was not inspected, such as the keeper of the software."""
    code: str
    """Code of the agency; empty where it has none."""
    name: str
    """Who is asked, in Vietnamese."""
    text: str
    """What is to be done, as the notice prints it."""
    deadline: date | None
    """By when; null: no day was set."""
    state: RecommendationState
    """`open`, `overdue`, `answered`, `done` or `not_accepted`."""
    days_late: int | None
    """Days since the deadline of what is neither answered nor done; null: it is, or the deadline has not passed."""

    @classmethod
    def of(cls, row: RecommendationRow, today: date) -> ListedRecommendation:
        """As stored, on a day."""
        return ListedRecommendation(
            id=row.id,
            notice=row.notice_id,
            province=row.province,
            key=row.key,
            agency=row.agency,
            code=row.code,
            name=row.name,
            text=row.text,
            deadline=row.deadline,
            state=state_on(row.state, row.deadline, today),
            days_late=days_late(row.state, row.deadline, today),
        )


class RecommendationPage(msgspec.Struct, frozen=True):
    """Recommendations, the newest first."""

    recommendations: list[ListedRecommendation]
    """Those of this page."""
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""


class TakenStep(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, or the judgement of one."""

    number: int
    """Of the steps of this recommendation, from 1."""
    step: RecommendationStep
    """`answer`, `accept` or `decline`."""
    text: str | None
    """What was done, or why the answer is accepted or not; null: nothing was written."""
    on: date | None
    """The day of an answer; null of a judgement."""
    reference: str | None
    """The document that reports it; null: none."""
    by: str
    """Name of the key."""
    at: datetime
    """When it was handed in."""

    @staticmethod
    def of(row: StepRow) -> TakenStep:
        """As stored."""
        return TakenStep(
            number=row.number,
            step=row.step,
            text=row.text,
            on=row.dated,
            reference=row.reference,
            by=row.name,
            at=row.taken_at,
        )


class RecommendationHistory(msgspec.Struct, frozen=True):
    """A recommendation with all that became of it."""

    recommendation: ListedRecommendation
    """What is asked of whom, and its state."""
    steps: list[TakenStep]
    """The first one first; empty: it was not answered."""

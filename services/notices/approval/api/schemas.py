"""Bodies and responses of the routes of decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

import msgspec
from pydantic import ConfigDict, Field, model_validator

from services.notices.approval.model import Obstacle, WaivedObstacle
from services.notices.approval.store import StepRow
from services.notices.drafting.model import LifeStep, NoticeState
from services.notices.inspections.model import PrintedLine
from shared.fields import BodyModel, Line
from shared.languages import Bilingual
from shared.model_errors import FieldValueError

WAIVED = msgspec.json.Decoder(list[WaivedObstacle])

_WITH_REASON = ("return", "withdraw")


class Waiver(BodyModel):
    """That an obstacle does not keep the notice from being approved."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    id: Annotated[Line, Field(min_length=1, max_length=80)]
    """Of the obstacle, as `GET /v1/notices/{id}/review` lists it."""
    reason: PrintedLine
    """Why; stored for good."""


class StepOrder(BodyModel):
    """A decision on a notice."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    step: Literal["submit", "return", "approve", "withdraw"]
    """`submit`: hand it over for approval; `return`: give it back to be edited; `approve`: it may be issued; `withdraw`: what
    was issued is in force no more."""
    reason: PrintedLine | None = None
    """Why; needed to return and to withdraw."""
    waive: Annotated[tuple[Waiver, ...], Field(max_length=200)] = ()
    """To approve: the obstacles that do not keep it from being approved."""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.step in _WITH_REASON and self.reason is None:
            raise FieldValueError(
                "reason",
                Bilingual("Give the `reason` why it is returned or withdrawn.", "Ghi lý do (`reason`) trả lại hoặc thu hồi."),
            )
        if self.waive and self.step != "approve":
            raise FieldValueError(
                "waive", Bilingual("`waive` goes with `approve` alone.", "`waive` chỉ dùng khi duyệt (`approve`).")
            )
        return self


class NoticeReview(msgspec.Struct, frozen=True):
    """What stands against the approval of a notice."""

    notice: int
    """`id` of the notice."""
    text_revision: int
    """The text that was audited."""
    obstacles: list[Obstacle]
    """What has to be mended, or waived with a reason; empty: nothing."""


class DecidedStep(msgspec.Struct, frozen=True, kw_only=True):
    """A decision on a notice."""

    number: int
    """Of the notice's decisions, from 1."""
    step: LifeStep
    """What was decided."""
    state: NoticeState
    """To which it led."""
    by: str
    """Name of the key; of a person the full name."""
    person: bool
    """Whether it was one person's key."""
    reason: str | None
    """Why; null: none was given."""
    text_revision: int
    """The text that was decided on: `GET /v1/notices/{id}/revisions/{n}`."""
    waived: list[WaivedObstacle]
    """What stood against an approval, and why it was approved nevertheless."""
    decided_at: datetime
    """When."""

    @staticmethod
    def of(row: StepRow) -> DecidedStep:
        """As stored."""
        return DecidedStep(
            number=row.number,
            step=row.step,
            state=row.state,
            by=row.name,
            person=row.person,
            reason=row.reason,
            text_revision=row.text_revision,
            waived=WAIVED.decode(row.waived),
            decided_at=row.decided_at,
        )


class StepHistory(msgspec.Struct, frozen=True):
    """Every decision on a notice."""

    notice: int
    """`id` of the notice."""
    state: NoticeState
    """In which it is now."""
    steps: list[DecidedStep]
    """The first one first; empty: none was taken."""

"""The deadline clock for anybody: a calculator that needs no dossier."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated

import msgspec
from fastapi import Body, Depends, Request
from pydantic import AwareDatetime, BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from services.ingest.deadlines.examples import DEADLINE_RESULT
from services.ingest.provinces import store as provinces_store
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.dossier import DueBasis, SuspensionKind, Timeliness
from shared.errors import FieldFault, Invalid
from shared.fields import BodyModel, Line
from shared.languages import Bilingual
from shared.web.operations import Router, operation
from shared.workdays import (
    STANDARD_HOURS,
    Deadline,
    Extension,
    LimitUnit,
    OfficeHours,
    OutsideCalendar,
    Suspension,
    TimeLimit,
    calendar_for,
    closed_suspensions,
    deadline,
    due_soon,
    limit_minutes,
    policy_on,
    spent_minutes,
    timeliness,
)
from shared.workdays.explain import Step, steps, text
from shared.workdays.hours import to_local
from shared.workdays.rules import AfterHours, Effect, ExtensionRule
from shared.workdays.wording import Language

router = Router("deadlines")


def _instant(value: object) -> object:
    """A text as an instant or, where it has no time, as a day; numbers are no instants here."""
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("write an instant with its offset, like 2023-04-28T09:00:00+07:00")
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            "not an instant or a day that exists; write it like 2023-04-28T09:00:00+07:00, or 2023-04-28"
        ) from None


def _day(value: object) -> object:
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("not a day that exists; write it like 2023-04-28")


Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
InstantOrDay = Annotated[AwareDatetime | date, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]


def _time_of_day(value: object) -> object:
    try:
        if isinstance(value, str) and len(value) in (5, 8):
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("not a time of day; write it like 15:00")


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"}),
]


class SuspensionIn(BodyModel):
    """A time in which the office waited for somebody else."""

    from_at: Instant = Field(description="When it began", examples=["2023-03-08T10:00:00+07:00"])
    to_at: Instant | None = Field(default=None, description="Missing: it still waits")
    kind: SuspensionKind = Field(
        default=SuspensionKind.supplement, description="What it waited for: papers, a payment, or the end of a stop"
    )

    @field_validator("to_at")
    @classmethod
    def _after_it_began(cls, to_at: datetime | None, info: ValidationInfo) -> datetime | None:
        if to_at is not None and "from_at" in info.data and to_at < info.data["from_at"]:
            raise ValueError("the suspension ends before it begins; exchange from_at and to_at")
        return to_at


class ExtensionIn(BodyModel):
    """A new date set by letter."""

    until: Day = Field(description="The new due date", examples=["2023-03-20"])
    letter: Line = Field(min_length=1, max_length=100, description="Reference number of the letter of apology")
    decided_on: Day | None = Field(default=None, description="Missing: in time")


class PolicyIn(BodyModel):
    """Choices that the law leaves open, where they should differ from the policy in force on the day of receipt."""

    supplement: Effect | None = Field(default=None, description="What waiting for papers does to the limit")
    payment: Effect | None = Field(default=None, description="What waiting for a payment does to the limit")
    stop: Effect | None = Field(default=None, description="What a stop of processing does to the limit")
    after_hours: AfterHours | None = Field(
        default=None, description="As which day's a receipt after closing or on a day off counts"
    )
    extension: ExtensionRule | None = Field(default=None, description="Whether the letter's date replaces the legal one")


class DeadlineQuery(BodyModel):
    """What a due date is computed from."""

    received_at: InstantOrDay = Field(description="Instant with its offset; a day alone means within office hours")
    limit: int = Field(
        ge=0, le=3_650, strict=True, description="So many of `unit`; 0 days: the day of receipt itself", examples=[5]
    )
    unit: LimitUnit = Field(default=LimitUnit.working_days, description="What the limit is counted in")
    province: str = Field(
        default="", max_length=16, pattern=r"^[A-Za-z0-9_-]*$", description="Code, for its own days off; empty: the country's"
    )
    known_on: Day | None = Field(default=None, description="By the calendar as it was known on this day; missing: as known now")
    office_hours: Line | None = Field(default=None, max_length=300, description="Missing: 07:30-11:30 13:30-17:00")
    receipt_cutoff: TimeOfDay | None = Field(
        default=None,
        description="Of the procedure: what is received later on a day counts as the next working day's. Missing: of a limit of"
        " 0 days that of the policy in force",
        examples=["15:00"],
    )
    suspensions: list[SuspensionIn] = Field(
        default=[], max_length=50, description="Times in which the office waited for somebody else, in any order"
    )
    extension: ExtensionIn | None = Field(default=None, description="A letter of apology that sets a new date")
    policy: PolicyIn | None = Field(default=None, description="Missing: the published policy of the day of receipt")
    ended_at: InstantOrDay | None = Field(default=None, description="When the result was ready; then `timeliness` is given")


_WithOffset = Annotated[datetime, msgspec.Meta(tz=True)]


class StepByStep(msgspec.Struct, frozen=True):
    """How a due date came about, in one language."""

    steps: list[Step]
    """From receipt to due date, in order."""
    text: str
    """The steps as numbered lines."""


class DeadlineResult(msgspec.Struct, frozen=True, kw_only=True):
    """A due date and how it came about."""

    received_at: _WithOffset
    """The receipt that was reckoned with."""
    counts_from: date
    """The day that counts as the day of receipt; it is itself not counted."""
    due_on: date
    """The day by whose end the result is due: the extended one where the policy lets it count, else the legal one."""
    due_at: _WithOffset | None
    """The instant, for a limit in hours."""
    basis: DueBasis
    """Which due date that is."""
    legal_due_on: date
    """By limit, calendar and suspensions alone."""
    extended_due_on: date | None
    """As the letter sets it; where it counts, moved by the suspensions inside the extension. Null without a valid letter."""
    late_from: date
    """First day at whose end it is overdue if it is still in process."""
    due_soon: dict[str, date] | None
    """Days from which on at most 1, 3 and 5 working days are left."""
    is_suspended: bool
    """A suspension has not ended: the due date will move."""
    limit_minutes: int
    """Working time up to `due_on`; a working day has 480 minutes."""
    timeliness: Timeliness | None
    """Early, on time or overdue; null without `ended_at`."""
    spent_minutes: int | None
    """Working time from receipt to `ended_at`, without suspensions: at most `limit_minutes` exactly when in time. Null where
    `ended_at` has no time of day."""
    calendar_version: str
    """The calendar that was used, which names the last decision in it."""
    rule_version: str
    """The policy that was used, with what was chosen otherwise."""
    explained: dict[Language, StepByStep]
    """How it came about, in Vietnamese and English."""


_NO_PROVINCE = Bilingual(
    "No province has this code here. Correct it, or leave it out for the country's calendar.",
    "Không có tỉnh nào mang mã này. Sửa mã, hoặc bỏ trống để dùng lịch chung của cả nước.",
)
_EXAMPLES = {
    "working days over a holiday": {
        "summary": "3 working days across 30/4 and 1/5",
        "value": {"received_at": "2023-04-28T09:00:00+07:00", "limit": 3, "unit": "working_days", "province": "30"},
    },
    "cut-off": {
        "summary": "Of the same day, received after the cut-off of all such procedures: the next working day counts",
        "value": {"received_at": "2026-03-06T15:30:00+07:00", "limit": 0},
    },
    "cut-off of a procedure": {
        "summary": "The same with a cut-off of the procedure's own, which goes before",
        "value": {"received_at": "2026-03-06T15:30:00+07:00", "limit": 0, "receipt_cutoff": "16:00"},
    },
    "suspension": {
        "summary": "Papers were asked for, and the result was ready on 17/3",
        "value": {
            "received_at": "2023-03-06T08:15:00+07:00",
            "limit": 5,
            "suspensions": [
                {"from_at": "2023-03-08T10:00:00+07:00", "to_at": "2023-03-13T09:00:00+07:00", "kind": "supplement"}
            ],
            "ended_at": "2023-03-17T15:00:00+07:00",
        },
    },
    "hours": {
        "summary": "4 hours, received in the late afternoon",
        "value": {"received_at": "2023-04-28T16:00:00+07:00", "limit": 4, "unit": "hours"},
    },
    "extension": {
        "summary": "A letter sets a new date, which is kept apart",
        "value": {
            "received_at": "2023-03-06T08:15:00+07:00",
            "limit": 5,
            "extension": {"until": "2023-03-20", "letter": "12/TXL-UBND", "decided_on": "2023-03-10"},
        },
    },
}


@router.post("/deadlines", summary="When something is due, and why: a calculator that stores nothing")
@operation(example=DEADLINE_RESULT, problems=(OutsideCalendar,))
async def compute_deadline(
    request: Request,
    body: Annotated[DeadlineQuery, Body(openapi_examples=_EXAMPLES)],
    principal: Annotated[Principal, Depends(require("dossiers:read"))],
) -> DeadlineResult:
    """Civil Code, articles 147-148, with the published calendar and policies.

    It knows the days that ship with the software. What a province added (`POST /v1/catalogue/<province>/days`) counts in
    `GET /v1/dossiers/<code>/deadline`.
    """
    if body.province:
        async with request.app.state.database.connection() as connection:
            if await provinces_store.read(connection, body.province) is None:
                raise Invalid.of_fields([FieldFault("body.province", _NO_PROVINCE, "enum")])
    calendar = calendar_for(body.province, body.known_on)
    hours = OfficeHours.parse(body.office_hours) if body.office_hours else STANDARD_HOURS
    suspensions = tuple(Suspension(one.from_at, one.to_at, one.kind) for one in body.suspensions)
    ended = body.ended_at
    if ended is not None:
        suspensions = closed_suspensions(suspensions, ended if isinstance(ended, datetime) else hours.opens_at(ended))
    received_on = to_local(body.received_at).date() if isinstance(body.received_at, datetime) else body.received_at
    if ended is not None and (to_local(ended).date() if isinstance(ended, datetime) else ended) < received_on:
        raise Invalid("The result stands before the receipt. Correct `ended_at` or `received_at`.")
    policy = policy_on(received_on)
    if body.policy is not None:
        chosen = body.policy.model_dump(exclude_none=True)
        name = "+".join((policy.version, *(f"{field}={value}" for field, value in chosen.items())))
        policy = msgspec.structs.replace(policy, version=name, **chosen)
    extensions: tuple[Extension, ...] = ()
    if body.extension is not None:
        extensions = (Extension(body.extension.until, body.extension.letter, body.extension.decided_on),)
    limit = TimeLimit(body.limit, body.unit)
    due = deadline(body.received_at, limit, calendar, hours, policy, suspensions, extensions, body.receipt_cutoff)
    return DeadlineResult(
        received_at=due.received_at,
        counts_from=due.start_on,
        due_on=due.due_on,
        due_at=due.due_at,
        basis=due.basis,
        legal_due_on=due.legal_due_on,
        extended_due_on=due.extended_due_on,
        late_from=due.late_from,
        due_soon=_due_soon(due),
        is_suspended=due.is_suspended,
        limit_minutes=limit_minutes(due),
        timeliness=timeliness(body.ended_at, due) if body.ended_at is not None else None,
        spent_minutes=spent_minutes(due, body.ended_at) if isinstance(body.ended_at, datetime) else None,
        calendar_version=due.calendar_version,
        rule_version=due.rule_version,
        explained=explained(due),
    )


def explained(due: Deadline) -> dict[Language, StepByStep]:
    """The steps of a due date in every language."""
    return {language: StepByStep(steps(due, language), text(due, language)) for language in Language}


def _due_soon(due: Deadline) -> dict[str, date] | None:
    try:
        return dict(zip(("1", "3", "5"), due_soon(due, due.calendar), strict=True))
    except OutsideCalendar:  # due in the calendar's first days
        return None

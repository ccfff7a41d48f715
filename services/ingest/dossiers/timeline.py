"""The timeline of a dossier: all steps between statuses that its sources tell of, in time. Pure."""

from __future__ import annotations

from datetime import datetime

from services.ingest.events.model import Course, Pause, Step
from shared.dossier import OUTCOMES, RUNNING, SUSPENDING, Status

# Steps of one instant are read in the order of a dossier's life.
_RANK = {status: rank for rank, status in enumerate(Status)}


def timeline_of(
    course: Course | None, course_at: datetime, pauses: tuple[Pause, ...] | None, steps: tuple[Step, ...]
) -> list[Step]:
    """All steps that the sources tell of, in time."""
    timeline = list(steps)
    if course is not None:
        end = None
        received_at = course.received_at
        if course.status in OUTCOMES:
            end = Status.resolved if course.status is Status.delivered else course.status
            ended_at = course.ended_at or course.delivered_at
            if ended_at is not None and received_at is not None:
                # A receipt behind the end of the same course takes nothing up again.
                received_at = min(received_at, ended_at)
            if ended_at is None and not any(OUTCOMES.get(step.status) for step in steps):
                timeline.append(Step(course_at, end, proven=False))
            elif ended_at is not None:
                timeline.append(Step(ended_at, end))
        if received_at is not None:
            timeline.append(Step(received_at, Status.received))
        if course.delivered_at is not None:
            timeline.append(Step(course.delivered_at, Status.delivered))
        elif end is None and (course.status in RUNNING or (course.status in SUSPENDING and not pauses)):
            timeline.append(Step(course_at, course.status))
    for pause in pauses or ():
        timeline.append(Step(pause.from_at, pause.kind))
        if pause.to_at is not None:
            timeline.append(Step(pause.to_at, Status.processing))
    if len(timeline) > 1:
        timeline.sort(key=_step_key)
    return timeline


def _step_key(step: Step) -> tuple[datetime, int]:
    return step.at, _RANK[step.status]

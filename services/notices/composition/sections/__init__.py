"""Wording of the sections that state figures or evidence: a module each, named by the id of the section.

Pure. The sections are those of `services.notices.inspections.outline`. What did not occur is stated in words or left out, never
printed as an empty list or as a rate of nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.sections import (
    achievements,
    assessment,
    causes,
    communication,
    feedback,
    follow_up,
    handling,
    internal_process,
    leadership,
    one_stop,
    online_service,
    other_tasks,
    publication,
    recommendations,
    review,
    shortcomings,
    staffing,
)

Paragraphs = Callable[[CompositionContext], list[Paragraph]]


@dataclass(frozen=True)
class Wording:
    """What a section states besides the findings of the team."""

    before: Paragraphs | None = None
    """Paragraphs before the findings."""
    after: Paragraphs | None = None
    """Paragraphs after the findings."""
    annex: str | None = None
    """Id of the annex with the details, named at the end where `before` or `after` states something."""


WORDING: dict[str, Wording] = {
    "leadership": Wording(before=leadership.leadership),
    "publication": Wording(before=publication.publication),
    "handling": Wording(after=handling.handling, annex="by_agency"),
    "review": Wording(before=review.review),
    "feedback": Wording(before=feedback.feedback),
    "communication": Wording(before=communication.communication),
    "assessment": Wording(before=assessment.assessment),
    "staffing": Wording(before=staffing.staffing),
    "other_tasks": Wording(before=other_tasks.other_tasks),
    "one_stop": Wording(before=one_stop.one_stop),
    "internal_process": Wording(after=internal_process.internal_process, annex="by_procedure"),
    "online_service": Wording(after=online_service.online_service, annex="online"),
    "follow_up": Wording(before=follow_up.follow_up),
    "achievements": Wording(after=achievements.achievements),
    "shortcomings": Wording(before=shortcomings.shortcomings),
    "causes": Wording(before=causes.causes),
    "recommendations": Wording(before=recommendations.introduction, after=recommendations.closing),
}
"""By the id of the section. One that is not here states the findings of the team alone."""

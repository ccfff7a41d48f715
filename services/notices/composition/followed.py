"""What became of the recommendations of an earlier notice: as the team found, else as their list states it. Pure."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from services.notices.composition.model import Recommendation
from services.notices.figures.model import Subject
from services.notices.inspections.model import FollowUp

Outcome = Literal["done", "partly", "answered", "not_done"]
"""`answered`: whoever was to carry it out answered, and nobody judged that yet."""


class ListedRecommendation(msgspec.Struct, frozen=True):
    """A recommendation of an issued notice, with how far each of those is whom it asks."""

    key: str
    text: str
    deadline: date | None
    done: tuple[Subject, ...]
    """Their answers were accepted."""
    answered: tuple[Subject, ...]
    """Their answers are not judged yet."""
    undone: tuple[Subject, ...]
    """They did not answer, or what they answered was not accepted."""


class FollowedNotice(msgspec.Struct, frozen=True):
    """An earlier notice with what it recommended, and what became of that."""

    recommendations: tuple[Recommendation, ...]
    """Those of the earlier notice."""
    outcomes: tuple[FollowUp, ...]
    """What became of them, as far as the team established it."""
    listed: tuple[ListedRecommendation, ...] = ()
    """The list that was kept of them since it was issued; empty: it was not issued."""


class StatedOutcome(msgspec.Struct, frozen=True):
    """What a notice states of a recommendation of the earlier one."""

    key: str
    wanted: str
    """In the words of the earlier notice."""
    outcome: Outcome
    codes: tuple[str, ...] = ()
    """Agencies that did not carry it out, as the team names them."""
    agencies: tuple[Subject, ...] = ()
    """The same, as the list of recommendations names them."""
    text: str | None = None
    """What the team found of it."""


def stated_outcomes(followed: FollowedNotice) -> list[StatedOutcome]:
    """What became of the earlier recommendations: what the team found goes before what is listed.

    Of the list, what was answered, or had a deadline: what asks for lasting effort and was not answered is not stated.
    """
    texts = {one.key: one.text for one in followed.recommendations} | {one.key: one.text for one in followed.listed}
    found = [
        StatedOutcome(one.recommendation, texts[one.recommendation], one.outcome, one.agencies, text=one.text)
        for one in followed.outcomes
    ]
    known = {one.key for one in found}
    return found + [
        StatedOutcome(one.key, one.text, _outcome(one), agencies=one.undone)
        for one in followed.listed
        if one.key not in known and (one.deadline is not None or one.done or one.answered)
    ]


def _outcome(one: ListedRecommendation) -> Outcome:
    if not one.undone and not one.answered:
        return "done"
    if one.done or (one.undone and one.answered):
        return "partly"
    return "answered" if one.answered else "not_done"

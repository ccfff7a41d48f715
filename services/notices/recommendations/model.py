"""A recommendation of an issued notice, to one of those whom it asks: its states, and what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from services.notices.composition.model import NoticeDocument, Paragraph, Recommendation, words
from services.notices.figures.model import Subject

StoredState = Literal["open", "answered", "done", "not_accepted"]
RecommendationState = Literal["open", "overdue", "answered", "done", "not_accepted"]
"""`open`: not answered yet; `overdue`: not answered, and its deadline has passed; `answered`: the answer waits to be judged;
`done`: an answer was accepted; `not_accepted`: none was, another one is awaited."""
RecommendationStep = Literal["answer", "accept", "decline"]
"""`answer`: by whom it asks; `accept`, `decline`: the issuer's judgement of the last answer."""


class StepRule(NamedTuple):
    """From which states a step leads, and to which."""

    sources: tuple[StoredState, ...]
    target: StoredState


STEPS: dict[RecommendationStep, StepRule] = {
    # An answer may be mended as long as it was not judged.
    "answer": StepRule(("open", "answered", "not_accepted"), "answered"),
    "accept": StepRule(("answered",), "done"),
    "decline": StepRule(("answered",), "not_accepted"),
}


class Addressed(NamedTuple):
    """A recommendation to one agency, or to somebody who was not inspected."""

    key: str
    agency: str | None
    """Unit key; None: of somebody who was not inspected."""
    code: str
    """Of the agency; empty where it has none."""
    name: str
    text: str
    deadline: date | None


def addressed(document: NoticeDocument, agencies: Sequence[Subject]) -> list[Addressed]:
    """What a notice asks of whom, as its text states it: with the words of people who edited it, without what they removed."""
    stated = {one.key: one for one in document.body if isinstance(one, Paragraph) and one.section == SECTION}
    by_key = {f"{SECTION}.{one.key}": one for one in document.recommendations}
    found = []
    for key, paragraph in stated.items():
        one = by_key.get(key) or _own(key, paragraph)
        if one is None:
            continue
        text = words(paragraph).removesuffix("/.")
        if one.outside:
            found.append(Addressed(one.key, None, "", one.outside, text, one.deadline))
            continue
        named = [agency for agency in agencies if not one.addressees or agency.key in one.addressees]
        found += [Addressed(one.key, agency.key, agency.code, agency.name, text, one.deadline) for agency in named]
    return found


SECTION = "recommendations"
"""Id of the section that states them."""
_OWN = "own."


def _own(key: str, paragraph: Paragraph) -> Recommendation | None:
    """What a person added: it asks all, and sets no day."""
    if not key.startswith(_OWN) or not paragraph.lead:
        return None
    return Recommendation(key=key, shortcoming=None, addressees=paragraph.agencies, deadline=None, text=words(paragraph))


def days_late(state: StoredState, deadline: date | None, today: date) -> int | None:
    """Days since the deadline of what is neither answered nor done; None: it is, or the deadline has not passed."""
    if state not in ("open", "not_accepted") or deadline is None or deadline >= today:
        return None
    return (today - deadline).days


def state_on(state: StoredState, deadline: date | None, today: date) -> RecommendationState:
    """The state on a day."""
    return "overdue" if state == "open" and days_late(state, deadline, today) else state

"""Folding: the state of a dossier from the set of all of its events.

Pure. `fold` is a function of the set of events, so late, repeated, reordered and corrected events need no special case: any
permutation, duplication or batching of a history gives the same state. Steps that the table of transitions does not allow are
kept as findings and not applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from services.ingest.catalogue.model import NEWEST_WORD, SourceOrder
from services.ingest.dossiers.contradictions import Claims, can_be_due, kinds_in
from services.ingest.dossiers.history import read_again
from services.ingest.dossiers.story import Story, story_of
from services.ingest.dossiers.timeline import timeline_of
from services.ingest.dossiers.work import steps_in_order
from services.ingest.events.model import About, Course, Event, Particulars, Pause, Step, WorkStep
from shared.dossier import (
    OUTCOMES,
    RUNNING,
    STATUSES,
    SUSPENDING,
    TRANSITIONS,
    ClockState,
    Contradiction,
    ContradictionKind,
    Outcome,
    Status,
    Transition,
)


class FindingKind(StrEnum):
    """What does not fit in the events of a dossier; listed with it, counted per source."""

    impossible_transition = "impossible_transition"
    finish_contradicted = "finish_contradicted"
    end_date_missing = "end_date_missing"
    received_date_missing = "received_date_missing"
    ended_before_received = "ended_before_received"
    reopened = "reopened"
    step_after_end = "step_after_end"
    due_date_impossible = "due_date_impossible"
    unknown_word = "unknown_word"


class DossierFinding(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing that does not fit."""

    kind: FindingKind
    """What does not fit."""
    at: datetime | None = None
    """When, where it is about a moment."""
    before: Status | None = None
    """The status it was in, of a step that is not possible."""
    after: Status | None = None
    """The status that should follow, by its source."""


class DossierState(msgspec.Struct, frozen=True, gc=False):
    """A dossier as the sources open_events it; days, limits and lateness are added by `services.ingest.dossiers.dating`."""

    code: str
    status: Status
    about: About
    due_at: datetime | None
    """The source's due date, also where it cannot be one (`contradictions.can_be_due`)."""
    extended_to: datetime | None
    extension_letter: str | None
    received_at: datetime | None
    ended_at: datetime | None
    """When the clock stopped: the result was ready, or the dossier ended otherwise."""
    closed_at: datetime | None
    """When the source closed it: later than `ended_at` where the result was ready but not closed in the software."""
    outcome: Outcome | None
    delivered_at: datetime | None
    pauses: tuple[Pause, ...]
    supplements: int | None
    """How often papers were asked for; None: no source tells whether they were."""
    last_open_at: datetime | None
    """Of an ended dossier: version time of the last event by which the source still had it in process."""
    deleted: bool
    findings: tuple[DossierFinding, ...]
    contradictions: tuple[Contradiction, ...] = ()
    """What cannot all be true of it; each kind once."""
    work: tuple[WorkStep, ...] = ()
    """Steps of the internal process in the order of their ends."""
    particulars: Particulars | None = None


_AT_WORK = RUNNING | SUSPENDING
_REOPENS = Transition.reopens
_NOT_STARTED, _SUSPENDED, _STOPPED = ClockState.not_started, ClockState.paused, ClockState.stopped
_DUE_BEFORE_RECEIVED = ContradictionKind.due_before_received
_NOTHING = About()


def fold(events: list[Event], order: SourceOrder = NEWEST_WORD) -> DossierState:
    """The state told by `events`, which are those of one dossier in the order of `history.OrderKey`, each once.

    `order`: which source is believed where several tell of it.
    """
    events = read_again(events)
    if len(events) == 1 and (plain := _plain(events[0])) is not None:
        return plain
    story = story_of(events, order)
    state = _state(story)
    return msgspec.structs.replace(state, work=steps_in_order(story.work)) if story.work else state


def _plain(event: Event) -> DossierState | None:
    """The state of the commonest history, one snapshot in good order, without the walk; None when it needs one.

    Most of a back-fill is this, and it costs a fifth. A test holds it to the walk.
    """
    course = event.course
    if course is None or event.pauses or course.ready_at is not None or event.unknown:
        return None
    received_at, ended_at, delivered_at = course.received_at, course.ended_at, course.delivered_at
    for step in event.steps:
        # Work that was done between receipt and end changes nothing.
        if step.status is not Status.processing or received_at is None or not received_at <= step.at <= (ended_at or event.at):
            return None
    outcome = None
    if course.status in RUNNING:
        in_order = (
            received_at is not None
            and received_at <= event.at
            and ended_at is None
            and delivered_at is None
            and (not event.steps or course.status is Status.processing)
        )
    else:
        outcome = OUTCOMES.get(course.status)
        in_order = (
            outcome is not None
            and outcome is not Outcome.refused
            and received_at is not None
            and ended_at is not None
            and received_at <= ended_at
            and (delivered_at is None) == (course.status is not Status.delivered)
            and (delivered_at is None or ended_at <= delivered_at)
        )
    if not in_order or (event.due_at is not None and not can_be_due(event.due_at, received_at)):
        return None
    about = event.about or _NOTHING
    return DossierState(
        event.code,
        course.status,
        about,
        event.due_at,
        event.extended_to,
        event.extension_letter,
        received_at,
        ended_at,
        ended_at,
        outcome,
        delivered_at,
        (),
        0 if about.supplements is None and _tells_requests(event.pauses, event.steps) else about.supplements,
        None,
        event.deleted,
        (),
        work=steps_in_order(event.work) if event.work else (),
        particulars=event.particulars,
    )


def _at_work(step: Step) -> bool:
    return step.status in _AT_WORK


class _Walk:
    """A walk through the timeline by the table of transitions."""

    def __init__(self) -> None:
        self.status: Status | None = None
        self.named: Status | None = None
        """The newest status, allowed or not; of a pause that was sent as the end the pause."""
        self.received_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.outcome: Outcome | None = None
        self.delivered_at: datetime | None = None
        self.pauses: list[Pause] = []
        self.waiting: tuple[datetime, Status] | None = None
        self.findings: list[DossierFinding] = []

    def through(self, timeline: list[Step]) -> None:
        """Apply every step that the table allows; note the others."""
        last = len(timeline) - 1
        working = max((index for index, step in enumerate(timeline) if _at_work(step)), default=-1)
        for index, step in enumerate(timeline):
            status = step.status
            if not step.proven:
                if working > index or (index == last and self.status in SUSPENDING):
                    # "Finished" without a date or a result, and work goes on: a pause that was sent as the end.
                    self.findings.append(DossierFinding(FindingKind.finish_contradicted, step.at, self.status, status))
                    status = self.status if self.status in SUSPENDING else Status.suspended
                else:
                    self.findings.append(DossierFinding(FindingKind.end_date_missing, step.at, self.status, status))
            self.named = status
            if status is self.status:
                continue
            move = TRANSITIONS[self.status].get(status)
            if move is None:
                self.findings.append(DossierFinding(FindingKind.impossible_transition, step.at, self.status, status))
                continue
            self._apply(step.at, status, move)

    def _apply(self, at: datetime, status: Status, move: Transition) -> None:
        if self.waiting is not None:
            since, kind = self.waiting
            if at > since:
                self.pauses.append(Pause(since, at, kind))
            self.waiting = None
        if move is _REOPENS:
            self.findings.append(DossierFinding(FindingKind.reopened, at, self.status, status))
            self.ended_at = self.outcome = self.delivered_at = None
        clock = STATUSES[status].clock
        if clock is _STOPPED:
            if self.ended_at is None:
                self.ended_at, self.outcome = at, STATUSES[status].outcome
            if status is Status.delivered:
                self.delivered_at = at
        elif clock is not _NOT_STARTED:
            if clock is _SUSPENDED:
                self.waiting = (at, status)
            if self.received_at is None:
                self.received_at = at
        self.status = status


def _state(story: Story) -> DossierState:
    course, course_at = story.course.course, story.course.at
    pauses, steps, due_at = story.pauses, story.steps, story.due.due_at
    walk = _Walk()
    walk.through(timeline_of(course, course_at, pauses, steps))
    received_at, ended_at, outcome = walk.received_at, walk.ended_at, walk.outcome
    findings = walk.findings
    status = walk.status or (course.status if course is not None else Status.registered)
    if walk.waiting is not None:
        walk.pauses.append(Pause(walk.waiting[0], None, walk.waiting[1]))
    lacks_receipt = False
    if course is not None and course.received_at is not None:
        received_at = course.received_at
    elif begun := [*(step.at for step in steps if _at_work(step)), *(pause.from_at for pause in pauses or ())]:
        # Work that was told of behind an end that stands, which no walk takes: the dossier was taken in all the same.
        received_at = received_at or min(begun)
    elif _needs_receipt(status, outcome, course):
        lacks_receipt = True
        received_at = received_at or ended_at
        findings.append(DossierFinding(FindingKind.received_date_missing, received_at))
    closed_at = ended_at
    if ended_at is not None and course is not None and course.ready_at is not None and course.ready_at < ended_at:
        ended_at = course.ready_at
    claims = Claims(
        received_at=received_at,
        lacks_receipt=lacks_receipt,
        ended_at=ended_at,
        outcome=outcome,
        delivered_at=walk.delivered_at,
        due_at=due_at,
        status=walk.named if course is None or any(step.at > course_at for step in steps) else course.status,
        has_end_date=course is not None and course.ended_at is not None and course.status not in OUTCOMES,
        is_pause_sent_as_end=any(finding.kind is FindingKind.finish_contradicted for finding in findings),
    )
    if ended_at is not None and received_at is not None and ended_at < received_at:
        findings.append(DossierFinding(FindingKind.ended_before_received, ended_at))
        ended_at = received_at
        closed_at = max(closed_at, received_at) if closed_at is not None else None
    if due_at is not None and not can_be_due(due_at, received_at):
        findings.append(DossierFinding(FindingKind.due_date_impossible, due_at))
    if story.unknown:
        findings.append(DossierFinding(FindingKind.unknown_word))
    asked = sum(pause.kind is Status.supplement_requested for pause in walk.pauses)
    told = asked > 0 or story.about.supplements is not None or _tells_requests(pauses, steps)
    return DossierState(
        code=story.course.code,
        status=status,
        about=story.about,
        due_at=due_at,
        extended_to=story.extended_to,
        extension_letter=story.extension_letter,
        received_at=received_at,
        ended_at=ended_at,
        closed_at=closed_at,
        outcome=outcome,
        delivered_at=walk.delivered_at,
        pauses=tuple(walk.pauses),
        supplements=max(asked, story.about.supplements or 0) if told else None,
        last_open_at=_last_open_at(story.events) if ended_at is not None else None,
        deleted=story.deleted,
        findings=tuple(findings),
        contradictions=tuple(
            Contradiction(kind, (story.due if kind is _DUE_BEFORE_RECEIVED else story.newest).source)
            for kind in kinds_in(claims)
        ),
        particulars=story.particulars,
    )


def _tells_requests(pauses: Sequence[Pause] | None, steps: Sequence[Step]) -> bool:
    """Whether a request for papers would have been told: all pauses are, or its statuses one by one.

    A status alone, as files state it, says nothing of what was before it.
    """
    return pauses is not None or len(steps) > 1


def _needs_receipt(status: Status, outcome: Outcome | None, course: Course | None) -> bool:
    """Whether a dossier was received though nothing tells when.

    Who withdraws what the steps never show to be taken in has not been received.
    """
    if status is Status.registered or outcome is Outcome.refused:
        return False
    return course is not None or outcome is not Outcome.withdrawn


def _last_open_at(events: Sequence[Event]) -> datetime | None:
    open_events = [event.at for event in events if event.course is not None and event.course.status not in OUTCOMES]
    return open_events[-1] if open_events else None

"""One dossier as its readers see it: what is counted, what each source says, and all of its events."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.ingest.catalogue.model import Ruleset, SourcedField
from services.ingest.dossiers.folding import DossierFinding
from services.ingest.dossiers.history import read_again
from services.ingest.dossiers.story import believed, story_of
from services.ingest.events.model import About, Event
from shared.dossier import Channel, Facts, Status


class StepOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """The dossier entered `status` at `at`."""

    at: datetime
    """When."""
    status: Status
    """The status it entered."""
    proven: bool = False
    """False of a finish without an end date or a result: some software sends its pauses so."""


class PauseOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """The office waited for somebody else."""

    from_at: datetime
    """When it began."""
    kind: Status
    """Why: papers, a payment, or a stop."""
    to_at: datetime | None = None
    """When it ended; absent: it still waits."""


class WorkStepOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step of the internal process: a department had the dossier."""

    department: str | None = None
    """Known name or code of the department; absent: it is not known."""
    step: str | None = None
    """Known name of what was done, or of the role that did it; absent: it is not known."""
    started_at: datetime | None = None
    """When it began; absent: not told."""
    due_at: datetime | None = None
    """By when it should have been done; absent: not told."""
    ended_at: datetime | None = None
    """When it ended; absent: it is under way."""


class AboutOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the dossier is."""

    agency: str | None = None
    """Code of its agency, as the source writes it."""
    procedure: str | None = None
    """Code of its procedure without the suffix."""
    channel: Channel | None = None
    """How it came in."""
    digitised_intake: bool = False
    """Its papers were digitised when it was taken in."""
    digitised_result: bool = False
    """Its result was digitised."""
    fee_required: bool = False
    """A fee or charge is due for it."""
    fee_online: bool = False
    """The fee was paid online."""
    reused: bool = False
    """Papers that were digitised before were used again."""
    supplements: int | None = None
    """How often papers were asked for."""


class ParticularsOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the index of decision 766 counts of it besides; what was not stated is absent."""

    result_coded: bool | None = None
    """Its electronic result has a code and a link."""
    from_storage: bool | None = None
    """A paper was taken from the personal storage of the national portal."""
    account_verified: bool | None = None
    """The applicant's account was verified with VNeID or the population data."""


class CourseOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Its course as a whole, by the source's own dates."""

    status: Status
    """Where it stands."""
    received_at: datetime | None = None
    """When it was received."""
    ended_at: datetime | None = None
    """When the source closed it."""
    delivered_at: datetime | None = None
    """When the result was handed over."""
    ready_at: datetime | None = None
    """When the result was ready, where that is known apart from `ended_at`."""


class EventOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a source stated of the dossier at one moment; fields that it left out are absent."""

    code: str
    """Code of the dossier."""
    source: str
    """Name of the source."""
    id: str
    """The source's own identity of it, or the instant of its arrival."""
    at: datetime
    """Of when it is, by the source's clock."""
    about: AboutOut | None = None
    """What the dossier is."""
    due_at: datetime | None = None
    """The due date as the source claims it."""
    extended_to: datetime | None = None
    """A due date that a letter of apology moved."""
    extension_letter: str | None = None
    """Reference number of that letter."""
    course: CourseOut | None = None
    """Its course as a whole; a newer one replaces an older one."""
    pauses: tuple[PauseOut, ...] | None = None
    """All pauses as a whole; a newer list replaces an older one."""
    steps: tuple[StepOut, ...] | None = None
    """Single steps; they add up over events."""
    work: tuple[WorkStepOut, ...] | None = None
    """Steps of the internal process: with a course all of them, else single ones, which add up over events."""
    deleted: bool = False
    """The source no longer has the dossier."""
    reading: int = 0
    """By which reading of the source it was read: moves with its settings and with the software. Of two events of one time the
    one of the later reading counts."""
    served_at: datetime | None = None
    """When the source served it last, as far as that decides anything; absent: before this was noted."""
    particulars: ParticularsOut | None = None
    """What the index of decision 766 counts of it besides."""


class SourceWord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one source says of the dossier: its last word of each part."""

    source: str
    """Name of the source."""
    at: datetime
    """Of when its newest event is, by its own clock."""
    believed: list[SourcedField]
    """What of the dossier is taken from it (`sources` of the province's policies); empty: others are believed of all."""
    withdrawn: bool = False
    """It no longer has the dossier: what it said counts only where no other source has it."""
    about: AboutOut | None = None
    """What the dossier is."""
    due_at: datetime | None = None
    """The due date as it claims it."""
    course: CourseOut | None = None
    """The course as it tells it."""


class DossierOut(msgspec.Struct, frozen=True):
    """One dossier: what is counted of it, what does not fit, and all of its events in order."""

    province: str
    """The province."""
    code: str
    """Code of the dossier."""
    number: int
    """Dense number within its province, by which the feed names it."""
    source: str
    """The source of its first event."""
    position: int
    """Of its newest version in the feed."""
    mapped: bool
    """Whether the catalogue knows its agency and its procedure."""
    facts: Facts
    """All that is counted of it, by the present ruleset."""
    findings: tuple[DossierFinding, ...]
    """What does not fit in its events."""
    sources: list[SourceWord]
    """Each source that tells of it, by name, with its last word."""
    events: list[EventOut]
    """All events of it, in order."""


def source_words(events: list[Event], ruleset: Ruleset) -> list[SourceWord]:
    """The last word of each source, by name."""
    events = read_again(events)
    words = []
    for source, fields in sorted(believed(events, ruleset.sources).items()):
        last = story_of([event for event in events if event.source == source])
        words.append(
            SourceWord(
                source,
                last.events[-1].at,
                fields,
                last.deleted,
                _about(last.about) if last.about != About() else None,
                last.due.due_at,
                msgspec.convert(last.course.course, CourseOut | None, from_attributes=True),
            )
        )
    return words


def event_out(one: Event) -> EventOut:
    """An event as its readers see it."""
    return EventOut(
        code=one.code,
        source=one.source,
        id=one.id,
        at=one.at,
        about=_about(one.about) if one.about is not None else None,
        due_at=one.due_at,
        extended_to=one.extended_to,
        extension_letter=one.extension_letter,
        course=msgspec.convert(one.course, CourseOut | None, from_attributes=True),
        pauses=tuple(PauseOut(pause.from_at, pause.kind, pause.to_at) for pause in one.pauses or ()) or None,
        steps=tuple(StepOut(step.at, step.status, step.proven) for step in one.steps) or None,
        work=tuple(
            WorkStepOut(step.department, step.name, step.started_at, step.due_at, step.ended_at) for step in one.work or ()
        )
        or None,
        deleted=one.deleted,
        reading=one.reading,
        served_at=one.served_at,
        particulars=msgspec.convert(one.particulars, ParticularsOut | None, from_attributes=True),
    )


def _about(one: About) -> AboutOut:
    return AboutOut(
        agency=one.agency,
        procedure=one.procedure,
        channel=one.channel,
        digitised_intake=bool(one.digitised_intake),
        digitised_result=bool(one.digitised_result),
        fee_required=bool(one.fee_required),
        fee_online=bool(one.fee_online),
        reused=bool(one.reused),
        supplements=one.supplements,
    )

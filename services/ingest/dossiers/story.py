"""What the events of a dossier say together: of each part the newest word, and of several sources whose is believed.

Pure. Within one source a newer word replaces an older one. Sources do not overwrite one another: each has its last word of each
part, the province orders the sources (`SourceOrder`), and a source that no longer has the dossier has no word in it as long as
another one has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple, get_args

import msgspec

from services.ingest.catalogue.model import NEWEST_WORD, SourcedField, SourceOrder
from services.ingest.dossiers.history import read_again
from services.ingest.events.model import About, Event, Particulars, Pause, Step, UnknownWord, WorkStep

_NOTHING = About()
_ABOUT_FIELDS = About.__struct_fields__
_ABOUT_GETTERS = attrgetter(*_ABOUT_FIELDS)
_FIELDS: tuple[SourcedField, ...] = get_args(SourcedField)


class Story(NamedTuple):
    """The newest word of each part."""

    about: About
    due: Event
    """The newest event with a due date, if one has any."""
    extended_to: datetime | None
    extension_letter: str | None
    course: Event
    """The newest event with a course, if one has any."""
    newest: Event
    """The newest event with a course or steps that count, if one has any."""
    pauses: tuple[Pause, ...] | None
    steps: tuple[Step, ...]
    """Of all events."""
    deleted: bool
    work: tuple[WorkStep, ...]
    events: Sequence[Event]
    """Those of the source of the course, in order."""
    unknown: bool = False
    """Something of `about` is not known, because nobody knows the word that a source has for it."""
    particulars: Particulars | None = None


class Word(NamedTuple):
    """A part that a source tells: when it did last, and what."""

    at: datetime
    source: str
    value: Any


Words = Mapping[SourcedField, Sequence[Word]]
"""The last words of several sources on each part."""


def story_of(events: list[Event], order: SourceOrder = NEWEST_WORD) -> Story:
    """What events in their order say together."""
    first = events[0].source
    if all(event.source == first for event in events):
        return _of_one(events)
    standing = _not_withdrawn(events)
    if len(standing) == 1:
        return _of_one(*standing.values())
    return _of_several(standing, order)


def believed(events: list[Event], order: SourceOrder) -> dict[str, list[SourcedField]]:
    """By source the parts of a dossier that it is believed of; sources that are believed of none are there too."""
    found: dict[str, list[SourcedField]] = {event.source: [] for event in events}
    standing = _not_withdrawn(events)
    words = _words(standing)
    course = _first("course", words, order)
    for field in _FIELDS:
        word = _first(field, words, order, course.source if course is not None else None)
        if word is not None:
            found[word.source].append(field)
    return found


def unknown_words(events: Sequence[Event]) -> tuple[UnknownWord, ...]:
    """Words of the newest events of one source that nobody knows, and that hide what older ones may have told."""
    if not any(event.unknown for event in events):
        return ()
    found: dict[str, UnknownWord] = {}
    for event in events:
        if event.about is not None:
            for field, value in zip(_ABOUT_FIELDS, _ABOUT_GETTERS(event.about), strict=True):
                if value is not None:
                    found.pop(field, None)
        found |= {word.hides: word for word in event.unknown if word.hides is not None}
    return tuple(found.values())


def unknown_by_source(events: Sequence[Event]) -> dict[str, tuple[tuple[UnknownWord, ...], Event]]:
    """By source the words that nobody knows, and its newest event."""
    by_source: dict[str, list[Event]] = {}
    for event in read_again(list(events)):
        by_source.setdefault(event.source, []).append(event)
    return {name: (unknown_words(of_one), of_one[-1]) for name, of_one in by_source.items()}


def _not_withdrawn(events: Sequence[Event]) -> dict[str, list[Event]]:
    """Events by source, without the sources that no longer have the dossier where another one has it."""
    by_source: dict[str, list[Event]] = {}
    for event in events:
        by_source.setdefault(event.source, []).append(event)
    return {name: told for name, told in by_source.items() if not told[-1].deleted} or by_source


def _of_one(events: Sequence[Event]) -> Story:
    """What the events of one source say together."""
    due = course = newest = events[-1]
    extended_to = letter = pauses = None
    abouts: list[About] = []
    gathered: list[Step] = []
    whole: tuple[WorkStep, ...] = ()
    single: list[WorkStep] = []
    particulars = None
    for event in events:
        if event.about is not None:
            abouts.append(event.about)
        if event.due_at is not None:
            due = event
        if event.extended_to is not None:
            extended_to, letter = event.extended_to, event.extension_letter
        if event.course is not None:
            course = newest = event
        if event.pauses is not None:
            pauses = event.pauses
        if event.particulars is not None:
            particulars = event.particulars
        if event.steps:
            gathered.extend(event.steps)
            newest = event
        if event.work is not None:
            if event.course is not None:
                whole = event.work
            else:
                single.extend(event.work)
    # Deleted and served again: it is there.
    deleted, work = events[-1].deleted, (*whole, *single)
    unknown = unknown_words(events)
    about = _merged(abouts)
    if unknown:
        about = msgspec.structs.replace(about, **{str(word.hides): None for word in unknown})
    return Story(
        *(about, due, extended_to, letter, course, newest, pauses, tuple(gathered), deleted, work, events, bool(unknown)),
        particulars,
    )


def _stepping(teller: Story, others: Sequence[Story]) -> Story:
    """Whose steps count: those of who tells the course, else of the next one who tells any."""
    return next((one for one in (teller, *others) if one.steps), teller)


def _of_several(by_source: Mapping[str, list[Event]], order: SourceOrder) -> Story:
    words = _words(by_source)
    stories = {name: _of_one(events) for name, events in by_source.items()}
    last = max((events[-1] for events in by_source.values()), key=lambda event: (event.at, event.source))
    course = _first("course", words, order)
    teller = course.source if course is not None else last.source
    about = About(*(_value(_first(field, words, order)) for field in _ABOUT_FIELDS))  # type: ignore[arg-type]
    due = _first("due_at", words, order)
    extension = _value(_first("extended_to", words, order)) or last
    work = _first("work", words, order, teller)
    told = stories[teller]
    # What the source of the course leaves out of it, the next one tells.
    after = sorted(words["course"], key=lambda word: _preference("course", word, order), reverse=True)
    others = [stories[word.source] for word in after] + [stories[name] for name in sorted(by_source, reverse=True)]
    stepping = _stepping(told, others)
    # Of a source whose course is not believed only what its steps say counts.
    counting = [told.newest, *(event for event in stepping.events if event.steps)]
    return Story(
        about,
        last if due is None else due.value,
        extension.extended_to,
        extension.extension_letter,
        last if course is None else _received(course.value, [word.value for word in after]),
        max(counting, key=attrgetter("at")),
        next((one.pauses for one in (told, *others) if one.pauses is not None), None),
        stepping.steps,
        all(events[-1].deleted for events in by_source.values()),
        () if work is None else stories[work.source].work,
        by_source[teller],
        any(getattr(about, str(word.hides)) is None for events in by_source.values() for word in unknown_words(events)),
        _value(_first("particulars", words, order)),
    )


def _received(course: Event, others: Iterable[Event]) -> Event:
    """The event of the course with the receipt that another source knows, where its own does not."""
    stated = course.course
    assert stated is not None, "it is the newest event with a course"
    received_at = stated.received_at or next(
        (one.course.received_at for one in others if one.course is not None and one.course.received_at is not None), None
    )
    if received_at is stated.received_at:
        return course
    return msgspec.structs.replace(course, course=msgspec.structs.replace(stated, received_at=received_at))


def _words(by_source: Mapping[str, Sequence[Event]]) -> Words:
    found: dict[SourcedField, list[Word]] = {field: [] for field in _FIELDS}
    for source, events in by_source.items():
        newest: dict[SourcedField, Word] = {}
        for event in events:
            for field, value in _parts(event):
                newest[field] = Word(event.at, source, value)
        for word in unknown_words(events):
            newest.pop(word.hides, None)  # type: ignore[call-overload]
        for field, newest_word in newest.items():
            found[field].append(newest_word)
    return found


def _parts(event: Event) -> Iterable[tuple[SourcedField, Any]]:
    if event.about is not None:
        for field, value in zip(_ABOUT_FIELDS, _ABOUT_GETTERS(event.about), strict=True):
            if value is not None:
                yield field, value  # type: ignore[misc]
    if event.due_at is not None:
        yield "due_at", event
    if event.extended_to is not None:
        yield "extended_to", event
    if event.course is not None:
        yield "course", event
    if event.work is not None:
        yield "work", event
    if event.particulars is not None:
        yield "particulars", event.particulars


def _first(field: SourcedField, words: Words, order: SourceOrder, teller: str | None = None) -> Word | None:
    """The word that is believed; of equal rank goes that of `teller`, then the newest."""
    return max(words[field], key=lambda word: _preference(field, word, order, teller), default=None)


def _preference(
    field: SourcedField, word: Word, order: SourceOrder, teller: str | None = None
) -> tuple[int, bool, datetime, str]:
    return -order.rank(field, word.source), word.source == teller, word.at, word.source


def _value(word: Word | None) -> Any:
    return None if word is None else word.value


def _merged(abouts: list[About]) -> About:
    """Each field from the newest event that has it."""
    if len(abouts) < 2:
        return abouts[0] if abouts else _NOTHING
    values: list[Any] = [None] * len(_ABOUT_FIELDS)
    for about in abouts:
        for index, value in enumerate(_ABOUT_GETTERS(about)):
            if value is not None:
                values[index] = value
    return About(*values)

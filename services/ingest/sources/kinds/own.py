"""Our own shape for whoever can be asked to send us something: JSON records that are events by name (POST /v1/events).

    {"code": "000.00.19.H30-230615-0042", "id": "42-7", "at": "2023-06-20T09:00:00+07:00", "status": "delivered",
     "agency": "10813", "procedure": "1.001612", "channel": "online", "received_at": "...", "due_at": "...",
     "ended_at": "...", "delivered_at": "...", "pauses": [{"from_at": "...", "to_at": null, "kind": "suspended"}],
     "steps": [{"at": "...", "status": "processing"}],
     "work": [{"department": "Phòng Tư pháp", "step": "Thụ lý hồ sơ", "started_at": "...", "due_at": "...", "ended_at": "..."}]}

Only `code`, `id` and `at` are needed; what is left out says nothing, and a record with another field is rejected. Instants are
ISO 8601 with an offset. `at` is the sender's version time: of two records about a dossier the later one counts, whichever
comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.ingest.events.model import About, Course, Event, Particulars, Pause, Reason, Rejected, Step, WorkStep
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.codes import Codes, check_patterns
from services.ingest.sources.fields.departments import DEPARTMENTS, STEP_NAMES, KnownName, KnownNames, check_names
from services.ingest.sources.fields.instants import occurrence, portal_due, readable_instant, required_occurrence
from services.ingest.sources.fields.whitelist import MAX_ITEMS, Fields, Spec, code_of, converted, decode_record
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.model import Arrival
from shared.dossier import SUSPENDING, Channel, Status
from shared.procedures import normal_code

When = Annotated[datetime, Meta(tz=True)]


class PauseIn(Struct, gc=False, forbid_unknown_fields=True):
    """A time in which the office waited for somebody else."""

    from_at: When
    """When it began."""
    kind: Status
    """`supplement_requested`, `payment_requested` or `suspended`."""
    to_at: When | None = None
    """When it ended; null: it still waits."""


class StepIn(Struct, gc=False, forbid_unknown_fields=True):
    """The dossier entered a status."""

    at: When
    """When."""
    status: Status
    """The status that it entered."""


class WorkStepIn(Struct, gc=False, forbid_unknown_fields=True):
    """A step of the internal process: a department had the dossier."""

    department: str | None = None
    """The department. Only a known name or a code is kept of it; others are mapped by `departments` of the settings."""
    step: str | None = None
    """What was done, or the role that did it; never a person. Only a known name is kept of it (`steps` of the settings)."""
    started_at: When | None = None
    """When it began."""
    due_at: When | None = None
    """By when it should have been done."""
    ended_at: When | None = None
    """When it ended; null: it is under way."""


class EventIn(Struct, gc=False, forbid_unknown_fields=True):
    """A record as it is sent."""

    code: str
    """Code of the dossier, as its office gave it."""
    id: str
    """The sender's own identity of this record, at most 64 characters; the same id with other content is another record."""
    at: When
    """The sender's version time: of two records about a dossier the later one counts, whichever comes first."""
    status: Status | None = None
    """Where it stands. The dates of receipt, end, delivery and result are given with it: without it they are rejected."""
    received_at: When | None = None
    """When it was received."""
    ended_at: When | None = None
    """When it was closed."""
    delivered_at: When | None = None
    """When the result was handed over."""
    ready_at: When | None = None
    """When the result was ready, where that is known apart from `ended_at`."""
    due_at: When | None = None
    """The due date that was promised."""
    extended_to: When | None = None
    """A due date that a letter of apology moved."""
    extension_letter: str | None = None
    """Reference number of that letter, at most 64 characters."""
    agency: str | None = None
    """Code of the agency that handles it."""
    procedure: str | None = None
    """National code, with or without its suffix."""
    channel: Channel | None = None
    """How it came in."""
    digitised_intake: bool | None = None
    """Its papers were digitised when it was taken in."""
    digitised_result: bool | None = None
    """Its result was digitised."""
    fee_required: bool | None = None
    """A fee or charge is due for it."""
    fee_online: bool | None = None
    """The fee was paid online."""
    reused: bool | None = None
    """Papers that were digitised before were used again."""
    supplements: Annotated[int, Meta(ge=0, le=1000)] | None = None
    """How often papers were asked for."""
    result_coded: bool | None = None
    """Its electronic result has a code and a link."""
    from_storage: bool | None = None
    """A paper was taken from the personal storage of the national portal."""
    account_verified: bool | None = None
    """The applicant's account was verified with VNeID or the population data; never who it is."""
    pauses: list[PauseIn] | None = None
    """All pauses as a whole, at most 500; a newer list replaces an older one."""
    steps: list[StepIn] = msgspec.field(default_factory=list)
    """Single steps, at most 500; they add up over records."""
    work: list[WorkStepIn] | None = None
    """Steps of the internal process, at most 500: with `status` all of them, and a newer list replaces an older one; without it
    single ones, which add up over records."""
    deleted: bool = False
    """The sender no longer has it: it counts nothing from now on."""


FIELDS: Spec = {
    **dict.fromkeys(EventIn.__struct_fields__),
    "pauses": dict.fromkeys(PauseIn.__struct_fields__),
    "steps": dict.fromkeys(StepIn.__struct_fields__),
    "work": dict.fromkeys(WorkStepIn.__struct_fields__),
}


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a source of the kind `own`."""

    codes: list[str] = msgspec.field(default_factory=list)
    """Patterns of its dossier codes beyond the known forms: regular expressions of RE2."""
    departments: dict[str, KnownName] = msgspec.field(default_factory=dict)
    """Names of departments by what `work` calls them, beyond those that are known, or meant otherwise."""
    steps: dict[str, KnownName] = msgspec.field(default_factory=dict)
    """Names of steps by what `work` calls them, beyond those that are known, or meant otherwise."""

    def __post_init__(self) -> None:
        """Refuse patterns that cannot be those of codes, and names that cannot be those of a department or step."""
        check_patterns(self.codes)
        check_names(self.departments, "departments")
        check_names(self.steps, "steps")


SUMMARY = "Software that can be changed sends our own shape: JSON records that are events by name."
ARRIVAL = Arrival.events
BEARS_VERSION_TIME = True
REVISION = 8
EXAMPLE_SETTINGS: Mapping[str, object] = {"codes": ["TNMT\\.\\d{2}-\\d+"]}
EXAMPLE_RECORD: Mapping[str, object] = {
    "code": "000.00.19.H30-230615-0042",
    "id": "42-7",
    "at": "2023-06-20T09:00:00+07:00",
    "status": "delivered",
    "received_at": "2023-06-15T08:00:00+07:00",
    "due_at": "2023-06-20T17:00:00+07:00",
    "ended_at": "2023-06-19T16:00:00+07:00",
    "delivered_at": "2023-06-20T09:00:00+07:00",
    "agency": "10813",
    "procedure": "1.001612",
    "channel": "online",
}


def decoder(
    source: str, settings: Settings, latest: datetime, withholding: Withholding | None = None
) -> Callable[[object], Event | Rejected]:
    """Reads records of `source`; `latest` is the newest instant that a past event may bear."""
    codes = Codes(settings.codes, withholding)
    departments = KnownNames(DEPARTMENTS, settings.departments, codes=True)
    steps = KnownNames(STEP_NAMES, settings.steps)

    def make(fields: Fields) -> Event:
        given = converted(fields, EventIn, needed=("code", "id", "at"))
        event = _event(source, given, latest, codes)
        if given.work is None:
            return event
        return msgspec.structs.replace(event, work=_work(given.work, latest, departments, steps))

    def decode(value: object) -> Event | Rejected:
        read = decode_record(value, FIELDS, "code", codes, make, closed=True)
        if isinstance(read, Rejected) and isinstance(value, dict):
            return msgspec.structs.replace(read, version_at=readable_instant(value.get("at"), latest))
        return read

    return decode


_DATES = ("received_at", "ended_at", "delivered_at", "ready_at")
"""What tells a course, of which the status is a part."""


def _event(source: str, given: EventIn, latest: datetime, codes: Codes) -> Event:
    def past(field: str) -> datetime | None:
        at: datetime | None = getattr(given, field)
        return None if at is None else occurrence(at, field, latest)

    if not 0 < len(given.id) <= 64:
        raise RecordRejected(
            Reason.too_long if given.id else Reason.missing_field, "id is empty or has more than 64 characters."
        )
    if given.extension_letter is not None and len(given.extension_letter) > 64:
        raise RecordRejected(Reason.too_long, "extension_letter has more than 64 characters.")
    if any(len(one or ()) > MAX_ITEMS for one in (given.pauses, given.steps, given.work)):
        raise RecordRejected(Reason.too_long, f"pauses, steps or work have more than {MAX_ITEMS} entries.")
    course = None
    if given.status is None and not given.deleted and (dates := [one for one in _DATES if getattr(given, one) is not None]):
        # No end tells its outcome, so none is made up of dates.
        raise RecordRejected(Reason.missing_field, f"status is missing: {', '.join(dates)} count with a status only.")
    if given.status is not None:
        course = Course(given.status, past("received_at"), past("ended_at"), past("delivered_at"), past("ready_at"))
    return Event(
        code=codes.read(given.code, "code"),
        source=source,
        id=given.id,
        at=required_occurrence(given.at, "at", latest),
        about=About(
            agency=code_of(given.agency, "agency", codes),
            procedure=None
            if given.procedure is None
            else normal_code(code_of(given.procedure, "procedure", codes) or "") or None,
            channel=given.channel,
            digitised_intake=given.digitised_intake,
            digitised_result=given.digitised_result,
            fee_required=given.fee_required,
            fee_online=given.fee_online,
            reused=given.reused,
            supplements=given.supplements,
        ),
        due_at=None if given.due_at is None else portal_due(given.due_at, "due_at"),
        extended_to=None if given.extended_to is None else portal_due(given.extended_to, "extended_to"),
        extension_letter=given.extension_letter,
        course=course,
        pauses=None if given.pauses is None else _pauses(given.pauses, latest),
        steps=tuple(Step(required_occurrence(step.at, "steps.at", latest), step.status) for step in given.steps),
        deleted=given.deleted,
        particulars=particulars_of(given.result_coded, given.from_storage, given.account_verified),
    )


def particulars_of(result_coded: bool | None, from_storage: bool | None, account_verified: bool | None) -> Particulars | None:
    """What the index of decision 766 counts besides; None where nothing of it is stated."""
    if result_coded is None and from_storage is None and account_verified is None:
        return None
    return Particulars(result_coded, from_storage, account_verified)


def _pauses(given: list[PauseIn], latest: datetime) -> tuple[Pause, ...]:
    pauses = []
    for one in given:
        if one.kind not in SUSPENDING:
            raise RecordRejected(Reason.wrong_type, "pauses.kind is no status in which the clock stands still.")
        from_at = required_occurrence(one.from_at, "pauses.from_at", latest)
        to_at = None if one.to_at is None else occurrence(one.to_at, "pauses.to_at", latest)
        if to_at is None or to_at > from_at:
            pauses.append(Pause(from_at, to_at, one.kind))
    return tuple(pauses)


def _work(given: list[WorkStepIn], latest: datetime, departments: KnownNames, steps: KnownNames) -> tuple[WorkStep, ...]:
    work = []
    for one in given:
        started_at = None if one.started_at is None else occurrence(one.started_at, "work.started_at", latest)
        ended_at = None if one.ended_at is None else occurrence(one.ended_at, "work.ended_at", latest)
        due_at = None if one.due_at is None else portal_due(one.due_at, "work.due_at")
        if started_at is not None and ended_at is not None and started_at > ended_at:
            raise RecordRejected(Reason.bad_date, "work.ended_at is before its started_at.")
        if started_at is not None or ended_at is not None:
            work.append(WorkStep(departments.get(one.department), steps.get(one.step), started_at, due_at, ended_at))
    return tuple(work)

"""One dossier of an iGate portal as an event.

`Dossier` lists the only fields that are ever decoded: the applicant, officials' names, file names and free text are skipped
as bytes by the JSON decoder and never become objects of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from services.ingest.events import About, Course, Event, Pause, Reason, Rejected, Step
from services.ingest.sources.http import SourceUnreadable
from services.ingest.sources.igate.settings import Settings
from services.ingest.sources.names import CHANNELS, PAID_ONLINE, STATUSES, TASKS, Names
from services.ingest.sources.whitelist import (
    FIRST_YEAR,
    MAX_ITEMS,
    MAX_TEXT,
    Unfit,
    appointed,
    aside,
    code_of,
    converted,
    dossier_code,
    happened,
    pruned,
)
from shared.dossier import OUTCOMES, SUSPENDING, Channel, Status
from shared.procedures import normal_code

When = Annotated[datetime, Meta(tz=True)]
VIETNAMESE = 228
"""`languageId` of a name."""


class _Translation(Struct, gc=False, rename="camel"):
    name: str | None = None
    language_id: int | None = None


class _Named(Struct, gc=False, rename="camel"):
    name: str | list[_Translation] | _Translation | None = None


class _Coded(Struct, gc=False, rename="camel"):
    code: str | int | None = None


class _Form(Struct, gc=False, rename="camel"):
    digitizing_status: int | None = None


class _Fee(Struct, gc=False, rename="camel"):
    amount: int | float | None = None


class _Result(Struct, gc=False, rename="camel"):
    pass


class _Task(Struct, gc=False, rename="camel"):
    name: str | list[_Translation] | _Translation | None = None
    created_date: When | None = None
    completed_date: When | None = None


class Dossier(Struct, gc=False, rename="camel"):
    """The whitelisted fields of an element of `content[]`."""

    id: str
    code: str
    updated_date: When
    dossier_status: _Named
    procedure: _Coded | None = None
    agency: _Coded | None = None
    accepted_date: When | None = None
    appointment_date: When | None = None
    completed_date: When | None = None
    returned_date: When | None = None
    apply_method: _Named | None = None
    dossier_receiving_kind: _Named | None = None
    dossier_form_file: list[_Form] | None = None
    dossier_result_file: list[_Result] | None = None
    dossier_fee: list[_Fee] | None = None
    payment_method: _Named | None = None
    task: list[_Task] | None = None


_NAME = {"": None, "name": None, "languageId": None}
_NAMED = {"name": _NAME}
FIELDS: dict[str, Any] = {
    "id": None,
    "code": None,
    "updatedDate": None,
    "dossierStatus": _NAMED,
    "procedure": {"code": None},
    "agency": {"code": None},
    "acceptedDate": None,
    "appointmentDate": None,
    "completedDate": None,
    "returnedDate": None,
    "applyMethod": _NAMED,
    "dossierReceivingKind": _NAMED,
    "dossierFormFile": {"digitizingStatus": None},
    "dossierResultFile": {},
    "dossierFee": {"amount": None},
    "paymentMethod": _NAMED,
    "task": {"name": _NAME, "createdDate": None, "completedDate": None},
}
"""The same as data: what is kept of a record that is put aside. `task[].assignee` and the like are not in it."""

_FIRST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)


class _Meaning(NamedTuple):
    """A status with what the loops below ask of it; hashing an enum costs more than all the rest of a lookup."""

    status: Status
    ends: bool
    waits: bool


def _meanings(statuses: Mapping[str, Status]) -> dict[str, _Meaning]:
    return {name: _Meaning(status, status in OUTCOMES, status in SUSPENDING) for name, status in statuses.items()}


class Page(NamedTuple):
    """What one answer held."""

    events: list[Event]
    rejected: list[Rejected]
    keys: list[tuple[datetime, str]]
    """`(updatedDate, id)` of the rows that have readable ones, in the portal's order."""
    total: int | None
    size: int | None
    """Rows per page as the portal understood it."""
    served: int


class _Envelope(Struct, gc=False, rename="camel"):
    content: list[Dossier]
    total_elements: int | None = None
    size: int | None = None


class _Apart(Struct, gc=False, rename="camel"):
    content: list[msgspec.Raw]
    total_elements: int | None = None
    size: int | None = None


_UNPARSABLE = (msgspec.DecodeError, ValueError, RecursionError)
_decode_page = msgspec.json.Decoder(_Envelope).decode
_decode_apart = msgspec.json.Decoder(_Apart).decode
_decode_any = msgspec.json.Decoder().decode


class Decoder:
    """Reads pages and records of one source. Pure: `latest` is the newest instant that a past event may bear."""

    def __init__(self, source: str, settings: Settings, latest: datetime) -> None:
        """`latest` is the time of reading plus a tolerance for the portal's clock."""
        self._source = source
        self.latest = latest
        self._statuses: Names[_Meaning] = Names(_meanings(STATUSES), _meanings(settings.statuses))
        self._tasks: Names[_Meaning] = Names(_meanings(TASKS), _meanings(settings.tasks))
        self._channels: Names[Channel] = Names(CHANNELS, settings.channels)
        self._paid_online: Names[bool] = Names(PAID_ONLINE, settings.paid_online)
        self._procedures: dict[str, str] = {}

    def page(self, body: bytes) -> Page:
        """Everything in one answer; raises `SourceUnreadable` when it is no page, or not whole."""
        try:
            envelope = _decode_page(body)
        except _UNPARSABLE:
            return self._page_apart(body)
        rows = envelope.content
        events: list[Event] = []
        rejected: list[Rejected] = []
        for row in rows:
            try:
                events.append(self._event(row))
            except Unfit as unfit:
                rejected.append(self._kept(row, unfit))
        keys = [(row.updated_date, row.id) for row in rows]
        return Page(events, rejected, keys, envelope.total_elements, envelope.size, len(rows))

    def decode(self, value: object) -> Event | Rejected:
        """One record that is parsed already: as served, or the fields of a quarantined one."""
        return self._read(value)[0]

    def _read(self, value: object) -> tuple[Event | Rejected, Dossier | None]:
        fields: dict[str, Any] = {}
        row = None
        try:
            fields = pruned(value, FIELDS)
            row = converted(fields, Dossier, needed=("code", "id", "updatedDate", "dossierStatus"))
            return self._event(row), row
        except Unfit as unfit:
            return aside(unfit, fields, "code"), row

    def _page_apart(self, body: bytes) -> Page:
        """The page row by row, so that a bad row stops nobody else."""
        try:
            envelope = _decode_apart(body)
            raws, total, size = [bytes(raw) for raw in envelope.content], envelope.total_elements, envelope.size
        except _UNPARSABLE as error:
            raws, head = _split(body, error)
            total, size = head.total_elements, head.size
        events: list[Event] = []
        rejected: list[Rejected] = []
        keys: list[tuple[datetime, str]] = []
        for raw in raws:
            value = _value(raw)
            read, row = (value, None) if isinstance(value, Rejected) else self._read(value)
            if row is not None:
                keys.append((row.updated_date, row.id))
            if isinstance(read, Event):
                events.append(read)
            else:
                rejected.append(read)
        return Page(events, rejected, keys, total, size, len(raws))

    def _kept(self, row: Dossier, unfit: Unfit) -> Rejected:
        try:
            fields = pruned(msgspec.to_builtins(row), FIELDS)
        except Unfit as longer:
            return Rejected(longer.reason, longer.detail, {"id": row.id[:MAX_TEXT], "code": row.code[:MAX_TEXT]})
        return aside(unfit, fields, "code")

    def _event(self, row: Dossier) -> Event:
        code = row.code
        if not (code.isascii() and code.isprintable()) or " " in code or not 0 < len(code) <= 64:
            code = dossier_code(code, "code")
        if not 0 < len(row.id) <= 64:
            raise Unfit(Reason.too_long if row.id else Reason.missing_field, "id is empty or has more than 64 characters.")
        at = self._past(row.updated_date, "updatedDate")
        meaning = self._status(row.dossier_status)
        received_at = None if row.accepted_date is None else self._past(row.accepted_date, "acceptedDate")
        ended_at = None if row.completed_date is None else self._past(row.completed_date, "completedDate")
        delivered_at = None if row.returned_date is None else self._past(row.returned_date, "returnedDate")
        pauses: tuple[Pause, ...] | None = None
        steps: tuple[Step, ...] = ()
        ready_at = None
        if row.task is not None:
            pauses, ready_at, working_at = self._through(row.task)
            if working_at is not None and meaning.status is Status.processing:
                steps = (Step(self._past(working_at, "task.created_date"), Status.processing),)
        if meaning.ends:
            if ended_at is None and delivered_at is None:
                # The dates are silent and the tasks are not.
                ended_at = ready_at
            if ready_at is not None and (ended_at is None or ready_at >= ended_at):
                ready_at = None
        else:
            # What was closed and went back to work is open again, whatever dates it still carries.
            ended_at = delivered_at = ready_at = None
        return Event(
            code,
            self._source,
            row.id,
            at,
            self._about(row, received=received_at is not None, ended=meaning.ends),
            None if row.appointment_date is None else appointed(row.appointment_date, "appointmentDate"),
            None,
            None,
            Course(meaning.status, received_at, ended_at, delivered_at, ready_at),
            pauses,
            steps,
        )

    def _past(self, at: datetime, field: str) -> datetime:
        # `happened` with its common case in front: this runs several times for each record.
        if at.tzinfo is not UTC or not _FIRST <= at <= self.latest:
            return happened(at, field, self.latest)
        return at

    def _status(self, named: _Named) -> _Meaning:
        name = _name(named.name)
        if name is None:
            raise Unfit(Reason.missing_field, "dossierStatus has no name.")
        meaning = self._statuses.get(name)
        if meaning is None:
            raise Unfit(Reason.unknown_status, "Nobody knows the name of dossier_status: add it to 'statuses' of the source.")
        return meaning

    def _about(self, row: Dossier, *, received: bool, ended: bool) -> About:
        digitised = reused = None
        if row.dossier_form_file is not None:
            digitised = reused = False
            for form in row.dossier_form_file:
                part = form.digitizing_status
                if part:
                    digitised = True
                    # 2: part re-used; 3: the result of another dossier re-used.
                    reused = reused or part in (2, 3)
        fee_required = None
        if row.dossier_fee is not None and received:
            fee_required = False
            for fee in row.dossier_fee:
                if fee.amount:
                    fee_required = True
        paid_online = None
        if row.payment_method is not None and (name := _name(row.payment_method.name)) is not None:
            # An unknown way to pay is not worth putting a dossier aside: it is then not known to be online.
            paid_online = bool(self._paid_online.get(name))
        return About(
            _code(row.agency, "agency.code"),
            self._procedure(_code(row.procedure, "procedure.code")),
            self._channel(row),
            digitised,
            bool(row.dossier_result_file) if ended and row.dossier_result_file is not None else None,
            fee_required,
            paid_online,
            reused,
        )

    def _procedure(self, code: str | None) -> str | None:
        if code is None:
            return None
        normal = self._procedures.get(code)
        if normal is None:
            normal = normal_code(code)
            if len(self._procedures) < 20_000:
                self._procedures[code] = normal
        return normal

    def _channel(self, row: Dossier) -> Channel | None:
        said = False
        for named in (row.apply_method, row.dossier_receiving_kind):
            if named is not None and (name := _name(named.name)) is not None:
                channel = self._channels.get(name)
                if channel is not None:
                    return channel
                said = True
        if said:
            raise Unfit(
                Reason.unknown_channel,
                "Nobody knows the names of applyMethod and dossier_receiving_kind: add them to 'channels' of the source.",
            )
        return None

    def _through(self, tasks: list[_Task]) -> tuple[tuple[Pause, ...], datetime | None, datetime | None]:
        """Pauses, the begin of the ending that stands, and the begin of the work that goes on."""
        if len(tasks) > MAX_ITEMS:
            raise Unfit(Reason.too_long, f"task is a list of more than {MAX_ITEMS} entries.")
        kinds = self._tasks.get
        pauses: list[Pause] = []
        waiting: tuple[datetime, Status] | None = None
        ready_at = working_at = None
        for task in _in_order(tasks):
            start = task.created_date
            if start is None:
                continue
            if waiting is not None:
                # A pause that was never closed ends where the next task begins.
                if start > waiting[0]:
                    pauses.append(Pause(waiting[0], self._past(start, "task.created_date"), waiting[1]))
                waiting = None
            name = task.name if type(task.name) is str else _name(task.name)
            kind = kinds(name) if name is not None else None
            if kind is not None and kind.ends:
                if ready_at is None:
                    ready_at = start
                continue
            # Anything else after an ending says that the ending did not stand.
            ready_at = None
            if kind is None or not kind.waits:
                working_at = start
                continue
            start = self._past(start, "task.created_date")
            if task.completed_date is None:
                waiting = start, kind.status
            elif task.completed_date > start:
                pauses.append(Pause(start, self._past(task.completed_date, "task.completed_date"), kind.status))
        if waiting is not None:
            pauses.append(Pause(waiting[0], None, waiting[1]))
        if len(pauses) > 1:
            pauses = _apart(pauses)
        return tuple(pauses), ready_at and self._past(ready_at, "task.created_date"), working_at


def _in_order(tasks: list[_Task]) -> list[_Task]:
    """By their begin; the portal mostly sends them so, and equal begins keep its order."""
    before = None
    for task in tasks:
        begin = task.created_date
        if begin is not None:
            if before is not None and begin < before:
                dated = [one for one in tasks if one.created_date is not None]
                return sorted(dated, key=lambda one: one.created_date)  # type: ignore[arg-type, return-value]
            before = begin
    return tasks


def _apart(pauses: list[Pause]) -> list[Pause]:
    """Sorted and disjoint; pauses that overlap are one, of the kind that began it."""
    pauses.sort(key=lambda pause: pause.from_at)
    merged = [pauses[0]]
    for pause in pauses[1:]:
        last = merged[-1]
        if last.to_at is None or pause.from_at < last.to_at:
            to_at = None if last.to_at is None or pause.to_at is None else max(last.to_at, pause.to_at)
            merged[-1] = Pause(last.from_at, to_at, last.kind)
        else:
            merged.append(pause)
    return merged


def _name(name: str | list[_Translation] | _Translation | None) -> str | None:
    """The Vietnamese name in any of the forms that the endpoints use; the first one where none is Vietnamese."""
    if type(name) is list:
        for one in name:
            if one.language_id == VIETNAMESE and one.name:
                return _short(one.name)
        name = name[0].name if name else None
    elif isinstance(name, _Translation):
        name = name.name
    return _short(name) if isinstance(name, str) and name else None


def _short(name: str) -> str:
    return name if len(name) <= MAX_TEXT else name[:MAX_TEXT]


def _code(coded: _Coded | None, field: str) -> str | None:
    if coded is None or coded.code is None:
        return None
    return code_of(coded.code if type(coded.code) is str else str(coded.code), field)


def _value(raw: bytes) -> object:
    """A row parsed leniently, or the row put aside because nothing can read it."""
    readers: tuple[Callable[[bytes], Any], ...] = (_decode_any, json.loads)
    for reader in readers:
        try:
            return reader(raw)
        except _UNPARSABLE:
            continue
    return Rejected(Reason.unreadable, "The row is no JSON in UTF-8, or is nested too deep.", {})


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]', re.DOTALL)


def _split(body: bytes, error: Exception) -> tuple[list[bytes], _Apart]:
    """The rows of a page that is whole but not strict JSON (NaN, lone surrogates, bottomless nesting).

    Brackets and strings are enough to tell rows apart. A page that does not end is raised, to be asked for again.
    """
    unreadable = SourceUnreadable(f"The source's answer is no page of JSON: {str(error)[:120]}.")
    depth = 0
    key = begin = end = None
    rows: list[bytes] = []
    start = 0
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
            if depth == 2 and mark == b"[" and key == b'"content"' and begin is None:
                begin = start = token.end()
        elif mark in (b"]", b"}"):
            if depth == 2 and begin is not None and end is None:
                end = token.start()
                if rows or body[start:end].strip():
                    rows.append(body[start:end])
            depth -= 1
        elif mark == b",":
            if depth == 2 and begin is not None and end is None:
                rows.append(body[start : token.start()])
                start = token.end()
            elif depth == 1:
                key = None
        elif mark != b":" and depth == 1 and key is None:
            key = mark
    if depth != 0 or begin is None or end is None:
        raise unreadable
    try:
        return rows, _decode_apart(body[:begin] + body[end:])
    except _UNPARSABLE:
        raise unreadable from None

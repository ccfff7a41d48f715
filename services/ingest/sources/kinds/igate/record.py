"""One dossier of an iGate portal as an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from services.ingest.events.model import Course, Event, Pause, Reason, Rejected, Step
from services.ingest.sources.errors import RecordRejected, unforeseen
from services.ingest.sources.fields.codes import Codes
from services.ingest.sources.fields.instants import (
    FIRST,
    FIRST_YEAR,
    LAST_DUE_YEAR,
    occurrence,
    on_clock,
    portal_due,
    readable_instant,
    required_occurrence,
    utc,
)
from services.ingest.sources.fields.vocabulary import STATUSES, TASKS, Names
from services.ingest.sources.fields.whitelist import (
    MAX_ITEMS,
    MAX_TEXT,
    Fields,
    converted,
    known_again,
    pruned,
    rejected_record,
    storable,
    unknown_word,
)
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.kinds.igate.about import AboutReader
from services.ingest.sources.kinds.igate.named_codes import named_codes
from services.ingest.sources.kinds.igate.names import name_of
from services.ingest.sources.kinds.igate.pauses import apart, in_order
from services.ingest.sources.kinds.igate.recovery import row_digest, rows_of, value_of
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.wire import FIELDS, Dossier, Envelope, Named, Task
from services.ingest.sources.kinds.igate.work import WorkReader
from services.ingest.sources.named_codes import NamedCode
from shared.dossier import OUTCOMES, SUSPENDING, Status

_NO_DATE = datetime(1, 1, 1, tzinfo=UTC)


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
    keys: list[tuple[datetime, int]]
    """`(updatedDate, digest of the id)` of the rows whose date can be one, in UTC and in the portal's order."""
    rows: list[int]
    """Digests of all rows, in the portal's order; of one without an id that of its text."""
    total: int | None
    size: int | None
    """Rows per page as the portal understood it."""
    served: int


_decode_page = msgspec.json.Decoder(Envelope).decode


class Decoder:
    """Reads pages and records of one source. Pure: `latest` is the newest instant that a past event may bear."""

    def __init__(self, source: str, settings: Settings, latest: datetime, withholding: Withholding | None = None) -> None:
        """`latest` is the time of reading plus a tolerance for the portal's clock."""
        self._source = source
        self.latest = latest
        self._statuses: Names[_Meaning] = Names(_meanings(STATUSES), _meanings(settings.statuses))
        self._tasks: Names[_Meaning] = Names(_meanings(TASKS), _meanings(settings.tasks))
        self._codes = Codes(settings.codes, withholding)
        self._abouts = AboutReader(settings, self._codes)
        self._work = WorkReader(settings)
        self._clock = settings.clock
        self._code = self._codes.read
        self.named_codes: dict[NamedCode, None] = {}
        """What pages with codes that were new name them; whoever stores them takes them out."""

    def page(self, body: bytes) -> Page:
        """Everything in one answer; raises `SourceUnreadable` when it is no page, or not whole."""
        codes = self._abouts.number_of_codes
        try:
            page = self._page_strict(_decode_page(body))
        except Exception:
            # Not as agreed, or a row that nobody foresaw: read row by row, it stands alone in quarantine.
            page = self._page_by_row(body)
        if self._abouts.number_of_codes > codes:
            self.named_codes.update((one, None) for one in named_codes(body))
        return page

    def _page_strict(self, envelope: Envelope) -> Page:
        rows = envelope.content
        events: list[Event] = []
        rejected: list[Rejected] = []
        keys: list[tuple[datetime, int]] = []
        digests = [row_digest(row.id.encode(errors="surrogatepass")) for row in rows]
        for row, digest in zip(rows, digests, strict=True):
            try:
                event = self._event(row)
            except RecordRejected as rejection:
                rejected.append(self._rejected(row, rejection))
                if (at := self._listed_at(row)) is not None:
                    keys.append((at, digest))
            else:
                events.append(event)
                if row.updated_date is not None and FIRST_YEAR <= row.updated_date.year <= LAST_DUE_YEAR:
                    keys.append((event.at, digest))
        return Page(events, rejected, keys, digests, envelope.total_elements, envelope.size, len(rows))

    def decode(self, value: object) -> Event | Rejected:
        """One record that is parsed already: as served, or the fields of a quarantined one."""
        return self._read(value)[0]

    def _read(self, value: object) -> tuple[Event | Rejected, Dossier | None]:
        fields: dict[str, object] = {}
        row = None
        try:
            fields = pruned(value, FIELDS)
            read = fields if self._clock is None else on_clock(fields, self._clock)
            row = converted(read, Dossier, needed=("code", "id", "dossierStatus"))
            if row.updated_date is None and "updatedDate" in fields:
                row.updated_date = _NO_DATE
            return self._event(row), row
        except RecordRejected as wrong:
            rejection = wrong
        except Exception as error:
            rejection = unforeseen(error)
        return known_again(self._with_reason(rejection, fields), value), row

    def _listed_at(self, row: Dossier) -> datetime | None:
        """What the walk goes by. A date that cannot be one must move no cursor; one in the future is seen for what it is."""
        at = row.updated_date
        if at is None:
            return None
        if at.tzinfo is not UTC:
            known = utc(at)
            if known is None:
                return None
            at = known
        return at if at >= FIRST else None

    def _page_by_row(self, body: bytes) -> Page:
        """The page row by row, so that a bad row stops nobody else."""
        raws, head = rows_of(body)
        events: list[Event] = []
        rejected: list[Rejected] = []
        keys: list[tuple[datetime, int]] = []
        digests: list[int] = []
        for raw in raws:
            value = value_of(raw)
            read, row = (value, None) if isinstance(value, Rejected) else self._read(value)
            digest = row_digest(raw if row is None else row.id.encode(errors="surrogatepass"))
            digests.append(digest)
            if row is not None and (at := self._listed_at(row)) is not None:
                keys.append((at, digest))
            if isinstance(read, Event):
                events.append(read)
            else:
                rejected.append(read)
        return Page(events, rejected, keys, digests, head.total_elements, head.size, len(raws))

    def _rejected(self, row: Dossier, rejection: RecordRejected) -> Rejected:
        try:
            fields = pruned(msgspec.to_builtins(row), FIELDS)
        except RecordRejected as longer:
            return self._with_reason(longer, {"id": row.id[:MAX_TEXT], "code": row.code[:MAX_TEXT]})
        return self._with_reason(rejection, fields)

    def _with_reason(self, rejection: RecordRejected, fields: Fields) -> Rejected:
        rejected = rejected_record(rejection, fields, "code", self._codes)
        version_at = readable_instant(fields.get("updatedDate"), self.latest)
        return msgspec.structs.replace(rejected, version_at=version_at)

    def _event(self, row: Dossier) -> Event:
        code = self._code(row.code, "code")
        if not 0 < len(row.id) <= 64:
            raise RecordRejected(
                Reason.too_long if row.id else Reason.missing_field, "id is empty or has more than 64 characters."
            )
        identifier = row.id if row.id.isprintable() else storable(row.id)
        if row.updated_date is None:
            raise RecordRejected(Reason.missing_field, "updatedDate is missing.")
        at = self._past(row.updated_date, "updatedDate") or self._newest_date(row)
        meaning = self._status(row.dossier_status)
        received_at = None if row.accepted_date is None else self._past(row.accepted_date, "acceptedDate")
        ended_at = None if row.completed_date is None else self._past(row.completed_date, "completedDate")
        delivered_at = None if row.returned_date is None else self._past(row.returned_date, "returnedDate")
        pauses: tuple[Pause, ...] | None = None
        steps: tuple[Step, ...] = ()
        ready_at = work = None
        if row.task is not None:
            for task in row.task:
                if task.agency is not None or task.due_date is not None:
                    work = self._work.steps_of(row.task, self.latest)
                    break
            pauses, ready_at, working_at = self._through(row.task)
            if working_at is not None and meaning.status is Status.processing:
                steps = (Step(self._placed(working_at, "task.created_date"), Status.processing),)
        if meaning.ends:
            if ended_at is None and delivered_at is None:
                # The dates are silent and the tasks are not.
                ended_at = ready_at
            if ready_at is not None and (ended_at is None or ready_at >= ended_at):
                ready_at = None
        else:
            # What was closed and went back to work is open again, whatever dates it still carries. A result that was handed
            # over, and no work after it, stays to contradict the status.
            ended_at = ready_at = None
            if delivered_at is not None and working_at is not None and working_at > delivered_at:
                delivered_at = None
        about, unknown = self._abouts.read(row, received=received_at is not None, ended=meaning.ends)
        return Event(
            code,
            self._source,
            identifier,
            at,
            about,
            None if row.appointment_date is None else portal_due(row.appointment_date, "appointmentDate"),
            None,
            None,
            Course(meaning.status, received_at, ended_at, delivered_at, ready_at),
            pauses,
            steps,
            False,
            work,
            unknown,
        )

    def _past(self, at: datetime, field: str) -> datetime | None:
        """`occurrence` with its common case in front: this runs several times for each record."""
        if at.tzinfo is not UTC and FIRST_YEAR <= at.year <= LAST_DUE_YEAR:
            at = at.astimezone(UTC)
        return at if FIRST <= at <= self.latest else occurrence(at, field, self.latest)

    def _placed(self, at: datetime, field: str) -> datetime:
        """`required_occurrence`, likewise."""
        if at.tzinfo is not UTC and FIRST_YEAR <= at.year <= LAST_DUE_YEAR:
            at = at.astimezone(UTC)
        return at if FIRST <= at <= self.latest else required_occurrence(at, field, self.latest)

    def _newest_date(self, row: Dossier) -> datetime:
        """The newest date of a record whose `updatedDate` is a placeholder: it stands for when the record changed."""
        dates = [
            ("acceptedDate", row.accepted_date),
            ("completedDate", row.completed_date),
            ("returnedDate", row.returned_date),
        ]
        for task in row.task or ():
            dates += (("task.createdDate", task.created_date), ("task.completedDate", task.completed_date))
        known = [at for name, one in dates if one is not None and (at := self._past(one, name)) is not None]
        if not known:
            raise RecordRejected(Reason.missing_field, "updatedDate holds no date, and no other date is in its place.")
        return max(known)

    def _status(self, named: Named) -> _Meaning:
        name = name_of(named.name)
        if name is None:
            raise RecordRejected(Reason.missing_field, "dossierStatus has no name.")
        meaning = self._statuses.get(name)
        if meaning is None:
            raise RecordRejected(
                Reason.unknown_status,
                "Nobody knows the name of dossier_status: add it to 'statuses' of the source.",
                unknown_word("dossierStatus", name, "statuses"),
            )
        return meaning

    def _through(self, tasks: list[Task]) -> tuple[tuple[Pause, ...], datetime | None, datetime | None]:
        """Pauses, the begin of the ending that stands, and the begin of the work that goes on."""
        if len(tasks) > MAX_ITEMS:
            raise RecordRejected(Reason.too_long, f"task is a list of more than {MAX_ITEMS} entries.")
        kinds = self._tasks.get
        pauses: list[Pause] = []
        waiting: tuple[datetime, Status] | None = None
        ready_at = working_at = None
        before = None
        for task in tasks:
            start = task.created_date
            if start is None or not (FIRST_YEAR <= start.year <= LAST_DUE_YEAR or utc(start) is not None):
                continue
            if before is not None and start < before:
                # The portal mostly sends them by their begin; equal begins keep its order.
                return self._through(in_order(tasks))
            before = start
            if waiting is not None:
                # A pause that was never closed ends where the next task begins.
                if start > waiting[0]:
                    pauses.append(Pause(waiting[0], self._placed(start, "task.created_date"), waiting[1]))
                waiting = None
            name = task.name if type(task.name) is str else name_of(task.name)
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
            start = self._placed(start, "task.created_date")
            done = None if task.completed_date is None else self._past(task.completed_date, "task.completed_date")
            if done is None:
                waiting = start, kind.status
            elif done > start:
                pauses.append(Pause(start, done, kind.status))
        if waiting is not None:
            pauses.append(Pause(waiting[0], None, waiting[1]))
        if len(pauses) > 1:
            pauses = apart(pauses)
        return tuple(pauses), ready_at and self._placed(ready_at, "task.created_date"), working_at

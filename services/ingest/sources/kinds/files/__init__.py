"""Files for back-fill, as clerks export them: CSV and XLSX with Vietnamese headings, NDJSON with ours.

The settings of a source of the kind `files` are its mapping profile: which heading is which field, and what its words mean.
Columns that are not mapped are dropped where a row is read, so names and notes never get further than the parser. A row bears
no version time: without a column for it, the newest date in the row is taken, and the instant of the import breaks ties (see
`services.ingest.sources.kinds.national`, which does the same).

Dates are dd/mm/yyyy with or without a time, ISO 8601, or serial numbers of a spreadsheet; mm/dd/yyyy where the file itself
proves it. Without an offset they are on the clock of Việt Nam, and a day alone is its midnight.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from services.ingest.events.model import About, Course, Event, Reason, Rejected
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.codes import Codes, check_patterns
from services.ingest.sources.fields.departments import KnownName, check_names
from services.ingest.sources.fields.empty_words import is_empty_word
from services.ingest.sources.fields.instants import occurrence, portal_due
from services.ingest.sources.fields.vocabulary import CHANNELS, FEE_FLAGS, FLAGS, STATUSES, Names
from services.ingest.sources.fields.whitelist import Fields, Spec, code_of, decode_record, unknown_word
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.kinds import own
from services.ingest.sources.kinds.files.dates import DATES, DateOrders, Order
from services.ingest.sources.kinds.national import CHANNELS as CHANNEL_NUMBERS
from services.ingest.sources.kinds.national import NUMBERS as STATUS_NUMBERS
from services.ingest.sources.model import Arrival
from shared.dossier import OUTCOMES, Channel, Status
from shared.procedures import normal_code

FIELDS: Spec = {
    "code": None,
    "procedure": None,
    "agency": None,
    "channel": None,
    "status": None,
    "received_at": None,
    "due_at": None,
    "ended_at": None,
    "delivered_at": None,
    "updated_at": None,
    "digitised_intake": None,
    "digitised_result": None,
    "fee_online": None,
    "result_coded": None,
    "from_storage": None,
    "account_verified": None,
    "_arrived": None,
}


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mapping profile of a source of the kind `files`."""

    columns: dict[str, str] = msgspec.field(default_factory=dict)
    """Field by heading, beyond the headings that clerks use, or meant otherwise; "" drops one."""
    statuses: dict[str, Status] = msgspec.field(default_factory=dict)
    """Words for statuses beyond those that are known, or meant otherwise."""
    channels: dict[str, Channel] = msgspec.field(default_factory=dict)
    """Words for channels beyond those that are known, or meant otherwise."""
    agencies: dict[str, str] = msgspec.field(default_factory=dict)
    """Agency codes by the names that stand in the file."""
    agency: str | None = None
    """The agency of every row, where the file is one agency's own."""
    delimiter: str | None = None
    """Of a CSV; None: the one that its headings show."""
    flags: dict[str, bool] = msgspec.field(default_factory=dict)
    """Words for yes (true) and no (false) beyond those that are known, or meant otherwise."""
    dates: Order | None = None
    """Order of day and month; None: the one that the dates of a file prove, else `dd/mm`."""
    codes: list[str] = msgspec.field(default_factory=list)
    """Patterns of its dossier codes beyond the known forms: regular expressions of RE2."""
    departments: dict[str, KnownName] = msgspec.field(default_factory=dict)
    """Names of departments by what `work` of NDJSON calls them, beyond those that are known, or meant otherwise."""
    steps: dict[str, KnownName] = msgspec.field(default_factory=dict)
    """Names of steps by what `work` of NDJSON calls them, beyond those that are known, or meant otherwise."""

    def __post_init__(self) -> None:
        """Refuse columns for fields that there are not."""
        unknown = sorted(set(self.columns.values()) - set(FIELDS) - {""})
        if unknown or "_arrived" in self.columns.values():
            known = ", ".join(name for name in FIELDS if not name.startswith("_"))
            raise ValueError(f"columns name unknown fields {unknown}; known are {known}")
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise ValueError("delimiter must be one character")
        check_patterns(self.codes)
        check_names(self.departments, "departments")
        check_names(self.steps, "steps")


SUMMARY = "Lists that clerks export, for back-fill: CSV, XLSX and XLS with their headings, NDJSON with ours."
ARRIVAL = Arrival.imports
BEARS_VERSION_TIME = False
REVISION = 8
EXAMPLE_SETTINGS: Mapping[str, object] = {"columns": {"Ref": "code"}, "agencies": {"Phòng TNMT": "294.TNMT"}}
EXAMPLE_RECORD: Mapping[str, object] = {
    "code": "000.00.19.H30-230615-0042",
    "procedure": "1.001612",
    "agency": "Phòng TNMT",
    "channel": "Trực tuyến",
    "status": "Đã xử lý xong",
    "received_at": "15/06/2023 08:00",
    "due_at": "20/06/2023",
    "ended_at": "19/06/2023 16:00",
}


class RowDecoder:
    """Reads the rows of one file, which have fields for headings; one with `code`, `id` and `at` is of our own shape."""

    def __init__(self, source: str, settings: Settings, latest: datetime, withholding: Withholding | None = None) -> None:
        """`latest` is the newest instant that a past event may bear."""
        self.dates = DateOrders(settings.dates)
        self._reading = _Reading(source, settings, latest, self.dates, withholding)
        self._of_own = own.decoder(
            source,
            own.Settings(codes=settings.codes, departments=settings.departments, steps=settings.steps),
            latest,
            withholding,
        )

    def __call__(self, value: object) -> Event | Rejected:
        """The event of a row, or the rejected row with its reason."""
        if isinstance(value, dict) and "id" in value and "at" in value:
            return self._of_own({name: one for name, one in value.items() if name != "_arrived"})
        return decode_record(value, FIELDS, "code", self._reading.codes, self._reading.event)

    def observe(self, row: Mapping[str, object]) -> None:
        """Take the dates of a row at the beginning of the file into account, before any is read."""
        for field in DATES:
            if field in row:
                self.dates.observe(field, row[field])


def decoder(source: str, settings: Settings, latest: datetime, withholding: Withholding | None = None) -> RowDecoder:
    """What reads the rows of one file."""
    return RowDecoder(source, settings, latest, withholding)


class _Reading:
    def __init__(
        self, source: str, settings: Settings, latest: datetime, dates: DateOrders, withholding: Withholding | None
    ) -> None:
        self._source = source
        self._latest = latest
        self._dates = dates
        self._flags = Names(FLAGS, settings.flags)
        self._fee_flags = Names(FEE_FLAGS, settings.flags)
        self.codes = Codes(settings.codes, withholding)
        self._agency = settings.agency
        self._agencies = Names(settings.agencies)
        self._statuses = Names({**STATUSES, **STATUS_NUMBERS, **{one.value: one for one in Status}}, settings.statuses)
        self._channels = Names({**CHANNELS, **CHANNEL_NUMBERS, **{one.value: one for one in Channel}}, settings.channels)

    def event(self, fields: Fields) -> Event:
        """The event of a row."""
        code = self.codes.read(_text(fields, "code"), "code")
        received_at = self._past(fields, "received_at")
        ended_at = self._past(fields, "ended_at")
        delivered_at = self._past(fields, "delivered_at")
        dates = [at for at in (received_at, ended_at, delivered_at) if at is not None]
        at = self._past(fields, "updated_at") or max(dates, default=None)
        if at is None:
            raise RecordRejected(Reason.missing_field, "The row has no date of anything that has happened.")
        status = self._status(fields, ended=ended_at is not None, delivered=delivered_at is not None)
        if status not in OUTCOMES:
            # What was closed may be open again, but no result that was handed over is taken back: that stays to contradict it.
            ended_at = None
        due = None if (value := fields.get("due_at")) is None else self._dates.read(value, "due_at")
        procedure = code_of(_stated(_text(fields, "procedure", decimals=True)), "procedure", self.codes)
        return Event(
            code=code,
            source=self._source,
            id=(_text(fields, "_arrived") or "")[:64],
            at=at,
            about=About(
                agency=self._agency_of(fields),
                procedure=None if procedure is None else normal_code(procedure),
                channel=self._channel(fields),
                digitised_intake=_flag(fields, "digitised_intake", self._flags),
                digitised_result=_flag(fields, "digitised_result", self._flags),
                fee_online=_flag(fields, "fee_online", self._fee_flags),
            ),
            due_at=None if due is None else portal_due(due, "due_at"),
            course=Course(status, received_at, ended_at, delivered_at),
            particulars=own.particulars_of(
                _flag(fields, "result_coded", self._flags),
                _flag(fields, "from_storage", self._flags),
                _flag(fields, "account_verified", self._flags),
            ),
        )

    def _past(self, fields: Fields, field: str) -> datetime | None:
        at = None if (value := fields.get(field)) is None else self._dates.read(value, field)
        return None if at is None else occurrence(at, field, self._latest)

    def _status(self, fields: Fields, *, ended: bool, delivered: bool) -> Status:
        name = _text(fields, "status")
        status = None if name is None else self._statuses.get(name)
        if status is not None:
            return status
        if name is not None and not is_empty_word(name):
            raise RecordRejected(
                Reason.unknown_status,
                "Nobody knows this status: add it to 'statuses' of the source.",
                unknown_word("status", name, "statuses"),
            )
        # Many lists have dates only.
        return Status.delivered if delivered else Status.resolved if ended else Status.processing

    def _channel(self, fields: Fields) -> Channel | None:
        name = _text(fields, "channel")
        channel = None if name is None else self._channels.get(name)
        if channel is None and name is not None and not is_empty_word(name):
            raise RecordRejected(
                Reason.unknown_channel,
                "Nobody knows this channel: add it to 'channels' of the source.",
                unknown_word("channel", name, "channels"),
            )
        return channel

    def _agency_of(self, fields: Fields) -> str | None:
        name = _stated(_text(fields, "agency"))
        if name is None:
            return self._agency
        return self._agencies.get(name) or code_of(name[:64], "agency", self.codes)


def _text(fields: Fields, field: str, *, decimals: bool = False) -> str | None:
    """The text of a cell; `decimals`: a number of a spreadsheet may have some, as a procedure's code 1.00161 has."""
    value = fields.get(field)
    if value is None:
        return None
    if isinstance(value, float) and not isinstance(value, bool):
        if value.is_integer() and abs(value) < 1e15:
            # A spreadsheet's number: codes of digits come so.
            value = int(value)
        elif decimals and 0 < value < 100:
            value = f"{value:.6f}".rstrip("0")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RecordRejected(Reason.wrong_type, f"{field} is no text.")
    return str(value).strip() or None


def _stated(code: str | None) -> str | None:
    """A code, None for a word that says that there is none, such as `#N/A` of a formula that found nothing."""
    return None if code is None or (is_empty_word(code) and not code.isdigit()) else code


def _flag(fields: Fields, field: str, words: Names[bool]) -> bool | None:
    value = fields.get(field)
    if value is None or isinstance(value, bool):
        return value
    text = _text(fields, field)
    if text is None:
        return None
    found = words.get(text)
    if found is None and not is_empty_word(text):
        raise RecordRejected(
            Reason.unknown_flag,
            f"{field} is neither yes nor no: add the word to 'flags' of the source.",
            unknown_word(field, text, "flags"),
        )
    return found

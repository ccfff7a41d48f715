"""The national synchronisation format that every province already sends (domain.md 1.2): `DongBoHoSoMC`, `CapNhatTienDoHoSoMC`.

A record bears no version time. Its own newest date is taken for it, so that the state does not depend on the order of
arrival; between records of one dossier with the same newest date, the one that was sent last is the newer (`Event.id` is the
instant of arrival, and `services.ingest.pushes.service` gives a record that was sent before its earlier id back). Statuses that
have no date of their own (8, 4 again) are placed by the progress records, which all have one; such a record is known again by
its time and its number, so that one whose number was mapped wrong is replaced when it is read anew.

Every scalar is a string, dates are `yyyyMMddHHmmss` in Việt Nam, empty when absent. The 12-hour times that one vendor writes
stand in the payment part, which is never read. Another vendor sends its pauses (5, 6, 8) as 9: a 9 without an end date is not
believed where the steps go on, which `services.ingest.dossiers.folding` decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import msgspec
from msgspec import Struct

from services.ingest.events.model import About, Course, Event, Particulars, Pause, Reason, Rejected, Step, UnknownWord, WorkStep
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields import vocabulary
from services.ingest.sources.fields.codes import MAX_CODE, Codes, check_patterns
from services.ingest.sources.fields.departments import DEPARTMENTS, STEP_NAMES, KnownName, KnownNames, check_names
from services.ingest.sources.fields.empty_words import is_empty_word
from services.ingest.sources.fields.instants import is_placeholder, occurrence, portal_due, vietnam_instant
from services.ingest.sources.fields.vocabulary import Names
from services.ingest.sources.fields.whitelist import Fields, code_of, decode_record, unknown_word
from services.ingest.sources.fields.withholding import Withholding
from services.ingest.sources.kinds.national.named_codes import named_codes
from services.ingest.sources.kinds.national.wire import FIELDS
from services.ingest.sources.model import Arrival
from shared.dossier import OUTCOMES, STATUSES, SUSPENDING, Channel, Status
from shared.procedures import normal_code

__all__ = [
    "ARRIVAL",
    "BEARS_VERSION_TIME",
    "EXAMPLE_RECORD",
    "EXAMPLE_SETTINGS",
    "FIELDS",
    "REVISION",
    "SUMMARY",
    "Settings",
    "decoder",
    "named_codes",
]

T = TypeVar("T")
DOSSIER_SERVICE, PROGRESS_SERVICE = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"


NUMBERS = {str(meaning.number): status for status, meaning in STATUSES.items() if meaning.number is not None}
"""`TrangThaiHoSo` and `TrangThai`."""

CHANNELS = {"1": Channel.counter, "2": Channel.online, "3": Channel.post}
"""`KenhThucHien`."""

_DIGITISED, _REUSED, _NOT_DIGITISED = ("1", "2", "3"), ("2", "3"), ("0",)
"""`TrangThaiSoHoa`."""
_PAID = {"2": True}
"""`DuocThanhToanTrucTuyen` beyond yes and no: 2 is paid online too."""
_NOTHING_DUE = re.compile(r"0+(?:[.,]0+)?")
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?")


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a source of the kind `national`."""

    agencies: dict[str, str] = msgspec.field(default_factory=dict)
    """Agency codes by what stands in `DonViXuLy`, where that is a name and not a code."""
    statuses: dict[str, Status] = msgspec.field(default_factory=dict)
    """Numbers beyond 1-10, or meant otherwise."""
    channels: dict[str, Channel] = msgspec.field(default_factory=dict)
    """What `KenhThucHien` means beyond 1, 2 and 3, or meant otherwise."""
    flags: dict[str, bool] = msgspec.field(default_factory=dict)
    """Words of yes (true) and no (false) beyond 1, 0 and those that are known, or meant otherwise."""
    departments: dict[str, KnownName] = msgspec.field(default_factory=dict)
    """Names of departments by what stands in `PhongBanXuLy`, beyond those that are known, or meant otherwise."""
    steps: dict[str, KnownName] = msgspec.field(default_factory=dict)
    """Names of steps by what stands in `ChucDanh`, beyond those that are known, or meant otherwise."""
    codes: list[str] = msgspec.field(default_factory=list)
    """Patterns of its dossier codes beyond the known forms: regular expressions of RE2."""

    def __post_init__(self) -> None:
        """Refuse patterns that cannot be those of codes, and names that cannot be those of a department or step."""
        check_patterns(self.codes)
        check_names(self.departments, "departments")
        check_names(self.steps, "steps")


SUMMARY = "A province's software sends the national synchronisation format, with this service as one more destination."
ARRIVAL = Arrival.national
BEARS_VERSION_TIME = False
REVISION = 9
EXAMPLE_SETTINGS: Mapping[str, object] = {"agencies": {"UBND phường Bình Hàn": "10813"}}
EXAMPLE_RECORD: Mapping[str, object] = {
    "MaHoSo": "000.00.19.H30-230615-0042",
    "MaTTHC": "1.001612.000.00.00.H30",
    "KenhThucHien": "2",
    "NgayTiepNhan": "20230615080000",
    "NgayHenTra": "20230620170000",
    "TrangThaiHoSo": "10",
    "NgayTra": "20230620090000",
    "NgayKetThucXuLy": "20230619160000",
    "DonViXuLy": "UBND phường Bình Hàn",
}


def decoder(
    source: str, settings: Settings, latest: datetime, withholding: Withholding | None = None
) -> Callable[[object], Event | Rejected]:
    """Reads records of both services; `latest` is the newest instant that a past event may bear."""
    reading = _Reading(source, settings, latest, withholding)
    codes = reading.codes

    def decode(value: object) -> Event | Rejected:
        return decode_record(value, FIELDS, "MaHoSo", codes, reading.event)

    return decode


class _UnknownWords(list[UnknownWord]):
    """Words of one record that nobody knows."""

    def hiding(self, about: About) -> tuple[About, tuple[UnknownWord, ...]]:
        """`about` without what they hide, and those that hide something: what another field says is known all the same."""
        unknown = tuple(one for one in dict.fromkeys(self) if one.hides is not None and not getattr(about, one.hides))
        return (msgspec.structs.replace(about, **{str(one.hides): None for one in unknown}) if unknown else about), unknown


class _Reading:
    def __init__(self, source: str, settings: Settings, latest: datetime, withholding: Withholding | None) -> None:
        self._source = source
        self._latest = latest
        self.codes = Codes(settings.codes, withholding)
        self._agencies = settings.agencies
        self._statuses = {**NUMBERS, **settings.statuses}
        self._channels = Names({**vocabulary.CHANNELS, **CHANNELS}, settings.channels)
        self._flags = Names(vocabulary.FLAGS, settings.flags)
        self._paid = Names({**vocabulary.FLAGS, **_PAID}, settings.flags)
        self._departments = KnownNames(DEPARTMENTS, settings.departments, codes=True)
        self._steps = KnownNames(STEP_NAMES, settings.steps)

    def event(self, fields: Fields) -> Event:
        """The event of a pruned record."""
        code = self.codes.read(_text(fields, "MaHoSo"), "MaHoSo")
        arrived = _text(fields, "_arrived") or ""
        if len(arrived) > MAX_CODE:
            raise RecordRejected(Reason.too_long, "_arrived is too long.")
        if "ThoiDiemXuLy" in fields or "TrangThai" in fields:
            return self._progress(code, fields)
        return self._dossier(code, arrived, fields)

    def _progress(self, code: str, fields: Fields) -> Event:
        at = self._past(fields, "ThoiDiemXuLy")
        if at is None:
            raise RecordRejected(Reason.missing_field, "ThoiDiemXuLy holds no date.")
        status = self._status(fields, "TrangThai")
        # A 9 may be a pause in disguise: the steps after it decide.
        step = Step(at, status, proven=status is not Status.resolved)
        number = (_text(fields, "TrangThai") or "")[:MAX_CODE]
        return Event(code, self._source, number, at, steps=(step,), work=self._work(fields, at))

    def _work(self, fields: Fields, at: datetime) -> tuple[WorkStep, ...] | None:
        """The step of the internal process that ended with this one; None where nothing of it is told."""
        department, name = (_readable(_text, fields, field) for field in ("PhongBanXuLy", "ChucDanh"))
        department, name = self._departments.get(department), self._steps.get(name)
        due_at = _readable(_due, fields, "NgayKetThucTheoQuyDinh")
        if department is None and due_at is None:
            return None
        started_at = _readable(self._past, fields, "NgayBatDau")
        return (WorkStep(department, name, None if started_at is None else min(started_at, at), due_at, at),)

    def _dossier(self, code: str, arrived: str, fields: Fields) -> Event:
        status = self._status(fields, "TrangThaiHoSo")
        received_at = self._past(fields, "NgayTiepNhan")
        closed_at = self._past(fields, "NgayKetThucXuLy")
        refused_at = self._past(fields, "NgayTuChoi")
        delivered_at = self._past(fields, "NgayTra")
        pauses, moved_to = self._supplements(fields)
        dates = [self._past(fields, "NgayNopHoSo"), received_at, closed_at, refused_at, delivered_at]
        dates += [one.from_at for one in pauses] + [one.to_at for one in pauses]
        known = [at for at in dates if at is not None]
        if not known:
            raise RecordRejected(Reason.missing_field, "The record has no date of anything that has happened.")
        at = max(known)
        if status in OUTCOMES:
            ended_at = (refused_at or closed_at) if status is Status.refused else closed_at
        else:
            # What was closed may be open again, but no result that was handed over is taken back: that stays to contradict it.
            ended_at = None
            if status in SUSPENDING and pauses and all(one.to_at is not None for one in pauses):
                # Waiting again, since nobody says when: since the newest date there is.
                pauses.append(Pause(at, None, status))
        due_at = _due(fields, "NgayHenTra") or moved_to
        about, unknown = self._about(fields, ended=status in OUTCOMES)
        return Event(
            code=code,
            source=self._source,
            id=arrived,
            at=at,
            about=about,
            due_at=due_at,
            course=Course(status, received_at, ended_at, delivered_at),
            # Without the list nothing is told of requests.
            pauses=tuple(pauses) if pauses or "DanhSachHoSoBoSung" in fields else None,
            unknown=unknown,
            particulars=self._particulars(fields, ended=status in OUTCOMES),
        )

    def _particulars(self, fields: Fields, *, ended: bool) -> Particulars | None:
        """What the index of decision 766 counts besides; a word that is neither yes nor no states nothing of it."""
        results, papers = _objects(fields, "DanhSachGiayToKetQua"), _objects(fields, "TaiLieuNop")
        coded = any("MaGiayToKetQua" in one and "DuongDanTepTinKetQua" in one for one in results)
        stored = [self._flags.get(text) for one in papers if (text := _readable(_text, one, "DuocLayTuKhoDMQG")) is not None]
        verified = _readable(_text, fields, "TaiKhoanDuocXacThucVoiVNeID")
        found = Particulars(
            coded if ended and results else None,
            any(stored) if any(one is not None for one in stored) else None,
            None if verified is None else self._flags.get(verified),
        )
        return None if found == Particulars() else found

    def _about(self, fields: Fields, *, ended: bool) -> tuple[About, tuple[UnknownWord, ...]]:
        papers = _objects(fields, "TaiLieuNop")
        words = _UnknownWords()
        parts = [_text(one, "TrangThaiSoHoa") for one in papers]
        digitised = self._flag(fields, "HoSoCoThanhPhanSoHoa", words, "digitised_intake")
        flags = [self._flag(one, "DuocSoHoa", words, "digitised_intake") for one in papers]
        if any(flags) or any(part in _DIGITISED for part in parts):
            digitised = True
        reuses = [self._flag(one, "DuocTaiSuDung", words, "reused") for one in papers]
        for part in parts:
            if part is not None and part not in _NOT_DIGITISED and part not in _DIGITISED and not is_empty_word(part):
                words.append(unknown_word("TrangThaiSoHoa", part, None, "digitised_intake"))
        results = _objects(fields, "DanhSachGiayToKetQua")
        procedure = code_of(_text(fields, "MaTTHC"), "MaTTHC", self.codes)
        about = About(
            agency=self._agency(fields),
            procedure=None if procedure is None else normal_code(procedure),
            channel=self._channel(fields),
            digitised_intake=digitised,
            digitised_result=any("DuongDanTepTinKetQua" in one for one in results) if ended else None,
            fee_required=_is_due(_objects(fields, "DanhSachLePhi")) if "DanhSachLePhi" in fields else None,
            fee_online=self._flag(fields, "DuocThanhToanTrucTuyen", words, "fee_online", self._paid),
            reused=any(reuses) or any(part in _REUSED for part in parts) if papers else None,
        )
        return words.hiding(about)

    def _flag(
        self, fields: Fields, field: str, words: _UnknownWords, hides: str, known: Names[bool] | None = None
    ) -> bool | None:
        text = _text(fields, field)
        flag = None if text is None else (known or self._flags).get(text)
        if flag is None and text is not None and not is_empty_word(text):
            words.append(unknown_word(field, text, "flags", hides))
        return flag

    def _channel(self, fields: Fields) -> Channel | None:
        text = _text(fields, "KenhThucHien")
        channel = None if text is None else self._channels.get(text)
        if channel is None and text is not None and not is_empty_word(text):
            raise RecordRejected(
                Reason.unknown_channel,
                "KenhThucHien is not 1, 2 or 3: add it to 'channels' of the source.",
                unknown_word("KenhThucHien", text, "channels"),
            )
        return channel

    def _agency(self, fields: Fields) -> str | None:
        name = _text(fields, "DonViXuLy")
        if name is None:
            return None
        mapped = self._agencies.get(name)
        # A name that nobody mapped stays the agency's code, unmapped, so that it can be seen and added.
        return mapped or code_of(name[:MAX_CODE], "DonViXuLy", self.codes)

    def _supplements(self, fields: Fields) -> tuple[list[Pause], datetime | None]:
        """Requests for papers as pauses, and the newest due date that one of them set."""
        pauses: list[Pause] = []
        moved_to = None
        for one in _objects(fields, "DanhSachHoSoBoSung"):
            begun = self._past(one, "NgayBoSung")
            done = self._past(one, "NgayTiepNhanBoSung")
            if begun is not None and (done is None or done > begun):
                pauses.append(Pause(begun, done, Status.supplement_requested))
            due = _due(one, "NgayHenTraMoi")
            if due is not None and (moved_to is None or due > moved_to):
                moved_to = due
        pauses.sort(key=lambda pause: pause.from_at)
        return pauses, moved_to

    def _status(self, fields: Fields, field: str) -> Status:
        number = _text(fields, field)
        if number is None:
            raise RecordRejected(Reason.missing_field, f"{field} is empty.")
        status = self._statuses.get(number.lstrip("0") or number)
        if status is None:
            raise RecordRejected(
                Reason.unknown_status,
                f"{field} is not a number from 1 to 10: add it to 'statuses' of the source.",
                unknown_word(field, number, "statuses"),
            )
        return status

    def _past(self, fields: Fields, field: str) -> datetime | None:
        text = _text(fields, field)
        at = None if text is None else _instant(text, field)
        return None if at is None else occurrence(at, field, self._latest)


def _readable(read: Callable[[Fields, str], T | None], fields: Fields, field: str) -> T | None:
    """What `read` finds; None too where it cannot be read: what is told of a step beside its status stops no record."""
    try:
        return read(fields, field)
    except RecordRejected:
        return None


def _is_due(fees: Sequence[Fields]) -> bool:
    """Whether a list of fees has one that is not 0; of an amount that cannot be read something is due."""
    amounts = (_readable(_text, one, "SoTien") for one in fees)
    return any(amount is None or _NOTHING_DUE.fullmatch(amount) is None for amount in amounts)


def _due(fields: Fields, field: str) -> datetime | None:
    text = _text(fields, field)
    at = None if text is None else _instant(text, field)
    return None if at is None else portal_due(at, field)


@lru_cache(maxsize=4096)
def _instant(text: str, field: str) -> datetime | None:
    """`yyyyMMddHHmmss`, or a day alone for its midnight, on the clock of Việt Nam; None for a placeholder."""
    if is_placeholder(text):
        return None
    match = _DATE.fullmatch(text) if text.isascii() else None
    if match is None:
        raise RecordRejected(Reason.bad_date, f"{field} is not written as yyyyMMddHHmmss.")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return vietnam_instant(year, month, day, hour, minute, second)
    except ValueError:
        raise RecordRejected(Reason.bad_date, f"{field} is no date.") from None


def _text(fields: Fields, field: str) -> str | None:
    """A scalar as text: the format says string, some senders say number."""
    value = fields.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RecordRejected(Reason.wrong_type, f"{field} is no text.")
    return str(value).strip() or None


def _objects(fields: Fields, field: str) -> Sequence[Fields]:
    value = fields.get(field, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise RecordRejected(Reason.wrong_type, f"{field} is no list of objects.")
    return value

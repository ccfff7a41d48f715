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

from services.ingest.events.model import About, Course, Event, Pause, Reason, Rejected, Step, WorkStep
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.codes import MAX_CODE, Codes, check_patterns
from services.ingest.sources.fields.departments import DEPARTMENTS, STEP_NAMES, KnownName, KnownNames, check_names
from services.ingest.sources.fields.instants import is_placeholder, occurrence, portal_due, vietnam_instant
from services.ingest.sources.fields.whitelist import PRESENT, Fields, Spec, code_of, decode_record
from services.ingest.sources.model import Arrival
from shared.dossier import OUTCOMES, STATUSES, SUSPENDING, Channel, Status
from shared.procedures import normal_code

T = TypeVar("T")
DOSSIER_SERVICE, PROGRESS_SERVICE = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"


class Paper(Struct, gc=False):
    """A paper that was handed in (`TaiLieuNop`)."""

    DuocSoHoa: str = ""
    """`1`: it was digitised."""
    DuocTaiSuDung: str = ""
    """`1`: it was taken from an earlier dossier."""
    TrangThaiSoHoa: str = ""
    """`1`, `2` or `3`: it was digitised; `2` and `3`: from an earlier dossier."""


class Fee(Struct, gc=False):
    """A fee (`DanhSachLePhi`); only that there is one is read."""

    SoTien: str = ""
    """Its amount in đồng; it is not read."""


class Supplement(Struct, gc=False):
    """A request for papers (`DanhSachHoSoBoSung`)."""

    NgayBoSung: str = ""
    """When they were asked for."""
    NgayTiepNhanBoSung: str = ""
    """When they came; empty while they have not."""
    NgayHenTraMoi: str = ""
    """The due date after that."""


class Result(Struct, gc=False):
    """A paper of the result (`DanhSachGiayToKetQua`)."""

    DuongDanTepTinKetQua: str = ""
    """Path of its file: that there is one says that the result was digitised; the path itself is not kept."""


class NationalDossier(Struct, gc=False):
    """A dossier as `DongBoHoSoMC` sends it. Dates are `yyyyMMddHHmmss` in Việt Nam, empty when there is none.

    Whatever else the format has (names, numbers, contacts, free text) may be sent and is passed over unread.
    """

    MaHoSo: str
    """Code of the dossier."""
    TrangThaiHoSo: str
    """Status, `1` to `10`: registered, received, refused, in process, papers asked for, payment asked for, withdrawn, stopped,
    result ready, result handed over."""
    MaTTHC: str = ""
    """Code of the procedure, with or without its suffix."""
    KenhThucHien: str = ""
    """Channel: `1` at the counter, `2` online, `3` by post."""
    NgayNopHoSo: str = ""
    """When it was submitted."""
    NgayTiepNhan: str = ""
    """When it was received."""
    NgayHenTra: str = ""
    """The due date that was promised."""
    NgayTra: str = ""
    """When the result was handed over."""
    NgayTuChoi: str = ""
    """When it was refused."""
    NgayKetThucXuLy: str = ""
    """When it was closed."""
    DonViXuLy: str = ""
    """Code or name of the agency that handles it; names are mapped by `agencies` of the source's settings."""
    HoSoCoThanhPhanSoHoa: str = ""
    """`1`: papers of it were digitised."""
    DuocThanhToanTrucTuyen: str = ""
    """`1`: the fee was paid online."""
    TaiLieuNop: list[Paper] = []
    """Papers that were handed in."""
    DanhSachLePhi: list[Fee] = []
    """Fees; none: nothing is due."""
    DanhSachHoSoBoSung: list[Supplement] = []
    """Requests for papers: the clock stands still between request and receipt."""
    DanhSachGiayToKetQua: list[Result] = []
    """Papers of the result."""


class NationalProgress(Struct, gc=False):
    """A step as `CapNhatTienDoHoSoMC` sends it; the official's name and note may be sent and are passed over unread.

    With a department or a time by which it was due it is a step of the internal process too, which ended at `ThoiDiemXuLy`.
    """

    MaHoSo: str
    """Code of the dossier."""
    ThoiDiemXuLy: str
    """When the step was taken, `yyyyMMddHHmmss` in Việt Nam."""
    TrangThai: str
    """The status that it led to, as `TrangThaiHoSo`."""
    PhongBanXuLy: str = ""
    """The department that took it. Only a known name or a code is kept of it; others are mapped by `departments` of the
    source's settings."""
    ChucDanh: str = ""
    """The role that took it. Only a known name is kept of it; others are mapped by `steps` of the source's settings."""
    NgayBatDau: str = ""
    """When it began."""
    NgayKetThucTheoQuyDinh: str = ""
    """By when it should have been done."""


FIELDS: Spec = {
    **dict.fromkeys(NationalDossier.__struct_fields__),
    "TaiLieuNop": dict.fromkeys(Paper.__struct_fields__),
    "DanhSachLePhi": {},
    "DanhSachHoSoBoSung": dict.fromkeys(Supplement.__struct_fields__),
    "DanhSachGiayToKetQua": dict.fromkeys(Result.__struct_fields__, PRESENT),
    **dict.fromkeys(NationalProgress.__struct_fields__),
    # Ours: when the record came. Not stored with a rejected record, or each repetition would be another record.
    "_arrived": None,
}
"""Names of people, numbers, contacts, free text (`NoiDungXuLy`, `TrichYeuHoSo`, `GhiChu`) and paths of files are not in it."""

NUMBERS = {str(meaning.number): status for status, meaning in STATUSES.items() if meaning.number is not None}
"""`TrangThaiHoSo` and `TrangThai`."""

CHANNELS = {"1": Channel.counter, "2": Channel.online, "3": Channel.post}
"""`KenhThucHien`."""

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?")


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a source of the kind `national`."""

    agencies: dict[str, str] = msgspec.field(default_factory=dict)
    """Agency codes by what stands in `DonViXuLy`, where that is a name and not a code."""
    statuses: dict[str, Status] = msgspec.field(default_factory=dict)
    """Numbers beyond 1-10, or meant otherwise."""
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
REVISION = 1
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


def decoder(source: str, settings: Settings, latest: datetime) -> Callable[[object], Event | Rejected]:
    """Reads records of both services; `latest` is the newest instant that a past event may bear."""
    reading = _Reading(source, settings, latest)
    codes = reading.codes

    def decode(value: object) -> Event | Rejected:
        return decode_record(value, FIELDS, "MaHoSo", codes, reading.event)

    return decode


class _Reading:
    def __init__(self, source: str, settings: Settings, latest: datetime) -> None:
        self._source = source
        self._latest = latest
        self.codes = Codes(settings.codes)
        self._agencies = settings.agencies
        self._statuses = {**NUMBERS, **settings.statuses}
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
        return Event(
            code=code,
            source=self._source,
            id=arrived,
            at=at,
            about=self._about(fields, ended=status in OUTCOMES),
            due_at=due_at,
            course=Course(status, received_at, ended_at, delivered_at),
            pauses=tuple(pauses),
        )

    def _about(self, fields: Fields, *, ended: bool) -> About:
        papers = _objects(fields, "TaiLieuNop")
        parts = [_text(one, "TrangThaiSoHoa") for one in papers]
        digitised = _flag(fields, "HoSoCoThanhPhanSoHoa")
        if any(_flag(one, "DuocSoHoa") for one in papers) or any(part in ("1", "2", "3") for part in parts):
            digitised = True
        results = _objects(fields, "DanhSachGiayToKetQua")
        channel = _text(fields, "KenhThucHien")
        if channel is not None and channel not in CHANNELS:
            raise RecordRejected(Reason.unknown_channel, "KenhThucHien is not 1, 2 or 3.")
        procedure = code_of(_text(fields, "MaTTHC"), "MaTTHC")
        return About(
            agency=self._agency(fields),
            procedure=None if procedure is None else normal_code(procedure),
            channel=None if channel is None else CHANNELS[channel],
            digitised_intake=digitised,
            digitised_result=any("DuongDanTepTinKetQua" in one for one in results) if ended else None,
            fee_required=bool(_objects(fields, "DanhSachLePhi")) if "DanhSachLePhi" in fields else None,
            fee_online=_flag(fields, "DuocThanhToanTrucTuyen"),
            reused=any(_flag(one, "DuocTaiSuDung") for one in papers) or any(part in ("2", "3") for part in parts)
            if papers
            else None,
        )

    def _agency(self, fields: Fields) -> str | None:
        name = _text(fields, "DonViXuLy")
        if name is None:
            return None
        mapped = self._agencies.get(name)
        # A name that nobody mapped stays the agency's code, unmapped, so that it can be seen and added.
        return mapped or code_of(name[:MAX_CODE], "DonViXuLy")

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
                Reason.unknown_status, f"{field} is not a number from 1 to 10: add it to 'statuses' of the source."
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


def _flag(fields: Fields, field: str) -> bool | None:
    """Whether a `0` or `1` is a `1`."""
    text = _text(fields, field)
    return None if text is None else text == "1"


def _objects(fields: Fields, field: str) -> Sequence[Fields]:
    value = fields.get(field, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise RecordRejected(Reason.wrong_type, f"{field} is no list of objects.")
    return value

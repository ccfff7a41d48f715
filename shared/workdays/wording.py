"""The sentences of an explained due date, in Vietnamese and English. Adding a language is one column more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from enum import StrEnum

from shared.dossier import SuspensionKind
from shared.workdays.calendar import DayNote
from shared.workdays.rules import LimitUnit, TimeLimit


class Language(StrEnum):
    """Languages a due date is explained in."""

    vi = "vi"
    en = "en"


SENTENCES: Mapping[str, tuple[str, str]] = {
    "received": ("Tiếp nhận lúc {at}.", "Received at {at}."),
    "counts_as": (
        "Nhận sau giờ làm việc hoặc vào ngày nghỉ nên được tính là nhận {from_on}.",
        "After closing or on a day off: counts as received on {from_on}.",
    ),
    "after_cutoff": (
        "Nhận sau {cutoff} (giờ chốt của thủ tục) nên được tính là nhận {from_on}.",
        "After the cut-off at {cutoff} of the procedure: counts as received on {from_on}.",
    ),
    "after_same_day_cutoff": (
        "Nhận sau {cutoff} (giờ chốt chung của thủ tục trả kết quả trong ngày) nên được tính là nhận {from_on}.",
        "After the cut-off at {cutoff} of all procedures resolved the same day: counts as received on {from_on}.",
    ),
    "resumed_after_cutoff": (
        "Tiếp tục lúc {at}, sau giờ chốt {cutoff}, nên được tính từ {from_on}.",
        "It went on at {at}, after the cut-off at {cutoff}: counts from {from_on}.",
    ),
    "opens": ("Ngoài giờ làm việc: thời hạn bắt đầu chạy lúc {at}.", "The office is closed: the limit begins to run at {at}."),
    "limit_in_days": (
        "Thời hạn giải quyết là {limit}; ngày nhận không tính vào thời hạn.",
        "The limit is {limit}; the day of receipt is not counted.",
    ),
    "limit_in_hours": (
        "Thời hạn giải quyết là {limit}, chạy trong giờ làm việc kể từ lúc nhận.",
        "The limit is {limit}, running through office hours from the moment of receipt.",
    ),
    "suspended": (
        "Tạm dừng ({kind}) {from_at} – {to_at}; hạn chuyển từ {before} sang {after}.",
        "Suspended ({kind}) {from_at} – {to_at}; the due date moves from {before} to {after}.",
    ),
    "restarted": (
        "Tạm dừng ({kind}) {from_at} – {to_at}; thời hạn tính lại từ đầu, hạn chuyển từ {before} sang {after}.",
        "Suspended ({kind}) {from_at} – {to_at}; the limit runs anew, the due date moves from {before} to {after}.",
    ),
    "suspended_now": (
        "Đang tạm dừng ({kind}) từ {from_at}: hạn sẽ lùi lại khi tiếp tục giải quyết.",
        "The clock has stood still ({kind}) since {from_at}: the due date will move when work goes on.",
    ),
    "skipped": ("Không tính {days} ngày nghỉ {span}: {names}.", "Days off not counted ({days}), {span}: {names}."),
    "weekends": ("Không tính {days} ngày thứ Bảy, Chủ nhật.", "Saturdays and Sundays not counted: {days}."),
    "make_up": ("Tính cả ngày làm bù {from_on}.", "The make-up day {from_on} is counted."),
    "counted": (
        "Đủ {days} ngày: ngày thứ nhất là {from_on}, ngày cuối là {until_on}.",
        "Days counted: {days}; the first is {from_on}, the last {until_on}.",
    ),
    "counted_on_day": (
        "{from_on}: tính {minutes} phút, cộng dồn {total} phút.",
        "{from_on}: {minutes} minutes counted, {total} in all.",
    ),
    "rolled_on": (
        "Ngày cuối, {from_on}, là ngày nghỉ: thời hạn kết thúc vào ngày làm việc tiếp theo, {until_on}.",
        "The last day, {from_on}, is off: the limit ends on the next working day, {until_on}.",
    ),
    "rolled_over_holidays": (
        "Ngày cuối, {from_on}, rơi vào kỳ nghỉ ({names}): thời hạn kết thúc vào ngày làm việc tiếp theo, {until_on}.",
        "The last day, {from_on}, is off ({names}): the limit ends on the next working day, {until_on}.",
    ),
    "extended_apart": (
        "Văn bản {letter} hẹn lại đến {until_on}: ghi nhận riêng, không thay hạn theo luật.",
        "Letter {letter} sets a new date, {until_on}: kept apart, it does not replace the legal one.",
    ),
    "extended": (
        "Văn bản {letter} hẹn lại đến {until_on}: hạn này được áp dụng.",
        "Letter {letter} sets a new date, {until_on}: it counts.",
    ),
    "extension_void": (
        "Việc hẹn lại đến {until_on} không được tính: chỉ được hẹn lại một lần, có văn bản, khi chưa hết hạn.",
        "The extension to {until_on} is void: one is allowed, by letter, before the limit has run out.",
    ),
    "unverified": (
        "Kết quả này dựa vào ngày nghỉ, ngày làm bù chưa đối chiếu với văn bản công bố: {decided}.",
        "This rests on decisions about days whose published text was not seen: {decided}.",
    ),
    "from_memory": (
        "Căn cứ trích theo trí nhớ, chưa đối chiếu với văn bản công bố: {laws}.",
        "Cited from memory, the published text was not seen: {laws}.",
    ),
    "due_on": ("Hạn trả kết quả: hết {until_on}.", "Due by the end of {until_on}."),
    "due_at": ("Hạn trả kết quả: {at}.", "Due at {at}."),
    "reckoned_by": ("Tính theo lịch {calendar}, quy tắc {rule}.", "Reckoned by calendar {calendar} and rule {rule}."),
}
"""Step to its sentence (vi, en). The names in braces are fields of the step."""

_WEEKDAYS = (
    ("thứ Hai", "Monday"),
    ("thứ Ba", "Tuesday"),
    ("thứ Tư", "Wednesday"),
    ("thứ Năm", "Thursday"),
    ("thứ Sáu", "Friday"),
    ("thứ Bảy", "Saturday"),
    ("Chủ nhật", "Sunday"),
)
_UNITS = {
    LimitUnit.working_days: ("ngày làm việc", "working days"),
    LimitUnit.calendar_days: ("ngày", "calendar days"),
    LimitUnit.hours: ("giờ làm việc", "office hours"),
}
_KINDS = {
    SuspensionKind.supplement: ("chờ bổ sung giấy tờ", "waiting for papers"),
    SuspensionKind.payment: ("chờ thực hiện nghĩa vụ tài chính", "waiting for a payment"),
    SuspensionKind.stop: ("dừng xử lý", "processing stopped"),
}


def sentence(step: str, language: Language, values: Mapping[str, object]) -> str:
    """The sentence of a step with its values written in the language."""
    column = 0 if language is Language.vi else 1
    text = SENTENCES[step][column].format_map({name: format_value(value, language) for name, value in values.items()})
    return text[0].upper() + text[1:]


def format_value(value: object, language: Language) -> str:
    """A value as it is written in the language: days with their weekday, limits with their unit, notes by name."""
    column = 0 if language is Language.vi else 1
    match value:
        case datetime():
            return f"{value:%H:%M} {format_value(value.date(), language)}"
        case date() if column == 0:  # leading zeros as decree 30/2020/NĐ-CP writes dates
            month = f"{value.month:02d}" if value.month < 3 else f"{value.month}"
            return f"{_WEEKDAYS[value.weekday()][0]} {value.day:02d}/{month}/{value.year}"
        case date():
            return f"{_WEEKDAYS[value.weekday()][1]} {value.isoformat()}"
        case time():
            return f"{value:%H:%M}"
        case TimeLimit():
            return f"{value.amount} {_UNITS[value.unit][column]}"
        case SuspensionKind():
            return _KINDS[value][column]
        case DayNote():
            return value.name_en if column else value.name_vi
        case str():
            return value
        case tuple():  # first and last day of a run
            return " – ".join(dict.fromkeys(format_value(one, language) for one in value))
        case Sequence():
            return ", ".join(dict.fromkeys(format_value(one, language) for one in value))
        case _:
            return str(value)

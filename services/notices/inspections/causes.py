"""Causes of lateness that an inspection may name: how they are printed, and which words of a text mean which.

Pure. The kinds are those of the law (`shared.workdays.causes`), because metrics counts every late dossier under one of them: so
what a team states can be compared with what was counted.
"""

from __future__ import annotations

import re
from enum import Enum

from shared.workdays.causes import BY_LAW, DelayCause

PRINTED: dict[DelayCause, str] = {
    DelayCause.staff: "cán bộ, công chức xử lý chậm",
    DelayCause.misrouted: "chuyển nhầm, chuyển vòng giữa các bộ phận, tài khoản xử lý",
    DelayCause.supplement_needed: "phải yêu cầu bổ sung hồ sơ, sau khi trừ thời gian chờ vẫn quá hạn",
    DelayCause.due_moved: "ngày hẹn trả trên phần mềm muộn hơn thời hạn quy định, không có văn bản hẹn lại",
    DelayCause.extended: "đã hẹn lại bằng văn bản nhưng quá thời hạn quy định",
    DelayCause.days_off_counted: "phần mềm tính cả ngày nghỉ vào thời hạn giải quyết",
    DelayCause.suspension_hidden: "phần mềm không trừ thời gian tạm dừng",
    DelayCause.not_closed_in_software: "đã có kết quả trong hạn nhưng chậm kết thúc trên phần mềm",
    DelayCause.after_hours_ignored: "phần mềm tính hồ sơ nhận sau giờ làm việc như nhận trong ngày",
    DelayCause.first_day_counted: "phần mềm tính cả ngày tiếp nhận vào thời hạn",
    DelayCause.calendar_changed: "lịch nghỉ được quyết định sau khi đã hẹn trả",
    DelayCause.synced_late: "phần mềm báo kết thúc muộn",
    DelayCause.other: "số liệu chưa thể hiện nguyên nhân",
}
"""Every cause as a conclusion prints it, in the order in which equal counts are listed."""

BY_PORTAL = tuple(cause for cause in PRINTED if cause not in BY_LAW)
"""Causes for which the software alone calls dossiers overdue."""

_CAUSE_WORDS: tuple[tuple[re.Pattern[str], frozenset[DelayCause]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), frozenset(causes))
    for pattern, causes in (
        (r"phần mềm|hệ thống|cổng dịch vụ công|máy chủ|đường truyền|công nghệ|kỹ thuật", (*BY_PORTAL, DelayCause.due_moved)),
        (r"ngày nghỉ|ngày lễ|cuối tuần|lịch nghỉ", (DelayCause.days_off_counted, DelayCause.calendar_changed)),
        (r"tạm dừng", (DelayCause.suspension_hidden,)),
        (r"(?:chưa|chậm|không|quên) (?:kết thúc|đóng)", (DelayCause.not_closed_in_software,)),
        (r"(?:ngoài|sau|hết) giờ", (DelayCause.after_hours_ignored,)),
        (r"cả ngày (?:tiếp nhận|nhận)", (DelayCause.first_day_counted,)),
        (r"đồng bộ", (DelayCause.synced_late,)),
        (r"hẹn lại|hẹn trả|gia hạn", (DelayCause.due_moved, DelayCause.extended, *BY_PORTAL)),
        (r"bổ sung|thiếu giấy tờ|thiếu thành phần", (DelayCause.supplement_needed,)),
        (
            r"chậm (?:xử lý|trình|duyệt|phê duyệt|phối hợp|giải quyết)|xử lý chậm|thiếu nhân lực|quá tải|xác minh|phức tạp",
            (DelayCause.staff,),
        ),
        # Who is meant, and that it was slow.
        (
            r"(?:cán bộ|công chức|viên chức|nhân viên|chuyên viên|lãnh đạo)[^.;,]{0,60}?(?:chậm|trễ|muộn|kéo dài|tồn đọng)"
            r"|(?:tiếp nhận|thẩm định|thụ lý|luân chuyển|ký duyệt|trình ký|trả kết quả) (?:còn )?(?:chậm|trễ|muộn)",
            (DelayCause.staff, DelayCause.misrouted, DelayCause.not_closed_in_software),
        ),
        (
            r"(?:người dân|công dân|người nộp|tổ chức, cá nhân)[^.;,]{0,60}?(?:chậm|trễ|muộn)",
            (DelayCause.supplement_needed,),
        ),
        # Of a source that tells no steps, such dossiers are counted under `staff`.
        (
            r"nhầm tài khoản|(?:trình|chuyển) nhầm|chuyển (?:vòng|lòng vòng|trả nội bộ)",
            (DelayCause.misrouted, DelayCause.staff),
        ),
    )
)
"""Words, and the causes that they may mean. Add further words for a cause here."""


def causes_mentioned(text: str) -> list[tuple[str, frozenset[DelayCause]]]:
    """The words of a text that mean causes, each with the causes that it may mean."""
    return [(found.group(), causes) for pattern, causes in _CAUSE_WORDS if (found := pattern.search(text))]


class Weight(Enum):
    """How much of the lateness a text attributes to a cause."""

    some = "some"
    largest = "largest"
    """No other cause has more."""
    majority = "majority"
    """More than half."""
    all = "all"


_WEIGHTS: tuple[tuple[Weight, re.Pattern[str]], ...] = (
    (Weight.all, re.compile(r"\b(?:toàn bộ|tất cả|hoàn toàn|(?:đều|chỉ) (?:do|vì)|duy nhất)\b", re.IGNORECASE)),
    (Weight.majority, re.compile(r"\b(?:phần lớn|đa số|đa phần|hầu hết|quá nửa)\b", re.IGNORECASE)),
    (Weight.largest, re.compile(r"\b(?:chủ yếu|nguyên nhân chính|chính (?:là|do|vì)|nhiều nhất|phổ biến)\b", re.IGNORECASE)),
)


def weight_of(text: str) -> Weight:
    """The strongest weight that the words of a text claim."""
    return next((weight for weight, pattern in _WEIGHTS if pattern.search(text)), Weight.some)


_LATE = r"(?:quá hạn|trễ hạn|chậm hạn|muộn hạn)"
_IS_LATE = re.compile(_LATE, re.IGNORECASE)
_IS_SLOW = re.compile(r"\b(?:chậm|trễ|muộn|kéo dài|tồn đọng)\b", re.IGNORECASE)
_OF_DOSSIERS = re.compile(r"\b(?:hồ sơ|trả kết quả|thời (?:hạn|gian) giải quyết)\b", re.IGNORECASE)
_ORIGIN = r"do|vì|bởi|nguyên nhân|bắt nguồn|xuất phát|hệ quả|hậu quả|(?<!xin )lỗi (?:của|từ|thuộc)"
_BECAUSE = re.compile(rf"\b(?:{_ORIGIN}|phát sinh từ|nằm ở)\b", re.IGNORECASE)
_LEADS_TO = re.compile(rf"\b(?:{_ORIGIN}|dẫn đến|gây|khiến)\b", re.IGNORECASE)
_MAKES = re.compile(r"\b(?:dẫn đến|gây|khiến|làm(?: cho)?)\b", re.IGNORECASE)
_SHARE = re.compile(
    r"\b(?:phần lớn|đa số|đa phần|hầu hết|quá nửa|phân nửa|một nửa)\b(?: số| các| những)? hồ sơ\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"[^.;]+")


def explains_lateness(text: str) -> str | None:
    """The words of a text that explain why dossiers are late, or say what part of them is; None where it does neither.

    Told with `quá hạn`, any word of cause explains it. That something is slow is said of much, so `chậm` and its like explain
    it only of dossiers, and behind a word that makes them so: `Công chức xã gây chậm trễ nhiều hồ sơ`.

    Each clause is searched for either word alone, so the cost is linear in the length of the text.
    """
    for clause in _CLAUSE.findall(text):
        late = [found.span() for found in _IS_LATE.finditer(clause)]
        if not late:
            made = _MAKES.search(clause) if _OF_DOSSIERS.search(clause) else None
            slow = _IS_SLOW.search(clause, made.end()) if made is not None else None
            if made is not None and slow is not None:
                return str(clause[made.start() : slow.end()])
            continue
        if (share := _SHARE.search(clause, 0, late[-1][0])) is not None:
            return str(clause[share.start() : late[-1][1]])
        because = [found.span() for found in _BECAUSE.finditer(clause, late[0][1])]
        if because:
            return str(clause[late[0][0] : because[-1][1]])
        leads_to = _LEADS_TO.search(clause, 0, late[-1][0])
        if leads_to is not None:
            return str(clause[leads_to.start() : late[-1][1]])
    return None

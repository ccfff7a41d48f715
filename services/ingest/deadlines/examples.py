"""A due date and its steps, as callers see them."""

from __future__ import annotations

from services.ingest.components import Example

_BASIS = "Bộ luật Dân sự 2015, Điều 147"


_RULES = "Bộ luật Dân sự 2015, Điều 147-148; nhận ngoài giờ, tạm dừng và hẹn lại: quy ước đã công bố"


_STEPS_VI: list[Example] = [
    {"step": "received", "text": "Tiếp nhận lúc 09:00 thứ Sáu 28/4/2023.", "at": "2023-04-28T09:00:00+07:00"},
    {
        "step": "limit_in_days",
        "text": "Thời hạn giải quyết là 3 ngày làm việc; ngày nhận không tính vào thời hạn.",
        "days": 3,
        "basis": _BASIS,
    },
    {
        "step": "skipped",
        "text": "Không tính 5 ngày nghỉ thứ Bảy 29/4/2023 – thứ Tư 03/5/2023:"
        " Ngày Giỗ Tổ Hùng Vương, Ngày Chiến thắng, Ngày Quốc tế Lao động,"
        " Ngày Giỗ Tổ Hùng Vương (nghỉ bù), Ngày Chiến thắng (nghỉ bù).",
        "from_on": "2023-04-29",
        "until_on": "2023-05-03",
        "days": 5,
    },
    {"step": "weekends", "text": "Không tính 2 ngày thứ Bảy, Chủ nhật.", "days": 2},
    {
        "step": "counted",
        "text": "Đủ 3 ngày: ngày thứ nhất là thứ Năm 04/5/2023, ngày cuối là thứ Hai 08/5/2023.",
        "from_on": "2023-05-04",
        "until_on": "2023-05-08",
        "days": 3,
    },
    {"step": "due_on", "text": "Hạn trả kết quả: hết thứ Hai 08/5/2023.", "until_on": "2023-05-08"},
    {"step": "reckoned_by", "text": "Tính theo lịch vn-6217ac34, quy tắc clock@3.", "basis": _RULES},
]


_STEPS_EN: list[Example] = [
    {"step": "received", "text": "Received at 09:00 Friday 2023-04-28.", "at": "2023-04-28T09:00:00+07:00"},
    {
        "step": "limit_in_days",
        "text": "The limit is 3 working days; the day of receipt is not counted.",
        "days": 3,
        "basis": _BASIS,
    },
    {
        "step": "skipped",
        "text": "Days off not counted (5), Saturday 2023-04-29 – Wednesday 2023-05-03:"
        " Hung Kings' Commemoration Day, Liberation Day/Reunification Day, International Labor Day,"
        " Hung Kings' Commemoration Day (observed), Liberation Day/Reunification Day (observed).",
        "from_on": "2023-04-29",
        "until_on": "2023-05-03",
        "days": 5,
    },
    {"step": "weekends", "text": "Saturdays and Sundays not counted: 2.", "days": 2},
    {
        "step": "counted",
        "text": "Days counted: 3; the first is Thursday 2023-05-04, the last Monday 2023-05-08.",
        "from_on": "2023-05-04",
        "until_on": "2023-05-08",
        "days": 3,
    },
    {"step": "due_on", "text": "Due by the end of Monday 2023-05-08.", "until_on": "2023-05-08"},
    {"step": "reckoned_by", "text": "Reckoned by calendar vn-6217ac34 and rule clock@3.", "basis": _RULES},
]


def _explained(steps: list[Example]) -> Example:
    lines = (f"{one['text']} [{one['basis']}]" if "basis" in one else one["text"] for one in steps)
    return {"steps": steps, "text": "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))}


EXPLAINED: Example = {"vi": _explained(_STEPS_VI), "en": _explained(_STEPS_EN)}


DEADLINE_RESULT: Example = {
    "received_at": "2023-04-28T09:00:00+07:00",
    "counts_from": "2023-04-28",
    "due_on": "2023-05-08",
    "due_at": None,
    "basis": "legal",
    "legal_due_on": "2023-05-08",
    "extended_due_on": None,
    "late_from": "2023-05-09",
    "due_soon": {"1": "2023-05-05", "3": "2023-04-28", "5": "2023-04-26"},
    "is_suspended": False,
    "limit_minutes": 1440,
    "timeliness": None,
    "spent_minutes": None,
    "calendar_version": "vn-6217ac34",
    "rule_version": "clock@3",
    "explained": EXPLAINED,
}

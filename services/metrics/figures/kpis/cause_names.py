"""Causes of lateness as names of KPIs have them. Pure."""

from __future__ import annotations

from shared.contracts.kpis import Text
from shared.workdays.causes import DelayCause

CAUSE_NAMES = {
    DelayCause.days_off_counted: Text("phần mềm tính cả ngày nghỉ", "the software counted days off"),
    DelayCause.suspension_hidden: Text("thời gian tạm dừng không được trừ", "a suspension was hidden"),
    DelayCause.not_closed_in_software: Text(
        "đã có kết quả nhưng chưa kết thúc trên phần mềm", "ready but not closed in the software"
    ),
    DelayCause.after_hours_ignored: Text(
        "phần mềm tính hồ sơ nhận sau giờ vào trong ngày", "a receipt after hours was counted as that day's"
    ),
    DelayCause.first_day_counted: Text("phần mềm tính cả ngày tiếp nhận", "the day of receipt was counted"),
    DelayCause.calendar_changed: Text("lịch nghỉ thay đổi sau khi hẹn trả", "days off were decided after the date was given"),
    DelayCause.synced_late: Text("đồng bộ chậm", "late synchronisation"),
    DelayCause.extended: Text("gia hạn bằng văn bản", "an extension by letter"),
    DelayCause.due_moved: Text("ngày hẹn trả muộn hơn quy định, không có văn bản", "a later date without a letter"),
    DelayCause.misrouted: Text("chuyển nhầm, chuyển vòng giữa các bước xử lý", "it was misrouted"),
    DelayCause.supplement_needed: Text("phải bổ sung hồ sơ", "a supplement was needed"),
    DelayCause.staff: Text("cán bộ xử lý chậm", "slow handling"),
    DelayCause.other: Text("nguyên nhân khác hoặc chưa rõ", "another cause or none known"),
}

"""Working days and the deadline clock (ngày làm việc, thời hạn giải quyết). Pure: no I/O beyond its own data files, no clock.

    calendar = calendar_for("30")
    due = deadline(received_at, TimeLimit(5, LimitUnit.working_days), calendar)
    due.due_on, due.late_from, timeliness(ended_at, due)

`calendar` says which days are worked, `hours` when an office is open, `rules` what can be said about a limit, `clock`
computes due dates, `shifts` how suspensions move them, `spent` the working time that was spent and allowed,
`steps` how late a step of the internal process was, `explain` tells
how a due date came about, `causes` why a portal and the law disagree. Laws and decisions are rows in `shared/data/`, each
with its legal basis and whether its published text was seen.
"""

from shared.workdays.calendar import (
    Calendar,
    CalendarEditions,
    OutsideCalendar,
    build_calendar,
    calendar_for,
    national_calendar,
)
from shared.workdays.clock import (
    Deadline,
    clock_stopped_at,
    deadline,
    due_soon,
    timeliness,
    timeliness_at,
    timeliness_on,
)
from shared.workdays.hours import MINUTES_OF_A_DAY, STANDARD_HOURS, OfficeHours, to_local
from shared.workdays.rules import (
    Extension,
    LimitUnit,
    Policy,
    StopEvent,
    Suspension,
    TimeLimit,
    policies,
    policies_with,
    policy_on,
    require_own_names,
)
from shared.workdays.spent import limit_minutes, spent_minutes
from shared.workdays.steps import minutes_over
from shared.workdays.suspensions import closed_suspensions, suspended_days

__all__ = [
    "MINUTES_OF_A_DAY",
    "STANDARD_HOURS",
    "Calendar",
    "CalendarEditions",
    "Deadline",
    "Extension",
    "LimitUnit",
    "OfficeHours",
    "OutsideCalendar",
    "Policy",
    "StopEvent",
    "Suspension",
    "TimeLimit",
    "build_calendar",
    "calendar_for",
    "clock_stopped_at",
    "closed_suspensions",
    "deadline",
    "due_soon",
    "limit_minutes",
    "minutes_over",
    "national_calendar",
    "policies",
    "policies_with",
    "policy_on",
    "require_own_names",
    "spent_minutes",
    "suspended_days",
    "timeliness",
    "timeliness_at",
    "timeliness_on",
    "to_local",
]

"""Why a dossier is overdue, or why a portal's due date differs from the legal one: rules, each with what to do.

A portal reports dossiers as overdue that are not by law (its software counted days off, ignored a suspension, or did not know
that the result was ready), and misses others (its date was moved). For a date that is too early the due date is computed
again with one known error at a time; the error that gives the portal's date is the cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

import msgspec

from shared.dossier import Timeliness
from shared.workdays.calendar import Calendar
from shared.workdays.clock import Deadline, deadline, valid_extension
from shared.workdays.rules import AfterHours, LimitUnit
from shared.workdays.wording import Language, format_value


class DelayCause(StrEnum):
    """Why a dossier is overdue by the portal, by law or by both."""

    # By the portal only
    days_off_counted = "days_off_counted"  # its software counted days off as working days
    suspension_hidden = "suspension_hidden"  # it did not move the date by the days of waiting
    not_closed_in_software = "not_closed_in_software"  # the result was ready in time and closed in the software too late
    after_hours_ignored = "after_hours_ignored"  # it counted a receipt after closing, or the cut-off, as that day's
    first_day_counted = "first_day_counted"  # it counted the day of receipt
    calendar_changed = "calendar_changed"  # days off were decided after it had given the date
    synced_late = "synced_late"  # its dates explain nothing, and it told of the end late
    # By law only
    extended = "extended"  # a new date was set by letter
    due_moved = "due_moved"  # its date is later than the law's, without a letter
    # By both
    misrouted = "misrouted"  # it came back to a department and step where it had been, and the limit was not kept
    supplement_needed = "supplement_needed"  # papers had to be asked for, and what was left of the limit was not kept
    staff = "staff"  # the limit was not kept, and the dates show no other reason
    other = "other"  # the dates do not tell


BY_LAW = (DelayCause.staff, DelayCause.misrouted, DelayCause.supplement_needed, DelayCause.due_moved, DelayCause.extended)
"""Causes of dossiers that are overdue by law; the others concern the portal's date only."""


class DelayFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The dates of a dossier by law and by the portal."""

    due: Deadline | None
    """By law; None where no limit is known and the portal's date counts."""
    legal: Timeliness | None
    """By law, of an ended dossier; None while it is in process."""
    portal_due_on: date | None
    portal: Timeliness | None
    """The same by the portal's own dates."""
    ended_on: date | None = None
    """When the result was ready."""
    closed_on: date | None = None
    """When the portal closed it."""
    supplements: int = 0
    """How often papers were asked for."""
    misrouted: int = 0
    """How often it came back to a department and step where it had been."""
    synced_late: bool = False
    calendar_then: Calendar | None = None
    """The calendar as it was known when the portal gave its date, where that is another one than the deadline's."""


def cause_of(account: DelayFacts) -> DelayCause | None:
    """Why a dossier is overdue by law or by the portal; None when it is in time by both.

    For a dossier in process it is the cause that will apply once it is overdue, so that no new version is needed then;
    None when neither side has a date.
    """
    due, portal_due_on = account.due, account.portal_due_on
    if account.legal is None:
        if due is None and portal_due_on is None:
            return None
        if due is None or portal_due_on is None:
            return _of_the_office(account)
        if due.is_suspended and portal_due_on == due.due_on:
            return DelayCause.suspension_hidden  # the portal's date passes while the office waits
        if portal_due_on < due.due_on:
            return _too_early(account, due, portal_due_on) or DelayCause.other
        return _too_late(account) if portal_due_on > due.due_on else _of_the_office(account)
    if account.legal is Timeliness.overdue:
        return _of_the_office(account) if account.portal is Timeliness.overdue else _too_late(account)
    if account.portal is not Timeliness.overdue or portal_due_on is None:
        return None
    if account.ended_on is not None and account.ended_on <= portal_due_on:
        return DelayCause.not_closed_in_software
    found = _too_early(account, due, portal_due_on) if due is not None else None
    return found or (DelayCause.synced_late if account.synced_late else DelayCause.other)


def _of_the_office(account: DelayFacts) -> DelayCause:
    # The waiting for papers is not counted against the limit, the way to a wrong desk and back is: so that goes first.
    if account.misrouted:
        return DelayCause.misrouted
    return DelayCause.supplement_needed if account.supplements else DelayCause.staff


def _too_late(account: DelayFacts) -> DelayCause:
    """Overdue by law, but not by the portal's date."""
    due, portal_due_on = account.due, account.portal_due_on
    if due is None or portal_due_on is None or portal_due_on <= due.legal_due_on:
        return _of_the_office(account)
    return DelayCause.extended if valid_extension(due.extensions, due.legal_due_on) else DelayCause.due_moved


def _too_early(account: DelayFacts, due: Deadline, portal_due_on: date) -> DelayCause | None:
    """The error in the portal's computation that gives its date; None where no known error does."""
    if portal_due_on >= due.due_on:
        return None
    plain = _due_by(due)  # as if nobody had waited for anything
    if portal_due_on == plain:
        return DelayCause.suspension_hidden
    if account.calendar_then is not None and portal_due_on == _due_by(due, calendar=account.calendar_then):
        return DelayCause.calendar_changed  # it was right when it was given, so no fault is looked for
    if portal_due_on == _due_by(due, same_day=True):
        return DelayCause.after_hours_ignored
    if portal_due_on in _sums_with_days_off(due):
        # Two faults at once: the one that alone made it overdue is told.
        waited = plain < due.legal_due_on and account.ended_on is not None and account.ended_on > plain
        return DelayCause.suspension_hidden if waited else DelayCause.days_off_counted
    if due.limit.unit is not LimitUnit.hours and due.limit.amount:
        one_less = msgspec.structs.replace(due.limit, amount=due.limit.amount - 1)
        if portal_due_on == deadline(due.start_on, one_less, due.calendar, due.hours, due.policy).due_on:
            return DelayCause.first_day_counted
    return None


def _due_by(due: Deadline, *, calendar: Calendar | None = None, same_day: bool = False) -> date:
    """The due date without suspensions; by another calendar, or with the day of receipt as it is."""
    policy, cutoff = due.policy, due.receipt_cutoff
    if same_day:
        policy, cutoff = msgspec.structs.replace(policy, after_hours=AfterHours.same_day, same_day_cutoff=None), None
    return deadline(due.received_at, due.limit, calendar or due.calendar, due.hours, policy, receipt_cutoff=cutoff).due_on


def _sums_with_days_off(due: Deadline) -> Iterator[date]:
    """The dates given by software that knows no days off, or only weekends, from the day of receipt or the day it counts as."""
    if due.limit.unit is LimitUnit.hours:
        yield (due.received_at + timedelta(hours=due.limit.amount)).date()
        return
    for first in (due.received_at.date(), due.start_on):
        yield first + timedelta(days=due.limit.amount)
        if due.limit.unit is LimitUnit.working_days:
            yield _weekdays_only().add_working_days(first, due.limit.amount)


@cache
def _weekdays_only() -> Calendar:
    return Calendar(())


class DelayExplanation(msgspec.Struct, frozen=True):
    """A cause as a text with its dates, and what the office can do."""

    cause: DelayCause
    text: str
    action: str


def explain_cause(cause: DelayCause, account: DelayFacts, language: Language = Language.vi) -> DelayExplanation:
    """The text of a cause with the dates of a dossier."""
    return describe_cause(
        cause,
        language,
        portal_due_on=account.portal_due_on,
        legal_due_on=account.due.legal_due_on if account.due else account.portal_due_on,
        ended_on=account.ended_on,
        closed_on=account.closed_on,
        supplements=account.supplements,
        misrouted=account.misrouted,
    )


_LATER_DAY = ("một ngày sau đó", "a later day")


def describe_cause(
    cause: DelayCause,
    language: Language,
    *,
    portal_due_on: date | None,
    legal_due_on: date | None,
    ended_on: date | None = None,
    closed_on: date | None = None,
    supplements: int = 0,
    misrouted: int = 0,
) -> DelayExplanation:
    """The text of a cause; dates that are None are written as a dash."""
    column = 0 if language is Language.vi else 1
    said = {
        "portal_due": portal_due_on,
        "legal_due": legal_due_on,
        "ended": ended_on,
        "closed": closed_on or _LATER_DAY[column],
        "supplements": supplements,
        "misrouted": misrouted,
    }
    values = {name: "–" if value is None else format_value(value, language) for name, value in said.items()}
    happened, action = CAUSE_TEXTS[cause]
    return DelayExplanation(cause, happened[column].format_map(values), action[column])


_CORRECT_THE_DATE = (
    "Sửa ngày hẹn trả trên phần mềm theo hạn đúng luật; không tính là quá hạn.",
    "Correct the appointment in the software to the legal date; it is not overdue.",
)
_SET_THE_CALENDAR = (
    "Cập nhật lịch ngày nghỉ của phần mềm và sửa ngày hẹn trả; không tính là quá hạn.",
    "Bring the software's calendar up to date and correct the appointment; it is not overdue.",
)
_APOLOGISE = (
    "Xin lỗi bằng văn bản, hẹn lại một lần và rà soát bước xử lý bị chậm.",
    "Apologise by letter, set a new date once, and look at the step that was slow.",
)
CAUSE_TEXTS: dict[DelayCause, tuple[tuple[str, str], tuple[str, str]]] = {
    DelayCause.days_off_counted: (
        (
            "Phần mềm tính cả ngày nghỉ nên hẹn trả {portal_due}; hạn đúng luật là {legal_due}.",
            "The software counted days off and set {portal_due}; the legal date is {legal_due}.",
        ),
        _SET_THE_CALENDAR,
    ),
    DelayCause.suspension_hidden: (
        (
            "Phần mềm không lùi hạn theo thời gian tạm dừng: hẹn trả {portal_due}, hạn đúng luật là {legal_due}.",
            "The software did not move the date by the suspension: {portal_due} instead of {legal_due}.",
        ),
        (
            "Ghi nhận thời gian tạm dừng trên phần mềm để hạn được lùi; không tính là quá hạn.",
            "Record the suspension in the software so that the date moves; it is not overdue.",
        ),
    ),
    DelayCause.not_closed_in_software: (
        (
            "Có kết quả {ended}, trước khi hết hạn {portal_due}, nhưng đến {closed} mới kết thúc trên phần mềm.",
            "The result was ready on {ended}, within the limit of {portal_due}, and closed in the software on {closed}.",
        ),
        (
            "Kết thúc hồ sơ trên phần mềm ngay khi có kết quả; không tính là quá hạn.",
            "Close the dossier in the software when the result is ready; it is not overdue.",
        ),
    ),
    DelayCause.after_hours_ignored: (
        (
            "Hồ sơ nhận sau giờ chốt hoặc sau giờ làm việc nhưng phần mềm tính như nhận trong ngày: {portal_due} thay vì"
            " {legal_due}.",
            "Received after closing or the cut-off, but counted as that day's by the software: {portal_due} instead of"
            " {legal_due}.",
        ),
        _CORRECT_THE_DATE,
    ),
    DelayCause.first_day_counted: (
        (
            "Phần mềm tính cả ngày nhận vào thời hạn: {portal_due} thay vì {legal_due}.",
            "The software counted the day of receipt: {portal_due} instead of {legal_due}.",
        ),
        _CORRECT_THE_DATE,
    ),
    DelayCause.calendar_changed: (
        (
            "Lịch nghỉ được quyết định sau khi hẹn trả {portal_due}; theo lịch đó hạn là {legal_due}.",
            "Days off were decided after {portal_due} had been promised; with them the date is {legal_due}.",
        ),
        _SET_THE_CALENDAR,
    ),
    DelayCause.synced_late: (
        (
            "Phần mềm báo kết thúc muộn so với ngày có kết quả {ended}.",
            "The software told late of the result of {ended}.",
        ),
        ("Đồng bộ lại hồ sơ với hệ thống quốc gia.", "Synchronise the dossier again."),
    ),
    DelayCause.extended: (
        (
            "Đã hẹn lại bằng văn bản đến {portal_due}; hạn theo luật {legal_due} vẫn bị quá.",
            "A letter set {portal_due}; the legal date, {legal_due}, was not kept all the same.",
        ),
        _APOLOGISE,
    ),
    DelayCause.due_moved: (
        (
            "Ngày hẹn trả trên phần mềm {portal_due} muộn hơn hạn theo luật {legal_due} mà không có văn bản hẹn lại.",
            "The software's date, {portal_due}, is later than the legal one, {legal_due}, without a letter.",
        ),
        (
            "Kiểm tra ai đã sửa ngày hẹn trả và căn cứ; xin lỗi bằng văn bản nếu không có căn cứ.",
            "Find out who moved the date and on what ground; apologise by letter if there is none.",
        ),
    ),
    DelayCause.misrouted: (
        (
            "Hồ sơ bị chuyển vòng {misrouted} lần về bước đã qua (chuyển nhầm hoặc chuyển trả nội bộ), quá hạn {legal_due}.",
            "Sent back {misrouted} times to a step where it had been (misrouted inside the office); past {legal_due}.",
        ),
        (
            "Kiểm tra việc chuyển hồ sơ giữa các bộ phận, tài khoản trên phần mềm; xin lỗi bằng văn bản và hẹn lại một lần.",
            "Look at how it was forwarded between departments and accounts; apologise by letter and set a new date once.",
        ),
    ),
    DelayCause.supplement_needed: (
        (
            "Phải yêu cầu bổ sung {supplements} lần; sau khi trừ thời gian chờ vẫn quá hạn {legal_due}.",
            "Papers were asked for {supplements} times; even without the waiting it is past {legal_due}.",
        ),
        (
            "Hướng dẫn đầy đủ thành phần hồ sơ ngay khi tiếp nhận, chỉ yêu cầu bổ sung một lần.",
            "Tell all that is needed at the receipt, and ask for papers once at most.",
        ),
    ),
    DelayCause.staff: (
        ("Không giải quyết xong trong hạn {legal_due}.", "Not resolved by {legal_due}."),
        _APOLOGISE,
    ),
    DelayCause.other: (
        (
            "Ngày hẹn trả {portal_due} khác hạn theo luật {legal_due}; dữ liệu chưa cho thấy vì sao.",
            "The software's date, {portal_due}, differs from the legal one, {legal_due}; the data do not tell why.",
        ),
        ("Đối chiếu hồ sơ giấy với phần mềm.", "Compare the papers with the software."),
    ),
}
"""Cause to what happened and what to do, each in Vietnamese and English."""

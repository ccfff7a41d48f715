"""The calendar: which civil days are working days (ngày làm việc), in tables that answer in constant time.

Labour Code 2019, article 112 (public holidays), and the decisions that swap or add days, each with its legal basis.

A calendar is the week (Monday to Friday), the statutory days off and the swaps that PyPI `holidays` knows
(`shared/data/calendar_base.csv`), and on top of them our own decisions with their legal basis
(`calendar_overrides.csv`: national where `province` is empty). It is immutable and carries a version made of its content:
two calendars with the same version give the same due dates.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Literal, Self, cast

from shared.data import rows
from shared.errors import Guidance, Invalid
from shared.languages import bilingual

FIRST_YEAR, LAST_YEAR = 2000, 2045
"""The years a calendar answers for."""

_FIRST = date(FIRST_YEAR, 1, 1).toordinal()
_DAYS = date(LAST_YEAR, 12, 31).toordinal() - _FIRST + 1
_SATURDAY = 5

DayKind = Literal["holiday", "swap_off", "swap_worked", "decided_off", "decided_worked"]


class OutsideCalendar(Invalid):
    """A day before 2000 or after 2045, for which no days off are known."""

    type = "outside-calendar"
    title = "The day is outside the calendar"
    guidance = Guidance(
        "Ask for a day between 2000 and 2045.",
        "Ngày nằm ngoài lịch",
        "Ngày trước năm 2000 hoặc sau năm 2045, chưa có lịch nghỉ.",
        "Chọn một ngày từ năm 2000 đến năm 2045.",
    )

    @classmethod
    def example(cls) -> Self:
        """The last year of some software."""
        return cls("9999-12-31 is outside the calendar, which answers for 2000 to 2045.")


@dataclass(frozen=True, slots=True)
class DayNote:
    """A day that differs from the week: a day off from Monday to Friday, or a Saturday or Sunday that is worked."""

    day: date
    kind: DayKind
    name_vi: str
    name_en: str
    legal_basis: str = ""
    verified: bool = True
    """False where the decision was entered from memory, and its published text is still to be compared."""

    @property
    def worked(self) -> bool:
        """Whether the note makes the day a working day (ngày làm bù)."""
        return self.kind in ("swap_worked", "decided_worked")


@dataclass(frozen=True, slots=True)
class Override:
    """One of our own decisions about a day: a row of `calendar_overrides.csv`."""

    day: date
    state: Literal["off", "worked"]
    legal_basis: str
    known_from: date
    """The day on which the decision was published: due dates issued before it could not know it."""
    province: str = ""
    """Province code; empty: the whole country."""
    verified: bool = True
    """Whether the published text of the decision was seen; False: it was entered from memory."""


class Calendar:
    """Working days (ngày làm việc) of one province as they were known on one day. Immutable."""

    __slots__ = ("_notes", "_rank", "_worked", "_working", "known_on", "province", "unverified", "version")

    def __init__(self, notes: Iterable[DayNote], *, province: str = "", known_on: date | None = None) -> None:
        self._notes = {note.day: note for note in notes}
        self.unverified = tuple(sorted(day for day, note in self._notes.items() if not note.verified))
        """Days that stand on decisions whose published text was not seen."""
        self.province = province
        self.known_on = known_on
        # rank[i]: working days up to and including day i; working[k]: the k-th working day. Between them they answer all.
        worked: list[bool] = []
        rank: list[int] = []
        working: list[date] = []
        for ordinal in range(_FIRST, _FIRST + _DAYS):
            day = date.fromordinal(ordinal)
            note = self._notes.get(day)
            worked.append(note.worked if note is not None else day.weekday() < _SATURDAY)
            if worked[-1]:
                working.append(day)
            rank.append(len(working))
        self._worked = worked
        self._rank = rank
        self._working = working
        content = "\n".join(day.isoformat() for day in working)
        self.version = f"vn-{hashlib.sha256(content.encode()).hexdigest()[:8]}"

    def __repr__(self) -> str:
        return f"<Calendar {self.version}>"

    def note(self, day: date) -> DayNote | None:
        """Why the day is not as the week has it; None for plain weekdays and weekends."""
        return self._notes.get(day)

    def is_working(self, day: date) -> bool:
        """Whether offices work on the day."""
        index = day.toordinal() - _FIRST
        if 0 <= index < _DAYS:
            return self._worked[index]
        raise _outside(day)

    def next_working(self, day: date) -> date:
        """The day itself if it is worked, else the first working day after it (Civil Code, article 148.5)."""
        return self.add_working_days(day, 0)

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which itself is not counted (Civil Code, article 147.2).

        0 gives the day itself or, if it is off, the next working day; a negative `n` counts backwards.
        Raises OutsideCalendar.
        """
        index = day.toordinal() - _FIRST
        if index < 0:
            raise _outside(day)
        try:
            rank = self._rank[index]
            if n > 0:
                return self._working[rank + n - 1]
            before = self._rank[index - 1] if index else 0
            if before + n < 0:
                raise _outside(day, n)
            return self._working[before + n]
        except IndexError:
            raise _outside(day, n) from None

    def working_days_between(self, a: date, b: date) -> int:
        """Working days after `a` up to and including `b`; negative when `b` is before `a`."""
        first, last = a.toordinal() - _FIRST, b.toordinal() - _FIRST
        if 0 <= first < _DAYS and 0 <= last < _DAYS:
            return self._rank[last] - self._rank[first]
        raise _outside(a if not 0 <= first < _DAYS else b)


def _outside(day: date, n: int = 0) -> OutsideCalendar:
    counted = f" {n:+d} working days" if n else ""
    return OutsideCalendar(
        bilingual(
            "{day}{counted} is outside the calendar, which knows the years {first} to {last}. Check the date; if it is right,"
            " extend the calendar's data.",
            "{day}{counted_vi} nằm ngoài lịch (từ năm {first} đến năm {last}). Kiểm tra lại ngày; nếu đúng, bổ sung dữ liệu"
            " lịch.",
            day=day.isoformat(),
            counted=counted,
            counted_vi=f" {n:+d} ngày làm việc" if n else "",
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    )


@cache
def _base() -> tuple[DayNote, ...]:
    return tuple(
        DayNote(date.fromisoformat(row["day"]), cast(DayKind, row["kind"]), row["name_vi"], row["name_en"])
        for row in rows("calendar_base.csv")
    )


@cache
def published_overrides() -> tuple[Override, ...]:
    """The rows of `calendar_overrides.csv`."""
    return tuple(
        Override(
            day=date.fromisoformat(row["day"]),
            state="off" if row["state"] == "off" else "worked",
            legal_basis=row["legal_basis"],
            known_from=date.fromisoformat(row["known_from"]),
            province=row["province"],
            verified=row["verified"] == "1",
        )
        for row in rows("calendar_overrides.csv")
    )


def build_calendar(overrides: Iterable[Override], province: str = "", known_on: date | None = None) -> Calendar:
    """The base calendar with `overrides` of the country and of `province` on top, as it was known on `known_on`.

    An override not yet known on that day is left out, and with a national one the base's swap of the same day: nobody could
    have counted with it then. `known_on=None` knows everything. A province's decision about a day goes over the country's.
    """
    notes = {note.day: note for note in _base()}
    reaching = [row for row in overrides if row.province in ("", province)]
    for row in sorted(reaching, key=lambda row: (row.province != "", row.known_from)):
        if known_on is None or row.known_from <= known_on:
            notes[row.day] = _decided(row, notes.get(row.day))
        elif not row.province and row.day in notes and notes[row.day].kind in ("swap_off", "swap_worked"):
            del notes[row.day]
    return Calendar(notes.values(), province=province, known_on=known_on)


class CalendarEditions:
    """A province's calendar as it was known at different times: a due date could only count with decisions of its day."""

    __slots__ = ("_built", "_overrides", "_province", "_published")

    def __init__(self, overrides: Iterable[Override], province: str = "") -> None:
        self._province = province
        self._overrides = tuple(row for row in overrides if row.province in ("", province))
        self._published = sorted({row.known_from for row in self._overrides})
        self._built: dict[int, Calendar] = {}

    def known_on(self, day: date) -> Calendar:
        """The calendar as it was known on a day; one object for all days between two decisions."""
        index = bisect_right(self._published, day)
        calendar = self._built.get(index)
        if calendar is None:
            known_on = self._published[index - 1] if index else date.min
            calendar = self._built[index] = build_calendar(self._overrides, self._province, known_on)
        return calendar

    @property
    def latest(self) -> Calendar:
        """The calendar with every decision there is."""
        return self.known_on(date.max)


def _decided(row: Override, base: DayNote | None) -> DayNote:
    kind: DayKind = "decided_off" if row.state == "off" else "decided_worked"
    name_vi, name_en = ("Ngày nghỉ theo quyết định", "Day off by decision") if row.state == "off" else _MAKE_UP
    if base is not None and base.worked == (row.state == "worked"):  # the base says the same: keep its name
        name_vi, name_en = base.name_vi, base.name_en
    return DayNote(row.day, kind, name_vi, name_en, row.legal_basis, row.verified)


_MAKE_UP = ("Ngày làm bù", "Make-up day")


@lru_cache(maxsize=64)
def _editions(province: str) -> CalendarEditions:
    return CalendarEditions(published_overrides(), province)


def calendar_for(province: str, known_on: date | None = None) -> Calendar:
    """The calendar of a province (its province code), as known on a day; None: as known now."""
    return _editions(province).known_on(known_on or date.max)


def national_calendar(known_on: date | None = None) -> Calendar:
    """The calendar of the country without any province's own days."""
    return calendar_for("", known_on)

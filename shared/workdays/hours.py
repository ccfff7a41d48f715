"""Office hours (giờ làm việc), and time measured in them.

Limits in hours are counted in posted office time, second by second. Time spent on limits in days is reported with eight hours
for each whole working day (`MINUTES_OF_A_DAY`), whatever the posted hours are, since such limits are published that way.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from shared.civil import VIETNAM, civil_time
from shared.errors import Invalid
from shared.languages import Bilingual, bilingual
from shared.workdays.calendar import FIRST_YEAR, LAST_YEAR, Calendar, OutsideCalendar

MINUTES_OF_A_DAY = 480
"""A working day in published limits: 8 hours."""

Interval = tuple[time, time]
_FIRST = date(FIRST_YEAR, 1, 1)
_FIRST_ORDINAL = _FIRST.toordinal()
_FIRST_MIDNIGHT = datetime(FIRST_YEAR, 1, 1, tzinfo=VIETNAM)


def to_local(at: datetime) -> datetime:
    """The instant in Vietnam's civil time. Raises Invalid for a datetime without offset, OutsideCalendar at time's ends."""
    if at.tzinfo is VIETNAM:
        return at
    if at.tzinfo is None:
        raise Invalid(
            bilingual(
                "{at} has no offset from UTC. Send an instant such as 2023-04-28T09:00:00+07:00.",
                "{at} không có múi giờ. Gửi thời điểm như 2023-04-28T09:00:00+07:00.",
                at=at.isoformat(),
            )
        )
    try:
        return civil_time(at)
    except OverflowError:
        raise OutsideCalendar(
            bilingual(
                "{at} is outside all calendars. Check the date.", "{at} nằm ngoài mọi lịch. Kiểm tra ngày.", at=at.isoformat()
            )
        ) from None


def to_the_second(at: datetime) -> datetime:
    """Without its fraction of a second."""
    return at.replace(microsecond=0) if at.microsecond else at  # replace() costs as much as all the rest of a clock


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When an office is open, per weekday, with its lunch break. Which days are worked is stated by the calendar."""

    weekly: tuple[tuple[Interval, ...], ...]
    """Monday to Friday; each a tuple of (opens, closes), in order."""
    make_up: tuple[Interval, ...]
    """A Saturday or Sunday that is worked by decision."""
    closing: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """Second of the day at which the office closes, for each weekday from Monday to Sunday."""
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.weekly) != 5:
            raise Invalid(
                Bilingual(
                    "Office hours need five days, Monday to Friday.", "Giờ làm việc cần đủ năm ngày, từ thứ Hai đến thứ Sáu."
                )
            )
        for day in (*self.weekly, self.make_up):
            bounds = [second_of(bound) for interval in day for bound in interval]
            if not bounds or any(a >= b for a, b in pairwise(bounds)):
                raise Invalid(
                    Bilingual(
                        "Office hours of a working day must be intervals in order, each closing after it opens.",
                        "Giờ làm việc trong ngày phải là các khoảng theo thứ tự, giờ đóng sau giờ mở.",
                    )
                )
        object.__setattr__(self, "closing", tuple(second_of(self.on(weekday)[-1][1]) for weekday in range(7)))
        object.__setattr__(self, "_hash", hash((self.weekly, self.make_up)))

    def __hash__(self) -> int:
        # Hours are looked up by for every dossier, and a week of times is slow to hash.
        return self._hash

    def on(self, weekday: int) -> tuple[Interval, ...]:
        """The intervals of a worked day; 0 is Monday."""
        return self.weekly[weekday] if weekday < 5 else self.make_up

    def opens_at(self, day: date) -> datetime:
        """The instant at which the office opens on a worked day."""
        return datetime.combine(day, self.on(day.weekday())[0][0], VIETNAM)

    @classmethod
    def parse(cls, text: str) -> OfficeHours:
        """Read `07:30-11:30 13:30-17:00` (all worked days), or days apart: `mon-thu 07:30-11:30 13:30-17:00; fri 07:30-11:30`.

        Days are mon, tue, wed, thu, fri and make-up (by default as Monday). Raises Invalid.
        """
        names = ("mon", "tue", "wed", "thu", "fri")
        days: dict[str, tuple[Interval, ...]] = {}
        for part in filter(None, (part.strip() for part in text.lower().split(";"))):
            try:
                label, intervals = part.split(None, 1) if part[0].isalpha() else ("mon-fri", part)
                spans = tuple(_interval(word) for word in intervals.replace(",", " ").split())
                if label == "make-up":
                    days[label] = spans
                else:
                    first, _, last = label.partition("-")
                    chosen = names[names.index(first) : names.index(last or first) + 1]
                    days.update(dict.fromkeys(chosen, spans))
            except ValueError:
                raise Invalid(
                    bilingual(
                        "Office hours cannot be read at {part!r}. Write them like mon-fri 07:30-11:30 13:30-17:00.",
                        "Không đọc được giờ làm việc ở {part!r}. Viết như mon-fri 07:30-11:30 13:30-17:00.",
                        part=part,
                    )
                ) from None
        missing = [name for name in names if name not in days]
        if missing:
            raise Invalid(bilingual("Office hours lack {days}.", "Giờ làm việc thiếu {days}.", days=", ".join(missing)))
        return cls(weekly=tuple(days[name] for name in names), make_up=days.get("make-up", days["mon"]))


def _interval(word: str) -> Interval:
    opens, closes = word.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def second_of(at: time) -> int:
    """The second of the day."""
    return at.hour * 3600 + at.minute * 60 + at.second


STANDARD_HOURS = OfficeHours.parse("07:30-11:30 13:30-17:00")
"""The posted hours of most one-stop desks."""


class OfficeClock:
    """Instants as office seconds since 2000 and back, for one calendar and one office. Get it with `office_clock`."""

    __slots__ = ("_elapsed", "_spans", "calendar")

    def __init__(self, calendar: Calendar, hours: OfficeHours) -> None:
        self.calendar = calendar
        self._spans = tuple(tuple((second_of(a), second_of(b)) for a, b in hours.on(weekday)) for weekday in range(7))
        length = tuple(sum(b - a for a, b in spans) for spans in self._spans)
        elapsed = [0]  # elapsed[i]: office seconds before day i
        day = _FIRST
        for _ in range((date(LAST_YEAR, 12, 31) - _FIRST).days + 1):
            elapsed.append(elapsed[-1] + (length[day.weekday()] if calendar.is_working(day) else 0))
            day += timedelta(days=1)
        self._elapsed = elapsed

    def _index(self, at: datetime) -> int:
        index = at.toordinal() - _FIRST_ORDINAL
        if not 0 <= index < len(self._elapsed) - 1:
            self.calendar.is_working(at.date())  # says that it is outside
        return index

    def _within(self, at: datetime) -> int:
        """Office seconds of a worked day until the instant."""
        second = at.hour * 3600 + at.minute * 60 + at.second
        within = 0
        for opens, closes in self._spans[at.weekday()]:
            if second <= opens:
                break
            within += (second if second < closes else closes) - opens
        return within

    def elapsed(self, at: datetime) -> int:
        """Office seconds from the calendar's beginning until the instant. Raises OutsideCalendar."""
        at = to_local(at)
        index = self._index(at)
        before = self._elapsed[index]
        return before if self._elapsed[index + 1] == before else before + self._within(at)

    def reached(self, seconds: int) -> datetime:
        """The first instant at which so many office seconds have gone by; the inverse of `elapsed`. At least 1."""
        index = bisect_left(self._elapsed, seconds) - 1
        if not 0 <= index < len(self._elapsed) - 1:
            raise OutsideCalendar(
                bilingual(
                    "A limit of so many hours ends outside the calendar, which knows {first} to {last}. Check it.",
                    "Thời hạn dài như vậy kết thúc ngoài lịch (từ năm {first} đến năm {last}). Kiểm tra lại.",
                    first=FIRST_YEAR,
                    last=LAST_YEAR,
                )
            )
        left = seconds - self._elapsed[index]
        midnight = _FIRST_MIDNIGHT + timedelta(days=index)
        for opens, closes in self._spans[midnight.weekday()]:
            if left <= closes - opens:
                return midnight + timedelta(seconds=opens + left)
            left -= closes - opens
        raise AssertionError("the day's spans add up to its length")

    def next_open(self, at: datetime) -> datetime:
        """The instant itself while the office is open, else its next opening."""
        at = to_the_second(to_local(at))
        return self.reached(self.elapsed(at) + 1) - timedelta(seconds=1)

    def minutes(self, at: datetime) -> float:
        """Office minutes from the calendar's beginning until the instant."""
        return self.elapsed(at) / 60


@lru_cache(maxsize=256)
def office_clock(calendar: Calendar, hours: OfficeHours) -> OfficeClock:
    """The clock of an office; made once per calendar and hours."""
    return OfficeClock(calendar, hours)

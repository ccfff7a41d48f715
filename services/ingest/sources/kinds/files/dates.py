"""Dates as clerks' files write them, and the order of day and month that a file itself proves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from services.ingest.events.model import Reason
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.instants import is_placeholder, utc, vietnam_instant
from shared.civil import OFFSET
from shared.vietnamese import unaccented

Order = Literal["dd/mm", "mm/dd"]
DATES = ("received_at", "due_at", "ended_at", "delivered_at", "updated_at")
"""Fields of a dossier's row that hold dates."""

_SERIAL_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
"""Day 0 of a spreadsheet's serial numbers (of the 1900 system, whose leap year 1900 lies before any date of ours)."""
_MIDNIGHT = time()
_SERIALS = range(36_526, 55_153)
"""2000 to 2050: other numbers are no dates."""

_TIME = (
    r"(?P<hour>\d{1,2})(?:[hg](?!\d)|[:hg](?P<minute>\d{2})(?:[:](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)"
    r"\s*(?P<half>sa|ch|am|pm|SA|CH|AM|PM)?"
)
_ORDERED = tuple(
    re.compile(form)
    for form in (
        rf"(?P<first>\d{{1,2}})[/.-](?P<second_part>\d{{1,2}})[/.-](?P<year>\d{{4}})(?:[\sT,]+{_TIME})?",
        rf"{_TIME}[\s,]+(?P<first>\d{{1,2}})[/.-](?P<second_part>\d{{1,2}})[/.-](?P<year>\d{{4}})",
    )
)
"""Forms in which day and month stand in the one order or the other."""
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})[/.-](?P<first>\d{{1,2}})[/.-](?P<second_part>\d{{1,2}})(?:[\sT,]+{_TIME})?")
_IN_WORDS = re.compile(
    r"(?:(?P<hour>\d{1,2}) ?(?:gio|h|g|:) ?(?:(?P<minute>\d{1,2}) ?(?:phut)?)?,? )?(?:ngay )?"
    r"(?P<day>\d{1,2}) thang (?P<month>\d{1,2}),? nam (?P<year>\d{4})",
    re.ASCII,
)
"""`ngày 15 tháng 6 năm 2023`, without accents."""
_NO_TIME = re.compile(r"0{1,2}:00(?::00)?|12:00(?::00)?\s*(?:sa|am)", re.IGNORECASE)
"""What a spreadsheet shows of zero in a column of times."""
_CACHED = 65_536
"""Different texts of one column whose dates are remembered."""
_TYPOS = 4
"""So many dates prove an order for each that only the other could read: that one is a slip then, and no other order."""


class DateOrder(NamedTuple):
    """In which order the dates of a column are read."""

    field: str
    order: Order
    proven: bool
    """Whether a day above 12 in it shows it; else it is the order of the other columns, or day before month as everywhere
    here."""


class DateOrders:
    """Reads the dates of one file: each column in the order of day and month that its own dates prove.

    A date or two among many that prove nothing are slips where the other columns prove the other order: else one cell would
    turn all dates of its column. What is observed before `settle` decides; what is read after it may contradict that
    (`contradicted`).
    """

    def __init__(self, fixed: Order | None = None, fields: Sequence[str] = DATES) -> None:
        """`fixed` is the order that the source's settings state, `fields` are those that hold dates."""
        self._fixed = fixed
        self._fields = fields
        self._orders: dict[str, Order] = {}
        self._proofs: dict[str, Counter[Order]] = {}
        self._ordered: Counter[str] = Counter()
        """Different dates of each column that are in one of the two orders, proven or not."""
        self._cache: dict[str, dict[str, datetime | RecordRejected | None]] = {}
        self.contradicted: str | None = None
        """The column whose dates prove two orders."""

    def observe(self, field: str, value: object) -> None:
        """Take a date of the beginning of the file into account."""
        if isinstance(value, str):
            seen = self._cache.setdefault(field, {})
            if value not in seen:
                seen[value] = None
                self._count_order(field, value)

    def settle(self) -> None:
        """Decide by what was observed."""
        self._cache.clear()
        proven = {field: self._proven_order(field, proofs) for field, proofs in self._proofs.items() if proofs}
        orders = set(proven.values())
        otherwise: Order = orders.pop() if len(orders) == 1 else "dd/mm"
        for field in self._fields:
            self._orders[field] = proven.get(field, otherwise)
            self._check(field)

    def _proven_order(self, field: str, counted: Counter[Order]) -> Order:
        most = counted.most_common(1)[0][0]
        return _other(most) if self._are_slips(field, most) else most

    def _are_slips(self, field: str, order: Order) -> bool:
        """Whether the dates of a column that prove an order are few among its dates, and few beside what the file proves."""
        slips = self._proofs[field][order] * _TYPOS
        return slips <= self._ordered[field] and slips <= sum(proofs[_other(order)] for proofs in self._proofs.values())

    def settled(self) -> list[DateOrder]:
        """The order of each column that has dates in one of the two."""
        orders = {field: self._fixed or self._orders.get(field, "dd/mm") for field in self._proofs}
        return [
            DateOrder(field, orders[field], self._fixed is not None or proofs[orders[field]] > 0)
            for field, proofs in self._proofs.items()
        ]

    def read(self, value: object, field: str) -> datetime | None:
        """The instant in a cell, None for a placeholder; raises `RecordRejected` when it holds no date."""
        if not isinstance(value, str):
            return instant_of(value, field)
        known = self._cache.setdefault(field, {})
        try:
            found = known[value]
        except KeyError:
            self._count_order(field, value)
            self._check(field)
            try:
                found = instant_of(value, field, self._fixed or self._orders.get(field, "dd/mm"))
            except RecordRejected as wrong:
                found = wrong
            if len(known) < _CACHED:
                known[value] = found
        if isinstance(found, RecordRejected):
            raise found
        return found

    def _count_order(self, field: str, text: str) -> None:
        text = " ".join(text.split())
        match = next((match for form in _ORDERED if (match := form.fullmatch(text))), None)
        if match is None or is_placeholder(text) or not 2000 <= int(match["year"]) <= 2050:
            return
        proofs = self._proofs.setdefault(field, Counter())
        self._ordered[field] += 1
        first, second = int(match["first"]), int(match["second_part"])
        if 12 < first <= 31 and 1 <= second <= 12:
            proofs["dd/mm"] += 1
        elif 12 < second <= 31 and 1 <= first <= 12:
            proofs["mm/dd"] += 1

    def _check(self, field: str) -> None:
        proofs = self._proofs.get(field)
        if proofs and self._fixed is None and field in self._orders:
            taken = self._orders[field]
            other = _other(taken)
            if proofs[other] * _TYPOS > proofs[taken] and not self._are_slips(field, other):
                self.contradicted = field


def _other(order: Order) -> Order:
    return "mm/dd" if order == "dd/mm" else "dd/mm"


def instant_of(value: object, field: str, order: Order = "dd/mm") -> datetime | None:
    """The instant in a cell, to the second, None for a placeholder; raises `RecordRejected` when it holds no date."""
    if is_placeholder(value):
        return None
    if isinstance(value, datetime):
        return _to_second(utc(value))
    if isinstance(value, date):
        return vietnam_instant(value.year, value.month, value.day)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_serial(float(value), field)
    if isinstance(value, time) and value == _MIDNIGHT:
        # Zero in a column that shows times.
        return None
    if isinstance(value, str):
        # Spaces of every width.
        return _of_text(" ".join(value.split()), field, order)
    raise RecordRejected(Reason.wrong_type, f"{field} is no date.")


def _of_serial(serial: float, field: str) -> datetime | None:
    if 0 <= serial < 2:
        # 00/01/1900 and 01/01/1900: an empty cell that was formatted as a date.
        return None
    if not serial == serial or int(min(max(serial, 0.0), 1e9)) not in _SERIALS:  # NaN is not itself
        raise RecordRejected(Reason.bad_date, f"{field} is a number that is no date of a spreadsheet.")
    # Serial numbers are fractions of a day: the nearest second is meant.
    return _SERIAL_ZERO + timedelta(seconds=round(serial * 86_400)) - OFFSET


def _of_text(text: str, field: str, order: Order) -> datetime | None:
    wrong = RecordRejected(Reason.bad_date, f"{field} is written in no form that is known for dates.")
    if len(text) > 60:
        raise wrong
    if (worded := _IN_WORDS.fullmatch(unaccented(text))) is not None:
        return _of_parts(worded, int(worded["month"]), int(worded["day"]), wrong)
    if not text.isascii():
        raise wrong
    for form in _ORDERED:
        match = form.fullmatch(text)
        if match is not None:
            first, second = int(match["first"]), int(match["second_part"])
            return _of_parts(match, second, first, wrong) if order == "dd/mm" else _of_parts(match, first, second, wrong)
    match = _YEAR_FIRST.fullmatch(text)
    if match is not None:
        return _of_parts(match, int(match["first"]), int(match["second_part"]), wrong)
    if _NO_TIME.fullmatch(text):
        return None
    try:
        if re.fullmatch(r"\d{5}(\.\d+)?", text):
            return _of_serial(float(text), field)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise wrong from None
    if re.fullmatch(r"\d+", text):
        # 20230615 could be a date or a number; a source that means a date writes it with separators.
        raise wrong
    return _to_second(utc(at))


def _of_parts(match: re.Match[str], month: int, day: int, wrong: RecordRejected) -> datetime | None:
    parts = match.groupdict()
    hour, half = int(match["hour"] or 0), (parts.get("half") or "").lower()
    minute, second = int(match["minute"] or 0), int(parts.get("second") or 0)
    # The midnight at the end of a day.
    days = timedelta(days=1) if hour == 24 and not minute and not second else timedelta()
    if days:
        hour = 0
    if half:
        if not 1 <= hour <= 12:
            raise wrong
        # SA and CH: in the morning and in the afternoon.
        hour = hour % 12 + (12 if half in ("ch", "pm") else 0)
    try:
        at = vietnam_instant(int(match["year"]), month, day, hour, minute, second)
    except ValueError:
        raise wrong from None
    if at is None:
        return None
    fraction = parts.get("fraction")
    return at + days + timedelta(seconds=fraction is not None and fraction[0] >= "5")


def _to_second(at: datetime | None) -> datetime | None:
    return (at + timedelta(microseconds=500_000)).replace(microsecond=0) if at is not None and at.microsecond else at

"""Dates from outside: the one place where they are bounded, so that no arithmetic on them can overflow.

Software that has no date sends one all the same: the least or the greatest that its language knows (`0001-01-01`,
`9999-12-31`), day 0 or 1 of a spreadsheet (`1900-01-01`), zero of a clock (`1970-01-01`), `0000-00-00`, `0`, `-`, `NULL`. Each
is no date. Any other that no dossier of ours can bear (before 2001, in the future, due after 2044) is refused. What comes out
is UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from services.ingest.events.model import Reason
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.empty_words import is_empty_word
from shared.civil import OFFSET

FIRST_YEAR, LAST_DUE_YEAR = 2001, 2044
"""The calendar knows 2000 to 2045; a year's margin on each side lets limits run."""
FIRST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(days=1)
"""How far in the future a source's clock may be for a date of something that has happened."""

PLACEHOLDER_YEARS = frozenset({0, 1, 100, 1582, 1601, 1753, 1800, 1858, 1899, 1900, 9999})
"""Years in which clocks and calendars of software begin or end. Any other year of long ago is a slip for one of ours (`0023`,
`1023`): read as no date, it would open again what is closed."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACEHOLDER = re.compile(
    r"(?:000[01]|0100|1582|1601|1753|1800|1858|1899|1900|9999)(-?)(?:0\d|1[0-2])\1[0-3]\d"
    r"(?:[T ][\d:.]*|\d{4}(?:\d\d)?)?(?:Z|[+-][\d:]+)?"
)
_DATED = re.compile(r".*(?:Date|_at|_to)|at")
"""Names of the fields of our wire structs that hold a date."""


def utc(at: datetime) -> datetime | None:
    """An instant in UTC; None for a placeholder. One without an offset is on the clock of Việt Nam."""
    if at.year in PLACEHOLDER_YEARS:
        return None
    if at.tzinfo is not UTC:
        at = at.replace(tzinfo=UTC) - OFFSET if at.tzinfo is None else at.astimezone(UTC)
    # Zero of a computer's clock, by that of Greenwich or of Việt Nam.
    return None if at.year < FIRST_YEAR and -OFFSET <= at - _EPOCH < timedelta(days=1) else at


def vietnam_instant(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime | None:
    """The instant in UTC of a time on the clock of Việt Nam, None for a placeholder; raises `ValueError` when there is none."""
    if year in PLACEHOLDER_YEARS:
        # 00/01/1900 is no day of any calendar, and none is meant.
        return None
    return utc(datetime(year, month, day, hour, minute, second, tzinfo=UTC) - OFFSET)


def occurrence(at: datetime, field: str, latest: datetime) -> datetime | None:
    """The instant in UTC of something that has happened, None for a placeholder.

    Raises `RecordRejected` before 2001 and after `latest`.
    """
    known = utc(at)
    if known is not None and not FIRST <= known <= latest:
        raise RecordRejected(Reason.date_out_of_range, f"{field} lies before {FIRST_YEAR} or in the future.")
    return known


def required_occurrence(at: datetime, field: str, latest: datetime) -> datetime:
    """As `occurrence`, of a date without which the record has no place; raises `RecordRejected` for a placeholder too."""
    known = occurrence(at, field, latest)
    if known is None:
        raise RecordRejected(
            Reason.date_out_of_range, f"{field} holds what software writes for no date, and the record needs one."
        )
    return known


def readable_instant(value: object, latest: datetime) -> datetime | None:
    """The instant in UTC of something that has happened, of a field as it was written; None where there is none to be read."""
    try:
        at = utc(msgspec.convert(value, datetime))
    except (msgspec.ValidationError, OverflowError, UnicodeEncodeError):  # a lone surrogate is no text
        return None
    return at if at is not None and FIRST <= at <= latest else None


def portal_due(at: datetime, field: str) -> datetime | None:
    """The due instant in UTC, None for a placeholder; raises `RecordRejected` outside the years that the calendar knows."""
    known = utc(at)
    if known is not None and not FIRST_YEAR <= known.year <= LAST_DUE_YEAR:
        raise RecordRejected(Reason.date_out_of_range, f"{field} lies outside the years {FIRST_YEAR} to {LAST_DUE_YEAR}.")
    return known


def plausible(at: datetime | None, latest: datetime) -> bool:
    """Whether a cursor may stand at an instant: none, or one between 2001 and `latest`."""
    return at is None or (at.tzinfo is not None and FIRST <= at <= latest)


def is_placeholder(value: object) -> bool:
    """Whether a value in the place of a date is a placeholder: a word for nothing, zero, or a date of `PLACEHOLDER_YEARS`."""
    if isinstance(value, str):
        text = value.strip()
        return is_empty_word(text) or _PLACEHOLDER.fullmatch(text) is not None
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0


def without_placeholders(fields: Mapping[str, object]) -> dict[str, object]:
    """Pruned fields without the dates that are none, however deep, so that a typed record can be made of the rest."""
    return {name: _without(value) for name, value in fields.items() if not (_DATED.fullmatch(name) and is_placeholder(value))}


Clock = Literal["vietnam", "utc"]
"""What clock dates without an offset are of."""
_OFFSETS: Mapping[Clock, str] = {"vietnam": "+07:00", "utc": "Z"}
_NO_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?")


def on_clock(fields: Mapping[str, object], clock: Clock) -> dict[str, object]:
    """Pruned fields in which dates that are written without an offset, however deep, have that of a clock."""
    return {name: _with_offset(value, clock, dated=_DATED.fullmatch(name) is not None) for name, value in fields.items()}


def _with_offset(value: object, clock: Clock, *, dated: bool) -> object:
    if isinstance(value, dict):
        return on_clock(value, clock)
    if isinstance(value, list):
        return [_with_offset(one, clock, dated=False) for one in value]
    return f"{value}{_OFFSETS[clock]}" if dated and isinstance(value, str) and _NO_OFFSET.fullmatch(value) else value


def _without(value: object) -> object:
    if isinstance(value, dict):
        return without_placeholders(value)
    if isinstance(value, list):
        return [_without(one) for one in value]
    return value

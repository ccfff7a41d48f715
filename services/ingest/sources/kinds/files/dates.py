"""Dates as clerks' files write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from services.ingest.events.model import Reason
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.instants import is_placeholder, utc, vietnam_instant
from shared.civil import OFFSET

_SERIAL_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
"""Day 0 of a spreadsheet's serial numbers (of the 1900 system, whose leap year 1900 lies before any date of ours)."""
_SERIALS = range(36_526, 55_153)
"""2000 to 2050: other numbers are no dates."""

_TIME = r"(?P<hour>\d{1,2})[:hg](?P<minute>\d{2})(?:[:](?P<second>\d{2})(?:\.\d{1,6})?)?\s*(?P<half>sa|ch|am|pm|SA|CH|AM|PM)?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})[/.-](?P<year>\d{{4}})(?:[ T,]+{_TIME})?",
        rf"{_TIME}[ ,]+(?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})[/.-](?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[/.-](?P<month>\d{{1,2}})[/.-](?P<day>\d{{1,2}})(?:[ T,]+{_TIME})?",
    )
)


def instant_of(value: object, field: str) -> datetime | None:
    """The instant in a cell, None for a placeholder; raises `RecordRejected` when it holds no date."""
    if is_placeholder(value):
        return None
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, date):
        return vietnam_instant(value.year, value.month, value.day)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_serial(float(value), field)
    if isinstance(value, str):
        return _of_text(value, field)
    raise RecordRejected(Reason.wrong_type, f"{field} is no date.")


def _of_serial(serial: float, field: str) -> datetime | None:
    if 0 <= serial < 2:
        # 00/01/1900 and 01/01/1900: an empty cell that was formatted as a date.
        return None
    if not serial == serial or int(min(max(serial, 0.0), 1e9)) not in _SERIALS:  # NaN is not itself
        raise RecordRejected(Reason.bad_date, f"{field} is a number that is no date of a spreadsheet.")
    # Serial numbers are fractions of a day: the nearest second is meant.
    return _SERIAL_ZERO + timedelta(seconds=round(serial * 86_400)) - OFFSET


@lru_cache(maxsize=8192)
def _of_text(text: str, field: str) -> datetime | None:
    wrong = RecordRejected(Reason.bad_date, f"{field} is written in no form that is known for dates.")
    text = text.strip()
    if not text.isascii() or len(text) > 40:
        raise wrong
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _of_parts(match, wrong)
    try:
        if re.fullmatch(r"\d{5}(\.\d+)?", text):
            return _of_serial(float(text), field)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise wrong from None
    if re.fullmatch(r"\d+", text):
        # 20230615 could be a date or a number; a source that means a date writes it with separators.
        raise wrong
    return utc(at)


def _of_parts(match: re.Match[str], wrong: RecordRejected) -> datetime | None:
    hour, half = int(match["hour"] or 0), (match["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise wrong
        # SA and CH: in the morning and in the afternoon.
        hour = hour % 12 + (12 if half in ("ch", "pm") else 0)
    parts = (int(match["year"]), int(match["month"]), int(match["day"]), hour, int(match["minute"] or 0))
    try:
        return vietnam_instant(*parts, int(match["second"] or 0))
    except ValueError:
        raise wrong from None

"""The clocks of a petition, in working days by the calendar of the law. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from shared.contracts.petitions import Subject
from shared.errors import Invalid
from shared.languages import Bilingual, bilingual
from shared.workdays import Calendar

REFUSED_WITHIN, SUPPLEMENT_WITHIN, HANDLED_WITHIN, PUBLISHED_WITHIN = 2, 5, 15, 2
"""Working days after the receipt to refuse it, to ask for more and to handle it; after that, to make the result public."""


class Petition(NamedTuple):
    """What is known of a petition; days are civil days, None: it did not occur."""

    code: str
    subject: Subject
    received_on: date
    passed_on: date | None = None
    """When it was passed on to another agency, which then answers for it."""
    refused_on: date | None = None
    supplement_requested_on: date | None = None
    handled_on: date | None = None
    published_on: date | None = None
    liked: bool | None = None
    """None: nobody rated it."""
    repeated: bool = False
    """It was sent once more after it had been handled."""

    def check(self) -> None:
        """Raise `Invalid` for days that cannot all be true."""
        if (fault := self.fault()) is not None:
            raise Invalid(fault)

    def fault(self) -> Bilingual | None:
        """Why its days cannot all be true; None: they can."""
        later = (self.passed_on, self.refused_on, self.supplement_requested_on, self.handled_on)
        if any(day is not None and day < self.received_on for day in later):
            return bilingual(
                "Petition {code} has a day before that of its receipt.",
                "Phản ánh, kiến nghị {code} có ngày trước ngày tiếp nhận. Sửa lại các ngày.",
                code=self.code,
            )
        if self.refused_on is not None and self.handled_on is not None:
            return bilingual(
                "Petition {code} was refused and handled. Leave one of the days out.",
                "Phản ánh, kiến nghị {code} vừa bị từ chối vừa được xử lý. Bỏ một trong hai ngày.",
                code=self.code,
            )
        if self.published_on is not None and (self.handled_on is None or self.published_on < self.handled_on):
            return bilingual(
                "Petition {code} was made public before it was handled. Correct the days.",
                "Phản ánh, kiến nghị {code} được công khai trước khi xử lý. Sửa lại các ngày.",
                code=self.code,
            )
        return None


class Clock(NamedTuple):
    """Whether a petition is late, whatever day it is looked at."""

    late: bool
    """Something was done too late, which nothing mends."""
    late_from: date
    """The first day at whose end it is late if nothing more is done; `date.max`: nothing more is to be done."""


def clock_of(petition: Petition, calendar: Calendar) -> Clock:
    """The clocks that ran, and the one that runs. Raises OutsideCalendar."""
    late = any(done > due for done, due in _done(petition, calendar))
    if petition.refused_on is not None or petition.published_on is not None:
        return Clock(late, date.max)
    if petition.handled_on is not None:
        return Clock(late, calendar.add_working_days(petition.handled_on, PUBLISHED_WITHIN) + timedelta(days=1))
    if petition.supplement_requested_on is not None:
        return Clock(late, date.max)  # it waits for who sent it
    return Clock(late, calendar.add_working_days(petition.received_on, HANDLED_WITHIN) + timedelta(days=1))


def _done(petition: Petition, calendar: Calendar) -> Iterator[tuple[date, date]]:
    """Days on which something was done, each with its last day in time."""
    for done, begun, within in (
        (petition.refused_on, petition.received_on, REFUSED_WITHIN),
        (petition.supplement_requested_on, petition.received_on, SUPPLEMENT_WITHIN),
        # What was supplied when is not told: the time to handle it is not judged then.
        (None if petition.supplement_requested_on else petition.handled_on, petition.received_on, HANDLED_WITHIN),
        (petition.published_on, petition.handled_on, PUBLISHED_WITHIN),
    ):
        if done is not None and begun is not None:
            yield done, calendar.add_working_days(begun, within)

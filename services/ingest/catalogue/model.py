"""The ruleset of a province: everything its dossiers' deadlines are computed by, at one version of its catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

import msgspec

from shared.agencies import Structure
from shared.procedures import Procedures
from shared.workdays import Calendar, CalendarEditions, OfficeHours, Policy, policies, policy_on

SourcedField = Literal[
    "agency",
    "procedure",
    "channel",
    "digitised_intake",
    "digitised_result",
    "fee_required",
    "fee_online",
    "reused",
    "supplements",
    "due_at",
    "extended_to",
    "course",
    "work",
    "particulars",
]
"""What sources tell of a dossier, as far as another source may be believed of it than of the rest. `course` is the status with
its dates, pauses and steps; `work` are the steps of the internal process, `particulars` what the index of decision 766 counts
besides."""


class SourceOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which source is believed where several tell of one dossier, field by field.

    The first of the order that tells a field is believed of it. Those that the order does not name come after it, and among
    them the newest word counts; so it does where nothing is ordered.
    """

    order: tuple[str, ...] = ()
    """Names of sources, the first before the others."""
    fields: dict[SourcedField, tuple[str, ...]] = {}
    """Orders of single fields, in the place of `order`."""

    def rank(self, field: SourcedField, source: str) -> int:
        """Place of a source in the order of a field; the same for all that it does not name."""
        order = self.fields.get(field, self.order)
        return order.index(source) if source in order else len(order)


NEWEST_WORD = SourceOrder()
"""No source goes before another."""


class Ruleset(msgspec.Struct, frozen=True):
    """Everything the clock needs to know of a province, at one version of its catalogue."""

    version: int
    structure: Structure
    procedures: Procedures
    calendar: Calendar
    hours: OfficeHours
    """Where an agency has no hours of its own."""
    unit_hours: Mapping[str, OfficeHours] = {}
    """Hours by unit key, of those that have their own or are below one that has."""
    policies: tuple[Policy, ...] = msgspec.field(default_factory=policies)
    """Oldest first; the one in force on the day of receipt holds for a dossier."""
    editions: CalendarEditions | None = None
    """The calendar as it was known at other times; None: it was always known as it is."""
    synced_late_after: timedelta = timedelta(days=1)
    """A source that still has a dossier in process so long after its end synchronises late."""
    sources: SourceOrder = NEWEST_WORD
    """Which source is believed where several tell of one dossier."""

    def policy_on(self, received_on: date) -> Policy:
        """The policy for what was received on a day."""
        return self.policies[0] if len(self.policies) == 1 else policy_on(received_on, self.policies)

    def hours_of(self, agency: str | None) -> OfficeHours:
        """Posted hours of a unit, by its key."""
        return self.unit_hours.get(agency, self.hours) if self.unit_hours and agency is not None else self.hours

    def calendar_then(self, day: date) -> Calendar | None:
        """The calendar as it was known on a day; None where it was the one of now."""
        if self.editions is None:
            return None
        then = self.editions.known_on(day)
        return then if then.version != self.calendar.version else None

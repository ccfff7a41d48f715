"""Petitions (phản ánh, kiến nghị), without the persons who sent them."""

from __future__ import annotations

from datetime import date

import msgspec


class PetitionsRecorded(msgspec.Struct, frozen=True):
    """`POST /v1/petitions`."""

    recorded: int
    """How many."""
    late: int
    """Of them late already, whatever is done now."""


class ListedPetition(msgspec.Struct, frozen=True, kw_only=True):
    """A petition as it is known now; days are civil days, null where it did not occur."""

    code: str
    """Its code."""
    agency: str | None
    """Unit key of the agency that answers for it."""
    subject: str
    """`rule`: of a rule of administration, `conduct`: of how an agency behaved."""
    received_on: date
    """The day of its receipt."""
    passed_on: date | None
    """When it was passed on."""
    refused_on: date | None
    """When it was refused: within 2 working days."""
    supplement_requested_on: date | None
    """When more was requested: within 5 working days."""
    handled_on: date | None
    """When it was handled: within 15 working days."""
    published_on: date | None
    """When the result was made public: within 2 working days after that."""
    liked: bool | None
    """Whether who sent it was satisfied; null: nobody rated it."""
    repeated: bool
    """It was sent once more after it had been handled."""
    late: bool
    """One of these was not done in time, by the last day of the query."""


class PetitionPage(msgspec.Struct, frozen=True):
    """`GET /v1/petitions`."""

    petitions: list[ListedPetition]
    """By code."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""

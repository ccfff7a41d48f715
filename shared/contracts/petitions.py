"""Petitions (phản ánh, kiến nghị), without the persons who sent them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from shared.contracts.kpis import Text

Subject = Literal["rule", "conduct"]
"""Of what a petition is: a rule of administration, or how an agency or official behaved."""

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Of a file of petitions."""
PETITION_FILES = {
    "text/csv": "A CSV with the headings that clerks use, in UTF-8, UTF-16, windows-1258 or TCVN3",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "An XLSX workbook; all visible sheets that have the"
    " headings are read",
    "application/vnd.ms-excel": "An XLS workbook, or what is saved as one: HTML and the XML of Excel 2003",
    "application/octet-stream": "Any of these: what it is shows",
}
"""Media types of a file of petitions, and what is in each."""


class PetitionsRecorded(msgspec.Struct, frozen=True):
    """`POST /v1/petitions`."""

    recorded: int
    """How many say something new."""
    known: int
    """How many were stated before, word for word: nothing changes."""
    late: int
    """Of those recorded late already, whatever is done now."""


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


class ReadPetition(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a file as it is understood: what is known of a petition, never who sent it nor what it is about."""

    line: int
    """Its line in the file, or its row in the sheet, counted from 1."""
    sheet: str | None = None
    """Its sheet; null: the file has none."""
    code: str
    """Its code."""
    agency: str | None = None
    """Code or name of the agency that answers for it, as the file writes it; null: it does not say."""
    subject: Subject | None = None
    """A rule of administration, or how an agency behaved; null: it does not say."""
    received_on: date
    """The day of its receipt."""
    passed_on: date | None = None
    """When it was passed on."""
    refused_on: date | None = None
    """When it was refused."""
    supplement_requested_on: date | None = None
    """When more was requested."""
    handled_on: date | None = None
    """When it was handled."""
    published_on: date | None = None
    """When the result was made public."""
    liked: bool | None = None
    """Whether who sent it was satisfied; null: nobody rated it, or neither."""
    repeated: bool = False
    """It was sent once more after it had been handled."""


class RejectedPetition(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a file that was set aside: nothing of it counts until it is corrected and the file is sent again."""

    line: int
    """Its line in the file, or its row in the sheet, counted from 1."""
    sheet: str | None = None
    """Its sheet; null: the file has none."""
    code: str | None = None
    """Its code; null where it has none, or what stands there may be a person's."""
    reason: str
    """Why, in a word: `bad_date`, `unknown_word`, `unknown_agency` and others."""
    what: Text
    """What is wrong, and what to do."""


class PetitionSheet(msgspec.Struct, frozen=True):
    """A sheet of a workbook, or a table of a page."""

    name: str
    """Its name."""
    read: bool
    """Whether its rows are read: it is visible and has the headings."""
    rows: int
    """Rows of petitions in it."""


class PetitionReading(msgspec.Struct, frozen=True, kw_only=True):
    """How a file of petitions was understood: lines = rows + the sum of `skipped`, always."""

    format: str | None
    """What it was read as: `csv`, `sheet`, `html`, `xml`, `ndjson`; null: nothing came."""
    encodings: list[str]
    """Encodings of its text."""
    sheets: list[PetitionSheet]
    """Of a workbook or a page."""
    columns: dict[str, str]
    """Field by heading."""
    dropped: list[str]
    """Headings of columns that were dropped unread, such as names, telephones, addresses and contents."""
    dates: dict[str, str]
    """By field in which order its dates were read: `dd/mm` or `mm/dd`."""
    lines: int
    """Lines of the file, or rows of the sheets that were read."""
    skipped: dict[str, int]
    """Lines that hold no petition, by what they are: titles, headings, groups, totals, signatures, blank ones."""
    rows: int
    """Rows of petitions."""


class PetitionFile(msgspec.Struct, frozen=True, kw_only=True):
    """`POST /v1/petition-files` of ingest: a file as it is understood; nothing of it is stored there."""

    reading: PetitionReading
    """How the file was understood."""
    petitions: list[ReadPetition]
    """Rows that can be read, in their order."""
    rejected: list[RejectedPetition]
    """The other rows: rows = petitions + rejected."""


class PetitionsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """`POST /v1/petitions/files`: rows = new + corrected + known + repeated + rejected, always."""

    dry_run: bool
    """Nothing was stored."""
    reading: PetitionReading
    """How the file was understood."""
    new: int
    """Petitions that were not known yet."""
    corrected: int
    """Known petitions of which the file says something else: what it says counts from now on."""
    known: int
    """Said before, word for word: nothing changes."""
    repeated: int
    """Rows that say what another row of the file says."""
    late: int
    """Of new and corrected ones late already, whatever is done now."""
    rejected: int
    """Rows that were set aside: nothing of them counts."""
    problems: list[RejectedPetition]
    """The first thousand of them, one by one; all wait in `GET /v1/petitions/rejected`."""
    file: str
    """Name of the file, by what is in it: give it as `corrects` when you send the corrected one."""


class WaitingPetition(RejectedPetition, frozen=True, kw_only=True):
    """A row that was set aside, and what became of it."""

    id: int
    """Its number."""
    file: str
    """Name of its file, as `file` of `POST /v1/petitions/files` gave it."""
    recorded_by: str
    """Name of the key by which the file was sent."""
    first_at: datetime
    """When it was sent first."""
    last_at: datetime
    """When it was sent last."""
    corrected_at: datetime | None
    """When what came later told what it could not; null: it did not."""
    dismissed_at: datetime | None
    """When somebody dismissed it; null: nobody did."""
    dismissed_by: str | None
    """Name of the key by which it was dismissed."""
    dismissed_for: str | None
    """The reason that was given."""


class RejectedPetitionPage(msgspec.Struct, frozen=True):
    """`GET /v1/petitions/rejected`."""

    rows: list[WaitingPetition]
    """By id."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


class PetitionsDismissed(msgspec.Struct, frozen=True):
    """`POST /v1/petitions/rejected/dismiss`."""

    dismissed: int
    """Rows that wait no longer."""

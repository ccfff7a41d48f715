"""Rehearsing an import: what a person must know of a file before it is taken in. Nothing is stored.

A file arrives while it is compared with the dossiers, so each batch is compared in a transaction of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from services.ingest.catalogue.model import Ruleset
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.dossiers import store as dossiers_store
from services.ingest.dossiers.corrections import CodeCorrections
from services.ingest.dossiers.duplicates import anonymous
from services.ingest.dossiers.service import history_of
from services.ingest.dossiers.unmapped import CodeKind, Unmapped, UnmappedCode, add_counts, list_unmapped, unmapped_in
from services.ingest.events.model import Event, Rejected, UnknownWord
from services.ingest.events.reasons import wording
from services.ingest.files.messages import DuplicateColumns, Format, SheetRead, SkippedRow
from services.ingest.imports.distinct import DistinctCount
from services.ingest.imports.reading import READER, DecodedRow, ListReading, file_settings, options_of
from services.ingest.provinces import store as provinces_store
from services.ingest.sources.kinds.files.dates import Order
from services.ingest.sources.store.sources import SourceRow
from shared.civil import civil_day
from shared.database import Database
from shared.dossier import Channel, Status
from shared.sandbox.parent import Sandbox

PREVIEW_ROWS = 20
PREVIEW_PROBLEMS = 200
MAX_UNMAPPED = 200
"""Codes that the catalogue does not know and that are listed."""
EXPECTED_FIELDS = ("agency", "procedure", "channel", "received_at", "due_at", "ended_at")
"""Fields without which dossiers count for nobody, or have no due date, or never end."""


class UnreadableRow(msgspec.Struct, frozen=True):
    """A row that cannot be read."""

    row: int
    """Its place among the rows of the list, counted from 1."""
    line: int
    """Its line in the file, or its row in the sheet, counted from 1."""
    sheet: str | None
    """Its sheet; null: the file has none."""
    code: str | None
    """Code of its dossier; null where it has none, or what stands there may be none."""
    reason: str
    """Why it cannot be read, as in quarantine."""
    detail: str
    """The field and what is wrong with it; then what that means, in Vietnamese."""
    vi: str
    """What is wrong, in Vietnamese."""
    todo_vi: str
    """What to do about it, in Vietnamese."""


class DateColumn(msgspec.Struct, frozen=True):
    """In which order the dates of a column are read."""

    field: str
    """The field that the column holds."""
    order: Order
    """Day before month, or month before day."""
    proven: bool
    """A day above 12, or the setting `dates`, shows it; false: it is that of the other columns, or day before month."""


class CorrectedCode(msgspec.Struct, frozen=True):
    """A code that a spreadsheet has shortened, and what it is taken for."""

    kind: CodeKind
    """What it names."""
    written: str
    """As the file has it."""
    taken: str
    """As it is taken in."""
    count: int
    """Rows that name it."""


class RehearsedWord(msgspec.Struct, frozen=True):
    """A word that nobody knows, in rows that wait for it."""

    field: str
    """The field in which it stands."""
    word: str
    """As it is written, shortened; `(withheld)` where it may be a person's number or address."""
    setting: str | None
    """The setting of the source that says what it means; null: it can only be corrected in the file."""
    count: int
    """Rows that have it."""


class Changes(msgspec.Struct, frozen=True):
    """What an import would do to the dossiers."""

    new_dossiers: int = 0
    """Dossiers that are not known yet."""
    changed_dossiers: int = 0
    """Known dossiers of which the file says something new."""
    known_rows: int = 0
    """Rows that were taken in before, word for word."""


class RowRead(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row as it is understood; what it says nothing of is left out."""

    code: str
    """Code of the dossier."""
    at: datetime
    """Of when the row is: its own time of change, else its newest date."""
    due_at: datetime | None = None
    """The due date as the list has it."""
    agency: str | None = None
    """Code of its agency, as the source writes it."""
    procedure: str | None = None
    """Code of its procedure without the suffix."""
    channel: Channel | None = None
    """How it came in."""
    digitised_intake: bool | None = None
    """Its papers were digitised when it was taken in."""
    digitised_result: bool | None = None
    """Its result was digitised."""
    fee_required: bool | None = None
    """A fee or charge is due for it."""
    fee_online: bool | None = None
    """The fee was paid online."""
    reused: bool | None = None
    """Papers that were digitised before were used again."""
    supplements: int | None = None
    """How often papers were asked for."""
    status: Status | None = None
    """Where it stands."""
    received_at: datetime | None = None
    """When it was received."""
    ended_at: datetime | None = None
    """When the source closed it."""
    delivered_at: datetime | None = None
    """When the result was handed over."""
    ready_at: datetime | None = None
    """When the result was ready, where that is known apart from `ended_at`."""
    result_coded: bool | None = None
    """Its electronic result has a code and a link."""
    from_storage: bool | None = None
    """A paper was taken from the personal storage of the national portal."""
    account_verified: bool | None = None
    """The applicant's account was verified with VNeID or the population data."""


class Rehearsal(msgspec.Struct):
    """What an import would do, without doing it: lines = rows + the sum of `skipped`, always."""

    format: Format | None = None
    """What it was read as; null: nothing came."""
    sheets: list[SheetRead] = []
    """Sheets that are read, and those that are not."""
    delimiter: str | None = None
    """What separates the cells of a CSV."""
    encodings: list[str] = []
    """Encodings of its text."""
    columns: dict[str, str | None] = {}
    """Field by heading; null: the column is dropped."""
    unused: list[str] = []
    """Headings of the columns that are dropped."""
    missing_fields: list[str] = []
    """Fields that figures are made of and no column gives: it has none, or a heading that is not known."""
    duplicates: list[DuplicateColumns] = []
    """Fields that several columns name."""
    dates: list[DateColumn] = []
    """In which order dates are read."""
    lines: int = 0
    """Lines of the file, or rows of the sheets that are read."""
    skipped: dict[str, int] = {}
    """Lines that hold no dossier, by what they are: titles, headings, groups, totals, signatures, blank ones."""
    skipped_rows: list[SkippedRow] = []
    """The first of them, without titles, headings and blank ones."""
    rows: int = 0
    """Rows of the list."""
    readable: int = 0
    """Rows that an import would take in."""
    first: list[RowRead] = []
    """The first rows as they are understood."""
    reasons: dict[str, int] = {}
    """Rows that cannot be read, by reason."""
    problems: list[UnreadableRow] = []
    """The first of them, one by one."""
    unknown_words: list[RehearsedWord] = []
    """Words that nobody knows, the most frequent first."""
    unmapped: list[Unmapped] = []
    """Agencies and procedures that the catalogue does not know, the most frequent first."""
    corrected: list[CorrectedCode] = []
    """Codes that a spreadsheet has shortened."""
    changes: Changes | None = None
    """What would become of the dossiers; null: it was not compared with them."""


async def rehearse(
    sandbox: Sandbox,
    source: SourceRow,
    chunks: AsyncIterator[bytes],
    now: datetime,
    *,
    database: Database | None = None,
    rulesets: RulesetCache | None = None,
) -> Rehearsal:
    """Read a whole file and say how each row is understood; raises as `import_file` does.

    With `database` and `rulesets` it is compared with the dossiers and the catalogue that there are.
    """
    reading = ListReading(source, now)
    seen = _Seen()
    ruleset = await _ruleset(database, rulesets, source.province)
    corrections = CodeCorrections(ruleset)
    async with sandbox.child(READER, options_of(source)) as child:
        async for rows in reading.batches(child, chunks):
            decoded = await reading.decoded(rows, seen.rehearsal.rows, now.isoformat())
            events = seen.take(decoded, corrections)
            if ruleset is not None:
                seen.name(events, ruleset)
            if database is not None:
                await seen.compare(database, source.province, events)
    found = seen.finished(corrections, ruleset)
    summary = reading.summary
    assert summary is not None, "the reader came to its end"
    found.format, found.sheets, found.delimiter, found.encodings = (
        summary.format,
        summary.sheets,
        summary.delimiter,
        summary.encodings,
    )
    found.columns, found.duplicates = summary.columns, summary.duplicates
    found.unused = [heading for heading, field in summary.columns.items() if field is None]
    if found.format != "ndjson":
        found.missing_fields = _missing_fields(source, set(summary.columns.values()))
    found.lines, found.skipped, found.skipped_rows = summary.lines, summary.skipped, summary.skipped_rows
    found.dates = [DateColumn(*one) for one in reading.date_orders]
    return found


def _missing_fields(source: SourceRow, given: set[str | None]) -> list[str]:
    if "delivered_at" in given:
        given.add("ended_at")
    if file_settings(source).agency is not None:
        given.add("agency")
    return [field for field in EXPECTED_FIELDS if field not in given]


async def _ruleset(database: Database | None, rulesets: RulesetCache | None, province: str) -> Ruleset | None:
    if database is None or rulesets is None:
        return None
    async with database.connection() as connection:
        row = await provinces_store.read(connection, province)
        return None if row is None else await rulesets.at(connection, province, row.catalogue)


class _Seen:
    """What was seen of a file so far."""

    def __init__(self) -> None:
        self.rehearsal = Rehearsal(first=[], problems=[])
        self._reasons: Counter[str] = Counter()
        self._words: Mapping[UnknownWord, int] = {}
        self._unmapped: Mapping[UnmappedCode, int] = {}
        self._new = DistinctCount()
        self._changed = DistinctCount()
        self._known = 0
        self._compared = False

    def take(self, rows: Sequence[DecodedRow], corrections: CodeCorrections) -> list[Event]:
        """Count rows; the events among them."""
        found = self.rehearsal
        events: list[Event] = []
        words: Counter[UnknownWord] = Counter()
        for row in rows:
            found.rows += 1
            if isinstance(row.read, Event):
                event = corrections.corrected(row.read)
                events.append(event)
                found.readable += 1
                if len(found.first) < PREVIEW_ROWS:
                    found.first.append(_row_read(event))
            else:
                self._reasons[row.read.reason.value] += 1
                if row.read.unknown is not None:
                    words[row.read.unknown] += 1
                if len(found.problems) < PREVIEW_PROBLEMS:
                    found.problems.append(_problem(row, row.read))
        self._words = add_counts(self._words, words)
        return events

    def name(self, events: Iterable[Event], ruleset: Ruleset) -> None:
        """Count the codes that the catalogue does not know."""
        named: Counter[UnmappedCode] = Counter()
        for event in events:
            received_at = event.course.received_at if event.course is not None else None
            named.update(unmapped_in((event,), civil_day(received_at or event.at), ruleset))
        self._unmapped = add_counts(self._unmapped, named)

    async def compare(self, database: Database, province: str, events: Sequence[Event]) -> None:
        """Compare events with the dossiers that there are."""
        self._compared = True
        async with database.connection() as connection:
            there = await dossiers_store.dossiers_by_code(connection, province, [event.code for event in events])
        known = {anonymous(event) for row in there.values() for event in history_of(row)}
        for event in events:
            if event.code not in there:
                self._new.add(event.code)
            elif event in known or anonymous(event) in known:
                self._known += 1
            else:
                self._changed.add(event.code)

    def finished(self, corrections: CodeCorrections, ruleset: Ruleset | None) -> Rehearsal:
        """All of it."""
        found = self.rehearsal
        found.reasons = dict(self._reasons)
        by_count = sorted(self._words.items(), key=lambda item: (-item[1], item[0].field, item[0].word))
        found.unknown_words = [RehearsedWord(one.field, one.word, one.setting, count) for one, count in by_count[:MAX_UNMAPPED]]
        found.unmapped = list_unmapped(self._unmapped, ruleset, MAX_UNMAPPED) if ruleset is not None else []
        found.corrected = [CorrectedCode(*one, count) for one, count in corrections.counts.most_common(MAX_UNMAPPED)]
        if self._compared:
            found.changes = Changes(self._new.total(), self._changed.total(), self._known)
        return found


def _problem(row: DecodedRow, read: Rejected) -> UnreadableRow:
    words = wording(read.reason)
    detail = f"{read.detail} {words.vi}"
    return UnreadableRow(row.number, row.line, row.sheet, read.code, read.reason.value, detail, words.vi, words.todo_vi)


def _row_read(event: Event) -> RowRead:
    parts = [msgspec.structs.asdict(part) for part in (event.about, event.course, event.particulars) if part is not None]
    return RowRead(event.code, event.at, event.due_at, **{name: value for part in parts for name, value in part.items()})

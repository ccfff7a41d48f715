"""What is told of a file besides its rows: lines that were passed over, and how its columns were understood. Pure."""

from __future__ import annotations

from collections import Counter

from services.ingest.files.classification import RowKind
from services.ingest.files.headings import ColumnMapping
from services.ingest.files.messages import DuplicateColumns, SkippedRow

MAX_LISTED = 100
"""Rows that were passed over and are listed."""
MAX_COLUMNS = 16_384
"""As many as a spreadsheet has."""
_LISTED = frozenset(RowKind) - {RowKind.above_headings, RowKind.blank, RowKind.heading, RowKind.continued}
"""Kinds of rows that are listed one by one."""


class Tally:
    """Counts while a file is read."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self.sheet: str | None = None
        """Name of the sheet that is being read."""
        self.skipped: Counter[str] = Counter()
        """Lines that were passed over, by what they are."""
        self.skipped_rows: list[SkippedRow] = []
        """The first of them, without titles, headings and blank ones."""
        self.columns: dict[str, str | None] = {}
        """Field by heading."""
        self._duplicates: dict[str, list[str]] = {}

    def skip(self, kind: RowKind, line: int, lines: int = 1) -> None:
        """Count lines that are passed over."""
        self.skipped[kind.value] += lines
        if kind in _LISTED and len(self.skipped_rows) < MAX_LISTED:
            self.skipped_rows.append(SkippedRow(self.sheet, line, kind.value))

    def understood(self, mapping: ColumnMapping) -> None:
        """Note how columns were understood."""
        for heading, field in mapping.by_heading().items():
            if len(self.columns) < MAX_COLUMNS:
                self.columns[heading] = self.columns.get(heading) or field
        for field, headings in mapping.duplicates():
            self._duplicates.setdefault(field, list(headings))

    def duplicates(self) -> list[DuplicateColumns]:
        """Fields that several columns name."""
        return [DuplicateColumns(field, headings) for field, headings in self._duplicates.items()]

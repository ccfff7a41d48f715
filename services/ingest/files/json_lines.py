"""The records of NDJSON while it arrives, a line each."""

from __future__ import annotations

from collections.abc import Iterator

from services.ingest.events.model import Reason
from services.ingest.events.records import Faulty, parsed
from services.ingest.files.classification import RowKind
from services.ingest.files.headings import ColumnMapping, Vocabulary, mapping_of
from services.ingest.files.mapped import ListRow, unreadable_row
from services.ingest.files.messages import Row
from services.ingest.files.tally import Tally
from services.ingest.files.texts import END_MARK, MAX_ROW, LineBlocks
from shared.spelling import printable


class JsonLines:
    """The records of NDJSON."""

    def __init__(self, tally: Tally, head: bytes, words: Vocabulary, own_fields: frozenset[str]) -> None:
        self._tally = tally
        self._blocks = LineBlocks(head)
        self._words = words
        self._own_fields = own_fields
        self._mapping: ColumnMapping | None = None
        self._names: tuple[str, ...] = ()
        self._line = 0

    @property
    def lines(self) -> int:
        """Lines that have come."""
        return self._blocks.lines

    def feed(self, chunk: bytes) -> Iterator[ListRow]:
        """The records that end within `chunk`."""
        for block in self._blocks.feed(chunk):
            yield from self._block(block)

    def end(self) -> Iterator[ListRow]:
        """The last records."""
        for block in self._blocks.end():
            yield from self._block(block)

    def _block(self, block: bytes | None) -> Iterator[ListRow]:
        if block is None:
            self._line += 1
            yield ListRow(self._line, unreadable_row(f"The row is longer than {MAX_ROW} bytes.", None, Reason.too_long))
            return
        for line in block.split(b"\n"):
            self._line += 1
            if not line.strip(END_MARK).strip():
                self._tally.skip(RowKind.blank, self._line)
                continue
            yield ListRow(self._line, self._record(line))

    def _record(self, line: bytes) -> Row:
        value = parsed(line)
        if isinstance(value, Faulty):
            return unreadable_row(value.detail, line)
        if not isinstance(value, dict):
            return unreadable_row("The line is no JSON object.", line, Reason.wrong_type)
        if "at" in value and "id" in value:
            return self._own(value)
        names = tuple(value)
        if self._mapping is None or self._names != names:
            mapping = mapping_of(names, self._words)
            if mapping is None:
                return unreadable_row("The object has no name that is known for the dossier's code.", line, Reason.no_code)
            self._mapping, self._names = mapping, names
            self._tally.understood(mapping)
        cells = list(value.values())
        return {
            field: filled[0]
            for field, places in self._mapping.columns
            if (filled := [cells[place] for place in places if cells[place] is not None and cells[place] != ""])
        }

    def _own(self, value: dict[str, object]) -> dict[str, object]:
        """A record's fields, and the name of one that is not known, for which the record is refused: its value stays here."""
        known = {name: one for name, one in value.items() if name in self._own_fields}
        if len(known) < len(value):
            stray = next(name for name in value if name not in known)
            known[printable(stray) or ""] = None
        return known

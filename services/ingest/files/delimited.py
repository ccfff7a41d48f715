"""The rows of a delimited text while it arrives: its headings are looked for at its beginning, then line by line."""

from __future__ import annotations

from collections.abc import Iterator

from services.ingest.events.model import Reason
from services.ingest.files import texts
from services.ingest.files.classification import RowKind
from services.ingest.files.headings import Vocabulary
from services.ingest.files.lines import CutRow, Cutter
from services.ingest.files.mapped import ListRow, MappedRows, kind_above, unreadable_row
from services.ingest.files.refusals import no_headings
from services.ingest.files.tally import MAX_COLUMNS, Tally
from services.ingest.files.texts import MAX_ROW, LineBlocks


class DelimitedText:
    """The rows of a CSV."""

    def __init__(self, tally: Tally, head: bytes, delimiter: str | None, words: Vocabulary) -> None:
        self._tally = tally
        self._blocks = LineBlocks(head)
        self._given = delimiter
        self._words = words
        self._head = bytearray()
        self._cutter: Cutter | None = None
        self._reading: MappedRows | None = None
        self._found: texts.TextHead | None = None
        self._index = 0

    @property
    def lines(self) -> int:
        """Lines that have come."""
        return self._blocks.lines

    @property
    def delimiter(self) -> str | None:
        """What separates its cells."""
        return self._found.delimiter if self._found is not None else None

    @property
    def encodings(self) -> list[str]:
        """Encodings of its lines."""
        seen = list(self._found.decoder.seen) if self._found is not None else []
        return ["utf-16" if self._blocks.is_utf16 and one == "utf-8" else one for one in seen or ["utf-8"]]

    def feed(self, chunk: bytes) -> Iterator[ListRow]:
        """The rows that end within `chunk`."""
        for block in self._blocks.feed(chunk):
            yield from self._block(block)

    def end(self) -> Iterator[ListRow]:
        """The last rows."""
        for block in self._blocks.end():
            yield from self._block(block)
        if self._reading is None:
            yield from self._begin()
        if self._cutter is not None:
            for row in self._cutter.end():
                yield from self._row(row)

    def _block(self, block: bytes | None) -> Iterator[ListRow]:
        if self._reading is None:
            if block is not None:
                self._head += block + b"\n"
                texts.require_narrow(block)
                if len(self._head) < texts.HEAD_BYTES:
                    return
                if len(self._head) < texts.MAX_HEAD and not texts.has_heading_rows(self._head) and not self._find():
                    return
            yield from self._begin()
            if block is not None:
                return
        assert self._cutter is not None, "the headings were found"
        if block is None:
            for row in self._cutter.end():
                yield from self._row(row)
            detail = f"The row is longer than {MAX_ROW} bytes."
            yield ListRow(self._cutter.skip(), unreadable_row(detail, None, Reason.too_long))
            return
        assert self._found is not None, "the headings were found"
        for row in self._cutter.feed(self._found.decoder.decode(block).split("\n")):
            yield from self._row(row)

    def _find(self) -> bool:
        if self._found is None:
            self._found = texts.text_head(bytes(self._head).removesuffix(b"\n"), self._given, self._words)
        return self._found is not None

    def _begin(self) -> Iterator[ListRow]:
        if not self._find():
            raise no_headings(self._words)
        assert self._found is not None, "they were found"
        mapping = self._found.head.mapping
        self._tally.understood(mapping)
        self._reading = reading = MappedRows(self._tally, mapping, self._words, width=mapping.width)
        self._cutter = Cutter(self._found.delimiter, lambda cells: reading.classifier.is_row(cells), mapping.width)
        head = bytes(self._head).removesuffix(b"\n")
        self._head.clear()
        for row in self._cutter.feed(self._found.decoder.decode(head).split("\n")):
            yield from self._row(row)

    def _row(self, cut: CutRow) -> Iterator[ListRow]:
        assert self._reading is not None, "the headings were found"
        assert self._found is not None, "the headings were found"
        if cut.lines > 1:
            self._tally.skip(RowKind.continued, cut.line, cut.lines - 1)
        head = self._found.head
        if self._index < head.end:
            self._tally.skip(kind_above(cut.cells, self._index, head), cut.line)
            self._index += 1
            return
        if len(cut.cells) > MAX_COLUMNS:
            detail = f"The row has more than {MAX_COLUMNS} columns."
            yield ListRow(cut.line, unreadable_row(detail, cut.cells[:100], Reason.too_long))
            return
        row = self._reading.row(cut.line, cut.cells)
        if self._cutter is not None and self._reading.width is not None:
            self._cutter.width = self._reading.width
        if row is not None:
            yield row

"""Delimited texts cut into rows while they arrive: nothing is written to disk, and never more than some lines are held.

Line ends are CR, LF or CRLF, also mixed. The delimiter is the one that gives the headings, and so is the encoding.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.ingest.files import encodings
from services.ingest.files.encodings import TextDecoder, utf16_of
from services.ingest.files.grids import HEADING_ROWS, Head, head_of
from services.ingest.files.headings import Vocabulary
from services.ingest.files.lines import Cutter
from services.ingest.files.tally import MAX_COLUMNS
from shared.errors import TooLarge
from shared.languages import bilingual

MAX_ROW = 1024 * 1024
"""Longest line in bytes."""
HEAD_BYTES = 64 * 1024
"""Bytes in which headings are looked for ..."""
MAX_HEAD = 2 * MAX_ROW
"""... and at most, where the rows above them are long."""
END_MARK = encodings.END_MARK.encode()
DELIMITERS = (",", ";", "\t", "|")


class LineBlocks:
    """Whole lines of a text as its bytes arrive, with LF for every line end."""

    def __init__(self, head: bytes) -> None:
        """`head` is the beginning of the text, by which UTF-16 is known; it is fed as well."""
        codec = utf16_of(head)
        self.is_utf16 = codec is not None
        self._transcode = codecs.getincrementaldecoder(codec)("replace") if codec is not None else None
        self._pending = bytearray()
        self._begun = False
        self._dropping = False
        self.lines = 0
        """Lines that have come whole."""

    def feed(self, chunk: bytes) -> Iterator[bytes | None]:
        """Blocks of whole lines without the last line end; None for a line that is too long."""
        yield from self._blocks(chunk, last=False)

    def end(self) -> Iterator[bytes | None]:
        """The last lines."""
        yield from self._blocks(b"", last=True)

    def _blocks(self, chunk: bytes, *, last: bool) -> Iterator[bytes | None]:
        if self._transcode is not None:
            chunk = self._transcode.decode(chunk, last).encode()
        pending = self._pending
        pending += chunk
        if not self._begun and len(pending) >= len(codecs.BOM_UTF8):
            self._begun = True
            if pending.startswith(codecs.BOM_UTF8):
                del pending[: len(codecs.BOM_UTF8)]
        if self._dropping:
            end = _first_end(pending, last=last)
            if end is None:
                # What may be the first half of a line end waits for the other.
                del pending[: -1 if pending.endswith(b"\r") and not last else None]
                return
            del pending[:end]
            self._dropping = False
        if last and END_MARK in pending:
            # It ends the text, and what follows it is filler.
            pending[:] = pending[: len(pending.rstrip(END_MARK + b"\0"))]
        cut = len(pending) if last else _last_end(pending)
        if cut:
            block = bytes(pending[:cut])
            del pending[:cut]
            if b"\r" in block:
                block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            yield from self._within(block.removesuffix(b"\n"))
        if len(pending) > MAX_ROW:
            self.lines += 1
            pending.clear()
            self._dropping = True
            yield None

    def _within(self, block: bytes) -> Iterator[bytes | None]:
        if len(block) <= MAX_ROW:
            self.lines += block.count(b"\n") + 1
            yield block
            return
        fitting: list[bytes] = []
        for line in block.split(b"\n"):
            if len(line) <= MAX_ROW:
                fitting.append(line)
                continue
            if fitting:
                self.lines += len(fitting)
                yield b"\n".join(fitting)
                fitting = []
            self.lines += 1
            yield None
        if fitting:
            self.lines += len(fitting)
            yield b"\n".join(fitting)


class TextHead(NamedTuple):
    """How a text is to be read."""

    head: Head
    delimiter: str
    decoder: TextDecoder


def text_head(raw: bytes, delimiter: str | None, words: Vocabulary) -> TextHead | None:
    """The headings at the beginning of a text, by the delimiter and encoding that give most of them; None: there are none."""
    found: list[tuple[int, TextHead]] = []
    for western in (False, True):
        if western and raw.isascii():
            continue
        lines = TextDecoder(western=western).decode(raw).split("\n")
        for mark in DELIMITERS if delimiter is None else (delimiter,):
            head = head_of(_first(lines, mark), words)
            if head is not None:
                found.append((len(head.mapping.columns), TextHead(head, mark, TextDecoder(western=western))))
    return max(found, key=lambda one: one[0])[1] if found else None


def require_narrow(raw: bytes) -> None:
    """Raise `TooLarge` where the lines above the headings have more columns than any list."""
    marks = [mark.encode() for mark in DELIMITERS]
    if len(raw) >= MAX_COLUMNS and any(
        len(line) > MAX_COLUMNS and max(map(line.count, marks)) >= MAX_COLUMNS for line in raw.splitlines()
    ):
        raise TooLarge(
            bilingual(
                "The file has more than {n} columns. Send the columns that are needed.",
                "Tệp có hơn {n} cột. Chỉ gửi các cột cần thiết.",
                n=MAX_COLUMNS,
            )
        )


def has_heading_rows(raw: bytes | bytearray) -> bool:
    """Whether so many lines have come that the headings must be among them."""
    return raw.count(b"\n") > 2 * HEADING_ROWS


def _first(lines: Sequence[str], mark: str) -> list[list[str]]:
    cutter = Cutter(mark)
    rows: list[list[str]] = []
    for row in (*cutter.feed(lines[: 4 * HEADING_ROWS]), *cutter.end()):
        rows.append(row.cells)
        if len(rows) > HEADING_ROWS + 1:
            break
    return rows


def _last_end(text: bytearray) -> int:
    """Where the last whole line ends; a CR at the very end may be the first half of a CRLF."""
    end = len(text) - 1 if text.endswith(b"\r") else len(text)
    return max(text.rfind(b"\n", 0, end), text.rfind(b"\r", 0, end)) + 1


def _first_end(text: bytearray, *, last: bool) -> int | None:
    """Where the first line ends; None: it goes on."""
    ends = [place for place in (text.find(b"\n"), text.find(b"\r")) if place >= 0]
    if not ends:
        return None
    place = min(ends)
    if text[place : place + 1] == b"\r":
        if place + 1 == len(text) and not last:
            return None
        return place + 2 if text[place + 1 : place + 2] == b"\n" else place + 1
    return place + 1

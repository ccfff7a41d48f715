"""`memory_child`: resident megabytes of the child process that reads a file, 512 are its limit.

Files almost as large as are taken, of every kind that is not read while it arrives, and texts of 100 MB. The
kernel's own high-water mark counts (VmHWM). A file that cannot be read within the limit ends the measurement.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from services.ingest.files.messages import ListSummary, ReadOptions, unpacked
from services.ingest.imports.reading import READER
from services.ingest.sources.kinds import own
from shared.sandbox.parent import Sandbox, SandboxLimits
from tests.bench._rows import row
from tests.bench.memory import PIECE, SHARE, _csv_rows, _megabytes, _write_sheet

LIMIT = float(SandboxLimits().megabytes)
SHEET_ROWS = int(90_000 * SHARE)
MARKUP_BYTES = int(15.5 * 2**20 * SHARE)
TEXT_BYTES = int(100 * 2**20 * SHARE)


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The row; one run, since a peak that is too high once is too high."""
    del runs
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, write in _FILES.items():
            file = Path(folder) / name
            await asyncio.to_thread(write, file)
            peaks[name] = await _peak(file)
            print(f"  {name} of {file.stat().st_size / 1e6:.0f} MB: {peaks[name]:.0f} MB", file=sys.stderr)
            file.unlink()
    return {"memory_child": row([max(peaks.values())], [LIMIT], "MB", "lower")}


async def _peak(file: Path) -> float:
    options = msgspec.json.encode(ReadOptions({}, None, tuple(own.FIELDS)))
    rows, summary, peak = 0, None, 0.0
    # Patient, since a machine that others keep busy is slow: memory alone is measured.
    async with Sandbox(SandboxLimits(idle_seconds=900)).child(READER, options) as child:
        async for message in child.messages(_pieces(file)):
            decoded = unpacked(message)
            if isinstance(decoded, ListSummary):
                summary = decoded
            else:
                rows += len(decoded.rows)
            peak = max(peak, _megabytes(child.pid, "VmHWM"))
    if summary is None or rows + sum(summary.skipped.values()) != summary.lines:
        raise RuntimeError(f"{rows} rows of {summary}")
    return peak


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


def _rows() -> Iterator[list[str]]:
    return csv.reader(line.decode() for line in _csv_rows("A"))


def _write_html(file: Path) -> None:
    _write_markup(file, "<html><body><table>", "<tr>", "<td>", "</td>", "</tr>", "</table></body></html>")


def _write_xml(file: Path) -> None:
    begin = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
    _write_markup(file, begin, "<Row>", "<Cell><Data>", "</Data></Cell>", "</Row>", "</Table></Worksheet></Workbook>")


def _write_markup(file: Path, begin: str, row: str, cell: str, end_of_cell: str, end_of_row: str, end: str) -> None:
    with file.open("w") as opened:
        opened.write(begin)
        for cells in _rows():
            opened.write(row + "".join(f"{cell}{text}{end_of_cell}" for text in cells) + end_of_row)
            if opened.tell() > MARKUP_BYTES:
                break
        opened.write(end)


def _write_text(encoding: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        with file.open("w", encoding=encoding) as opened:
            for line in _csv_rows("A"):
                opened.write(line.decode())
                if opened.tell() > TEXT_BYTES:
                    break

    return write


def _write_book(file: Path) -> None:
    _write_sheet(file, islice(_csv_rows("A"), SHEET_ROWS + 1))


_FILES: dict[str, Callable[[Path], None]] = {
    "list.xlsx": _write_book,
    "html.xls": _write_html,
    "xml.xls": _write_xml,
    "utf-8.csv": _write_text("utf-8"),
    "utf-16.csv": _write_text("utf-16"),
}

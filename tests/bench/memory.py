"""`memory_pull`, `_csv`, `_ndjson`, `_xlsx`: resident megabytes of the largest process in a back-fill, 250 are promised.

Four back-fills, each into a fresh database with metrics following: 200.000 dossiers (a million events) in pages of 5.000;
a CSV of a million rows, through the API and then, with other dossiers, through the command line; likewise an NDJSON of 1 GB,
and an XLSX almost as large as is taken, which cannot be read while it arrives.
Files are read in child processes of the API and of the command, which count as well.
Of each process of ours the kernel's own high-water mark counts (VmHWM); of PostgreSQL's, whose shared buffers belong to all of
them, what is private (RssAnon, sampled). MEMORY_SHARE=0.01 makes everything a hundredth as large, for a quick look.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import xlsxwriter

from deploy.local.services import Process
from tests.bench._rows import Parts, parts, row
from tests.bench.portal_to_kpi import AGENCIES, PROVINCE, access_to, prepare, pulled, serving

PROMISED = 250.0
SHARE = float(os.environ.get("MEMORY_SHARE", "1"))
DOSSIERS = int(200_000 * SHARE)
PAGE = 5_000
ROWS = int(1_000_000 * SHARE)
SHEET_ROWS = int(90_000 * SHARE)
NDJSON_BYTES = int(2**30 * SHARE)
PIECE = 256 * 1024
MEDIA = {"Content-Type": "application/octet-stream"}
QUESTION = {"province": PROVINCE, "from": "2010-01-01", "to": "2025-12-31", "kpi": "received_new"}


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The rows; one run each, since a peak that is too high once is too high."""
    del runs
    rows = {}
    async with parts() as made:
        for name, backfill in (("pull", _pull), ("csv", _csv), ("ndjson", _ndjson), ("xlsx", _xlsx)):
            peaks = await backfill(made)
            print(f"memory_{name}: {', '.join(f'{who} {peak:.0f} MB' for who, peak in peaks.items())}", file=sys.stderr)
            rows[f"memory_{name}"] = row([max(peaks.values())], [PROMISED], "MB", "lower")
    return rows


class _Peaks:
    """The most that each process has had in memory, in megabytes by name; look often enough not to miss an end."""

    def __init__(self, made: Parts) -> None:
        self._made = made
        self.found: dict[str, float] = {}

    def look(self) -> None:
        for process in self._made.running:
            if process.child is not None:
                self._saw(process.name, _megabytes(process.child.pid, "VmHWM"))
                for reader in _children(process.child.pid):
                    self._saw(f"{process.name}'s reader", _megabytes(reader, "VmHWM"))
        for backend in _children(self._made.postgres.process.pid):
            self._saw("PostgreSQL", _megabytes(backend, "RssAnon"))

    def _saw(self, name: str, megabytes: float) -> None:
        self.found[name] = max(self.found.get(name, 0.0), megabytes)


def _megabytes(pid: int, name: str) -> float:
    with suppress(OSError):
        found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@asynccontextmanager
async def _filling(
    made: Parts, kind: str, access: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, str], _Peaks]]:
    """A fresh database with all services, the door of ingest, an environment for the command line, and the peaks.

    At the end everything that was taken in is in the figures, or it was no back-fill.
    """
    url = await made.database("ingest", "metrics")
    await prepare(made, url)
    ingest_key, metrics_key = await made.key("ingest", url), await made.key("metrics", url)
    ingest, metrics = made.start("api", "ingest", url, **(access or {})), made.start("api", "metrics", url)
    made.start("worker", "ingest", url, **(access or {}))
    made.start("worker", "metrics", url, ingest_url=ingest.url, ingest_key=ingest_key)
    peaks = _Peaks(made)
    watching = asyncio.create_task(_watch(peaks))
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": ingest_key}, timeout=None) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": metrics_key}, timeout=60) as figures,
    ):
        if kind == "files":
            source = {"province": PROVINCE, "kind": "files", "settings": {}}
            (await door.put("/v1/sources/lists", json=source)).raise_for_status()
        yield door, dict(made.running[0].env), peaks
        head = (await door.get("/v1/provinces")).json()["provinces"][0]["head"]
        while True:
            answer = await figures.get("/v1/kpis", params=QUESTION)
            if answer.status_code == 200 and answer.json()["position"] == head:
                break
            await asyncio.sleep(0.1)
    watching.cancel()
    peaks.look()
    made.stop()


async def _watch(peaks: _Peaks) -> None:
    while True:
        peaks.look()
        await asyncio.sleep(0.05)


async def _pull(made: Parts) -> dict[str, float]:
    with serving(made, dossiers=DOSSIERS, largest_page=PAGE) as portal:
        async with _filling(made, "igate", access_to(portal)) as (door, _, peaks):
            pull = await pulled(door, {"base_url": portal, "page_size": PAGE, "rate": 100}, poll_seconds=0.5)
            _demand(pull["accepted"], DOSSIERS)
    return peaks.found


async def _csv(made: Parts) -> dict[str, float]:
    file = made.folder / "list.csv"
    return await _files(made, file, lambda prefix: _write(file, _csv_rows(prefix)))


async def _ndjson(made: Parts) -> dict[str, float]:
    file = made.folder / "list.ndjson"
    return await _files(made, file, lambda prefix: _write(file, _ndjson_rows(prefix)))


async def _xlsx(made: Parts) -> dict[str, float]:
    file = made.folder / "list.xlsx"
    return await _files(made, file, lambda prefix: _write_sheet(file, islice(_csv_rows(prefix), SHEET_ROWS + 1)))


async def _files(made: Parts, file: Path, write: Callable[[str], int]) -> dict[str, float]:
    """A file through the API and one through the command line."""
    async with _filling(made, "files") as (door, environment, peaks):
        rows = await asyncio.to_thread(write, "A")
        began = time.perf_counter()
        answer = await door.post("/v1/imports", params={"source": "lists"}, content=_pieces(file), headers=MEDIA)
        answer.raise_for_status()
        _demand(answer.json()["accepted"], rows)
        _tell(file, "API", rows, time.perf_counter() - began)

        rows = await asyncio.to_thread(write, "B")
        began = time.perf_counter()
        command = [sys.executable, "-m", "services.ingest.imports", str(file), "--source", "lists"]
        line = Process("command line", command, environment, made.folder / "files.log")
        made.running.append(line)
        line.start()
        while (code := line.ended()) is None:
            await asyncio.sleep(0.05)
        said = line.log_path.read_text()
        _demand((code, f"{rows} accepted" in said), (0, True))
        _tell(file, "command line", rows, time.perf_counter() - began)
        file.unlink()
    return peaks.found


def _tell(file: Path, way: str, rows: int, seconds: float) -> None:
    size = file.stat().st_size / 1e6
    print(f"  {file.name} of {size:.0f} MB by the {way}: {seconds:.0f} s, {rows / seconds:.0f} rows/s", file=sys.stderr)


def _demand(found: object, wanted: object) -> None:
    if found != wanted:
        raise RuntimeError(f"{found} instead of {wanted}")


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


def _write(file: Path, lines: Iterator[bytes]) -> int:
    rows = 0
    with file.open("wb") as opened:
        for line in lines:
            opened.write(line)
            rows += 1
    return rows - (file.suffix == ".csv")


def _write_sheet(file: Path, lines: Iterator[bytes]) -> int:
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(csv.reader(line.decode() for line in lines)):
            sheet.write_row(number, 0, cells)
    return number


def _csv_rows(prefix: str) -> Iterator[bytes]:
    """What a clerk's list has: most of its columns are nobody's business and are dropped."""
    headings = "Mã hồ sơ,Mã TTHC,Mã đơn vị,Hình thức nộp,Ngày tiếp nhận,Ngày hẹn trả,Ngày kết thúc,Ngày trả,Người nộp,Ghi chú\n"
    yield headings.encode()
    for number in range(ROWS):
        day, month, agency = 1 + number % 28, 1 + number // 28 % 12, number % AGENCIES
        received, due, ended = f"{day:02}/{month:02}/2022", f"{day:02}/{month:02}/2023", f"{day:02}/{month:02}/2023 15:30"
        channel = ("Trực tuyến", "Trực tiếp", "Bưu chính")[number % 3]
        yield (
            f"{prefix}-{number:07},9.{number % 40:06},V{agency:04},{channel},"
            f"{received} 08:{number % 60:02},{due},{ended},{ended},"
            f'Nguyễn Văn {number},"Hồ sơ số {number}, nộp tại quầy"\n'
        ).encode()


def _ndjson_rows(prefix: str) -> Iterator[bytes]:
    """Our own shape, with much beside it that is skipped."""
    note = "Thành phần hồ sơ đã nộp và ghi chú của cán bộ. " * 10
    size = number = 0
    while size < NDJSON_BYTES:
        day, month = 1 + number % 28, 1 + number // 28 % 12
        record = {
            "code": f"{prefix}-{number:07}",
            "id": "1",
            "at": f"2023-{month:02}-{day:02}T15:30:00+07:00",
            "status": "delivered",
            "agency": f"V{number % AGENCIES:04}",
            "procedure": f"9.{number % 40:06}",
            "channel": ("online", "counter", "post")[number % 3],
            "received_at": f"2022-{month:02}-{day:02}T08:{number % 60:02}:00+07:00",
            "due_at": f"2023-{month:02}-{day:02}T17:00:00+07:00",
            "ended_at": f"2023-{month:02}-{day:02}T15:00:00+07:00",
            "delivered_at": f"2023-{month:02}-{day:02}T15:30:00+07:00",
            "applicant": {"fullname": f"Nguyễn Văn {number}", "address": "Thôn Một, xã Hai"},
            "note": note,
        }
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        size += len(line)
        number += 1
        yield line

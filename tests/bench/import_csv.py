"""`import_csv`, `import_xlsx`: rows a second of a file, to the KPI that has them, beside a pull of as many in the same run.

A CSV of 200.000 rows and an XLSX of 100.000, as clerks export them, through the API into fresh databases with metrics
following; the floor is a portal that serves 200.000 dossiers. IMPORT_SHARE=0.1 makes all a tenth as large, for a quick look.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from deploy.simulator.random_world import invented_offerings, invented_offices
from tests.bench import portal_to_kpi
from tests.bench._rows import Parts, parts, row
from tests.bench.memory import MEDIA, QUESTION, _pieces, _write, _write_sheet
from tests.bench.portal_to_kpi import AGENCIES, PROVINCE, journey, prepare, serving

SHARE = float(os.environ.get("IMPORT_SHARE", "1"))
ROWS = int(200_000 * SHARE)
SHEET_ROWS = int(100_000 * SHARE)


async def run(runs: int) -> dict[str, dict[str, Any]]:
    """The rows `import_csv` and `import_xlsx`."""
    measured: dict[str, list[float]] = {"pull": [], "csv": [], "xlsx": []}
    async with parts() as made:
        text, sheet = made.folder / "list.csv", made.folder / "list.xlsx"
        _write(text, lines())
        _write_sheet(sheet, islice(lines(), SHEET_ROWS + 1))
        portal_to_kpi.DOSSIERS = ROWS
        with serving(made, dossiers=ROWS) as portal:
            for _ in range(min(runs, 3)):
                url = await made.database("ingest", "metrics")
                await prepare(made, url)
                measured["pull"].append(await journey(made, portal, url))
                measured["csv"].append(await _import(made, text, ROWS))
                measured["xlsx"].append(await _import(made, sheet, SHEET_ROWS))
    return {f"import_{name}": row(measured[name], measured["pull"], "rows/s", "higher") for name in ("csv", "xlsx")}


def lines() -> Iterator[bytes]:
    """A list with columns that nobody needs, notes with the delimiter, and the codes of the invented world."""
    yield (
        "STT,Mã hồ sơ,Người nộp,Mã TTHC,Đơn vị,Hình thức nộp,Ngày tiếp nhận,Ngày hẹn trả,Ngày kết thúc,Trạng thái,Ghi chú\n"
    ).encode()
    offices, offerings = invented_offices(AGENCIES), invented_offerings()
    channels = ("Trực tuyến", "Trực tiếp", "Bưu chính")
    for number in range(ROWS):
        day, month = 1 + number % 28, 1 + number // 28 % 12
        office, offering = offices[number % len(offices)], offerings[number % len(offerings)]
        note = f'"Hồ sơ số {number}, nộp tại quầy"' if not number % 4 else "giao"
        code = f"000.00.{number % 90:02}.H{PROVINCE}-23{month:02}{day:02}-{number:06}"
        yield (
            f"{number + 1},{code},Nguyễn Văn {number},{offering.code},"
            f"{office.code},{channels[number % 3]},{day:02}/{month:02}/2023 08:{number % 60:02},{day:02}/{month:02}/2024,"
            f"{day:02}/{month:02}/2023 15:30,Đã trả kết quả,{note}\n"
        ).encode()


async def _import(made: Parts, file: Path, rows: int) -> float:
    """Rows a second of one import, to the KPI that has all of it."""
    url = await made.database("ingest", "metrics")
    await prepare(made, url)
    ingest_key, metrics_key = await made.key("ingest", url), await made.key("metrics", url)
    ingest, metrics = made.start("api", "ingest", url), made.start("api", "metrics", url)
    made.start("worker", "ingest", url)
    made.start("worker", "metrics", url, ingest_url=ingest.url, ingest_key=ingest_key)
    async with (
        httpx.AsyncClient(base_url=ingest.url, headers={"X-API-Key": ingest_key}, timeout=None) as door,
        httpx.AsyncClient(base_url=metrics.url, headers={"X-API-Key": metrics_key}, timeout=60) as watch,
    ):
        source = {"province": PROVINCE, "kind": "files", "settings": {}}
        (await door.put("/v1/sources/lists", json=source)).raise_for_status()
        began = time.perf_counter()
        answer = await door.post("/v1/imports", params={"source": "lists"}, content=_pieces(file), headers=MEDIA)
        answer.raise_for_status()
        if answer.json()["accepted"] != rows:
            raise RuntimeError(f"{answer.json()} instead of {rows}")
        head = (await door.get("/v1/provinces")).json()["provinces"][0]["head"]
        while True:
            seen = await watch.get("/v1/kpis", params=QUESTION)
            if seen.status_code == 200 and seen.json()["position"] == head:
                break
            await asyncio.sleep(0.02)
        seconds = time.perf_counter() - began
    made.stop()
    return rows / seconds

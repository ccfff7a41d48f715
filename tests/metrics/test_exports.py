"""CSV and XLSX: the same figures, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import os
import random
import signal
from pathlib import Path

import httpx
import openpyxl

from shared.access import create_key
from shared.spreadsheets import XLSX
from tests.conftest import Processes
from tests.metrics.conftest import Api
from tests.metrics.worlds import day, random_feed

WORDS: dict[str, str | list[str]] = {
    "from": str(day(0)),
    "to": str(day(60)),
    "by": "agency",
    "scope": "294",
    "kpi": ["received_new", "in_time_share"],
}


async def test_a_table_holds_the_figures_of_the_json_answer(api: Api) -> None:
    await api.count(random_feed(random.Random(51), 80, 200))
    words = {"stream": api.stream, **WORDS}
    answer = (await api.client.get("/v1/kpis", params=words)).json()
    response = await api.client.get("/v1/kpis", params=words, headers={"Accept": "text/csv", "Accept-Language": "en"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["Code", "Name", "Newly received", "In-time share"]
    assert len(rows) == len(answer["rows"]) + 2
    assert rows[-1][2] == str(answer["total"]["kpis"]["received_new"]["value"])
    assert [row[0] for row in rows[1:-1]] == [row["code"] for row in answer["rows"]]

    response = await api.client.get("/v1/kpis", params=words, headers={"Accept": XLSX})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    assert sheet.cell(1, 3).value == "Tiếp nhận mới trong kỳ"
    assert sheet.cell(sheet.max_row, 3).value == answer["total"]["kpis"]["received_new"]["value"]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    again = await api.client.get("/v1/kpis", params=words, headers={"If-None-Match": response.headers["etag"], "Accept": XLSX})
    assert again.status_code == 304


async def test_a_table_is_refused_with_the_same_problem_as_its_figures(api: Api) -> None:
    await api.count(random_feed(random.Random(52), 20, 40))
    async with api.database.transaction() as tx:
        narrow = await create_key(tx, "metrics", name="narrow", scopes=["figures:read"], agencies=["10813"])
    for words, status in (({"scope": "99999"}, 404), ({"as_of": 10**9}, 409), ({}, 403)):
        headers = {"Authorization": f"Bearer {narrow if status == 403 else api.key}"}
        asked: dict[str, str | int] = {"stream": api.stream, "by": "agency", **words}
        plain, table = [
            await api.client.get("/v1/kpis", params=asked, headers={**headers, "Accept": accept})
            for accept in ("application/json", "text/csv")
        ]
        assert (plain.status_code, table.status_code) == (status, status)
        assert table.headers["content-type"] == "application/problem+json"
        same = ("type", "title", "status", "detail")
        assert [table.json()[name] for name in same] == [plain.json()[name] for name in same]


async def test_tables_are_made_by_an_idle_child_by_another_when_it_dies_and_by_a_busier_one_when_it_never_gets_to_run(
    api: Api, processes: Processes
) -> None:
    await api.count(random_feed(random.Random(53), 20, 40))
    process = processes.api("metrics", database_url=api.owner_url)
    assert process.child is not None
    headers = {"X-API-Key": api.key, "Accept": "text/csv"}
    async with httpx.AsyncClient(base_url=process.url, headers=headers, timeout=90) as client:

        async def table(number: int) -> bytes:
            # The same question in another order is another key of the cache.
            words = list({**WORDS, "stream": api.stream}.items())
            response = await client.get("/v1/kpis", params=dict((*words[number:], *words[:number])))
            assert response.status_code == 200
            return response.content

        first = await table(1)
        (child,) = idle_below(process.child.pid)
        os.kill(child, signal.SIGKILL)
        assert await table(2) == first
        (other,) = idle_below(process.child.pid)
        assert other != child
        os.kill(other, signal.SIGSTOP)
        assert await table(3) == first


def idle_below(pid: int) -> list[int]:
    """The living processes below `pid` that run only when nobody else wants the processor."""
    found, left = [], [pid]
    while left:
        for thread in Path(f"/proc/{left.pop()}/task").iterdir():
            below = [int(one) for one in (thread / "children").read_text().split()]
            left += below
            found += [one for one in below if os.sched_getscheduler(one) == os.SCHED_IDLE]
    return found

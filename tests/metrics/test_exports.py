"""CSV and XLSX: the same figures, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import random

import openpyxl
import orjson

from services.metrics import exports
from tests.metrics.conftest import Api
from tests.metrics.worlds import day, random_feed

WORDS = {"from": str(day(0)), "to": str(day(60)), "by": "agency", "scope": "294", "kpi": "received_new,in_time_share"}


async def test_a_table_holds_the_figures_of_the_json_answer(api: Api) -> None:
    await api.count(random_feed(random.Random(51), 80, 200))
    words = {"stream": api.stream, **WORDS}
    answer = (await api.client.get("/v1/kpis", params=words)).json()
    response = await api.client.get("/v1/kpis", params=words, headers={"Accept": "text/csv", "Accept-Language": "en"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["Code", "Name", "Newly received", "In-time share"]
    assert len(rows) == len(answer["rows"]) + 2
    assert rows[-1][2] == str(answer["total"]["figures"]["received_new"]["value"])
    assert [row[0] for row in rows[1:-1]] == [row["code"] for row in answer["rows"]]

    response = await api.client.get("/v1/kpis", params=words, headers={"Accept": exports.XLSX})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    assert sheet.cell(1, 3).value == "Tiếp nhận mới trong kỳ"
    assert sheet.cell(sheet.max_row, 3).value == answer["total"]["figures"]["received_new"]["value"]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    again = await api.client.get(
        "/v1/kpis", params=words, headers={"If-None-Match": response.headers["etag"], "Accept": exports.XLSX}
    )
    assert again.status_code == 304


def test_text_that_looks_like_a_formula_stays_text() -> None:
    figure = {"value": 1, "numerator": 1, "denominator": None}
    for start in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"):
        name = start + "cmd|' /C calc'!A0"
        body = orjson.dumps({"rows": [{"code": "1", "name": {"vi": name, "en": name}, "figures": {"received_new": figure}}]})
        row = list(csv.reader(io.StringIO(exports.as_csv(body, "vi").decode("utf-8-sig"))))[1]
        assert row[1].startswith("'")
        sheet = openpyxl.load_workbook(io.BytesIO(exports.as_xlsx(body, "vi"))).active
        assert sheet is not None
        assert sheet.cell(2, 2).data_type in ("s", "inlineStr")

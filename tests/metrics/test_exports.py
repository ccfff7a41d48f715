"""CSV and XLSX: the same figures, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import os
import random
import signal
from pathlib import Path

import httpx
import msgspec
import openpyxl
import pytest

from services.metrics.figures.api.examples.figures import KPIS
from services.metrics.figures.exports import as_xlsx
from services.metrics.figures.kpis.catalogue import BY_ID
from shared.access.keys import create_key
from shared.contracts.feed import FeedItem
from shared.contracts.kpis import FigureFreshness
from shared.dossier import Facts, Status
from shared.spreadsheets import XLSX
from tests.conftest import Processes
from tests.metrics.conftest import Api
from tests.metrics.worlds import day, random_feed
from tests.patience import PATIENCE

WORDS: dict[str, str | list[str]] = {
    "from": str(day(0)),
    "to": str(day(60)),
    "by": "agency",
    "scope": "294",
    "kpi": ["received_new", "in_time_share"],
}


async def test_a_table_holds_the_figures_of_the_json_answer(api: Api) -> None:
    await api.count(random_feed(random.Random(51), 80, 200))
    words = {"province": api.province, **WORDS}
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


async def test_a_table_says_that_its_figures_are_not_complete_and_its_rows_stay_rows(api: Api) -> None:
    await api.count(random_feed(random.Random(7), 120, 300))
    words = {"province": api.province, **WORDS}
    freshness = (await api.client.get("/v1/kpis", params=words)).json()["freshness"]
    # Nobody asks ingest here.
    assert "sources_unknown" in {one["kind"] for one in freshness["reasons"]}
    assert freshness["doubtful"]
    stated = ", ".join(f"{one['kind']}={one['count']}" for one in freshness["reasons"])
    for kind in ("csv", "xlsx"):
        response = await api.client.get("/v1/kpis", params={**words, "format": kind})
        assert (response.headers["figures-complete"], response.headers["figures-incomplete"]) == ("false", stated)
        assert response.headers["figures-doubtful"] == str(freshness["doubtful"])
        assert response.headers["content-disposition"].endswith(f'-incomplete.{kind}"')
        again = await api.client.get(
            "/v1/kpis", params={**words, "format": kind}, headers={"If-None-Match": response.headers["etag"]}
        )
        assert (again.status_code, again.headers["figures-incomplete"]) == (304, stated)
        if kind == "csv":
            rows = list(csv.reader(io.StringIO(response.text)))
            assert {len(row) for row in rows} == {len(rows[0])}
    sheet = openpyxl.load_workbook(io.BytesIO(response.content))["Độ đầy đủ"]
    told = [row[:4] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert told[:-1] == [(one["kind"], one["count"], one["since"], one["what_to_do"]["vi"]) for one in freshness["reasons"]]
    # Dossiers that contradict themselves are no incompleteness: they stand below it, and are never left out.
    assert (told[-1][1], "`contradictory`" in str(told[-1][3])) == (freshness["doubtful"], True)


def test_a_workbook_of_complete_figures_says_that_they_are() -> None:
    freshness = msgspec.structs.replace(KPIS.freshness, complete=True, reasons=[], doubtful=0)
    assert freshness.incompleteness == ""
    response = msgspec.structs.replace(KPIS, freshness=freshness)
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(response, tuple(BY_ID.values()), "en")))
    assert [row[0] for row in book["Completeness"].iter_rows(min_row=2, values_only=True)] == ["The figures are complete"]


async def test_a_link_asks_for_a_form_and_a_dialect_and_the_language_chooses_where_it_does_not(api: Api) -> None:
    await api.count(random_feed(random.Random(54), 80, 200))
    words = {**WORDS, "province": api.province, "kpi": ["online_share"]}

    async def got(language: str | None, accept: str = "*/*", **more: str) -> httpx.Response:
        headers = {"Accept": accept} | ({"Accept-Language": language} if language else {})
        response = await api.client.get("/v1/kpis", params={**words, **more}, headers=headers)
        assert response.status_code == 200, response.text
        assert {"Accept", "Accept-Language"} <= set(response.headers["vary"].split(", "))
        return response

    vietnamese = await got("vi-VN,vi;q=0.9,en;q=0.8", format="csv")
    plain = await got(None, format="csv")
    english = await got("en-GB,vi;q=0.1", format="csv")
    assert vietnamese.content.startswith(b"\xef\xbb\xbfM\xc3\xa3;T\xc3\xaan;")
    assert plain.content.startswith("Mã,Tên,".encode())
    assert english.content.startswith(b"Code,Name,")
    assert len({one.headers["etag"] for one in (vietnamese, plain, english)}) == 3
    shares = [row[2] for row in csv.reader(io.StringIO(vietnamese.content.decode("utf-8-sig")), delimiter=";")][1:]
    points = [row[2] for row in csv.reader(io.StringIO(plain.text))][1:]
    assert [one.replace(",", ".") for one in shares] == points
    assert any("," in one for one in shares)
    # What is given wins over what the headers say.
    assert (await got("vi", format="csv", dialect="rfc4180")).content == plain.content
    mixed = await got("en", "text/csv", dialect="excel-vi")
    assert mixed.content.startswith(b"\xef\xbb\xbfCode;Name;")
    assert (await got("en", "text/csv", format="json")).headers["content-type"] == "application/json"
    assert (await got("en", format="xlsx")).headers["content-type"] == XLSX
    assert (await api.client.get("/v1/kpis", params={**words, "format": "pdf"})).status_code == 422


async def test_a_parameter_whose_letters_are_written_as_numbers_is_no_other_answer_of_the_cache(api: Api) -> None:
    await api.count(random_feed(random.Random(55), 40, 80))
    address = f"/v1/kpis?province={api.province}&%66ormat=csv&kpi=received_new"
    heads = []
    for language in ("vi", "en", "vi", "en"):
        response = await api.client.get(address, headers={"Accept": "*/*", "Accept-Language": language})
        heads.append(response.content.decode("utf-8-sig")[:4])
    assert heads == ["Mã;T", "Code", "Mã;T", "Code"]


@pytest.mark.parametrize(
    ("path", "words", "place", "remedy"),
    [
        ("/v1/kpis", {"level": "commune"}, "query.level", "`by=agency`"),
        ("/v1/kpis", {"level": "commune", "by": "procedure"}, "query.level", "`by=agency`"),
        ("/v1/kpis/comparison", {"level": "commune"}, "query.level", "`by=agency`"),
        ("/v1/kpis", {"dialect": "excel-vi"}, "query.dialect", "`format=csv`"),
        ("/v1/kpis", {"dialect": "rfc4180", "format": "xlsx"}, "query.dialect", "`format=csv`"),
        ("/v1/disagreements", {"dialect": "rfc4180", "format": "json"}, "query.dialect", "`format=csv`"),
    ],
)
async def test_a_parameter_that_would_change_nothing_is_refused(
    api: Api, path: str, words: dict[str, str], place: str, remedy: str
) -> None:
    response = await api.client.get(path, params={"province": api.province, **words})
    assert response.status_code == 422, response.text
    (error,) = response.json()["errors"]
    assert error["at"] == place
    assert remedy in error["message"]


async def test_a_drilldown_is_a_table_of_one_page_and_links_to_the_next(api: Api) -> None:
    codes = ["=1+1", "B", "C"]
    items = [
        FeedItem(number, number, Facts(code=code, status=Status.processing, received_on=day(1), procedure="1.004221"))
        for number, code in enumerate(codes, 1)
    ]
    await api.count(items)
    words = {"province": api.province, "from": str(day(0)), "to": str(day(60)), "kpi": "received_new"}
    figure = (await api.client.get("/v1/kpis", params=words)).json()["total"]["kpis"]["received_new"]
    opened = msgspec.convert((await api.get(f"/v1/figures/{figure['figure']}"))["freshness"], FigureFreshness)
    rows: list[list[str]] = []
    address: str | None = f"/v1/figures/{figure['figure']}?format=csv&limit=2&dialect=excel-vi"
    pages = 0
    while address is not None:
        response = await api.client.get(address, headers={"Accept-Language": "en"})
        assert response.headers["content-type"] == "text/csv; charset=utf-8", response.text
        assert response.headers["content-disposition"].startswith('attachment; filename="received_new-numerator-')
        head, *page = csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";")
        assert head[2:5] == ["Dossier", "Procedure", "Status"]
        again = await api.client.get(address, headers={"Accept-Language": "en", "If-None-Match": response.headers["etag"]})
        assert again.status_code == 304
        # Nobody serves an ingest here, so that no figure of this process is complete.
        assert response.headers["figures-complete"] == "false"
        assert response.headers["figures-incomplete"] == opened.incompleteness
        assert response.headers["figures-doubtful"] == str(opened.doubtful)
        assert response.headers["content-disposition"].endswith('-incomplete.csv"')
        address = response.links["next"]["url"] if "next" in response.links else None
        rows += page
        pages += 1
    assert pages == 2
    assert [row[2] for row in rows] == ["'=1+1", "B", "C"]
    assert sum(int(row[-1]) for row in rows) == figure["value"] == 3
    accepted = await api.client.get(f"/v1/figures/{figure['figure']}", headers={"Accept": "text/csv", "Accept-Language": "vi"})
    assert accepted.content.startswith("\ufeffCơ quan (mã);Cơ quan;Mã hồ sơ;".encode())


async def test_a_table_is_refused_with_the_same_problem_as_its_figures(api: Api) -> None:
    await api.count(random_feed(random.Random(52), 20, 40))
    async with api.database.transaction() as tx:
        narrow = await create_key(tx, "metrics", name="narrow", scopes=["figures:read"], agencies=["10813"])
    for words, status in (({"scope": "99999"}, 404), ({"as_of": 10**9}, 409), ({}, 403)):
        headers = {"Authorization": f"Bearer {narrow if status == 403 else api.key}"}
        asked: dict[str, str | int] = {"province": api.province, "by": "agency", **words}
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
    async with httpx.AsyncClient(base_url=process.url, headers=headers, timeout=PATIENCE) as client:

        async def table(number: int) -> bytes:
            # The same question in another order is another key of the cache.
            words = list({**WORDS, "province": api.province}.items())
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

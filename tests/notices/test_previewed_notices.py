"""A change of the catalogue tells, before it applies, which notices stand on figures that it moves, and from what to what."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
from docx import Document

from services.notices.drafting import orders as ordering
from services.notices.drafting.service import pin_figures
from services.notices.drafting.store import notices as notices_store
from services.notices.figures.caveats import ConfirmedCaveats
from services.notices.figures.metrics_client import Metrics
from services.notices.figures.model import Figure
from services.notices.inspections import service as submissions
from services.notices.inspections import store as inspections_store
from services.notices.inspections.model import Inspection
from services.notices.rendering.renderer import Renderer
from services.notices.worker import draft_next
from shared.database import Connection, Database
from tests.conftest import NewDatabase, Processes, url_of
from tests.ingest.catalogue_door import taken_in
from tests.ingest.test_previews import _dossiers
from tests.metrics.test_previewed_figures import JSON, Both, _changes, both
from tests.notices.counted import UNEXPLAINED
from tests.patience import PATIENCE

__all__ = ["both"]
VIEW = {"from": "2023-03-01", "to": "2023-03-31"}
COUNTS = tuple[int | None, int | None]


def _counts(figures: Mapping[str, Figure]) -> dict[str, COUNTS]:
    """Counts by key, of the figures that metrics gives, without parts and bases of shares."""
    return {
        key: (one.numerator, one.denominator)
        for key, one in figures.items()
        if one.figure_id is not None and "." not in re.split("[@#:]", key)[0]
    }


def _moved(before: dict[str, COUNTS], after: dict[str, COUNTS]) -> dict[str, tuple[COUNTS, COUNTS]]:
    def nothing(key: str) -> COUNTS:
        return 0, 0 if after.get(key, before.get(key, (0, None)))[1] is not None else None

    sides = {key: (before.get(key, nothing(key)), after.get(key, nothing(key))) for key in before.keys() | after.keys()}
    return {key: (old, new) for key, (old, new) in sides.items() if old != new}


def _told(figure: dict[str, Any], side: str) -> COUNTS:
    return figure[side]["numerator"], figure[side]["denominator"]


async def test_the_figures_of_a_notice_that_a_preview_names_are_those_that_a_new_draft_has_otherwise(
    both: Both, processes: Processes, new_database: NewDatabase
) -> None:
    await taken_in(both.database, *_dossiers(random.Random(4), 40))
    await both.counted()
    await both.kpis(VIEW)  # once the process knows the position
    metrics_url, metrics_key = str(both.watch.base_url), both.watch.headers["X-API-Key"]
    owner = await new_database("notices")
    database = Database(url_of("notices", owner), size=2)
    inspected = Inspection.model_validate(UNEXPLAINED | {"period": VIEW})
    elsewhere = Inspection.model_validate(UNEXPLAINED | {"period": {"from": "2021-03-01", "to": "2021-03-31"}})
    unknown = Inspection.model_validate(UNEXPLAINED | {"period": VIEW, "scope": "99999"})

    async def order(tx: Connection) -> list[int]:
        confirmed = ConfirmedCaveats(("no_figures", "figures_incomplete"), "trial")
        numbers = [await submissions.submit(tx, one, "key") for one in (inspected, elsewhere, unknown)]
        return [(await ordering.order(tx, number, "30", None, confirmed, "key")).number for number in numbers]

    async def put_right(tx: Connection) -> None:
        row = await notices_store.find(tx, notice)
        assert row is not None
        standing = await inspections_store.hold(tx, row.inspection_id)
        assert standing is not None
        await submissions.replace(tx, standing, elsewhere, "key")

    async with Metrics(metrics_url, metrics_key) as client, Renderer() as renderer:
        notice, _, lost = await database.run(order)
        while await draft_next(database, client, renderer, "test"):
            pass
        # The period is put right afterwards: the notice still states the one before.
        await database.run(put_right)
        # A notice whose district the catalogue does not know any more: it was known when it was drafted.
        await database.run(
            lambda tx: tx.execute(
                "UPDATE notices.notice SET (state, position, pinned, figures, document, checks, drafted_at) ="
                " (SELECT state, position, pinned, figures, document, checks, drafted_at FROM notices.notice WHERE id = $1)"
                " WHERE id = $2",
                notice,
                lost,
            )
        )
        api = processes.api("notices", database_url=owner, metrics_url=metrics_url, metrics_key=metrics_key)
        reader = await processes.key("notices", owner, "notices:read", "figures:read")
        without_figures = await processes.key("notices", owner, "notices:read")
        async with httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": reader}, timeout=PATIENCE) as http:
            pinned = _counts((await pin_figures(client, inspected, None)).figures)
            await _codes_in_an_excerpt(both, http, notice, {"X-API-Key": without_figures})
            before, marks = pinned, set[str]()
            for path, method, change, body in (_changes()[0], _changes()[1], _changes()[3]):
                number = await both.previewed(change)
                address = f"/v1/catalogue-previews/{number}"
                found = (await http.get(address, params={"province": "30"})).json()
                other = {"X-API-Key": without_figures}
                assert (await http.get(address, params={"province": "30"}, headers=other)).status_code == 403
                assert [one["id"] for one in found["notices"]] == [notice], found
                assert (found["examined"], found["moved"]) == (3, 1)
                assert [(one["id"], "99999" in one["detail"]) for one in found["uncompared"]] == [(lost, True)]
                assert found["dossiers"] > 0
                (told,) = found["notices"]
                content = msgspec.json.encode(change if body is None else body)
                applied = await both.door.request(method, f"/v1/catalogue/30/{path}", content=content, headers=JSON)
                assert applied.status_code == 200, applied.text
                await both.counted()
                await both.kpis(VIEW)
                after = _counts((await pin_figures(client, inspected, None)).figures)
                moves = {one["key"]: (_told(one, "before"), _told(one, "after")) for one in told["figures"]}
                assert moves == _moved(before, after)
                assert {one["key"]: _told(one, "pinned") for one in told["figures"] if one["pinned"]} == {
                    one["key"]: pinned[one["key"]] for one in told["figures"] if one["key"] in pinned
                }
                assert found["figures"] == len(told["figures"]) > 0
                marks.update(mark for one in told["figures"] for mark in "@#:" if mark in one["key"])
                gone = await http.get(address, params={"province": "30"})
                assert (gone.status_code, gone.json()["type"].rpartition("/")[2]) == (409, "preview-outdated")
                before = after
            assert marks == {"@", "#", ":"}
            assert any(one["pinned"] is None for one in told["figures"]), "a unit that the notice does not know"
            await _paged_as_csv(both, http, lost, notice)
    await database.close()


async def _codes_in_an_excerpt(both: Both, http: httpx.AsyncClient, notice: int, without: dict[str, str]) -> None:
    """An excerpt prints the codes of exactly the dossiers behind its worklist, for who may read dossiers and asks for them."""
    figures = (await http.get(f"/v1/notices/{notice}/figures")).json()["figures"]
    overdue, key = max((one["numerator"], one["key"]) for one in figures if re.match("resolved_overdue@[^:]+$", one["key"]))
    assert overdue > 0
    address = f"/v1/notices/{notice}/excerpts/{key.partition('@')[2]}"
    found = (await http.get(address)).json()
    codes = set()
    for one in found["worklist"]:
        listed = (await both.watch.get(f"/v1/figures/{one['figure_id']}", params={"limit": 200})).json()["dossiers"]
        assert len(listed) == one["count"]
        codes |= {dossier["code"] for dossier in listed}
    plain = await http.get(f"{address}/document.docx", headers=without)
    refused = await http.get(f"{address}/document.docx", params={"dossiers": "true"}, headers=without)
    asked = await http.get(f"{address}/document.docx", params={"dossiers": "true"})
    assert (plain.status_code, refused.status_code, asked.status_code) == (200, 403, 200)
    printed = [" ".join(one.text for one in Document(io.BytesIO(made.content)).paragraphs) for made in (plain, asked)]
    assert [{code for code in codes if code in text} for text in printed] == [set(), codes]
    assert plain.headers["etag"] != asked.headers["etag"]
    again = {"If-None-Match": asked.headers["etag"]}
    assert (await http.get(f"{address}/document.docx", params={"dossiers": "true"}, headers=again)).status_code == 304


async def _paged_as_csv(both: Both, http: httpx.AsyncClient, newest: int, notice: int) -> None:
    """Of CSV a page is a file, and the next one is linked; a preview that is not finished, or not there, is said to be so."""
    change: dict[str, Any] = {"procedures": []}
    asked = await both.door.post("/v1/catalogue/30/previews", content=msgspec.json.encode(change), headers=JSON)
    address = f"/v1/catalogue-previews/{asked.json()['id']}"
    early = await http.get(address, params={"province": "30"})
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "preview-unfinished")
    assert (await http.get("/v1/catalogue-previews/99", params={"province": "30"})).status_code == 404
    await both.previewed(change)
    found = (await http.get(address, params={"province": "30", "limit": 2})).json()
    assert (found["examined"], [one["id"] for one in found["uncompared"]]) == (2, [newest])
    words = {"province": "30", "limit": "2", "format": "csv"}
    first = await http.get(address, params=words, headers={"Accept-Language": "vi"})
    second = await http.get(first.links["next"]["url"], headers={"Accept-Language": "vi"})
    assert "next" not in second.links
    head, *rows = csv.reader(io.StringIO(second.content.decode("utf-8-sig")), delimiter=";")
    assert head[:2] == ["Thông báo", "Cuộc kiểm tra"]
    told = (await http.get(address, params={"province": "30"})).json()["notices"]
    assert head[-1] == "Hồ sơ tự mâu thuẫn trong kỳ"
    assert {(row[0], row[-1]) for row in rows} == {(str(one["id"]), str(one["freshness"]["doubtful"])) for one in told}
    assert [one["id"] for one in told] == [notice]
    assert "figures-complete" in second.headers

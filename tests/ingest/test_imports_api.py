"""Files at a real API: answers add up, codes are corrected, a wrong order of dates is withdrawn, senders see their own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from shared.access.keys import create_key
from shared.agencies import Agency, AgencyKind
from tests.conftest import NewDatabase, Processes
from tests.ingest.lists import workbook
from tests.patience import PATIENCE

HEAD = "Mã hồ sơ;Đơn vị;Mã TTHC;Ngày tiếp nhận;Ngày hẹn trả\n"


@dataclass
class Door:
    """An API with a source of files, a key that may only send, and the database."""

    manager: httpx.AsyncClient
    sender: httpx.AsyncClient
    database: Any

    async def send(self, body: str | bytes, path: str = "/v1/imports", **words: str) -> httpx.Response:
        return await self.sender.post(
            path, params={"source": "lists", **words}, content=body, headers={"Content-Type": "application/octet-stream"}
        )

    async def dossier(self, code: str) -> dict[str, Any]:
        return dict((await self.manager.get(f"/v1/dossiers/{code}", params={"province": "30"})).json())


@pytest_asyncio.fixture
async def door(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Door]:
    url = await new_database("ingest")
    api = processes.api("ingest", database_url=url)
    key = await processes.key("ingest", url, "sources:manage", "catalogue:write", "feed:read", "dossiers:read", "events:write")
    database = await asyncpg.connect(url)
    only = await create_key(database, "ingest", name="office", scopes=["events:write"], province="30")
    async with (
        httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": key}, timeout=PATIENCE) as manager,
        httpx.AsyncClient(base_url=api.url, headers={"X-API-Key": only}, timeout=PATIENCE) as sender,
    ):
        agencies = [
            Agency(code, f"Xã {code}", f"Commune {code}", AgencyKind.commune, date(2000, 1, 1))
            for code in ("01273", "0042", "00042")
        ]
        rows = [
            {"code": one.code, "name_vi": one.name_vi, "name_en": one.name_en, "kind": "commune", "valid_from": "2000-01-01"}
            for one in agencies
        ]
        (await manager.put("/v1/catalogue/30/agencies", json={"agencies": rows})).raise_for_status()
        (await manager.put("/v1/sources/lists", json={"province": "30", "kind": "files", "settings": {}})).raise_for_status()
        yield Door(manager, sender, database)
    await database.close()


async def test_the_answer_of_an_import_adds_up_and_a_rehearsal_says_the_same_before(door: Door) -> None:
    body = (
        f"DANH SÁCH\n{HEAD}H30-1;1273;1.00161;15/06/2023;20/06/2023\nH30-2;42;2.00022;15/06/2023;20/06/2023\n"
        "Tổng cộng: 2 hồ sơ;;;;\n\nH30-3;Xã lạ;1.001612;hôm qua;\nH30-4;Xã lạ;1.001612;16/06/2023;\n"
        "NGUYEN-VAN-THU;01273;;15/06/2023;\nNgười lập biểu;;;;\nTrần Thị Thử;;;;\n"
    )
    seen = (await door.send(body, "/v1/imports/rehearsal")).json()
    assert (seen["lines"], seen["rows"], seen["readable"]) == (11, 5, 3)
    assert seen["skipped"] == {"title": 1, "heading": 1, "total": 1, "blank": 1, "signature": 2}
    assert seen["changes"] == {"new_dossiers": 3, "changed_dossiers": 0, "known_rows": 0}
    assert [(one["written"], one["taken"]) for one in seen["corrected"]] == [
        ("1273", "01273"),
        ("1.00161", "1.001610"),
        ("2.00022", "2.000220"),
    ]
    assert {(one["kind"], one["code"]) for one in seen["unmapped"]} >= {("agency", "Xã lạ"), ("agency", "42")}
    assert [(one["line"], one["code"]) for one in seen["problems"]] == [(7, "H30-3"), (9, None)]
    assert all(one["todo_vi"] for one in seen["problems"])
    page = await door.send(body, "/v1/imports/rehearsal", format="text")
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    for words in ("Số dòng: 11 = 5", "thêm 3 hồ sơ", "1273 -> 01273", "đơn vị Xã lạ: 1 dòng", "Dòng 9", "Dấu phân cách: ;"):
        assert words in page.text
    assert (
        "REHEARSAL"
        in (
            await door.sender.post(
                "/v1/imports/rehearsal?source=lists",
                content=body.encode(),
                headers={"Content-Type": "text/csv", "Accept": "text/plain", "Accept-Language": "en"},
            )
        ).text
    )
    done = (await door.send(body)).json()
    assert (done["lines"], done["row_count"], sum(done["skipped"].values())) == (11, 5, 6)
    assert done["row_count"] == done["accepted"] + done["known"] + done["superseded"] + done["quarantined"]
    assert (done["accepted"], done["quarantined"], done["corrected"]) == (3, 2, seen["corrected"])
    first = await door.dossier("H30-1")
    assert first["facts"]["agency"] == "01273@2000-01-01"
    assert {one["code"] for one in done["unmapped"] if one["kind"] == "procedure"} == {"1.001610", "1.001612", "2.000220"}
    again = (await door.send(body, "/v1/imports/rehearsal")).json()
    assert again["changes"] == {"new_dossiers": 0, "changed_dossiers": 0, "known_rows": 3}
    everything = page.text + str(seen) + str(done) + str(await door.database.fetch("SELECT * FROM ingest.quarantine"))
    assert "NGUYEN" not in everything
    assert "Trần" not in everything


async def test_a_clerk_rehearses_and_imports_every_kind_of_file_below_and_above_a_megabyte(door: Door) -> None:
    """Of each file two rows are read and one waits, and all its lines are counted."""
    rows = [("1", "16/06/2023"), ("2", "17/06/2023"), ("3", "hôm qua")]
    note = 'Ống 3" nhựa, nộp tại quầy; ' * 14_000
    for size in (1, len(note)):
        for kind in ("inch", "CR", "html", "quoted", "xlsx", "utf-16")[: 6 if size == 1 else 3]:
            code = f"{kind[:1].upper()}{size}-"
            cells = [["Mã hồ sơ:", "Ghi chú", "Thời gian tiếp nhận"], *([code + one, note[:size], at] for one, at in rows)]
            if kind == "html":
                lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
                body = f"<html><table>{lines}<tr><td>Tổng cộng<td><td></table>".encode()
            elif kind == "xlsx":
                body = workbook([[cell[:30_000] for cell in row] for row in cells] + [["Tổng cộng", "", ""]], [["Hướng dẫn"]])
            else:
                quoted = [['"' + cell.replace('"', '""') + '"' if kind == "quoted" else cell for cell in row] for row in cells]
                text = ("\r" if kind == "CR" else "\n").join("\t".join(row) for row in [*quoted, ["Tổng cộng", "", ""]])
                body = text.encode("utf-16" if kind == "utf-16" else "utf-8")
            seen = (await door.send(body, "/v1/imports/rehearsal")).json()
            done = (await door.send(body)).json()
            assert (seen["rows"], seen["readable"], seen["lines"]) == (3, 2, 5), (kind, size, seen)
            assert (done["accepted"], done["quarantined"], done["lines"]) == (2, 1, 5), (kind, size, done)
            assert seen["skipped"] == done["skipped"] == {"heading": 1, "total": 1}
            assert (await door.dossier(code + "1"))["facts"]["received_on"] == "2023-06-16"
    waiting = (await door.sender.get("/v1/quarantine?province=30")).json()["records"]
    assert {(one["reason"], one["code"][-2:]) for one in waiting} == {("bad_date", "-3")}
    assert len(waiting) == 9


async def test_what_was_taken_in_the_wrong_order_of_day_and_month_is_withdrawn(door: Door) -> None:
    before = "H30-9;01273;1.001612;01/06/2023;\n"
    assert (await door.send(HEAD + before)).json()["accepted"] == 1
    rows = "".join(f"H30-{100 + number};01273;1.001612;{1 + number % 12}/6/2023;\n" for number in range(5_500))
    answer = await door.send(f"{HEAD}H30-9;01273;1.001612;2/6/2023;\n{rows}H30-x;01273;1.001612;6/15/2023;\n")
    assert answer.status_code == 422, answer.text
    assert "mm/dd" in answer.json()["detail"]
    newest = (await door.manager.get("/v1/imports?limit=1")).json()["imports"][0]
    assert (newest["state"], newest["row_count"], newest["accepted"]) == ("failed", 0, 0)
    assert (await door.dossier("H30-100"))["facts"]["deleted"] is True
    assert (await door.dossier("H30-9"))["facts"]["received_on"] == "2023-06-01"
    settings = {"province": "30", "kind": "files", "settings": {"dates": "mm/dd"}}
    (await door.manager.put("/v1/sources/lists", json=settings)).raise_for_status()
    done = (await door.send(f"{HEAD}{rows}H30-x;01273;1.001612;6/15/2023;\n")).json()
    assert (done["accepted"], done["dates"]) == (5_501, [{"field": "received_at", "order": "mm/dd", "proven": True}])
    found = await door.dossier("H30-100")
    assert (found["facts"].get("deleted", False), found["facts"]["received_on"]) == (False, "2023-01-06")


async def test_of_a_file_that_turns_out_to_be_unreadable_nothing_is_kept(door: Door) -> None:
    heading = HEAD.strip().split(";")
    rows = [[f"H30-{100 + number}", "01273", "1.001612", "15/06/2023", ""] for number in range(5_500)]
    sound = workbook([heading, *rows], [heading, ["H30-9", "01273", "1.001612", "16/06/2023", ""]])
    damaged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(damaged, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: len(content) // 2] if name.endswith("sheet2.xml") else content)
    answer = await door.send(damaged.getvalue())
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "unreadable")
    newest = (await door.manager.get("/v1/imports?limit=1")).json()["imports"][0]
    assert (newest["state"], newest["row_count"], newest["accepted"]) == ("failed", 0, 0)
    assert (await door.dossier("H30-100"))["facts"]["deleted"] is True
    assert (await door.send(sound)).json()["accepted"] == 5_501
    found = (await door.dossier("H30-100"))["facts"]
    assert (found.get("deleted", False), found["received_on"]) == (False, "2023-06-15")


async def test_a_key_that_sends_sees_the_quarantine_of_what_is_sent_and_of_no_portal(door: Door) -> None:
    portal = {"province": "30", "kind": "igate", "settings": {"base_url": "https://motcua.example"}, "enabled": False}
    (await door.manager.put("/v1/sources/portal", json=portal)).raise_for_status()
    await door.send(HEAD + "H30-1;01273;;hôm qua;\n")
    await door.database.execute(
        "INSERT INTO ingest.quarantine (province, source, digest, reason, detail, fields)"
        " VALUES ('30', 'portal', '\\x01', 'bad_date', 'x', '{}')"
    )
    for who, sources in ((door.sender, ["lists"]), (door.manager, ["lists", "portal"])):
        records = (await who.get("/v1/quarantine?province=30")).json()["records"]
        assert [one["source"] for one in records] == sources
        assert all(one["vi"] and one["todo_vi"] for one in records)
        assert [one["source"] for one in (await who.get("/v1/quarantine/depth")).json()["depth"]] == sources
    hidden = next(one["id"] for one in records if one["source"] == "portal")
    assert (await door.sender.get(f"/v1/quarantine/{hidden}")).status_code == 404
    assert (await door.sender.post("/v1/quarantine/replay?province=30")).status_code == 403


async def test_a_catalogue_is_read_by_the_same_reader_as_lists(door: Door) -> None:
    rows = [["Mã:", "Tên đơn vị (*)", "Cấp", "Từ ngày"], ["00815", "Xã Hồng Lạc", "xã", "01/01/2020"]]
    kind = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    body = workbook([["Hướng dẫn"]], rows)
    done = await door.manager.put("/v1/catalogue/30/agencies?merge=true&dry_run=true", content=body, headers=kind)
    assert "00815@2020-01-01" in done.text
    text = '﻿Mã;Tên đơn vị;Cấp;Từ ngày\r\'00816;Xã "Ba" 3";xã;01/01/2020\r'.encode()
    done = await door.manager.put(
        "/v1/catalogue/30/agencies?merge=true&dry_run=true", content=text, headers={"Content-Type": "text/csv"}
    )
    assert "00816@2020-01-01" in done.text
    moved = await door.manager.put(
        "/v1/catalogue/30/agencies?merge=true", content="Mã,Tên đơn vị\n1,a,b\n".encode(), headers={"Content-Type": "text/csv"}
    )
    assert (moved.status_code, "Row 2" in moved.json()["detail"]) == (422, True)


async def test_a_file_that_should_not_have_been_sent_is_taken_out_again(door: Door) -> None:
    before = f"{HEAD}H30-1;01273;1.001612;15/06/2023;\n"
    wrong = (
        f"{HEAD}H30-1;01273;1.001612;15/06/2023;20/06/2023\nH30-2;01273;1.001612;15/06/2023;\nH30-3;01273;1.001612;hôm qua;\n"
    )
    first = (await door.send(before)).json()
    sent = (await door.send(wrong)).json()
    assert (sent["state"], sent["accepted"], sent["quarantined"]) == ("complete", 2, 1)
    address = f"/v1/imports/{sent['id']}/withdraw"
    assert (await door.sender.post(address, json={"reason": "Gửi nhầm tệp"})).status_code == 403
    withdrawn = (await door.manager.post(address, json={"reason": "Gửi nhầm tệp"})).json()
    assert (withdrawn["state"], withdrawn["row_count"], withdrawn["lines"]) == ("failed", 0, None)
    assert withdrawn["last_error"].endswith(": Gửi nhầm tệp.")
    kept = (await door.dossier("H30-1"))["facts"]
    assert (kept["received_on"], kept.get("portal_due_on")) == ("2023-06-15", None)
    assert (await door.dossier("H30-2"))["facts"]["deleted"] is True
    assert (await door.manager.get("/v1/quarantine", params={"province": "30"})).json()["records"] == []
    refused = await door.manager.post(address, json={"reason": "Gửi nhầm tệp"})
    assert (refused.status_code, "nothing was withdrawn" in refused.json()["detail"]) == (409, True)
    assert (await door.manager.get(f"/v1/imports/{first['id']}")).json()["state"] == "complete"
    # Sent once more it is there once more.
    again = (await door.send(wrong)).json()
    assert (again["state"], again["accepted"], again["quarantined"]) == ("complete", 2, 1)
    assert [(await door.dossier(code))["facts"].get("deleted", False) for code in ("H30-1", "H30-2")] == [False, False]
    assert (await door.dossier("H30-1"))["facts"]["portal_due_on"] == "2023-06-20"

"""Files at the door of a real API: whatever they do to their reader, the API lives, answers others and keeps nothing."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase

import httpx
import pytest_asyncio

from deploy.local.services import Process
from tests.conftest import NewDatabase, Processes
from tests.patience import PATIENCE

MEDIA = {"Content-Type": "application/octet-stream"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADINGS = b"ma ho so,ngay nhan\n"


@dataclass
class Door:
    """An API with a source of files, and the children it has."""

    api: Process
    client: httpx.AsyncClient

    def children(self) -> list[int]:
        pid = self.api.child.pid if self.api.child else 0
        return [int(one) for thread in Path(f"/proc/{pid}/task").iterdir() for one in (thread / "children").read_text().split()]

    async def child(self) -> int:
        """The one reader that is at work, once it is a program of its own: until then its parent waits for it."""
        await until(lambda: [is_reader(one) for one in self.children()] == [True])
        return self.children()[0]

    async def rehearse(self, body: bytes | AsyncIterator[bytes]) -> httpx.Response:
        return await self.client.post("/v1/imports/rehearsal?source=lists", content=body, headers=MEDIA)

    async def send(self, body: bytes | AsyncIterator[bytes], **words: str) -> httpx.Response:
        return await self.client.post("/v1/imports", params={"source": "lists", **words}, content=body, headers=MEDIA)

    async def newest(self) -> dict[str, object]:
        found = (await self.client.get("/v1/imports?limit=1")).json()["imports"]
        return dict(found[0]) if found else {}


def is_reader(pid: int) -> bool:
    try:
        return b"shared.sandbox.child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(45):  # below the silence after which a child is given up anyway
        while not fact():
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture
async def door(processes: Processes, new_database: NewDatabase) -> AsyncIterator[Door]:
    url = await new_database("ingest")
    api = processes.api("ingest", database_url=url)
    headers = {"X-API-Key": await processes.key("ingest", url, "sources:manage", "catalogue:write", "feed:read")}
    async with httpx.AsyncClient(base_url=api.url, headers=headers, timeout=PATIENCE) as client:
        made = await client.put("/v1/sources/lists", json={"province": "30", "kind": "files", "settings": {}})
        assert made.status_code in (200, 201), made.text
        yield Door(api, client)


def workbook(*cells: str, more: str = "") -> bytes:
    """An XLSX made by hand with one sheet of numbers."""
    rows = "".join(f'<row r="{cell.lstrip(ascii_uppercase)}"><c r="{cell}"><v>1</v></c></row>' for cell in cells)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
            "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="a"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>{more}',
        }.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" Type="{OFFICE}/{kind}" Target="{target}"/>'
        "</Relationships>"
    )


async def test_hostile_files_are_refused_with_a_sentence_and_the_api_lives(door: Door) -> None:
    assert door.api.child is not None
    pid = door.api.child.pid
    far = workbook("A1", "XFD1048576")
    assert len(far) < 2_000
    hostile: dict[str, tuple[bytes, int, str]] = {
        "a cell at the far end": (far, 422, "within 512 MB of memory"),
        "a range that memory could hold": (workbook("A1", "K1048576"), 413, "10000000 cells"),
        "a bomb": (workbook("A1", more=" " * 80_000_000), 413, "unpacks"),
        "no zip": (b"PK\x03\x04" + b"x" * 1000, 422, "is damaged"),
        "no workbook of old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), 422, "cannot be read"),
        "columns without end": (b"ma ho so" + b"," * 500_000 + b"\n" + b"," * 500_000 + b"\n", 413, "16384 columns"),
        "many such rows above headings": ((b"a" + b"," * 16_000 + b"\n") * 29, 422, "headings"),
    }
    for name, (body, status, words) in hostile.items():
        answer = await door.send(body)
        assert answer.status_code == status, (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert words in answer.json()["detail"], name
        assert (await door.newest())["state"] in ("failed", "interrupted"), name
    rehearsed = await door.rehearse(far)
    assert (rehearsed.status_code, rehearsed.json()["type"].rpartition("/")[2]) == (422, "unreadable")
    catalogue = await door.client.put("/v1/catalogue/30/agencies", content=far, headers={"Content-Type": XLSX})
    assert (catalogue.status_code, catalogue.json()["type"].rpartition("/")[2]) == (422, "unreadable")
    wide = await door.client.put("/v1/catalogue/30/agencies", content=b"a," * 600_000, headers={"Content-Type": "text/csv"})
    assert wide.status_code == 413, wide.text
    fine = await door.send(HEADINGS + b"H30-1,15/06/2023\n")
    assert fine.json()["accepted"] == 1, fine.text
    assert door.api.ended() is None
    assert door.api.child.pid == pid
    assert door.children() == []


async def test_an_import_whose_reader_is_killed_says_so_and_goes_on_where_it_was(door: Door) -> None:
    body = HEADINGS + b"".join(b"H30-%d,15/06/2023\n" % number for number in range(20_000))
    dead = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:250_000]
        await dead.wait()
        yield body[250_000:]

    sending = asyncio.create_task(door.send(pieces()))
    async with asyncio.timeout(PATIENCE):
        while not (await door.newest()).get("row_count"):
            await asyncio.sleep(0.02)
    os.kill(await door.child(), signal.SIGKILL)
    dead.set()
    answer = await sending
    newest = await door.newest()
    assert answer.status_code == 422, answer.text
    assert "was killed" in answer.json()["detail"]
    assert f"resume={newest['id']}" in answer.json()["detail"]
    assert newest["state"] == "interrupted"
    assert newest["row_count"] == newest["accepted"]
    assert 0 < int(str(newest["row_count"])) < 20_000
    done = (await door.send(body, resume=str(newest["id"]))).json()
    assert (done["id"], done["state"], done["row_count"], done["accepted"]) == (newest["id"], "complete", 20_000, 20_000)
    assert door.children() == []


async def test_others_are_answered_while_a_file_is_read_and_a_client_that_leaves_takes_its_reader_along(door: Door) -> None:
    begun, leave = asyncio.Event(), asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield HEADINGS + b"H30-1,15/06/2023\n" * 5_000
        begun.set()
        await leave.wait()

    for whole in (False, True):
        leave.clear()
        begun.clear()
        sending = asyncio.create_task(door.send(pieces()))
        await begun.wait()
        child = await door.child()
        os.kill(child, signal.SIGSTOP)  # a reader that takes for ever
        if whole:
            leave.set()
        assert (await door.client.get("/healthz")).status_code == 200
        assert (await door.rehearse(HEADINGS + b"H30-1,15/06/2023\n")).json()["readable"] == 1
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        await until(lambda: door.children() == [])
        async with asyncio.timeout(PATIENCE):
            while (await door.newest())["state"] == "running":
                await asyncio.sleep(0.02)
        newest = await door.newest()
        assert newest["state"] == "interrupted"
        assert "sender went away" in str(newest["last_error"])

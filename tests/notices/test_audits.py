"""Audits through the API: any notice in, its claims and a marked page out; large ones by the worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from services.notices.audit import service as auditing
from services.notices.audit import store as audits_store
from services.notices.audit.api.schemas import AuditOut, AuditProgress
from services.notices.audit.messages import AuditOrder, Finding, Progress
from services.notices.worker import audit_next
from shared.access.keys import create_key
from shared.database import Database
from shared.errors import TooManyRequests, Unavailable
from shared.sandbox.parent import Sandbox
from shared.statements import begun_at
from tests.audit import notices
from tests.notices.conftest import Services, until
from tests.patience import PATIENCE

WRONG = "Tiếp nhận 30.556 hồ sơ, trong đó: trực tuyến 24.458 hồ sơ, trực tiếp 6.108 hồ sơ."
PLAIN = {"Content-Type": "text/plain"}


@pytest_asyncio.fixture(scope="session")
async def http(_services: Services) -> AsyncIterator[httpx.Client]:
    """With a key that audits and is of all provinces."""
    with httpx.Client(base_url=str(_services.http.base_url), timeout=PATIENCE) as client:
        client.headers["X-API-Key"] = await key(_services, "audits:write")
        yield client


async def key(services: Services, *scopes: str, province: str | None = None) -> str:
    """A new key."""
    connection = await asyncpg.connect(services.database_url)
    try:
        return await create_key(connection, "notices", name="auditor", scopes=list(scopes), province=province)
    finally:
        await connection.close()


def found(response: httpx.Response) -> list[str]:
    """The contradictions of an audit."""
    assert response.status_code in (200, 201), response.text
    return [one["equation"] for one in response.json()["result"]["contradictions"]]


def test_a_text_is_audited_at_once_and_read_again(http: httpx.Client) -> None:
    sent = http.post("/v1/audits", json={"text": WRONG, "name": "tin.txt"})
    assert sent.status_code == 201
    audit = sent.json()
    assert (audit["state"], audit["title"]) == ("audited", "tin.txt")
    (claim,) = audit["result"]["contradictions"]
    assert (claim["claimed"], claim["computed"]) == ("30.556", "30.566")
    assert WRONG[claim["at"]["start"] : claim["at"]["end"]] == "30.556"
    read = http.get(sent.headers["location"])
    assert read.json() == audit
    assert http.get(sent.headers["location"], headers={"If-None-Match": read.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("name", ["txt", *notices.FORMATS])
def test_files_come_raw_and_in_forms(http: httpx.Client, name: str) -> None:
    content = notices.FORMATS[name]() if name in notices.FORMATS else notices.as_text()
    raw = http.post("/v1/audits", content=content, headers={"Content-Type": "application/octet-stream"})
    form = http.post("/v1/audits", files={"file": (f"Báo cáo.{name}", content)})
    assert found(raw) == found(form)
    assert "30.556 = 24.458 + 6.108" in found(raw)
    assert form.json()["title"] == f"Báo cáo.{name}"


def test_a_form_with_an_empty_file_beside_its_text_is_that_text(http: httpx.Client) -> None:
    form = http.post("/v1/audits", files={"file": ("", b""), "text": (None, WRONG.encode())})
    assert found(form) == ["30.556 = 24.458 + 6.108"]
    csv = http.post("/v1/audits", content=b"A;B\nx;5", headers={"Content-Type": "text/csv"})
    assert csv.status_code == 201, csv.text


def test_the_page_escapes_what_the_document_holds(http: httpx.Client) -> None:
    script = "<script>alert(1)</script>\"'&"
    sent = http.post("/v1/audits", json={"text": f"{script}\n{WRONG} {script}", "name": "<b>x</b>.txt"})
    page = http.get(sent.headers["location"], headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in page.text
    assert "<b>x" not in page.text
    assert '<mark class="contradicted" id="f' in page.text
    assert "✗ 30.556 = 24.458 + 6.108 (30.566)" in page.text
    assert "<b>30.556 → 30.566</b>" in page.text
    assert "@media print{mark[title]::after{content:' ['attr(title)']'" in page.text, "paper shows the equations too"
    assert all(f"mark.{verdict}::before" in page.text for verdict in ("holds", "contradicted", "undecided")), (
        "not by colour alone"
    )
    english = http.get(sent.headers["location"], headers={"Accept": "text/html", "Accept-Language": "en"})
    assert "What contradicts itself" in english.text


@pytest.mark.parametrize(
    ("body", "media_type", "status", "told"),
    [
        (b"", "text/plain", 422, "empty"),
        (b"{", "application/json", 400, "JSON"),
        (b'{"text": 5}', "application/json", 422, "text"),
        (b'{"txt": "a"}', "application/json", 422, "txt"),
        (b"--x\r\n\r\n5\r\n--x--", "multipart/form-data; boundary=x", 400, "no part"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n5\r\n'
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n6\r\n--x--',
            "multipart/form-data; boundary=x",
            400,
            "several documents",
        ),
        (b"nothing", "multipart/form-data", 400, "form"),
        (b"%PDF-1.7 no", "application/pdf", 422, "damaged"),
        (b"x", "image/png", 415, "Content-Type"),
    ],
)
def test_what_cannot_be_audited_is_refused(http: httpx.Client, body: bytes, media_type: str, status: int, told: str) -> None:
    answer = http.post("/v1/audits", content=body, headers={"Content-Type": media_type})
    assert answer.status_code == status, answer.text
    assert told in answer.json()["detail"]


def test_more_than_sixteen_megabytes_are_refused(http: httpx.Client) -> None:
    answer = http.post("/v1/audits", content=bytes(16 * 2**20 + 1), headers=PLAIN)
    assert answer.status_code == 413


def test_large_documents_are_audited_by_the_worker(http: httpx.Client) -> None:
    body = f"<!doctype html><p>{WRONG}</p><!--".encode() + bytes([32]) * auditing.SMALL + b"-->"
    sent = http.post("/v1/audits?name=dai.html", content=body, headers={"Content-Type": "text/html"})
    assert sent.status_code == 202
    assert (sent.json()["state"], sent.json()["result"]) == ("queued", None)
    ended = until(lambda: http.get(sent.headers["location"]), lambda read: read.json()["state"] in ("audited", "failed"))
    assert found(ended) == ["30.556 = 24.458 + 6.108"]
    assert ended.json()["title"] == "dai.html"


def test_a_body_of_untold_length_is_audited_by_the_worker(http: httpx.Client) -> None:
    sent = http.post("/v1/audits", content=iter([WRONG.encode(), b"\n"]), headers=PLAIN)
    assert sent.status_code == 202
    ended = until(lambda: http.get(sent.headers["location"]), lambda read: read.json()["state"] in ("audited", "failed"))
    assert found(ended) == ["30.556 = 24.458 + 6.108"]


def test_large_documents_that_cannot_be_read_fail_with_the_reason(http: httpx.Client) -> None:
    sent = http.post("/v1/audits", content=b"%PDF-1.7 " + bytes(auditing.SMALL), headers={"Content-Type": "application/pdf"})
    assert sent.status_code == 202
    ended = until(lambda: http.get(sent.headers["location"]).json(), lambda read: read["state"] in ("audited", "failed"))
    assert ended["state"] == "failed"
    assert "damaged" in ended["error"]["en"]
    assert "PDF" in ended["error"]["vi"]


@pytest_asyncio.fixture(scope="session")
async def keys(_services: Services) -> dict[str, str]:
    """Keys by whose they are."""
    return {
        "own": await key(_services, "audits:write", province="30"),
        "same": await key(_services, "audits:write", province="30"),
        "other": await key(_services, "audits:write", province="31"),
        "without": await key(_services, "notices:read", "notices:write"),
    }


def test_an_audit_is_seen_by_keys_of_its_province_with_the_scope(http: httpx.Client, keys: dict[str, str]) -> None:
    assert http.post("/v1/audits", json={"text": WRONG}, headers={"X-API-Key": keys["without"]}).status_code == 403
    sent = http.post("/v1/audits", json={"text": WRONG}, headers={"X-API-Key": keys["own"]})
    address = sent.headers["location"]
    read = {name: http.get(address, headers={"X-API-Key": one}).status_code for name, one in keys.items()}
    assert read == {"own": 200, "same": 200, "other": 404, "without": 403}
    assert http.get(address).status_code == 200
    of_all = http.post("/v1/audits", json={"text": WRONG}).headers["location"]
    assert http.get(of_all, headers={"X-API-Key": keys["own"]}).status_code == 404


@pytest_asyncio.fixture
async def waiting(notices_database: Database) -> int:
    """The number of an audit that waits, in a database without a worker."""

    async with notices_database.transaction() as tx:
        now = await begun_at(tx)
        order = AuditOrder("text/plain", None)
        return (await auditing.queue(tx, WRONG.encode(), order, province=None, key_id="k", now=now)).id


async def test_old_audits_are_deleted_by_the_worker(notices_database: Database, waiting: int) -> None:
    sandbox = Sandbox(auditing.LATER, advice=auditing.ADVICE)
    assert await audit_next(notices_database, sandbox, "w", timedelta(days=30))
    async with notices_database.transaction() as tx:
        assert await tx.fetchval("SELECT state FROM notices.audit WHERE id = $1", waiting) == "audited"
        assert await tx.fetchval("SELECT content FROM notices.audit WHERE id = $1", waiting) is None
        await tx.execute("UPDATE notices.audit SET created_at = now() - interval '31 days'")
    assert not await audit_next(notices_database, sandbox, "w", timedelta(days=30))
    async with notices_database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM notices.audit") == 0


async def test_progress_is_seen_and_another_worker_ends_what_a_killed_one_began(
    notices_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker hangs once its first progress is stored, and is killed; its lease runs out, which is not waited for here."""
    async with notices_database.transaction() as tx:
        now = await begun_at(tx)
        order = AuditOrder("application/pdf", "a.pdf")
        number = (await auditing.queue(tx, notices.as_pdf(), order, province=None, key_id="k", now=now)).id

    async def read() -> AuditOut:
        async with notices_database.transaction() as tx:
            row = await audits_store.find(tx, number, now - timedelta(days=1))
        assert row is not None
        return AuditOut.of(row, timedelta(days=30), None)

    finding = auditing.finding

    async def hang(sandbox: Sandbox, order: AuditOrder, body: AsyncIterator[bytes], progress: Any) -> Finding:
        async def note(reached: Progress) -> None:
            await progress(reached)
            await asyncio.Event().wait()

        return await finding(sandbox, order, body, note)

    sandbox = Sandbox(auditing.LATER, advice=auditing.ADVICE)
    with monkeypatch.context() as patched:
        patched.setattr(auditing, "finding", hang)
        killed = asyncio.create_task(audit_next(notices_database, sandbox, "killed", timedelta(days=30)))
        deadline = time.monotonic() + PATIENCE
        while (await read()).progress is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        assert (await read()).progress == AuditProgress(1, 1)
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
    assert (await read()).state == "auditing"
    assert not await audit_next(notices_database, sandbox, "next", timedelta(days=30)), "the lease still runs"
    async with notices_database.transaction() as tx:
        await tx.execute("UPDATE notices.audit SET lease_until = now() - interval '1 second'")
    assert await audit_next(notices_database, sandbox, "next", timedelta(days=30))
    ended = await read()
    assert (ended.state, ended.progress) == ("audited", None)


def test_a_page_without_text_is_named_beside_every_verdict(http: httpx.Client) -> None:
    scanned = http.post("/v1/audits", content=notices.scanned_pdf(), headers={"Content-Type": "application/pdf"})
    assert scanned.json()["result"]["unread"] == ["trang 2: không có chữ (bản quét)"]
    page = http.get(scanned.headers["location"], headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "trang 2: không có chữ" in page
    sound = notices.scanned_pdf("Tiếp nhận 30.566 hồ sơ.")
    sent = http.post("/v1/audits", content=sound, headers={"Content-Type": "application/pdf"})
    page = http.get(sent.headers["location"], headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "What is named above was not read" in page
    assert "No contradiction was found.<" not in page
    whole = http.post("/v1/audits", json={"text": "Tiếp nhận 30.566 hồ sơ."})
    read = http.get(whole.headers["location"], headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "No contradiction was found.<" in read


async def test_an_audit_over_which_workers_die_fails(notices_database: Database, waiting: int) -> None:
    for worker in range(auditing.MAX_LAPSES + 1):
        async with notices_database.transaction() as tx:
            job = await audits_store.QUEUE.claim(tx, f"w{worker}", await begun_at(tx), auditing.LEASE)
            assert job is not None
            await tx.execute("UPDATE notices.audit SET lease_until = now() - interval '1 second'")
    assert await audit_next(notices_database, Sandbox(), "last", timedelta(days=30))
    async with notices_database.transaction() as tx:
        assert await tx.fetchval("SELECT state FROM notices.audit WHERE id = $1", waiting) == "failed"


async def test_a_key_may_have_few_audits_waiting(notices_database: Database, waiting: int) -> None:
    order = AuditOrder("text/plain", None)
    async with notices_database.transaction() as tx:
        now = await begun_at(tx)
        for _ in range(auditing.MAX_WAITING - 1):
            await auditing.queue(tx, b"x", order, province=None, key_id="k", now=now)
        with pytest.raises(TooManyRequests):
            await auditing.queue(tx, b"x", order, province=None, key_id="k", now=now)
        await auditing.queue(tx, b"x", order, province=None, key_id="other", now=now)


async def test_a_large_body_waits_for_room_and_is_refused_without() -> None:
    bodies = asyncio.Semaphore(0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(auditing, "PATIENCE_SECONDS", 0.01)
        with pytest.raises(Unavailable):
            async with auditing.room(bodies):
                pass

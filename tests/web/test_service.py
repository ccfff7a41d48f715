"""A running service before strangers and slow senders: what they cost it, what it answers, and what it writes about it."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from deploy.local.services import ROOT, Process
from tests.conftest import NewDatabase, Processes
from tests.faults.cost import cpu_of
from tests.patience import PATIENCE


@dataclass
class Ingest:
    """An ingest API that waits half a second for headers and bodies and works on four requests at once, two of a key."""

    process: Process
    database_url: str
    key: str

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        host, _, port = self.process.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
            yield connection

    def said(self, *pieces: bytes) -> bytes:
        """All that is answered to these bytes until the server closes."""
        with self.connected() as connection:
            for piece in pieces:
                connection.sendall(piece)
            return rest(connection)

    def log(self) -> list[dict[str, Any]]:
        """Every line, each of which is an object."""
        return [json.loads(line) for line in self.process.log_path.read_text().splitlines(keepends=True) if line[-1] == "\n"]

    def logged(self, correlation: str) -> list[dict[str, Any]]:
        """The lines of one request: they are written when its answer is already on its way."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if lines := [line for line in self.log() if line.get("correlation_id") == correlation]:
                return lines
            time.sleep(0.01)
        return []


@pytest_asyncio.fixture(scope="module")
async def ingest(tmp_path_factory: pytest.TempPathFactory, redis: Any, new_database_of_module: str) -> AsyncIterator[Ingest]:
    processes = Processes(tmp_path_factory.mktemp("web"), redis.url)
    url = new_database_of_module
    api = processes.api(
        "ingest", database_url=url, header_seconds="0.5", body_idle_seconds="0.5", max_requests="4", session_secret="s" * 64
    )
    yield Ingest(api, url, await processes.key("ingest", url, "events:write", "sources:manage", "dossiers:read"))
    api.kill()


@pytest_asyncio.fixture(scope="module")
async def new_database_of_module(postgres: Any, _templates: Any) -> str:
    return str(postgres.url(await _templates(("ingest",))))


def rest(connection: socket.socket) -> bytes:
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def head(method: str, path: str, **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def test_whoever_has_no_key_is_answered_before_the_body(ingest: Ingest) -> None:
    described = httpx.get(ingest.process.url + "/openapi.json", timeout=PATIENCE).json()["paths"]
    asked = 0
    for path, operations in described.items():
        for method in operations:
            if method in ("post", "put") and "/national/" not in path:
                for given in ({}, {"X_API_Key": "mc_unknown_key"}):
                    answer = ingest.said(
                        head(method.upper(), path, Content_Length="16000000", Content_Type="application/json", **given)
                    )
                    assert answer.startswith(b"HTTP/1.1 401"), (path, answer)
                    assert b"application/problem+json" in answer
                    assert b"connection: close" in answer
                    asked += 1
    assert asked > 20
    assert ingest.said(head("GET", "/nowhere", Connection="close")).startswith(b"HTTP/1.1 401")
    slashed = head("POST", "/v1/events/", X_API_Key=ingest.key, Content_Length="0", Connection="close")
    elsewhere = ingest.said(slashed.replace(b"Host: x", b"Host: evil.example"))
    assert elsewhere.startswith(b"HTTP/1.1 404")
    assert b"evil.example" not in elsewhere
    for path in ("/healthz", "/metrics", "/docs", "/openapi.json"):
        assert httpx.get(ingest.process.url + path, timeout=PATIENCE).status_code == 200


def test_a_header_that_could_mean_two_things_is_refused(ingest: Ingest) -> None:
    with httpx.Client(base_url=ingest.process.url) as client:
        for name, value in (
            ("Authorization", f"Bearer {ingest.key}"),
            ("X-API-Key", ingest.key),
            ("Content-Type", "application/json"),
        ):
            headers = [("X-API-Key", ingest.key), (name, value), (name, "other")]
            answer = client.post("/v1/deadlines", content=b"{}", headers=headers)
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "malformed"), answer.text


def test_headers_are_bounded_in_size(ingest: Ingest) -> None:
    many = b"".join(b"x-%d: %s\r\n" % (number, b"a" * 90) for number in range(200))
    for attack in (
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nx: " + b"a" * 20_000,
        b"GET /healthz HTTP/1.1\r\n" + many + b"\r\n",
        b"GET /" + b"a" * 20_000,
    ):
        answer = ingest.said(attack)
        assert b"HTTP/1.1 431" in answer, attack[:100]
        assert b"/headers-too-large" in answer
    behind = head("GET", "/healthz") + b"GET /healthz HTTP/1.1\r\nx: " + b"a" * 200_000
    assert ingest.said(behind).count(b"HTTP/1.1 200") <= 1
    fitting = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx: " + b"a" * 15_000 + b"\r\n\r\n"
    assert ingest.said(fitting).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("trailer", [b"A:b\r\n" * 10_000, b"a" * 50_000], ids=["many", "one without an end"])
def test_what_follows_a_body_is_bounded_and_not_kept(ingest: Ingest, trailer: bytes) -> None:
    key = {"X_API_Key": ingest.key, "Content_Type": "application/json", "Transfer_Encoding": "chunked"}
    national = head("POST", "/v1/national/nobody", Content_Type="text/plain", Transfer_Encoding="chunked")
    for begun in (national, head("POST", "/v1/deadlines", **key)):
        before = resident(ingest)
        taken = 0
        with ingest.connected() as connection:
            connection.sendall(begun + b"2\r\n{}\r\n0\r\n")
            with suppress(ConnectionError):
                while taken < 20_000_000:
                    connection.sendall(trailer)
                    taken += len(trailer)
        assert taken < 20_000_000
        assert resident(ingest) - before < 4_000_000
    body = b"2\r\n{}\r\n0\r\nX-Checksum: 1\r\n\r\n"
    assert ingest.said(head("POST", "/v1/deadlines", Connection="close", **key), body).startswith(b"HTTP/1.1 422")


def resident(ingest: Ingest) -> int:
    """Bytes of memory that the process holds."""
    assert ingest.process.child is not None
    pages = int(Path(f"/proc/{ingest.process.child.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_whoever_sends_nothing_or_half_is_cut(ingest: Ingest) -> None:
    with ingest.connected() as idle:
        idle.sendall(head("GET", "/healthz"))
        assert ingest.said() == b""
        assert ingest.said(b"GET /healthz HT").startswith(b"HTTP/1.1 408")
        assert ingest.said(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").startswith(b"HTTP/1.1 408")
        after = ingest.said(head("GET", "/healthz"), b"\r\n")
        assert after.startswith(b"HTTP/1.1 200")
        key = {"X_API_Key": ingest.key, "Content_Type": "application/json"}
        for path in ("/v1/events?source=own", "/v1/national/hai-duong", "/v1/deadlines"):
            for more in ({"Content_Length": "100"}, {"Transfer_Encoding": "chunked"}):
                begun = b"1\r\n[\r\n" if "Transfer_Encoding" in more else b"["
                assert ingest.said(head("POST", path, **key, **more), begun).startswith(b"HTTP/1.1 408"), path
        slow = head("POST", "/v1/national/hai-duong", Content_Length="100")
        assert ingest.said(slow, b"{").startswith(b"HTTP/1.1 408")
        assert ingest.said(b"\x16\x03\x01 no http\r\n\r\n").startswith(b"HTTP/1.1 400")
        assert rest(idle).startswith(b"HTTP/1.1 200")  # and then it was closed


def test_what_is_asked_after_another_answer_is_answered(ingest: Ingest) -> None:
    """Pipelining, an upgrade that is not wanted, and a body that is larger than the headers may be."""
    answer = ingest.said(head("GET", "/healthz") + head("GET", "/healthz") + head("GET", "/healthz", Connection="close"))
    assert answer.count(b"HTTP/1.1 200") == 3
    for protocol in ("h2c", "websocket"):
        answer = ingest.said(head("GET", "/healthz", Connection="Upgrade", Upgrade=protocol))
        assert answer.startswith(b"HTTP/1.1 200")
    body = json.dumps({"received_at": "2025-12-31T09:00:00+07:00", "province": " " * 300_000}).encode()
    with httpx.Client(base_url=ingest.process.url, headers={"X-API-Key": ingest.key}, timeout=PATIENCE) as client:
        for _ in range(2):
            assert client.post("/v1/deadlines", content=body, headers={"Content-Type": "application/json"}).status_code == 422


def test_what_is_the_same_for_everyone_is_made_once(ingest: Ingest) -> None:
    assert ingest.process.child is not None
    with httpx.Client(base_url=ingest.process.url, headers={"Accept-Encoding": "gzip"}, timeout=PATIENCE) as client:
        for path in ("/openapi.json", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"):
            first = client.get(path)
            assert first.headers["content-encoding"] == "gzip"
            before = cpu_of(ingest.process.child.pid)
            assert all(client.get(path).content == first.content for _ in range(10))
            assert (cpu_of(ingest.process.child.pid) - before) / 10 <= 0.010, path


def test_a_client_that_leaves_before_it_has_read_is_no_fault(ingest: Ingest) -> None:
    before = len(ingest.log())
    for _ in range(20):
        with ingest.connected() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(head("GET", "/docs/swagger-ui-bundle.js") * 20)
            connection.recv(1)
    assert httpx.get(ingest.process.url + "/healthz").status_code == 200
    assert [line for line in ingest.log()[before:] if line["level"] in ("error", "critical")] == []


def test_a_wrong_setting_is_one_sentence() -> None:
    command = [sys.executable, "-m", "shared.web", "services.ingest.app:app", "--port=0"]
    done = subprocess.run(command, env={**os.environ, "HEADER_SECONDS": "-1"}, capture_output=True, text=True, cwd=ROOT)
    (line,) = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 2
    assert "HEADER_SECONDS cannot be right" in json.loads(line)["detail"]
    assert "Traceback" not in line


def test_only_so_many_requests_are_in_work_and_health_is_always_answered(ingest: Ingest) -> None:
    slow = head("POST", "/v1/events?source=own", X_API_Key=ingest.key, Content_Type="application/json", Content_Length="9")
    with ingest.connected() as first, ingest.connected() as second:
        for connection in (first, second):
            connection.sendall(slow)
        until = time.monotonic() + PATIENCE
        busy = httpx.Response(200)
        while busy.status_code != 503 and time.monotonic() < until:
            busy = httpx.get(ingest.process.url + "/v1/sources", headers={"X-API-Key": ingest.key})
        assert busy.status_code == 503
        assert busy.headers["retry-after"] == "1"
        assert busy.headers["ratelimit-policy"] == '"requests-of-key";q=2;qu="concurrent-requests"'
        assert busy.headers["ratelimit"] == '"requests-of-key";r=0;t=1'
        assert httpx.get(ingest.process.url + "/metrics").status_code == 200
        for connection in (first, second):
            assert rest(connection).startswith(b"HTTP/1.1 408")
    assert httpx.get(ingest.process.url + "/v1/sources", headers={"X-API-Key": ingest.key}).status_code == 200


def test_a_national_sender_is_known_before_much_is_read(ingest: Ingest) -> None:
    source = {"province": "30", "kind": "national", "settings": {}}
    with httpx.Client(base_url=ingest.process.url, timeout=PATIENCE) as client:
        put = client.put("/v1/sources/hai-duong", json=source, headers={"X-API-Key": ingest.key})
        assert put.status_code == 200, put.text
        door = "/v1/national/hai-duong"
        session = client.post(door, json={"username": "x", "password": ingest.key}).json()["session"]
        records = [{"MaHoSo": f"000.28.19.H30-230814-{number:04}", "GhiChu": "x" * 900} for number in range(4000)]
        service = {"service": "DongBoHoSoMC", "data": records}
        assert client.post(door, json={"session": session, **service}).json()["error_code"] == 0
        for envelope in (
            {"session": "0.9999999999.0", **service},
            {"session": session[:-1] + "x", "service": "DongBoHoSoMC", "data": records[:10]},
            {**service, "session": session},
            {"password": ingest.key, "padding": "x" * 5_000},
            records,
        ):
            answer = client.post(door, json=envelope)
            assert (answer.status_code, answer.json()["error_code"]) == (200, 401), answer.text
        late = {"service": "DongBoHoSoMC", "data": records[:100], "session": session}
        assert client.post(door, json=late).json()["error_code"] == 0
        refused = client.post(door, json={"password": "mc_a_b"}, headers={"X-Correlation-Id": "national-0001"})
        assert refused.json()["error_code"] == 401
    (line,) = ingest.logged("national-0001")
    assert (line["route"], line["type"]) == ("/v1/national/{source}", "unauthorised")


async def test_refusals_and_faults_are_logged_with_their_correlation_id_and_without_secrets(ingest: Ingest) -> None:
    mine = ingest.key.split("_")[1]
    for correlation, path, key, content, expected in (
        ("refusal-0001", "/v1/events?source=secret", "mc_aaa_secret", b"", (None, "/v1/events", 401, "unauthorised")),
        ("refusal-0002", "/v1/deadlines", ingest.key, b"secret", (mine, "/v1/deadlines", 415, "unsupported-media-type")),
        ("refusal-0003", "/v1/catalogue/30/redatings", ingest.key, b"",
         (mine, "/v1/catalogue/{province}/redatings", 403, "forbidden")),
    ):  # fmt: skip
        async with httpx.AsyncClient(base_url=ingest.process.url) as client:
            await client.post(path, headers={"X-API-Key": key, "X-Correlation-Id": correlation}, content=content)
        (line,) = ingest.logged(correlation)
        assert (line["key"], line["route"], line["status"], line["type"]) == expected
    connection = await asyncpg.connect(ingest.database_url)
    try:
        await connection.execute("ALTER TABLE ingest.source RENAME TO away")
        async with httpx.AsyncClient(base_url=ingest.process.url) as asking:
            answer = await asking.get("/v1/sources", headers={"X-API-Key": ingest.key, "X-Correlation-Id": "fault-000001"})
    finally:
        await connection.execute("ALTER TABLE ingest.away RENAME TO source")
        await connection.close()
    assert answer.status_code == 500
    assert answer.json()["instance"] == "urn:correlation:fault-000001"
    assert answer.headers["x-correlation-id"] == "fault-000001"
    (line,) = ingest.logged("fault-000001")
    assert (line["event"], line["level"], line["route"]) == ("unexpected error", "error", "/v1/sources")
    assert "UndefinedTableError" in line["exception"]
    for line in ingest.log():
        assert {"time", "service", "level", "event"} <= line.keys()
        assert line["service"] == "ingest"
    assert "secret" not in ingest.process.log_path.read_text()


async def test_an_api_that_cannot_start_says_so_in_json(processes: Processes, new_database: NewDatabase) -> None:
    process = processes.api("ingest", database_url=await new_database("ingest"))
    process.stop()
    broken = Process(
        "broken", process.command, {**process.env, "DATABASE_POOL": "none"}, process.log_path.with_name("broken.log")
    )
    broken.start()
    assert broken.child is not None
    assert broken.child.wait(PATIENCE) != 0
    lines = [json.loads(line) for line in broken.log_path.read_text().splitlines()]
    assert lines
    assert all({"time", "service", "level", "event"} <= line.keys() for line in lines)
    assert any("DATABASE_POOL" in line.get("detail", "") for line in lines), lines

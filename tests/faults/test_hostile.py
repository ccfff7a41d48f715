"""What strangers and clients can make a running service spend, in processor and memory, and what it answers.

Written to reports/hostile.json. Costs are those of the API's process, read from /proc; nothing here depends on how fast the
machine is. Points: 1 bodies, 2 kinds of bodies and senders, 3 headers and connections, 7 uploads.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import time
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from deploy.local.postgres import PostgreSQL
from deploy.local.redis import Redis
from deploy.local.services import ROOT, Process
from migrations.upgrade import upgrade
from shared.access.scopes import SCOPES
from tests.conftest import Processes
from tests.faults.attacks import BODIES, JUNK, LARGEST, MB, PIECE, UPLOADS
from tests.faults.cost import Meter
from tests.patience import PATIENCE
from tests.slowness import slowness
from tests.wire import Answer, Header, Wire, head

REPORT = ROOT / "reports" / "hostile.json"


SET_ASIDE = {
    "16 MB of blanks": 0,
    "16 MB of digits": 1,
    "16 MB of texts with one wide character each": BODIES["16 MB of texts with one wide character each"].count(b",") + 1,
}
"""Bodies that are taken: their records, and how many these are, cannot be read, and cost no other one."""


class Receipt(msgspec.Struct, frozen=True):
    """What became of the records of a body."""

    accepted: int
    quarantined: int


@dataclass
class Attacked:
    """An ingest API with short patience, its process, and what was measured of it."""

    process: Process
    key: str
    others: list[str]
    """Keys of others."""
    report: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        assert self.process.child is not None
        return self.process.child.pid

    def wire(self) -> Wire:
        return Wire(self.process.url)

    def with_key(self, *more: Header) -> list[Header]:
        return [("authorization", f"Bearer {self.key}"), *more]

    async def sent(self, path: str, headers: Iterable[Header], body: bytes, *, chunked: bool = False) -> Answer:
        """The answer to a body that is sent in pieces until it comes."""
        length: Header = ("transfer-encoding", "chunked") if chunked else ("content-length", str(len(body)))
        wire = self.wire()
        pieces = (body[start : start + PIECE] for start in range(0, len(body), PIECE))
        answer, _ = await wire.flood(head("POST", path, [*headers, length]), pieces, chunked=chunked)
        wire.close()
        return answer

    def note(self, point: str, cpu_s: float, mb: float, status: Collection[int]) -> None:
        assert 500 not in status, point
        self.report[point] = {"cpu_s": round(cpu_s, 4), "mb": round(mb, 2), "status": sorted(set(status))}


@pytest_asyncio.fixture(scope="module")
async def attacked(postgres: PostgreSQL, redis: Redis, folder: Path) -> AsyncIterator[Attacked]:
    admin = await asyncpg.connect(postgres.url("postgres"))
    await admin.execute("CREATE DATABASE hostile")
    await admin.close()
    url = postgres.url("hostile")
    await asyncio.to_thread(upgrade, "ingest", url)
    running = Processes(folder / "hostile-logs", redis.url)
    bounds = {"header_seconds": "1", "body_idle_seconds": "2", "max_requests": "8", "session_secret": "s" * 32}
    process = running.api("ingest", database_url=url, **bounds)
    keys = [await running.key("ingest", url, *SCOPES) for _ in range(3)]
    made = Attacked(process, keys[0], keys[1:])
    wire = made.wire()
    for name, kind in (("own", "own"), ("lists", "files"), ("hai-duong", "national")):
        source = json.dumps({"province": "30", "kind": kind, "settings": {}}).encode()
        answer = await wire.ask("PUT", f"/v1/sources/{name}", made.with_key(("content-type", "application/json")), source)
        assert answer.status == 200, answer
    # What is made once, at the first body and the first refusal, is no cost of an attack.
    await made.sent("/v1/events?source=own", made.with_key(("content-type", "application/json")), b'["' + b"x" * MB + b'"]')
    await made.sent("/v1/events?source=own", [("content-type", "application/json")], b"[" * MB)
    wire.close()
    yield made
    process.kill()
    _write(made.report)


def _write(report: dict[str, dict[str, Any]]) -> None:
    """Lay what was measured over what is written there: the tests may be spread over several processes."""
    REPORT.parent.mkdir(exist_ok=True)
    with REPORT.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = file.read()
        file.truncate(0)
        file.write(json.dumps((json.loads(known) if known else {}) | report, indent=2) + "\n")


@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
async def test_a_body_without_a_key_costs_nothing(attacked: Attacked, chunked: bool) -> None:
    framing = "chunked" if chunked else "whole"
    for name, body in BODIES.items():
        times = 4
        meter = Meter(attacked.pid)
        answers = [
            await attacked.sent("/v1/events?source=own", [("content-type", "application/json")], body, chunked=chunked)
            for _ in range(times)
        ]
        cpu_s, mb = meter.read()
        attacked.note(f"1 {name}, {framing}, without key", cpu_s / times, mb, [answer.status for answer in answers])
        assert {answer.status for answer in answers} == {401}, name
        assert cpu_s / times <= 0.010 * slowness(), name
        assert mb <= 1.0, name


def _pass_over_records() -> float:
    """CPU seconds that the standard parser takes now for 16 MB of ordinary records: a slow or busy machine is no finding."""
    one = json.dumps({"code": "000.00.19.H30-230615-0042", "id": "42-7", "at": "2023-06-20T09:00:00+07:00", "agency": "10813"})
    records = "[" + ",".join([one] * (16 * MB // (len(one) + 1))) + "]"
    began = time.process_time()
    json.loads(records)
    return time.process_time() - began


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_with_a_key_costs_a_pass_over_it(attacked: Attacked, name: str) -> None:
    body = BODIES[name]
    meter = Meter(attacked.pid)
    answer = await attacked.sent("/v1/events?source=own", attacked.with_key(("content-type", "application/json")), body)
    cpu_s, mb = meter.read()
    attacked.note(f"1 {name}, with key", cpu_s, mb, [answer.status])
    if name in SET_ASIDE:
        assert answer.status == 200
        assert msgspec.json.decode(answer.body, type=Receipt) == Receipt(0, SET_ASIDE[name])
    else:
        assert answer.status in (400, 413, 422)
    assert cpu_s < 0.3 or cpu_s < 3 * _pass_over_records()
    assert mb < 3 * max(len(body) / MB, 1)


async def test_a_key_that_is_given_twice_in_an_object_is_refused(attacked: Attacked) -> None:
    for body in (b'[{"code": "1", "code": "2"}]', b'[{"code": "1", "\\u0063ode": "2"}]'):
        answer = await attacked.sent("/v1/events?source=own", attacked.with_key(("content-type", "application/json")), body)
        assert answer.status == 400


@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
async def test_a_text_of_600_megabytes_is_not_taken(attacked: Attacked, chunked: bool) -> None:
    size = 600 * MB
    length: Header = ("transfer-encoding", "chunked") if chunked else ("content-length", str(size))
    for path in ("/v1/events?source=own", "/v1/deadlines", "/v1/catalogue/30/days", "/v1/national/hai-duong"):
        meter = Meter(attacked.pid)
        wire = attacked.wire()
        start = head("POST", path, attacked.with_key(("content-type", "text/plain"), length))
        answer, sent = await wire.flood(start, (JUNK for _ in range(size // PIECE)), chunked=chunked)
        wire.close()
        cpu_s, mb = meter.read()
        attacked.note(f"2 600 MB of text to {path}, {'chunked' if chunked else 'whole'}", cpu_s, mb, [answer.status])
        assert answer.status in (400, 413, 415), path
        assert sent < 48 * MB, path  # a body of 16 MB, and what the buffers of two sockets hold
        assert mb < 40, path


async def test_a_header_that_comes_twice_is_refused(attacked: Attacked) -> None:
    json_type = ("content-type", "application/json")
    twice: list[list[Header]] = [
        attacked.with_key(json_type, ("content-type", "text/plain")),
        attacked.with_key(json_type, ("content-length", "2")),
        attacked.with_key(json_type, ("authorization", "Bearer other")),
        [("x-api-key", attacked.key), ("x-api-key", "other"), json_type],
    ]
    for headers in twice:
        answer = await attacked.sent("/v1/events?source=own", headers, b"[]")
        attacked.note(f"2 the header {headers[-1][0]!s} twice", 0, 0, [answer.status])
        assert answer.status == 400, headers


async def test_an_unknown_sender_of_the_national_format_is_refused_early(attacked: Attacked) -> None:
    attacks = {
        "a login of 5 kB": b'{"username": "' + b"x" * 5_000 + b'", "password": "mc_a_b"}',
        "an envelope of 16 MB without a session": b'{"service": "DongBoHoSoMC", "data": ["' + b"x" * (15 * MB) + b'"]}',
        "an envelope of 16 MB with a false session": b'{"session": "a.9999999999.b", "data": ["'
        + b"x" * (LARGEST - 100)
        + b'"]}',
    }
    for name, body in attacks.items():
        meter = Meter(attacked.pid)
        answer = await attacked.sent("/v1/national/hai-duong", [("content-type", "application/json")], body)
        cpu_s, mb = meter.read()
        attacked.note(f"2 {name}", cpu_s, mb, [answer.status])
        refused = answer.status in (400, 401, 413) or (
            answer.status == 200 and b'"error_code":401' in answer.body.replace(b" ", b"")
        )
        assert refused, (name, answer)
        assert cpu_s < 0.1 * slowness(), name
        assert mb < 4, name


async def test_headers_without_end_are_refused_after_16_kilobytes(attacked: Attacked) -> None:
    meter = Meter(attacked.pid)
    wire = attacked.wire()
    pieces = (b"x-%d: %b\r\n" % (number, b"a" * PIECE) for number in range(200 * MB // PIECE))
    answer, sent = await wire.flood(b"GET /healthz HTTP/1.1\r\nhost: a\r\n", pieces)
    wire.close()
    cpu_s, mb = meter.read()
    attacked.note("3 headers of 200 MB", cpu_s, mb, [answer.status])
    assert answer.status in (400, 431, 0)
    assert sent < 8 * MB  # what the system holds between two sockets
    assert mb < 2
    assert cpu_s < 0.1 * slowness()


async def test_silence_is_cut_wherever_it_begins(attacked: Attacked) -> None:
    unfinished: list[Header] = [("content-type", "application/json"), ("content-length", "99")]
    silences = {
        "nothing at all": b"",
        "half a line": b"GET /healthz HT",
        "half of the headers": b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-one: tw",
        "half of a body": head("POST", "/v1/deadlines", attacked.with_key(*unfinished)) + b"{",
        "half of a body of a stranger": head("POST", "/v1/national/hai-duong", unfinished) + b"{",
    }

    async def cut(name: str, beginning: bytes) -> None:
        wire = attacked.wire()
        reader, writer = await wire.opened()
        writer.write(beginning)
        answer = await reader.read()
        status = int(answer.split(b" ", 2)[1]) if answer else 0
        attacked.note(f"3 {name}, then silence", 0, 0, [status])
        assert status in (0, 400, 401, 408), (name, answer)
        wire.close()

    async def drip() -> None:
        wire = attacked.wire()
        start = head("POST", "/v1/national/hai-duong", [("content-type", "application/json"), ("content-length", "1000000")])
        reader, writer = await wire.opened()
        writer.write(start + b'{"username": "')
        reading = asyncio.ensure_future(reader.read())
        while not reading.done():
            writer.write(b"x")
            await asyncio.wait({reading}, timeout=0.1)
        attacked.note("2 a byte every 0,1 s", 0, 0, [int(reading.result().split(b" ", 2)[1]) if reading.result() else 0])
        wire.close()

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(drip(), *(cut(name, beginning) for name, beginning in silences.items()))


async def test_more_requests_than_are_worked_on_are_told_to_come_again(attacked: Attacked) -> None:
    start = head("POST", "/v1/deadlines", attacked.with_key(("content-type", "application/json"), ("content-length", "99")))
    wires = [attacked.wire() for _ in range(30)]
    for wire in wires:
        _, writer = await wire.opened()
        writer.write(start + b"{")
    answering = [asyncio.ensure_future(wire.answer()) for wire in wires]
    healthy = await attacked.wire().ask("GET", "/healthz")
    answers = [await one for one in answering]
    attacked.note("3 30 requests of one key, 4 of 8 allowed", 0, 0, [answer.status for answer in answers])
    assert healthy.status == 200
    refused = [answer for answer in answers if answer.status == 503]
    assert len(refused) == 26
    assert all("retry-after" in answer.headers for answer in refused)
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in refused)


async def test_strangers_who_send_slowly_take_the_place_of_nobody(attacked: Attacked) -> None:
    start = head("POST", "/v1/national/hai-duong", [("content-type", "application/json"), ("content-length", "4000")])
    strangers = [attacked.wire() for _ in range(30)]
    for wire in strangers:
        _, writer = await wire.opened()
        writer.write(start + b"{")
    cut = [asyncio.ensure_future(wire.answer()) for wire in strangers]
    known = await attacked.wire().ask("GET", "/v1/sources", attacked.with_key())
    login = json.dumps({"username": "x", "password": attacked.key}).encode()
    logged_in = await attacked.sent("/v1/national/hai-duong", [("content-type", "application/json")], login)
    answers = [await one for one in cut]
    attacked.note("2 30 strangers who send slowly", 0, 0, [known.status, logged_in.status, *(one.status for one in answers)])
    assert known.status == 200
    assert b'"error_code":0' in logged_in.body.replace(b" ", b"")
    assert {one.status for one in answers} == {408}
    for wire in strangers:
        wire.close()


async def test_files_that_come_slowly_hold_up_other_files_alone(attacked: Attacked) -> None:
    wires = []
    for key in attacked.others:
        for _ in range(4):
            wire = attacked.wire()
            _, writer = await wire.opened()
            length: Header = ("content-length", "900000")
            writer.write(
                head("POST", "/v1/imports?source=lists", [("x-api-key", key), ("content-type", "text/csv"), length]) + b"code,"
            )
            wires.append(wire)
    answering = [asyncio.ensure_future(wire.answer()) for wire in wires]
    async with asyncio.timeout(PATIENCE):
        while sum(one.done() for one in answering) < 6:  # the other two are under way
            await asyncio.sleep(0.01)
    met = await asyncio.gather(*(attacked.wire().ask("GET", "/v1/sources", attacked.with_key()) for _ in range(4)))
    still = sum(not one.done() for one in answering)
    answers = [await one for one in answering]
    statuses = [one.status for one in (*met, *answers)]
    attacked.note("7 four slow files of each of two keys", 0, 0, statuses)
    assert {one.status for one in met} == {200}
    assert still == 2
    assert sorted(one.status for one in answers) == [408, 408, *[503] * 6]
    for wire in wires:
        wire.close()


@pytest.mark.parametrize("route", ["/v1/imports", "/v1/imports/rehearsal"])
async def test_a_file_that_is_made_to_burst_is_refused_and_others_are_answered_meanwhile(
    attacked: Attacked, route: str
) -> None:
    pid = attacked.pid
    for name, (media, body) in UPLOADS.items():
        meter = Meter(pid)
        uploading = asyncio.ensure_future(
            attacked.sent(f"{route}?source=lists", attacked.with_key(("content-type", media)), body)
        )
        answered = 0
        wire = attacked.wire()
        while not uploading.done():
            assert (await wire.ask("GET", "/v1/provinces", attacked.with_key())).status == 200
            answered += 1
        answer = await uploading
        cpu_s, mb = meter.read()
        attacked.note(f"7 {name}, {route}", cpu_s, mb, [answer.status])
        wire.close()
        assert answer.status in (413, 422), (name, answer)
        assert len(json.loads(answer.body)["detail"]) > 20
        assert answered > 0
        assert mb < 40, name
        assert attacked.process.ended() is None
        assert attacked.pid == pid

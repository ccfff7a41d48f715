"""A database that is killed, restarts, is full or slow: callers are told so, and nothing of it is a fault of ours."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import asyncpg
import pytest

from deploy.local.postgres import start_postgres
from migrations.upgrade import upgrade
from shared.access.scopes import SCOPES
from shared.database import unavailability
from tests.conftest import NewDatabase, Processes
from tests.wire import CLOSED, Answer, Wire

EVENT = b'[{"code": "000.00.19.H30-230615-0042", "id": "42-7", "at": "2023-06-20T09:00:00+07:00"}]'
SOURCE = b'{"province": "30", "kind": "own", "settings": {}}'
FULL = "BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END"


async def test_a_server_that_is_killed_under_load_is_told_as_away_and_never_as_a_fault(
    folder: Path, processes: Processes
) -> None:
    server = start_postgres(folder / "killed", durable=False)
    try:
        await asyncio.to_thread(upgrade, "ingest", server.url())
        api = processes.api("ingest", database_url=server.url(), key_seconds="0")
        key = await processes.key("ingest", server.url(), *SCOPES)
        sent = [("authorization", f"Bearer {key}"), ("content-type", "application/json")]
        assert (await Wire(api.url).ask("PUT", "/v1/sources/own", sent, SOURCE)).status == 200
        # A server of the tests may forget what it committed last when it is killed; not the key, and not the source.
        owner = await asyncpg.connect(server.url())
        await owner.execute("CHECKPOINT")
        await owner.close()
        answers: list[Answer] = []
        stopping = False

        async def load(number: int) -> None:
            wire = Wire(api.url)
            while not stopping:
                if number % 2:
                    answers.append(await wire.ask("POST", "/v1/events?source=own", sent, EVENT))
                else:
                    answers.append(await wire.ask("GET", "/v1/feed?province=30", sent))
            wire.close()

        async def until(status: int, seen: int) -> None:
            for _ in range(6_000):
                if any(answer.status == status for answer in answers[seen:]):
                    return
                await asyncio.sleep(0.01)
            raise AssertionError(f"never {status}: {answers[-1]}")

        load_tasks = [asyncio.create_task(load(number)) for number in range(8)]
        for _ in range(4):
            await until(200, len(answers))
            seen = len(answers)
            server.kill()
            await until(503, seen)
            server = await asyncio.to_thread(start_postgres, folder / "killed", port=server.port, durable=False)
        await until(200, len(answers))
        stopping = True
        await asyncio.gather(*load_tasks)
    finally:
        server.stop()
    assert {answer.status for answer in answers} == {200, 503}, {answer.body for answer in answers if answer.status == 500}
    assert all("retry-after" in answer.headers for answer in answers if answer.status == 503)


async def test_a_full_and_a_slow_database_are_each_told_in_words(processes: Processes, new_database: NewDatabase) -> None:
    url = await new_database("ingest")
    api = processes.api("ingest", database_url=url)
    sent = [("authorization", f"Bearer {await processes.key('ingest', url, *SCOPES)}"), ("content-type", "application/json")]
    owner = await asyncpg.connect(url)
    me = owner.get_server_pid()
    name = url.rpartition("/")[2]

    async def put() -> tuple[int, bool, str]:
        # New connections, so that what was set for the database holds.
        await owner.fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> $2", name, me)
        answer = CLOSED
        for _ in range(20):
            answer = await Wire(api.url).ask("PUT", "/v1/sources/own", sent, SOURCE)
            if "away for the moment" not in answer.body.decode():
                break
        return answer.status, "retry-after" in answer.headers, answer.body.decode()

    await owner.execute(f"CREATE FUNCTION ingest.no_room() RETURNS trigger LANGUAGE plpgsql AS $${FULL}$$")
    await owner.execute("CREATE TRIGGER no_room BEFORE INSERT ON ingest.source FOR EACH ROW EXECUTE FUNCTION ingest.no_room()")
    status, _, text = await put()
    assert (status, "disk of the database is full" in text) == (507, True), text
    await owner.execute("DROP TRIGGER no_room ON ingest.source")
    await owner.execute(f"ALTER DATABASE {name} SET statement_timeout = '50ms'")
    async with owner.transaction():
        await owner.execute("LOCK TABLE ingest.source")
        status, retry, text = await put()
    assert (status, retry, "took too long" in text) == (503, True, True), text
    await owner.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_of_the_service_is_told_as_full(number: int) -> None:
    problem = unavailability(OSError(number, "No space left on device"))
    assert problem is not None
    assert problem.status == 507


def test_every_error_of_the_driver_that_speaks_of_the_server_is_told_as_its_absence() -> None:
    of_the_server = {"08", "53", "57", "58"}
    single = {"25006", "25P03", "25P04", "40001", "40003", "40P01", "55P03", "28P01", "28000", "3D000"}
    kinds = [kind for kind in vars(asyncpg.exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    states = {kind: getattr(kind, "sqlstate", None) or "" for kind in kinds}
    spoken = [kind for kind, state in states.items() if state[:2] in of_the_server or state in single]
    spoken += [asyncpg.InternalClientError, asyncpg.InterfaceError, ConnectionResetError, TimeoutError]
    assert len(spoken) > 30
    for kind in spoken:
        problem = unavailability(kind("x"))
        assert problem is not None, kind
        assert problem.status in (503, 507), kind
        assert problem.status == 507 or "Retry-After" in problem.headers
    assert unavailability(asyncpg.UniqueViolationError("x")) is None
    assert unavailability(asyncpg.DataError("x")) is None
    assert unavailability(KeyError("x")) is None

"""The embedded PostgreSQL and Redis: real ones, which die with whoever started them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
import redis as redis_client

from deploy.local.postgres import PostgreSQL, start_postgres
from deploy.local.redis import start_redis
from deploy.local.servers import ServerError, free_port
from deploy.local.services import ROOT
from tests.patience import PATIENCE


async def _ask(server: PostgreSQL, question: str) -> object:
    connection = await asyncpg.connect(server.url())
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_data_survive_a_stop_and_a_sigkill(folder: Path) -> None:
    server = start_postgres(folder / "survivor")
    try:
        assert await _ask(server, "SHOW fsync") == "on"
        await _ask(server, "CREATE TABLE kept AS SELECT 1 AS one")
        server.stop()
        server = start_postgres(folder / "survivor")
        assert await _ask(server, "SELECT one FROM kept") == 1
        server.kill()
        server = start_postgres(folder / "survivor", port=server.port)
        assert await _ask(server, "SELECT one FROM kept") == 1
    finally:
        server.stop()


async def test_the_server_of_make_run_asks_for_its_password(folder: Path) -> None:
    server = start_postgres(folder / "guarded")
    try:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.url(password="guess"))
        assert (folder / "guarded" / "password").stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_servers_end_with_a_supervisor_that_is_killed(folder: Path) -> None:
    place = folder / "orphans"
    program = (
        "import sys, time; from pathlib import Path\n"
        "from deploy.local.postgres import start_postgres; from deploy.local.redis import start_redis\n"
        f"p = start_postgres(Path({str(place / 'p')!r}), durable=False); r = start_redis(Path({str(place / 'r')!r}))\n"
        "print(p.process.pid, p.port, r.process.pid, r.port, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert supervisor.stdout
    postgres_pid, postgres_port, redis_pid, redis_port = map(int, supervisor.stdout.readline().split())
    assert _listening(postgres_port)
    assert _listening(redis_port)
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    _within(
        PATIENCE, lambda: not (_alive(postgres_pid) or _alive(redis_pid) or _listening(postgres_port) or _listening(redis_port))
    )


def test_a_lock_left_by_a_dead_server_is_no_hindrance_even_when_its_number_lives_again(folder: Path) -> None:
    server = start_postgres(folder / "stale", durable=False)
    lock = folder / "stale" / "data" / "postmaster.pid"
    left = lock.read_text()
    server.stop()
    lock.write_text(left.replace(str(server.process.pid), str(os.getpid()), 1))
    start_postgres(folder / "stale", durable=False).stop()


def test_two_servers_on_the_same_data_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start_postgres(folder / "shared", durable=False)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    try:
        with pytest.raises(ServerError, match=f"another PostgreSQL \\(process {server.process.pid}\\) is running"):
            start_postgres(folder / "shared", durable=False)
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: (data / "PG_VERSION").unlink(), "is not a data folder of PostgreSQL"),
        (lambda data: (data / "PG_VERSION").write_text("9.6\n"), "written by PostgreSQL 9.6"),
        (lambda data: (data / "global" / "pg_control").write_bytes(b"rubbish"), "PostgreSQL does not start on .*pg_control"),
    ],
)
def test_a_broken_data_folder_is_told_in_one_sentence(folder: Path, spoil, says: str) -> None:  # type: ignore[no-untyped-def]
    place = folder / f"broken-{abs(hash(says))}"
    start_postgres(place, durable=False).stop()
    spoil(place / "data")
    with pytest.raises(ServerError, match=says) as caught:
        start_postgres(place, durable=False)
    assert "\n" not in str(caught.value)


def test_a_taken_port_is_told_in_one_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        with pytest.raises(ServerError, match=str(port)):
            start_redis(folder / "taken-redis", port=port)
        with pytest.raises(ServerError, match="does not start"):
            start_postgres(folder / "taken-postgres", port=port, durable=False)


def test_redis_refuses_who_does_not_know_the_password(folder: Path) -> None:
    server = start_redis(folder / "locked")
    try:
        assert redis_client.Redis.from_url(server.url).ping()
        with pytest.raises(redis_client.AuthenticationError):
            redis_client.Redis(port=server.port).ping()
    finally:
        server.stop()


def test_redis_comes_back_to_its_place(folder: Path) -> None:
    first = start_redis(folder / "phoenix", port=free_port())
    first.kill()
    second = start_redis(folder / "phoenix", port=first.port, password=first.password)
    try:
        assert second.url == first.url
        assert redis_client.Redis.from_url(first.url).ping()
    finally:
        second.stop()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _within(seconds: float, holds) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_free_port_is_given_to_one_asker_and_never_to_an_outgoing_connection() -> None:
    asks = "from deploy.local.servers import free_port; print(*[free_port() for _ in range(40)]); input()"
    others = [
        subprocess.Popen([sys.executable, "-c", asks], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ports = [free_port() for _ in range(40)]
    for other in others:
        assert other.stdout
        ports += map(int, other.stdout.readline().split())
    for other in others:
        other.communicate("\n")
    assert len(ports) == len(set(ports)) == 120
    assert max(ports) < 32768, "where Linux begins to take ports for outgoing connections"

"""Real servers for the tests: one PostgreSQL and one Redis per test process, a fresh database per test that asks for one.

async def test_x(metrics_database: Database): ...          # shared.database.Database under the role motcua_metrics
async def test_y(new_database: NewDatabase):               # the owner's URL of a fresh database with these schemas
    url = await new_database("ingest", "metrics")
def test_z(redis_url: str): ...
async def test_w(processes: Processes, new_database):      # services as real processes
    url = await new_database("ingest")
    api = processes.api("ingest", database_url=url)        # .url, .stop(), .kill(), .start(); its environment by keywords
    key = await processes.key("ingest", url, "feed:read")
"""

from __future__ import annotations

import asyncio
import faulthandler
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import asyncpg
import hypothesis
import pytest
import pytest_asyncio
from _pytest.faulthandler import fault_handler_stderr_fd_key

from deploy.local import services
from deploy.local.environment import inherited
from deploy.local.postgres import PostgreSQL, start_postgres
from deploy.local.redis import Redis, start_redis
from deploy.local.servers import free_port
from migrations.upgrade import upgrade
from shared.access.keys import create_key
from shared.database import Database
from shared.settings import SERVICES, Service
from tests import forking
from tests.order import seconds_of, spread
from tests.quick import FOLDERS_OF_PROCESSES, FULL, is_quick, only_quick

hypothesis.settings.register_profile(
    "motcua",
    derandomize=not FULL,
    # A loaded machine is slow, and that is no finding.
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("motcua")

# The stand-in portal of a test is on the loopback, on whatever port is free.
os.environ["SOURCE_HOSTS"] = "127.0.0.1:*"


def pytest_configure(config: pytest.Config) -> None:
    """Of `make quick`."""
    if config.option.markexpr == "quick":
        only_quick()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spares `make quick` the import of what it does not run."""
    return True if config.option.markexpr == "quick" and collection_path.name in FOLDERS_OF_PROCESSES else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what `make quick` runs, and has what takes long begin first."""
    for item in items:
        if isinstance(item, pytest.Function) and is_quick(item):
            item.add_marker(pytest.mark.quick)
    seconds = [seconds_of(item.nodeid) for item in items]
    items[:] = spread(items, seconds, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """All tests have run: a process that does not end now shows the lines at which its threads stand, and ends."""
    errors = os.dup(session.config.stash[fault_handler_stderr_fd_key])  # pytest closes its own before the end
    faulthandler.dump_traceback_later(_SECONDS_TO_END, exit=True, file=errors)


_SECONDS_TO_END = 120
_PREFIX = "motcua-tests-"
_ROOM = 6_000_000_000
"""Bytes that are free in memory before files are put there."""
NewDatabase = Callable[..., Awaitable[str]]
_numbers = count(1)


def _place() -> Path:
    """Where the servers' files lie: in memory where there is room, since most of what a fresh database costs are its files."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM else Path(tempfile.gettempdir())


def _clear(place: Path) -> None:
    """Removes what killed runs left."""
    for left in place.glob(f"{_PREFIX}*"):
        with suppress(OSError), (left / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder of this test process. Not pytest's own: that one is closed to `nobody`, the servers' account under root."""
    place = _place()
    _clear(place)
    path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    path.chmod(0o711)
    with (path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(folder: Path) -> Iterator[PostgreSQL]:
    """The PostgreSQL of this test process; tests that kill a server start their own."""
    server = start_postgres(folder / "postgres", durable=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis(folder: Path) -> Iterator[Redis]:
    """The Redis of this test process; tests that kill a server start their own."""
    server = start_redis(folder / "redis")
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis: Redis) -> str:
    """The address of Redis; queues are shared by the tests of this process."""
    return redis.url


@pytest_asyncio.fixture(scope="session")
async def _templates(postgres: PostgreSQL) -> AsyncIterator[Callable[[tuple[Service, ...]], Awaitable[str]]]:
    admin = await asyncpg.connect(postgres.url("postgres"))
    templates: dict[tuple[Service, ...], str] = {}

    async def clone(wanted: tuple[Service, ...]) -> str:
        if wanted not in templates:
            name = "_".join(("template", *wanted))
            await admin.execute(f"CREATE DATABASE {name}")
            for service in wanted:
                await asyncio.to_thread(upgrade, service, postgres.url(name))
            templates[wanted] = name
        database = f"test_{next(_numbers)}"
        await admin.execute(f"CREATE DATABASE {database} TEMPLATE {templates[wanted]} STRATEGY file_copy")
        return database

    yield clone
    await admin.close()


@pytest_asyncio.fixture
async def new_database(
    postgres: PostgreSQL, _templates: Callable[[tuple[Service, ...]], Awaitable[str]]
) -> AsyncIterator[NewDatabase]:
    """Makes fresh migrated databases with the schemas named (default all three); each call gives the owner's URL of one."""
    made: list[str] = []

    async def make(*wanted: Service) -> str:
        made.append(await _templates(wanted or SERVICES))
        return postgres.url(made[-1])

    yield make
    admin = await asyncpg.connect(postgres.url("postgres"))
    for name in made:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


def url_of(service: Service, owner_url: str) -> str:
    """The address under the service's own role, which may touch its own schema only."""
    return owner_url.replace("//motcua@", f"//motcua_{service}@")


async def _database(service: Service, new_database: NewDatabase) -> AsyncIterator[Database]:
    database = Database(url_of(service, await new_database(service)), size=4)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def ingest_database(new_database: NewDatabase) -> AsyncIterator[Database]:
    """A fresh database of ingest, under its role."""
    async for database in _database("ingest", new_database):
        yield database


@pytest_asyncio.fixture
async def metrics_database(new_database: NewDatabase) -> AsyncIterator[Database]:
    """A fresh database of metrics, under its role."""
    async for database in _database("metrics", new_database):
        yield database


@pytest_asyncio.fixture
async def notices_database(new_database: NewDatabase) -> AsyncIterator[Database]:
    """A fresh database of notices, under its role."""
    async for database in _database("notices", new_database):
        yield database


@dataclass
class Processes:
    """Starts services as real processes and ends them with the test."""

    logs: Path
    redis_url: str
    started: list[services.Process] = field(default_factory=list)

    def environment(self, service: Service, database_url: str, **more: str) -> dict[str, str]:
        return inherited(os.environ) | {
            f"{service.upper()}_DATABASE_URL": url_of(service, database_url),
            "REDIS_URL": self.redis_url,
            **{name.upper(): value for name, value in more.items()},
        }

    def api(self, service: Service, port: int = 0, /, *, database_url: str, **env: str) -> services.Process:
        """An API that is ready to answer; `.url` is its address."""
        port = port or free_port()
        process = services.api(service, port, self.environment(service, database_url, **env), self.logs)
        return self.run(process)

    def worker(self, service: Service, *, database_url: str, **env: str) -> services.Process:
        """A worker, started."""
        return self.run(services.worker(service, self.environment(service, database_url, **env), self.logs))

    def run(self, process: services.Process) -> services.Process:
        """Starts any process and waits until it is ready, if it can say so."""
        self.started.append(process)
        process.spawn = forking.spawn
        process.start()
        process.wait_until_ready(120.0)  # on a machine that does much else
        return process

    @staticmethod
    async def key(
        service: Service, database_url: str, *scopes: str, province: str | None = None, person: str | None = None
    ) -> str:
        """A new key of a service; of a person where one is named."""
        connection = await asyncpg.connect(database_url)
        try:
            name = person or "test"
            return await create_key(
                connection, service, name=name, scopes=list(scopes), province=province, person=person is not None
            )
        finally:
            await connection.close()


@pytest.fixture
def processes(tmp_path: Path, redis: Redis) -> Iterator[Processes]:
    """Services as real processes; all are killed when the test ends."""
    running = Processes(tmp_path, redis.url)
    yield running
    for process in running.started:
        process.kill()

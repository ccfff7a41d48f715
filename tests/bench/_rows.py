"""The row of a report, and real parts to measure with."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Literal

import asyncpg

from deploy.local import services
from deploy.local.environment import inherited
from deploy.local.postgres import PostgreSQL, start_postgres
from deploy.local.redis import Redis, start_redis
from deploy.local.servers import free_port
from migrations.upgrade import upgrade
from shared.access.keys import create_key
from shared.access.scopes import SCOPES
from shared.settings import SERVICES, Service

_numbers = count(1)


def row(ours: Sequence[float], floor: Sequence[float], unit: str, better: Literal["higher", "lower"]) -> dict[str, Any]:
    """Medians of runs taken in turn, and ours over the floor."""
    return {
        "ours": median(ours),
        "floor": median(floor),
        "ratio": median(ours) / median(floor),
        "unit": unit,
        "better": better,
        "runs": len(ours),
    }


@dataclass
class Parts:
    """A durable PostgreSQL (fsync on, as in `make run`) and a Redis, with services started on fresh databases."""

    folder: Path
    postgres: PostgreSQL
    redis: Redis
    running: list[services.Process] = field(default_factory=list)

    async def database(self, *wanted: Service) -> str:
        """The owner's URL of a fresh migrated database."""
        name = f"bench_{next(_numbers)}"
        admin = await asyncpg.connect(self.postgres.url("postgres"))
        await admin.execute(f"CREATE DATABASE {name}")
        await admin.close()
        for service in wanted or SERVICES:
            await asyncio.to_thread(upgrade, service, self.postgres.url(name))
        return self.postgres.url(name)

    async def key(self, service: Service, url: str) -> str:
        """A key that may do everything at a service."""
        connection = await asyncpg.connect(url)
        try:
            return await create_key(connection, service, name="bench", scopes=list(SCOPES))
        finally:
            await connection.close()

    def start(self, kind: Literal["api", "worker"], service: Service, url: str, **env: str) -> services.Process:
        """A service's process on a database; ended by `stop`."""
        environment = inherited(os.environ) | {
            f"{service.upper()}_DATABASE_URL": url.replace("//motcua@", f"//motcua_{service}@"),
            "REDIS_URL": self.redis.url,
            "LOG_LEVEL": "warning",
            **{name.upper(): value for name, value in env.items()},
        }
        logs = self.folder / "logs"
        started = services.worker(service, environment, logs)
        if kind == "api":
            started = services.api(service, free_port(), environment, logs)
        return self.run(started)

    def run(self, process: services.Process) -> services.Process:
        """Start a process and wait until it is ready."""
        self.running.append(process)
        process.start()
        process.wait_until_ready(60)
        return process

    def stop(self) -> None:
        """End all started processes; the servers stay."""
        for process in self.running:
            process.kill()
        self.running.clear()


def _folder() -> Path:
    # Not closed to `nobody`, the servers' account under root.
    folder = Path(tempfile.mkdtemp(prefix="motcua-bench-"))
    folder.chmod(0o711)
    return folder


@asynccontextmanager
async def parts() -> AsyncIterator[Parts]:
    """Servers of their own, gone with the measurement."""
    folder = _folder()
    postgres = start_postgres(folder / "postgres", durable=True)
    redis = start_redis(folder / "redis")
    made = Parts(folder, postgres, redis)
    try:
        yield made
    finally:
        made.stop()
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)

"""All processes of motcua on this machine: started in order, restarted when they end, stopped together."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO

from deploy.local import services
from deploy.local.credentials import Keys, RolesClosed, open_keys
from deploy.local.environment import CERTIFICATES, inherited, of_process, with_login
from deploy.local.postgres import PostgreSQL, start_postgres
from deploy.local.progress import Progress, Step
from deploy.local.redis import Redis, start_redis
from deploy.local.running import Running, remove_running, write_running
from deploy.local.servers import ServerError, free_port, port_is_free
from deploy.local.services import NotReady, Process
from migrations.upgrade import upgrade
from shared.settings import SERVICES, Service

Echo = Callable[[str], None]

_LEAST_FREE_BYTES = 64_000_000
_START_SECONDS = 600.0
"""Within so long a service starts on the slowest machine; one that ends while it starts is known at once."""


class StackError(Exception):
    """The stack cannot start or go on; the message is one sentence that tells what to do."""


@dataclass(frozen=True)
class Ports:
    """TCP ports of the three APIs, of the stand-in portal, and at which the three workers answer Prometheus."""

    ingest: int
    metrics: int
    notices: int
    portal: int
    ingest_worker: int
    metrics_worker: int
    notices_worker: int

    @classmethod
    def from_base(cls, base: int) -> Ports:
        """The four ports after `base`, and for the workers three from `base + 11` on; any free ones when it is 0."""
        if not 0 <= base <= 65000:
            raise StackError(f"MOTCUA_PORT_BASE is {base}: give a number up to 65000")
        numbers = (1, 2, 3, 4, 11, 12, 13)
        return cls(*(base + number if base else free_port() for number in numbers))


@dataclass
class _Watched:
    """A process or server of the stack, with the state of its restarts."""

    name: str
    ended: Callable[[], int | None]
    restart: Callable[[], None]
    log_path: Path
    started_at: float = field(default_factory=time.monotonic)
    due_at: float | None = None
    quick_deaths: int = 0


def portal_access(port: int, province: str) -> dict[str, str]:
    """The variables with which ingest may read the stand-in portal on that port of 127.0.0.1; its secret is named PORTAL.

    Metrics pulls the scores that it publishes when it is told to: its worlds are of years long past. Other hosts of sources
    that the environment of this process lists stay listed.
    """
    here = f"127.0.0.1:{port}"
    return {
        "MOTCUA_SECRET_PORTAL": "motcua",
        "MOTCUA_SECRET_PORTAL_PROVINCE": province,
        "MOTCUA_SECRET_PORTAL_HOSTS": here,
        "PUBLISHED_SCORES": _published_by(here),
        "SOURCE_HOSTS": ",".join(filter(None, (os.environ.get("SOURCE_HOSTS"), here))),
    }


def _published_by(host: str) -> str:
    body = {name: f"{{{name}}}" for name in ("province", "year", "quarter", "month")}
    groups = ("progress", "payment", "digitisation")
    return json.dumps([{"name": one, "url": f"http://{host}/published/{one}", "body": body, "periods": []} for one in groups])


class Stack:
    """The stack over one data folder. `start()`, then `watch()` again and again, then `stop()`; all from the main thread."""

    def __init__(
        self,
        data: Path,
        ports: Ports,
        *,
        echo: Echo = print,
        progress: Progress | None = None,
        portal: tuple[str, ...] | None = (),
        environment: Mapping[str, str] | None = None,
        durable: bool = True,
        max_pause: float = 10.0,
        proxy_port: Callable[[int], int] = lambda port: port,
    ) -> None:
        """Nothing runs yet.

        `echo` gets a line for each restart, `progress` the steps of the start (by default it prints them by `echo`). `portal`
        holds further arguments of the stand-in portal; None: there is none. `environment` is added to that of this process;
        each process gets of both only what it needs (`deploy.local.environment`). `durable=False` is for tests: no fsync, no
        password. `max_pause` limits the seconds before an ended process is restarted. `proxy_port` maps the port of the
        embedded PostgreSQL to the port of a proxy through which the services connect.

        DATABASE_URL (of the owner) and REDIS_URL in the environment replace the embedded servers. The roles of the services
        get passwords of their own, except where the URL of a service (INGEST_DATABASE_URL ...) is given.
        """
        self.data = data.absolute()
        self.ports = ports
        self.processes: dict[str, Process] = {}
        self.postgres: PostgreSQL | None = None
        self.redis: Redis | None = None
        self.keys = Keys()
        self.database_urls: dict[Service, str] = {}
        self._echo = echo
        self._progress = progress or Progress(echo)
        self._portal = portal
        self.environment = dict(os.environ if environment is None else os.environ | environment)
        self._durable = durable
        self._max_pause = max_pause
        self._proxy_port = proxy_port
        self._watched: list[_Watched] = []
        self._lock: IO[str] | None = None

    def url(self, name: str) -> str:
        """Address of `ingest`, `metrics`, `notices` or `portal`."""
        return f"http://127.0.0.1:{getattr(self.ports, name)}"

    @property
    def database_url(self) -> str:
        """URL of the database for its owner."""
        return self.postgres.url() if self.postgres else self.environment["DATABASE_URL"]

    def start(self) -> None:
        """Start everything and wait until it is healthy; raises `StackError` with one sentence when it cannot."""
        self._progress.begin(Step.data)
        self._take_data()
        for name, port in asdict(self.ports).items():
            if not port_is_free(port) and (name != "portal" or self._portal is not None):
                raise StackError(f"port {port} of {name} is taken: stop what uses it, or move all ports: MOTCUA_PORT_BASE=9100")
        try:
            self._start_portal()
            self._progress.begin(Step.servers)
            self._start_servers()
            self._progress.begin(Step.migrations)
            self._migrate()
            self._progress.begin(Step.services)
            self._start_services()
            waiting = sorted(self.processes.values(), key=lambda process: not process.url)  # workers have no health check
            for number, process in enumerate(waiting):
                self._progress.advance(number / len(waiting), f"waiting for {process.name}")
                process.wait_until_ready(_START_SECONDS)
            addresses = {service: self.url(service) for service in SERVICES}
            write_running(self.data, Running(addresses, self.database_urls, self.keys.operator))
        except (ServerError, NotReady) as error:
            raise StackError(str(error)) from error

    def run(self, process: Process) -> None:
        """Start one more process, which `watch` restarts like the others."""
        process.start()
        self.processes[process.name] = process
        self._watch(_Watched(process.name, process.ended, process.start, process.log_path))

    def watch(self) -> None:
        """Restart what has ended, each time after a longer pause, and report it to `echo`.

        Raises `StackError` when the disk is nearly full or a server cannot be restarted.
        """
        self._require_space()
        now = time.monotonic()
        for part in self._watched:
            code = part.ended()
            if code is None:
                if part.quick_deaths and now - part.started_at > 2 * self._max_pause:
                    part.quick_deaths = 0
            elif part.due_at is None:
                pause = min(self._max_pause, 0.1 * 2**part.quick_deaths)
                part.due_at = now + pause
                part.quick_deaths += 1
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                self._echo(f"{part.name} {how}; starting it again in {pause:.1f} s (log: {part.log_path})")
            elif now >= part.due_at:
                try:
                    part.restart()
                except ServerError as error:
                    if part.quick_deaths > 3:
                        raise StackError(str(error)) from error
                part.started_at, part.due_at = time.monotonic(), None

    def stop(self) -> None:
        """Stop all processes at once, then the servers; takes at most 5 s."""
        for process in self.processes.values():
            process.request_stop()
        deadline = time.monotonic() + 2.5
        for process in self.processes.values():
            process.stop(within=max(0.0, deadline - time.monotonic()))
        if self.redis:
            self.redis.stop()
        if self.postgres:
            self.postgres.stop()
        if self._lock:
            self._lock.close()

    def _take_data(self) -> None:
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self._lock = (self.data / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_running(self.data)
        except BlockingIOError as error:
            raise StackError(f"the data in {self.data} is in use by another run: stop that one first") from error
        except OSError as error:
            raise StackError(
                f"the data folder {self.data} cannot be used ({error.strerror}): make it writable, or set MOTCUA_DATA"
            ) from error
        self._require_space()

    def _require_space(self) -> None:
        free = shutil.disk_usage(self.data).free
        if free < _LEAST_FREE_BYTES:
            raise StackError(
                f"the disk of {self.data} is full ({free // 1_000_000} MB left): make room, or set MOTCUA_DATA to another disk"
            )

    def _start_servers(self) -> None:
        if not self.environment.get("DATABASE_URL"):
            folder = self.data / "postgres"
            self.postgres = start_postgres(folder, durable=self._durable)
            self._watch(_Watched("PostgreSQL", self._postgres_ended, self._restart_postgres, folder / "postgres.log"))
        if not self.environment.get("REDIS_URL"):
            folder = self.data / "redis"
            self.redis = start_redis(folder)
            self._watch(_Watched("Redis", self._redis_ended, self._restart_redis, folder / "redis.log"))

    def _postgres_ended(self) -> int | None:
        assert self.postgres
        return self.postgres.process.poll()

    def _restart_postgres(self) -> None:
        assert self.postgres
        # The services know its address, so the port stays the same.
        self.postgres = start_postgres(self.postgres.folder, port=self.postgres.port, durable=self._durable)

    def _redis_ended(self) -> int | None:
        assert self.redis
        return self.redis.process.poll()

    def _restart_redis(self) -> None:
        assert self.redis
        self.redis = start_redis(self.data / "redis", port=self.redis.port, password=self.redis.password)

    def _migrate(self) -> None:
        try:
            for service in SERVICES:
                upgrade(service, self.database_url)
            roles = [service for service in SERVICES if not self._given_url(service)]
            self.keys = open_keys(self.database_url, self.data / "keys.json", roles=roles)
        except RolesClosed as error:
            raise StackError(str(error)) from error
        except Exception as error:  # whatever the reason, the user gets one sentence
            reason = str(error).strip().splitlines()
            raise StackError(
                f"the database cannot be brought up to date ({type(error).__name__}: {reason[0] if reason else ''})"
            ) from error

    def _start_portal(self) -> None:
        if self._portal is None:
            return
        command = (sys.executable, "-m", "deploy.simulator", "--port", str(self.ports.portal), *self._portal)
        self.run(Process("portal", command, inherited(self.environment), self.data / "logs" / "portal.log"))

    def _start_services(self) -> None:
        credentials = {name: value for name, value in self.environment.items() if name.startswith("MOTCUA_SECRET_")}
        credentials |= {
            "REDIS_URL": self.redis.url if self.redis else self.environment["REDIS_URL"],
            "INGEST_URL": self.url("ingest"),
            "METRICS_URL": self.url("metrics"),
            "INGEST_KEY": self.keys.metrics_at_ingest,
            "METRICS_KEY": self.keys.notices_at_metrics,
            "SESSION_SECRET": self.environment.get("SESSION_SECRET") or self.keys.session_secret,
            **self._certificates(),
        }
        owner_url = (
            replace(self.postgres, port=self._proxy_port(self.postgres.port)).url() if self.postgres else self.database_url
        )
        for service in SERVICES:
            login = self._given_url(service) or with_login(owner_url, f"motcua_{service}", self.keys.role_passwords[service])
            credentials[f"{service.upper()}_DATABASE_URL"] = login
            self.database_urls[service] = login
        environment = self.environment | {"PYTHONUNBUFFERED": "1"}
        logs = self.data / "logs"
        for service in SERVICES:
            api = of_process(service, "api", environment, credentials)
            self.run(services.api(service, getattr(self.ports, service), api, logs))
            worker = of_process(service, "worker", environment, credentials)
            self.run(services.worker(service, worker, logs, getattr(self.ports, f"{service}_worker")))

    def _certificates(self) -> dict[str, str]:
        """With what notices are signed: as the environment states it, else with certificates for trials, made here."""
        if self.environment.get("SIGNATORY_CERTIFICATE"):
            return {name: self.environment.get(name, "") for name in CERTIFICATES}
        folder = self.data / "certificates"
        if not (folder / "body.p12").exists():
            command = (sys.executable, "-m", "services.notices.issuing", str(folder))
            environment = inherited(self.environment) | {"TRIAL_PASSWORD": self.keys.trial_password}
            made = subprocess.run(command, env=environment, cwd=services.ROOT, capture_output=True, text=True, check=False)
            if made.returncode:
                raise StackError(f"no certificates for trials could be made: {made.stderr.strip()[-300:]}")
        return {
            "SIGNATORY_CERTIFICATE": str(folder / "signatory.p12"),
            "SIGNATORY_PASSWORD": self.keys.trial_password,
            "BODY_CERTIFICATE": str(folder / "body.p12"),
            "BODY_PASSWORD": self.keys.trial_password,
            "NOTICES_URL": self.url("notices"),
        }

    def _given_url(self, service: Service) -> str:
        """The database URL of a service from the environment; empty with an embedded database."""
        return "" if self.postgres else self.environment.get(f"{service.upper()}_DATABASE_URL", "")

    def _watch(self, part: _Watched) -> None:
        self._watched.append(part)

"""APIs, workers and the stand-in portal as processes that can be started, stopped and killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.local.processes import kill, spawn, stop

MAX_LOG_BYTES = 20_000_000
"""A longer log is renamed to `.old.log` when its process starts."""
ROOT = Path(__file__).resolve().parents[2]


class NotReady(Exception):
    """A process ended or did not become healthy in time; the message has the last line of its log."""


@dataclass
class Process:
    """One process of the stack, which can be started, stopped, killed and started again."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    log_path: Path
    url: str = ""
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    spawn: Callable[..., subprocess.Popen[bytes]] = field(default=spawn, repr=False)
    """How it is started."""

    def start(self) -> None:
        """Start it without waiting; its output is appended to its log."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        if self.log_path.exists() and self.log_path.stat().st_size > MAX_LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".old.log"))
        with self.log_path.open("ab") as log:
            # The services can be killed at any moment, so nothing gentler is needed.
            self.child = self.spawn(self.command, death_signal=signal.SIGKILL, log=log, env=self.env, cwd=ROOT)

    def wait_until_ready(self, within: float = 30.0) -> None:
        """Returns when `/healthz` at its `url`, if it has one, answers 200; raises `NotReady` when it ends or stays silent."""
        deadline = time.monotonic() + within
        while True:
            if self.child is None or self.child.poll() is not None:
                raise NotReady(f"{self.name} ended while starting: {self._last_log_line()}")
            if not self.url:
                return
            try:
                if httpx.get(self.url + "/healthz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} was not ready after {within:.0f} s: {self._last_log_line()}")
            time.sleep(0.02)

    def request_stop(self) -> None:
        """SIGTERM, without waiting."""
        if self.child and self.child.poll() is None:
            self.child.terminate()

    def stop(self, within: float = 3.0) -> int:
        """SIGTERM, then SIGKILL after `within` seconds; its exit code."""
        return stop(self.child, within=within) if self.child else 0

    def kill(self) -> None:
        """SIGKILL."""
        if self.child:
            kill(self.child)

    def ended(self) -> int | None:
        """Its exit code when it has ended."""
        return self.child.poll() if self.child else None

    def _last_log_line(self) -> str:
        lines = self.log_path.read_text(errors="replace").strip().splitlines() if self.log_path.exists() else []
        return f"{lines[-1] if lines else 'it wrote nothing'} (log: {self.log_path})"


def api(service: str, port: int, env: Mapping[str, str], logs: Path) -> Process:
    """The API of a service on a port of the loopback; healthy when it lives (`/healthz`)."""
    application = f"services.{service}.app:app"
    # Nobody stands before it here, so what a header says of the client's address is not believed.
    command = [
        sys.executable, "-m", "shared.web", application, "--host=127.0.0.1", f"--port={port}", "--no-proxy-headers",
    ]  # fmt: skip
    return Process(f"{service}-api", command, env, logs / f"{service}-api.log", f"http://127.0.0.1:{port}")


def worker(service: str, env: Mapping[str, str], logs: Path, metrics_port: int = 0) -> Process:
    """The worker of a service; it answers Prometheus on that port of the loopback, unless it is 0."""
    return Process(
        f"{service}-worker",
        [sys.executable, "-m", f"services.{service}.worker"],
        {**env, "WORKER_METRICS_PORT": str(metrics_port)} if metrics_port else env,
        logs / f"{service}-worker.log",
    )

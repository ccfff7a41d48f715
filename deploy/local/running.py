"""Where a stack stores its data, and how the stack that runs on them is reached."""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

import msgspec

from deploy.local.services import ROOT
from shared.settings import Service

_FILE = "running.json"


class NotRunning(ValueError):
    """No stack runs on the data; the message is one sentence that tells what to do."""


class Running(msgspec.Struct, frozen=True):
    """A running stack."""

    addresses: dict[Service, str]
    """URLs of the APIs."""
    databases: dict[Service, str]
    """URLs of the database, each for the role of one service."""
    keys: dict[Service, str]
    """The operator's keys, which have all scopes."""


def data_folder() -> Path:
    """`MOTCUA_DATA`, or `var` in the repository.

    For root in a home that others may not enter: a folder in `/var/lib`, because PostgreSQL runs as `nobody` there.
    """
    if given := os.environ.get("MOTCUA_DATA"):
        return Path(given)
    closed = os.geteuid() == 0 and any(not parent.stat().st_mode & 0o001 for parent in (ROOT, *ROOT.parents))
    if closed:
        return Path("/var/lib") / f"motcua-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    return ROOT / "var"


def write_running(data: Path, running: Running) -> None:
    """Write into the data folder how the stack is reached; the file has mode 600."""
    descriptor = os.open(data / _FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(running))


def remove_running(data: Path) -> None:
    """Delete what an earlier stack wrote."""
    (data / _FILE).unlink(missing_ok=True)


def running_on(data: Path) -> Running:
    """The stack that runs on the data; raises `NotRunning`."""
    nothing = f"no stack runs on the data in {data}: start one with `make run`, or set MOTCUA_DATA and call again"
    try:
        with (data / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        raise NotRunning(nothing)
    except BlockingIOError:
        pass  # a living process holds the lock
    except OSError as error:
        raise NotRunning(nothing) from error
    try:
        return msgspec.json.decode((data / _FILE).read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError) as error:
        raise NotRunning(f"the stack on the data in {data} is not up yet: call again when it says so") from error

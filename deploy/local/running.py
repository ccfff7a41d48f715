"""Where a stack keeps its data, and how the one that runs on them is reached: `make env` prints it for a shell."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import sys
from pathlib import Path

import msgspec

from deploy.local.services import ROOT
from shared import commands
from shared.settings import SERVICES, Service

_NOTE = "running.json"


class NotRunning(ValueError):
    """No stack runs on the data; the message says what to do."""


class Running(msgspec.Struct, frozen=True):
    """A stack that runs."""

    addresses: dict[Service, str]
    """Of the APIs."""
    databases: dict[Service, str]
    """Of the database, for the role of each service."""


def data_folder() -> Path:
    """MOTCUA_DATA, or `var` beside the code; for root in a closed home a folder that `nobody`, the database, can reach."""
    if given := os.environ.get("MOTCUA_DATA"):
        return Path(given)
    closed = os.geteuid() == 0 and any(not parent.stat().st_mode & 0o001 for parent in (ROOT, *ROOT.parents))
    if closed:
        return Path("/var/lib") / f"motcua-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    return ROOT / "var"


def note(data: Path, running: Running) -> None:
    """Keep with the data how the stack on them is reached, readable by its owner only."""
    descriptor = os.open(data / _NOTE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(running))


def forget(data: Path) -> None:
    """What an earlier stack noted holds no more."""
    (data / _NOTE).unlink(missing_ok=True)


def running_on(data: Path) -> Running:
    """The stack that runs on the data; raises `NotRunning`."""
    nothing = f"no stack runs on the data in {data}: start one with `make run`, or set MOTCUA_DATA and call again"
    try:
        with (data / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        raise NotRunning(nothing)
    except BlockingIOError:
        pass  # whoever holds it lives
    except OSError as error:
        raise NotRunning(nothing) from error
    try:
        return msgspec.json.decode((data / _NOTE).read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError) as error:
        raise NotRunning(f"the stack on the data in {data} is not up yet: call again when it says so") from error


def main() -> int:
    """Print the shell's assignments; exit code 1 with one sentence when no stack runs."""
    try:
        found = running_on(data_folder())
    except NotRunning as error:
        print(f"motcua: {error}", file=sys.stderr)
        return 1
    for service in SERVICES:
        print(f"export {service.upper()}={shlex.quote(found.addresses[service])}")
        print(f"export {service.upper()}_DATABASE_URL={shlex.quote(found.databases[service])}")
    return 0


if __name__ == "__main__":
    sys.exit(commands.run(main))

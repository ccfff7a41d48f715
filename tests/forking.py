"""Services as forks of a process that has imported them: importing is most of what a start costs, and a run starts hundreds.

What starts so is a process as any other: a child of the test's process with a memory, a group, signals and an end of its own.
Its application is made after the fork, from its own environment. `make run`, `make demo` and what the READMEs print start their
processes anew, in tests/deploy.
"""

from __future__ import annotations

import ast
import atexit
import ctypes
import gc
import importlib
import importlib.util
import os
import runpy
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

import msgspec

from deploy.local import processes
from deploy.local.processes import die_with_parent
from deploy.local.services import ROOT, Process
from deploy.local.stack import Stack
from shared.settings import SERVICES

_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)
_SERVING = (
    "shared.web.connections",
    "shared.web.server",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.main",
)
"""What an API imports before its application, by name."""
_WORKERS = {*(f"services.{service}.worker" for service in SERVICES), "tests.faults.hasty_worker"}
_APPLICATIONS = {f"services.{service}.app:app" for service in SERVICES}


class _Start(msgspec.Struct):
    """What a fork server is asked to start."""

    module: str
    words: list[str]
    environment: dict[str, str]
    folder: str
    parent: int
    death_signal: int


class _Forked(subprocess.Popen[bytes]):
    """A child that somebody else forked for this process."""

    def __init__(self, command: Sequence[str], pid: int) -> None:
        """Of a child that runs."""
        self._forked = pid
        super().__init__(command)

    def _execute_child(self, *_: object) -> None:
        self.pid = self._forked
        vars(self)["_child_created"] = True


class _ForkServer:
    """A process that has imported some modules, and forks whenever it is asked to."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        """Starts it; what it is asked for waits until it has imported."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-u", "-m", "tests.forking", str(theirs.fileno()), *modules]
            self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    def fork(self, start: _Start, log: int) -> int:
        """The number of a new child of this process."""
        # Whom the server forks is nobody's until it comes to the nearest ancestor that takes in orphans.
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            socket.send_fds(self._socket, [msgspec.json.encode(start)], [log])
            answer = self._socket.recv(64)
        finally:
            _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        if not answer:
            raise ChildProcessError(f"the fork server ended with {self._process.wait()}")
        return int(answer)

    def stop(self) -> None:
        """It ends when nobody can ask it any more."""
        self._socket.close()
        self._process.wait()


_servers: dict[tuple[str, ...], _ForkServer] = {}
_lock = threading.Lock()


@atexit.register
def _stop_servers() -> None:
    for server in _servers.values():
        server.stop()


def _modules_of(command: Sequence[str | os.PathLike[str]]) -> tuple[str, ...]:
    """What a process of a service imports, the module last that makes what it runs; nothing of another process."""
    match [os.fspath(word) for word in command]:
        case [sys.executable, "-m", "shared.web", application, *_] if application in _APPLICATIONS:
            return (*_SERVING, application.partition(":")[0])
        case [sys.executable, "-m", module, *_] if module in _WORKERS:
            return (module,)
        case _:
            return ()


def spawn(
    command: Sequence[str | os.PathLike[str]],
    *,
    death_signal: signal.Signals,
    log: IO[bytes] | int | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """As `deploy.local.processes.spawn`, which starts what is no process of a service."""
    modules = _modules_of(command)
    if not modules or log is None:
        return processes.spawn(command, death_signal=death_signal, log=log, env=env, cwd=cwd)
    words = [os.fspath(word) for word in command]
    environment = dict(os.environ if env is None else env)
    start = _Start(words[2], words[3:], environment, os.fspath(cwd or Path.cwd()), os.getpid(), int(death_signal))
    with _lock:
        if modules not in _servers:
            _servers[modules] = _ForkServer(modules)
        return _Forked(words, _servers[modules].fork(start, log if isinstance(log, int) else log.fileno()))


class ForkedStack(Stack):
    """A stack whose services are forked, however often they start again."""

    def run(self, process: Process) -> None:
        """Start one more process, which `watch` restarts like the others."""
        process.spawn = spawn
        super().run(process)


def _preload(modules: Sequence[str]) -> None:
    """Imports modules, of the last only what it imports itself: an application is made from the environment of its process."""
    for name in modules[:-1]:
        importlib.import_module(name)
    found = importlib.util.find_spec(modules[-1])
    assert found
    assert found.origin
    for statement in ast.parse(Path(found.origin).read_text()).body:
        match statement:
            case ast.Import(names=names):
                for alias in names:
                    importlib.import_module(alias.name)
            case ast.ImportFrom(module=str(name), names=names):
                package = importlib.import_module(name)
                for alias in names:
                    if not hasattr(package, alias.name):
                        importlib.import_module(f"{name}.{alias.name}")


def _serve(door: socket.socket) -> _Start:
    """Forks until nobody can ask any more; returns in the forked process alone."""
    while True:
        message, logs, _, _ = socket.recv_fds(door, 1_000_000, 1)
        if not message:
            os._exit(0)
        start = msgspec.json.decode(message, type=_Start)
        reading, writing = os.pipe()
        between = os.fork()
        if not between:
            child = os.fork()
            if child:
                os.setpgid(child, child)
                os.write(writing, str(child).encode())
                os._exit(0)
            for number in (reading, writing):
                os.close(number)
            door.close()
            _begin(start, logs[0])
            return start
        os.waitpid(between, 0)
        door.send(os.read(reading, 64))
        for number in (reading, writing, *logs):
            os.close(number)


def _begin(start: _Start, log: int) -> None:
    """Makes of a fork what a process is that was started with a log, an environment and a folder."""
    while os.getppid() != start.parent:
        time.sleep(0.0005)
    die_with_parent(signal.Signals(start.death_signal))
    if os.getppid() != start.parent:  # the parent died before the setting was made
        os._exit(1)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(start.environment)
    os.chdir(start.folder)
    sys.argv[1:] = start.words
    if telemetry := sys.modules.get("shared.web.telemetry"):
        vars(telemetry)["_BEGINNING"] = secrets.token_hex(8).encode()  # each process draws its own at its import


def main() -> NoReturn:
    """A fork server, and after each fork what was to be started."""
    door = socket.socket(fileno=int(sys.argv[1]))
    _preload(sys.argv[2:])
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a fork takes one thread along"
    start = _serve(door)
    runpy.run_module(start.module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    main()

"""Child processes that end when their parent ends, even by SIGKILL."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def spawn(
    command: Sequence[str | os.PathLike[str]],
    *,
    death_signal: signal.Signals,
    log: IO[bytes] | int | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: tuple[int, int] | None = None,
    stdin: int | None = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Starts `command` so that the kernel sends it `death_signal` when the thread that called this ends, even by SIGKILL.

    The child leads a process group of its own: a Ctrl-C in the terminal reaches the supervisor only, which then stops its
    children in order, and `os.killpg` reaches grandchildren. `account` is the (uid, gid) to run under; `log` takes stdout and
    stderr. Call it from the main thread: the kernel watches the thread, not the process.
    """
    user, group = account or (None, None)
    return subprocess.Popen(
        [os.fspath(part) for part in command],
        stdin=stdin,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        env=dict(env) if env is not None else None,
        cwd=cwd,
        user=user,
        group=group,
        extra_groups=[] if account else None,
        process_group=0,
        preexec_fn=_preparation(os.getpid(), death_signal),
    )


def _preparation(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    # Built before the fork and made of one C call: between fork and exec nothing may allocate much or take a lock.
    # It runs after the change of account, which would clear the setting.
    def prepare() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the setting was made
            os._exit(1)

    return prepare


def die_with_parent(death_signal: signal.Signals) -> None:
    """Lets the kernel send `death_signal` to this process when whoever started it ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def stop(process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, within: float = 3.0) -> int:
    """Send a child the signal `by`; after `within` seconds kill its whole group. Returns its exit code."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            kill(process)
    return process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a child and to everything it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

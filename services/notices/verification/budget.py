"""How long a file may be read: one that is made to be read without end is answered, too."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.languages import bilingual

SECONDS = 20.0
"""Of processor time: a notice takes less than one, and one with as many signatures as are read a few."""
MEGABYTES = 1024
"""Of memory, beside what the process has: a notice takes fifty."""
OVERSPENT = bilingual(
    "reading it to its end takes more time or memory than a notice and any signatures take",
    "đọc hết tệp cần nhiều thời gian hoặc bộ nhớ hơn mọi thông báo và chữ ký thông thường",
)


class Overspent(BaseException):
    """The time is up. None that a library which catches every `Exception` would catch."""


@contextmanager
def budget() -> Iterator[None]:
    """Raise `Overspent` after `SECONDS` of the process. Only in its main thread.

    What is raised while the interpreter collects garbage goes nowhere, so it is raised again, at the latest at the end.
    """
    over = False

    def spent(*_: object) -> None:
        nonlocal over
        over = True
        raise Overspent

    before = signal.signal(signal.SIGPROF, spent)
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
    if over:
        raise Overspent


@contextmanager
def memory() -> Iterator[None]:
    """Let the process have `MEGABYTES` more; beyond that it meets `MemoryError`."""
    before, most = resource.getrlimit(resource.RLIMIT_AS)
    has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    wanted = has + MEGABYTES * 2**20
    bounds = [one for one in (before, most) if one != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *bounds]), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, most))

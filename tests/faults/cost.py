"""What a process costs, read from /proc: seconds of processor and megabytes, never the time on the wall."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds of processor of a process and of its children that ended, to the nanosecond where the kernel tells."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = (int(words[13]) + int(words[14])) / _TICKS
    own = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError, ValueError, IndexError):
            own += int((task / "schedstat").read_text().split()[0])
    return children + (own / 1e9 if own else (int(words[11]) + int(words[12])) / _TICKS)


def memory_of(pid: int) -> tuple[float, float]:
    """Megabytes that a process holds, and the most it held since `forget_peak`."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    held, peak = (int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return held, peak


def forget_peak(pid: int) -> None:
    """The most that a process held is from now on what it holds now."""
    with suppress(PermissionError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


@dataclass
class Meter:
    """Measures a process from its making on."""

    pid: int
    cpu_s: float = field(init=False)
    """What it began with."""
    held: float = field(init=False)

    def __post_init__(self) -> None:
        forget_peak(self.pid)
        self.cpu_s = cpu_of(self.pid)
        self.held = memory_of(self.pid)[0]

    def read(self) -> tuple[float, float]:
        """Seconds of processor since then, and megabytes at the most above what was held then."""
        return cpu_of(self.pid) - self.cpu_s, max(0.0, memory_of(self.pid)[1] - self.held)

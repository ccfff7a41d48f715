"""The steps of `make run` and `make demo`, printed by name with how much of the whole is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum

_SECONDS_BETWEEN_LINES = 1.0


class Step(Enum):
    """A step: its name, and the per cent that are done when it begins."""

    data = "checking the data folder and the ports", 0
    servers = "starting PostgreSQL and Redis", 2
    migrations = "migrating the databases", 10
    services = "starting APIs and workers", 20
    connect = "connecting the portal", 40
    pull = "reading and counting the portal's dossiers", 42
    compare = "comparing the figures with the expected ones", 85
    conclude = "writing the conclusion", 90
    preview = "asking what a day off would move", 96
    push = "sending a dossier with its steps", 97
    revise = "editing the conclusion and composing it anew", 98
    issue = "issuing the conclusion, verifying and correcting it", 99
    done = "done", 100

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def begins_at(self) -> int:
        return self.value[1]


class Progress:
    """Prints `[ 42 %] name of the step`, and inside a long step the same line with details, once a second at most."""

    def __init__(self, echo: Callable[[str], None]) -> None:
        self._echo = echo
        self._step = Step.data
        self._last_line = ""
        self._printed_at = 0.0

    def begin(self, step: Step) -> None:
        """A step begins."""
        self._step = step
        self._print(step.begins_at, "")

    def advance(self, share: float, details: str) -> None:
        """`share` of the step is done, from 0 to 1."""
        if time.monotonic() - self._printed_at < _SECONDS_BETWEEN_LINES:
            return
        following = next(step for step in Step if step.begins_at > self._step.begins_at)
        span = following.begins_at - self._step.begins_at
        self._print(self._step.begins_at + int(span * min(max(share, 0.0), 0.99)), f": {details}")

    def _print(self, percent: int, details: str) -> None:
        line = f"[{percent:3} %] {self._step.title}{details}"
        if line != self._last_line:
            self._echo(line)
        self._last_line, self._printed_at = line, time.monotonic()

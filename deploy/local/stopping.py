"""Ctrl-C and SIGTERM end the main thread's work by an exception, once."""

from __future__ import annotations

import signal
from types import FrameType


class Stopped(BaseException):
    """Somebody asked for an end by SIGINT or SIGTERM."""


def stop_on_signals() -> None:
    """From now on SIGINT and SIGTERM raise `Stopped` in the main thread."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)


def stopping() -> None:
    """From now on both are ignored: the end is under way and must not be cut short."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _stop(number: int, _: FrameType | None) -> None:
    # Nothing waits here: a handler interrupts anything, also the waiting for the very process it would wait for.
    stopping()
    raise Stopped

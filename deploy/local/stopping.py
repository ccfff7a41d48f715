"""SIGINT (Ctrl-C) and SIGTERM raise one exception in the main thread."""

from __future__ import annotations

import signal
from types import FrameType


class Stopped(BaseException):
    """SIGINT or SIGTERM came."""


def stop_on_signals() -> None:
    """From now on SIGINT and SIGTERM raise `Stopped` in the main thread."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)


def stopping() -> None:
    """From now on both are ignored, so that nothing interrupts the stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _stop(number: int, _: FrameType | None) -> None:
    # No waiting in a handler: it may have interrupted the wait for the same process.
    stopping()
    raise Stopped

"""The portal's clock: stands still, or runs at any speed from the world's starting instant."""

from __future__ import annotations

import time


class PortalClock:
    """`speed` seconds of the portal pass in each real one; 0 stands still."""

    def __init__(self, starts_at: int, speed: float = 0.0) -> None:
        self._base = float(starts_at)
        self._since = time.monotonic()
        self.speed = speed

    def now(self) -> int:
        """The portal's instant, in seconds since 1970."""
        return int(self._base + (time.monotonic() - self._since) * self.speed)

    def skip(self, seconds: int) -> None:
        """Let this much time pass at once; time never goes back."""
        if seconds < 0:
            raise ValueError("a portal's clock does not go back")
        self._base += seconds

    def run(self, speed: float) -> None:
        """Go on from here at another speed."""
        self._base += (time.monotonic() - self._since) * self.speed
        self._since = time.monotonic()
        self.speed = speed

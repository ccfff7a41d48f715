"""How loud and how patient we are towards a source: limits, the circuit breaker, the pace, and a bounded unpacking."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

import msgspec

from services.ingest.sources.bounds import Bounds, require_within
from services.ingest.sources.errors import SourceAway

LIMITS: Bounds = {
    "rate": (0.01, 100),
    "concurrency": (1, 16),
    "budget_seconds": (1, 3_600),
    "connect_seconds": (0.1, 60),
    "read_seconds": (0.1, 180),
    "call_seconds": (0.1, 300),
    "attempts": (1, 30),
    "backoff_seconds": (0.001, 60),
    "backoff_cap_seconds": (0.001, 600),
    "patience_seconds": (0.1, 3_600),
    "breaker_failures": (1, 100),
    "breaker_seconds": (1, 3_600),
    "body_bytes": (1_024, 64 * 1024 * 1024),
}
"""Least and most of each of `Limits`: what a portal can bear, and a worker that reads several sources at once."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How loud and how patient we are towards one source."""

    BOUNDS: ClassVar[Bounds] = LIMITS
    """Least and most of each number."""

    rate: float = 10.0
    """Calls per second at most, tokens included."""
    concurrency: int = 2
    """Calls at once at most."""
    budget_seconds: float = 900.0
    """A pull stops at a page's border when it has run so long, and within a call `call_seconds` later; the next one goes on."""
    connect_seconds: float = 30.0
    """Longest time until a connection stands."""
    read_seconds: float = 180.0
    """Longest silence within an answer."""
    call_seconds: float = 300.0
    """Longest time for a whole answer, which ends a drip."""
    attempts: int = 8
    """How often a call is tried at most."""
    backoff_seconds: float = 0.5
    """Pause before the second try; doubled before each further one."""
    backoff_cap_seconds: float = 60.0
    """Longest of these pauses."""
    patience_seconds: float = 300.0
    """Longest `Retry-After` that is waited for within a pull."""
    breaker_failures: int = 12
    """Failures in a row that open the breaker."""
    breaker_seconds: float = 30.0
    """How long it stays open at first; doubled each time the probe fails, up to 32 times that."""
    body_bytes: int = 24 * 1024 * 1024
    """Largest answer, unpacked."""

    def __post_init__(self) -> None:
        """Refuse limits that let nothing through, and those that limit nothing."""
        require_within(self, self.BOUNDS)


class Breaker:
    """Stops calls to a source that only fails: closed, open, or half open with one probe under way."""

    def __init__(self, limits: Limits, now: Callable[[], datetime], earlier: Mapping[str, object] | None = None) -> None:
        """`kept` is an earlier `report`, so that the state outlives the process."""
        self._limits = limits
        self._now = now
        self.state: Literal["closed", "open", "half_open"] = "closed"
        self.since = now()
        self.failures = 0
        self._times_opened = 0
        self.last_failure: str | None = None
        if earlier and earlier.get("state") in ("open", "half_open"):
            self.state = "open"
            self.since = datetime.fromisoformat(str(earlier["since"]))
            self._times_opened = int(str(earlier.get("times_opened", 1)))
            self.failures = int(str(earlier.get("failures", 0)))

    def admit(self) -> None:
        """Let a call through, or raise `SourceAway` while the breaker is open."""
        if self.state == "closed":
            return
        wait = (self.since + timedelta(seconds=self._open_seconds()) - self._now()).total_seconds()
        if self.state == "open" and wait <= 0:
            self._set_state("half_open")
            return
        raise SourceAway(
            f"The source failed {self.failures} times in a row ({self.last_failure or 'before a restart'}); it is asked again"
            f" in {max(wait, 0):.0f} s.",
            again_after=max(wait, 0.1),
        )

    def succeeded(self) -> None:
        """A call was answered as agreed."""
        self.failures = self._times_opened = 0
        if self.state != "closed":
            self._set_state("closed")

    def responded(self) -> None:
        """The source answered, though not with what was asked for: enough of a probe."""
        if self.state == "half_open":
            self.succeeded()

    def failed(self, kind: str) -> None:
        """A call failed in a way that speaks against the source."""
        self.failures += 1
        self.last_failure = kind
        if self.state == "half_open" or (self.state == "closed" and self.failures >= self._limits.breaker_failures):
            self._times_opened += 1
            self._set_state("open")

    def _open_seconds(self) -> float:
        return self._limits.breaker_seconds * float(2 ** min(max(self._times_opened - 1, 0), 5))

    def _set_state(self, state: Literal["closed", "open", "half_open"]) -> None:
        self.state = state
        self.since = self._now()

    def report(self) -> dict[str, object]:
        """The state as JSON, for people and for `kept`."""
        return {
            "state": self.state,
            "since": self.since.isoformat(),
            "failures": self.failures,
            "times_opened": self._times_opened,
            "last_failure": self.last_failure,
        }


class SharedTurns(Protocol):
    """When the next call to a host may leave, for all processes that call it."""

    async def take(self, host: str, interval: float) -> float:
        """Take the turn, so that the next one is `interval` seconds later: 0.0; or the seconds to wait for it."""

    async def hold(self, host: str, seconds: float) -> None:
        """Give nobody a turn for so long."""


class HostTurns:
    """When the next call to a host may leave, whatever source, reconciliation or catalogue it is for."""

    shared: ClassVar[SharedTurns | None] = None
    """Set by a process beside which others call the same hosts."""
    _of_hosts: ClassVar[dict[str, HostTurns]] = {}

    def __init__(self, host: str | None = None) -> None:
        """At once; without a host they are those of one client."""
        self.host = host
        self.next = 0.0
        self.line = asyncio.Lock()

    @classmethod
    def of(cls, host: str, port: int) -> HostTurns:
        """Those of all clients that call the host."""
        return cls._of_hosts.setdefault(f"{host}:{port}", cls(f"{host}:{port}"))


class RateLimiter:
    """Spaces calls evenly at the agreed rate; a `Retry-After` holds all of them."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        turns: HostTurns | None = None,
    ) -> None:
        """`rate` in calls per second; `turns` are shared with all that call the same host."""
        # A little wider than agreed: the network bunches calls up on the way.
        self._interval = 1.02 / rate
        self._clock = clock
        self._sleep = sleep
        self._turns = turns or HostTurns()

    async def wait_turn(self) -> None:
        """Wait for the next free place in the rate; first come, first served."""
        async with self._turns.line:
            while (wait := self._turns.next - self._clock()) > 0:
                await self._sleep(wait)
            if (shared := self._turns.shared) is not None and self._turns.host is not None:
                # A hold that another process reads meanwhile makes the wait longer.
                while (wait := await shared.take(self._turns.host, self._interval)) > 0:
                    await self._sleep(wait)
            self._turns.next = self._clock() + self._interval

    async def hold(self, seconds: float) -> None:
        """Let nobody through for so long."""
        self._turns.next = max(self._turns.next, self._clock() + seconds)
        if (shared := self._turns.shared) is not None and self._turns.host is not None:
            await shared.hold(self._turns.host, seconds)


class Gunzip:
    """Unpacks gzip as it arrives and never more than is allowed: a bomb goes off in small pieces."""

    def __init__(self) -> None:
        """Nothing was unpacked yet."""
        self._inflate = zlib.decompressobj(31)

    @property
    def whole(self) -> bool:
        """Whether the packed stream came to its end."""
        return self._inflate.eof

    def decompress(self, packed: bytes, room: int) -> bytes:
        """Unpack the next bytes to at most `room` + 1 bytes, from which the caller sees that it is too much."""
        unpacked = self._inflate.decompress(packed, max(room, 0) + 1)
        while self._inflate.eof and self._inflate.unused_data and len(unpacked) <= room:
            # Packed in several members.
            rest = self._inflate.unused_data
            self._inflate = zlib.decompressobj(31)
            unpacked += self._inflate.decompress(rest, max(room - len(unpacked), 0) + 1)
        return unpacked

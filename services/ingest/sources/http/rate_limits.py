"""How loud and how patient we are towards a source: limits, the circuit breaker and the pace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

import msgspec

from services.ingest.sources.bounds import Bounds, require_within
from services.ingest.sources.errors import SourceAway
from shared.languages import Bilingual, bilingual

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


USUAL_RATE = 10.0
"""Calls per second to a host."""
MAX_HELD_TOGETHER = 30.0
"""Seconds for which the `Retry-After` of one source holds those of others."""
_AT_ONCE = 0.01
"""Seconds between a source's turn and its host's within which both are one instant."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How loud and how patient we are towards one source."""

    BOUNDS: ClassVar[Bounds] = LIMITS
    """Least and most of each number."""

    rate: float = USUAL_RATE
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
        """`earlier` is a `report` of before, so that the state outlives the process."""
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
            bilingual(
                "The source failed {n} times in a row ({last}); it is asked again in {wait:.0f} s.",
                "Nguồn lỗi {n} lần liên tiếp ({last}); sẽ hỏi lại sau {wait:.0f} giây.",
                n=self.failures,
                last=self.last_failure or Bilingual("before a restart", "trước khi khởi động lại"),
                wait=max(wait, 0),
            ),
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
        """The state as JSON, for people and for `earlier`."""
        return {
            "state": self.state,
            "since": self.since.isoformat(),
            "failures": self.failures,
            "times_opened": self._times_opened,
            "last_failure": self.last_failure,
        }


class SharedTurns(Protocol):
    """When the next call may leave, for all processes that call."""

    async def take(self, host: str, interval: float) -> float:
        """Take the turn, so that the next one is `interval` seconds later: 0.0; or the seconds to wait for it."""

    async def hold(self, host: str, seconds: float) -> float:
        """Give nobody a turn for so long; the seconds until there is one, more where another process holds it longer."""


class HostTurns:
    """When the next call to a host may leave, of one source or of all, whatever reconciliation or catalogue it is for."""

    shared: ClassVar[SharedTurns | None] = None
    """Set by a process beside which others call the same hosts."""
    _of_hosts: ClassVar[dict[str, HostTurns]] = {}

    def __init__(self, name: str | None = None) -> None:
        """At once; without a name they are those of one client."""
        self._name = name
        self._next = self._held_until = 0.0
        self._line = asyncio.Lock()
        self.leaving = asyncio.Lock()
        """Of the call that has its turn and waits for that of the host."""

    @classmethod
    def of_source(cls, host: str, port: int, source: str) -> tuple[HostTurns, HostTurns]:
        """Those of all clients that call the host for a source, and those of all that call it."""
        names = f"{host}:{port} {source}", f"{host}:{port}"
        own, of_host = (cls._of_hosts.setdefault(name, cls(name)) for name in names)
        return own, of_host

    async def take(self, interval: float, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        """Wait for the turn, first come, first served; the next one is `interval` seconds later."""
        async with self._line:
            while (wait := max(self._next, self._held_until) - clock()) > 0:
                await sleep(wait)
            if self.shared is not None and self._name is not None:
                # A hold that another process reads meanwhile makes the wait longer.
                while (wait := await self.shared.take(self._name, interval)) > 0:
                    await sleep(wait)
            self._next = clock() + interval

    async def left(self, interval: float, now: float) -> float:
        """A call leaves now: the next turn is `interval` seconds later, however long this one waited after its own.

        The seconds that it must wait nevertheless, as another process was told to meanwhile; 0.0: it leaves.
        """
        self._next = now + interval
        if self.shared is None or self._name is None:
            return 0.0
        until = await self.shared.hold(self._name, interval)
        return until if until > interval + _AT_ONCE else 0.0

    def held(self, now: float) -> float:
        """For how many seconds nobody may call."""
        return max(self._held_until - now, 0.0)

    async def hold(self, seconds: float, now: float) -> None:
        """Give nobody a turn for so long."""
        self._held_until = max(self._held_until, now + seconds)
        if self.shared is not None and self._name is not None:
            await self.shared.hold(self._name, seconds)


class RateLimiter:
    """Spaces the calls of a source evenly at the agreed rate; a `Retry-After` holds all of them.

    Several sources of a host, of several provinces maybe, share its calls at the rate of a usual source, or of the one that
    calls where that is faster: a slow source takes no more of it than any. A portal counts calls by address, so what it tells
    one source holds the others too, but no longer than `MAX_HELD_TOGETHER`: then each learns for itself.
    """

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        own: HostTurns | None = None,
        of_host: HostTurns | None = None,
    ) -> None:
        """`rate` in calls per second; `own` turns are those of the source, `of_host` are shared with all that call the host."""
        # A little wider than agreed: the network bunches calls up on the way.
        self._interval = 1.02 / rate
        self._clock = clock
        self._sleep = sleep
        self._own = own or HostTurns()
        self._of_host = of_host

    async def wait_turn(self) -> None:
        """Wait for the next free turn of the source, and then of the host.

        One call of the source at a time: those that a held host stops leave at the pace of the source, not of the host.
        """
        async with self._own.leaving:
            await self._own.take(self._interval, self._clock, self._sleep)
            taken = self._clock()
            if self._of_host is not None:
                await self._of_host.take(min(self._interval, 1.02 / USUAL_RATE), self._clock, self._sleep)
            # A `Retry-After` that was read while this one waited for its turns holds it as well.
            while (wait := max(one.held(self._clock()) for one in (self._own, self._of_host) if one is not None)) > 0:
                await self._sleep(wait)
            while (now := self._clock()) - taken > _AT_ONCE and (wait := await self._own.left(self._interval, now)) > 0:
                await self._sleep(wait)

    async def hold(self, seconds: float) -> None:
        """Let no call of the source through for so long, and none of another source of the host for `MAX_HELD_TOGETHER`."""
        await self._own.hold(seconds, self._clock())
        if self._of_host is not None:
            await self._of_host.hold(min(seconds, MAX_HELD_TOGETHER), self._clock())

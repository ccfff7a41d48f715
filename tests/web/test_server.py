"""The server of an API while it is idle, and at its end."""

from __future__ import annotations

import asyncio
import signal

import pytest
import uvicorn

from shared.web import server
from tests.patience import PATIENCE


async def test_a_server_that_sleeps_between_its_ticks_ends_when_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TICK_SECONDS", 3_600.0)
    ticks: list[bytes] = []

    class Counted(server.Server):
        async def on_tick(self, counter: int) -> bool:
            ends = await super().on_tick(counter)
            ticks.append(dict(self.server_state.default_headers)[b"date"])
            return ends

    one = Counted(uvicorn.Config("nothing:at_all"))
    serving = asyncio.create_task(one.main_loop())
    while not ticks:
        await asyncio.sleep(0)
    assert not serving.done()
    one.handle_exit(signal.SIGTERM, None)
    await asyncio.wait_for(serving, PATIENCE)
    assert len(ticks) == 2
    assert one.should_exit


async def test_each_tick_tells_the_time_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TICK_SECONDS", 0.0)
    monkeypatch.setattr(uvicorn.server, "time", _Clock())
    one = server.Server(uvicorn.Config("nothing:at_all"))
    serving = asyncio.create_task(one.main_loop())
    dates: set[tuple[tuple[bytes, bytes], ...]] = set()
    while len(dates) < 3:
        dates.add(tuple(one.server_state.default_headers))
        await asyncio.sleep(0)
    one.handle_exit(signal.SIGTERM, None)
    await asyncio.wait_for(serving, PATIENCE)


class _Clock:
    """Each look is a second after the one before."""

    seconds = 0.0

    def time(self) -> float:
        self.seconds += 1
        return self.seconds

"""What metrics logs of an ingest that answers and refuses: the reason by its status, once, without a traceback."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from services.metrics.counting.ingest_client import Ingest
from shared.heartbeat import LoopProgress
from shared.poll_loop import NextPoll, PollLoop
from tests.ingest.portals import Scripted, answer


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "INGEST_KEY"), (403, "INGEST_KEY"), (503, "too much to do"), (500, "Its log tells why")]
)
async def test_the_log_says_why_ingest_refuses(status: int, advice: str) -> None:
    stopping = asyncio.Event()
    async with Scripted([answer(status)]).serving() as url, Ingest(url, "key") as ingest:

        async def ask() -> NextPoll | None:
            stopping.set()
            await ingest.heads()
            return None

        with capture_logs() as lines:
            await PollLoop(1.0, LoopProgress("counting")).run(ask, stopping)
    (line,) = lines
    assert advice in line["detail"]
    assert ("INGEST_KEY" in line["detail"]) == (advice == "INGEST_KEY")
    assert not line["exc_info"]

"""What Prometheus reads of answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from prometheus_client import REGISTRY

from shared.web import telemetry
from shared.web.routes import Routes, long_lived
from shared.web.telemetry import Telemetry


async def test_an_event_stream_is_no_slow_answer_however_long_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1.0
    monkeypatch.setattr(telemetry, "time", SimpleNamespace(perf_counter=lambda: now))
    app = FastAPI()

    async def lasting() -> AsyncIterator[bytes]:
        nonlocal now
        now += 30
        yield b"end"

    @app.get("/stream")
    @long_lived
    async def stream() -> StreamingResponse:
        return StreamingResponse(lasting())

    @app.get("/plain")
    async def plain() -> StreamingResponse:
        return StreamingResponse(lasting())

    app.add_middleware(Telemetry, service="telemetry", routes=Routes(app))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        for path in ("/stream", "/plain"):
            assert (await client.get(path)).content == b"end"

    def exported(name: str, **labels: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"service": "telemetry", **labels})

    for path, within in (("/stream", 1), ("/plain", 0)):
        assert exported("motcua_request_seconds_count", route=path) == 1
        assert exported("motcua_request_seconds_bucket", route=path, le="1.0") == within
    assert exported("motcua_request_failures_total") == 0

"""JSON, CSV or XLSX, as the client accepts; tables are made in a child process, so that nobody waits for them."""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from fastapi import Request, Response
from prometheus_client import Counter

from services.metrics import exports
from services.metrics.api.asking import as_json
from services.metrics.api.polled import form_of, respond
from shared.access import Principal

BREAKS = Counter("motcua_metrics_balance_breaks_total", "Answers that did not balance", ["stream"])


class Renderers:
    """A child process that makes tables, at a lower priority than the answers; made on first use, and anew should it die."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._pool: ProcessPoolExecutor | None = None

    async def render(self, kind: str, body: bytes, language: exports.Language) -> bytes:
        """The table of an answer as CSV or XLSX bytes."""
        work = exports.as_csv if kind == exports.CSV else exports.as_xlsx
        for last in (False, True):
            if self._pool is None:
                self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_step_back)
            try:
                return await asyncio.get_running_loop().run_in_executor(self._pool, work, body, language)
            except BrokenProcessPool:
                self._pool = None
                if last:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the child."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def _step_back() -> None:
    os.nice(10)
    # The service may be killed at any moment and nobody would tell this child: the kernel does (PR_SET_PDEATHSIG).
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))


async def deliver(
    request: Request, principal: Principal, stream: str, found: dict[str, Any], *, tabular: bool = True
) -> Response:
    """The answer in the accepted form, with its ETag, remembered; `generation` is taken out of it."""
    generation = found.pop("generation")
    if not found.get("balance", {"ok": True})["ok"]:
        BREAKS.labels(stream).inc()
    body, kind, headers = as_json(found), "application/json", {}
    ending, _, language = form_of(dict(request.scope["headers"])).partition("-")
    if tabular and ending != "json":
        kind = exports.CSV if ending == "csv" else exports.XLSX
        body = await request.app.state.renderers.render(kind, body, "en" if language == "en" else "vi")
        headers = {"Content-Disposition": f'attachment; filename="kpi-{stream}-{found["position"]}.{ending}"'}
    return respond(
        request,
        principal,
        stream=stream,
        position=found["position"],
        generation=generation,
        body=body,
        media_type=kind,
        **headers,
    )


TABLES: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    exports.XLSX: {"schema": {"type": "string", "format": "binary"}},
}
"""Other forms of an answer, for OpenAPI."""

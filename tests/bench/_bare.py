"""A bare FastAPI route that returns the bytes of the file in BARE_BODY: the floor of a polled answer."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI, Response

BODY = Path(os.environ["BARE_BODY"]).read_bytes() if "BARE_BODY" in os.environ else b"{}"

app = FastAPI()


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/v1/kpis")
async def kpis() -> Response:
    return Response(BODY, media_type="application/json")

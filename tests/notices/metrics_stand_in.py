"""Metrics for tests of notices: a real HTTP server on the loopback that gives fixed answers, or fails on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.notices import answers

_NAMES = {"none": "total", "agency": "agency", "procedure": "procedure"}


class MetricsStandIn:
    """`answers` may be changed while it runs; `failures` are statuses to answer first, one per call; 200 is a good answer."""

    def __init__(self) -> None:
        self.answers = answers.reference()
        self.catalogue = answers.catalogue()
        self.failures: list[int] = []
        self.asked: list[dict[str, list[str]]] = []
        self.key = "mc_test_key"
        self.url = ""

    def answer(self, path: str, authorization: str | None) -> tuple[int, dict[str, Any]]:
        words = parse_qs(urlsplit(path).query)
        self.asked.append(words)
        if self.failures and (status := self.failures.pop(0)) != 200:
            return status, {"detail": "not now"}
        if authorization != f"Bearer {self.key}":
            return 401, {"detail": "no such key"}
        if urlsplit(path).path == "/v1/kpis/catalogue":
            return 200, self.catalogue
        answer = self.answers[_NAMES[words["by"][0]]]
        as_of = words.get("as_of", [str(answer["position"])])[0]
        if as_of.isdigit() and int(as_of) > answer["position"]:
            return 409, {"detail": f"Province 30 is counted up to {answer['position']}."}
        wanted = set(words["kpi"])
        cut = {name: figure for name, figure in answer["total"]["kpis"].items() if name in wanted}
        return 200, {**answer, "total": {"kpis": cut}}


@contextmanager
def metrics_stand_in() -> Iterator[MetricsStandIn]:
    """One, listening on a port of its own."""
    stand_in = MetricsStandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = stand_in.answer(self.path, self.headers.get("Authorization"))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

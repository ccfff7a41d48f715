"""A proxy before the real metrics: tests see the queries, and have metrics fail or give wrong figures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from tests.patience import PATIENCE

Change = Callable[[str, dict[str, list[str]], dict[str, Any]], None]
"""Changes the body of a response, given the path and the query."""


class MetricsProxy:
    """Passes requests on to metrics, and its responses back."""

    def __init__(self, url: str) -> None:
        self.url = ""
        """Its address; empty until it listens."""
        self._upstream = httpx.Client(base_url=url, timeout=PATIENCE)
        self.reset()

    def reset(self) -> None:
        """Pass on everything unchanged."""
        self.failures: list[int] = []
        """Statuses to answer instead of metrics, one for each request."""
        self.change: Change | None = None
        """Applied to the bodies of successful responses."""
        self.queries: list[dict[str, list[str]]] = []
        """Of every request, in order."""

    def response(self, target: str, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of a GET."""
        address = urlsplit(target)
        query = parse_qs(address.query)
        self.queries.append(query)
        if self.failures:
            return self.failures.pop(0), msgspec.json.encode({"detail": "not now"})
        response = self._upstream.get(target, headers=headers)
        if self.change is None or response.status_code != 200:
            return response.status_code, response.content
        body = msgspec.json.decode(response.content)
        self.change(address.path, query, body)
        return 200, msgspec.json.encode(body)

    def close(self) -> None:
        """End its connections to metrics."""
        self._upstream.close()


@contextmanager
def metrics_proxy(url: str) -> Iterator[MetricsProxy]:
    """One before the metrics at `url`, on a port of its own."""
    proxy = MetricsProxy(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() in ("authorization", "accept")}
            status, content = proxy.response(self.path, headers)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        proxy.close()

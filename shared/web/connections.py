"""HTTP connections with limits on the size and time of headers, which uvicorn and its parser do not set.

`uvicorn --http shared.web.connections:HttpConnection`, which `python -m shared.web` sets for every API.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from shared.errors import Guidance, Malformed, Problem
from shared.logs import logger
from shared.settings import settings
from shared.web.problems import problem_document
from shared.web.telemetry import correlation_of

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

MAX_HEADERS = 16 * 1024
"""Bytes of a request's first line and headers."""
PORTION = 64 * 1024
"""Bytes of a body that are parsed at once."""
MAX_BETWEEN = 2 * PORTION
"""Bytes that may come of a chunked body without one of the body among them: sizes and extensions of chunks, and trailers."""
LINGER_BYTES = 1024 * 1024
LINGER_SECONDS = 2.0
"""For how much, and how long, the rest of a refused body is thrown away, so that its sender comes to read the answer."""

log = logger("web")


class HeadersTooLarge(Problem):
    """The request's first line and headers are too large."""

    status = 431
    type = "headers-too-large"
    title = "Request header fields too large"
    guidance = Guidance(
        "Send fewer or shorter headers and a shorter address.",
        "Tiêu đề quá lớn",
        "Dòng đầu và các tiêu đề của yêu cầu quá lớn.",
        "Gửi ít tiêu đề hơn, ngắn hơn, và địa chỉ ngắn hơn.",
    )


class HeadersTooSlow(Problem):
    """The request's headers did not arrive in time."""

    status = 408
    type = "too-slow"
    title = "The headers did not arrive in time"


class HttpConnection(HttpToolsProtocol):
    """uvicorn's protocol on httptools, with bounds for headers, for silence, and for what follows an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the first request's headers must come in time."""
        super().connection_made(transport)
        self._header_seconds = settings().header_seconds
        self._header_bytes = 0
        self._between = 0
        self._trailing = False
        self._left_to_drop = LINGER_BYTES
        self._lingering = False
        self._header_end: asyncio.TimerHandle | None = self.loop.call_later(self._header_seconds, self._headers_late)
        self._idle_since: float | None = None
        self._idle_end: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """End, and nothing is waited for any more."""
        self._headers_came()
        if self._idle_end is not None:
            self._idle_end.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, in portions no larger than a request's headers may be while they are not complete."""
        if self._header_bytes or len(data) > MAX_HEADERS or self._lingering:
            self._receive_portions(data)
            return
        self._feed(data)
        if self.cycle is not None and self.cycle.more_body:
            self._check_between(len(data))
        # A request whose headers came at once, as nearly all do, is looked at no further.
        if self._header_end is not None or "method" not in self.scope or self.cycle.response_complete:
            self._check_headers(len(data))

    def _receive_portions(self, data: bytes) -> None:
        if self._lingering:
            self._left_to_drop -= len(data)
            if self._left_to_drop < 0:
                self.transport.abort()
            return
        start = 0
        while start < len(data) and not self._lingering and not self.transport.is_closing():
            in_headers = not self._in_work()
            end = min(len(data), start + (MAX_HEADERS - self._header_bytes if in_headers else PORTION))
            self._feed(data[start:end])
            if not in_headers:
                self._check_between(end - start)
            self._check_headers(end - start if in_headers else 0)
            start = end

    def _feed(self, data: bytes) -> None:
        self._idle_since = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # It is answered as if it had asked for nothing else. The parser reads nothing after it.
            self.cycle.keep_alive = False
        except httptools.HttpParserError:
            self._refuse(Malformed("This is no HTTP request."))

    def on_message_begin(self) -> None:
        """A request begins: what comes first are its headers."""
        self._trailing = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The headers are whole: more of their kind can only follow the body."""
        self._trailing = True
        self._between = 0
        super().on_headers_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; one that follows the body (a trailer) nobody here asks for, and uvicorn would keep them all."""
        if not self._trailing:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Hand on a piece of the body."""
        self._between = 0
        super().on_body(body)

    def _check_between(self, size: int) -> None:
        """After `size` bytes of a body that is not whole were parsed: whether too much came that is no part of it.

        The parser holds a trailer that has no end, however long it is.
        """
        self._between += size
        if self._between > MAX_BETWEEN and not self._lingering and not self.transport.is_closing():
            self._refuse(HeadersTooLarge(f"More than {MAX_BETWEEN} bytes besides the body. Send no trailers."))

    def _in_work(self) -> bool:
        """Whether a request's headers are complete, and it or its body is not: what comes next is no header, or may wait."""
        return (
            self.scope is not None
            and "method" in self.scope
            and self.cycle is not None
            and (self.cycle.more_body or not self.cycle.response_complete)
        )

    def _check_headers(self, size: int) -> None:
        """After `size` bytes for headers were parsed: whether they are complete, too large, or to be waited for."""
        if self._in_work():
            self._header_bytes = 0
            if self._header_end is not None:
                self._headers_came()
        elif not self._lingering and not self.transport.is_closing():
            self._header_bytes += size
            if self._header_bytes >= MAX_HEADERS:
                self._refuse(HeadersTooLarge(f"The headers are larger than {MAX_HEADERS} bytes. Send fewer or shorter ones."))
            elif self._header_end is None:
                self._header_end = self.loop.call_later(self._header_seconds, self._headers_late)

    def _headers_came(self) -> None:
        if self._header_end is not None:
            self._header_end.cancel()
            self._header_end = None

    def _headers_late(self) -> None:
        self._header_end = None
        if self._header_bytes:
            self._refuse(HeadersTooSlow(f"The headers did not come within {self._header_seconds:g} s."))
        else:
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        """Answer before there is a request, and close; while another answer is being written only close."""
        if self.transport.is_closing():
            return
        log.info("refused", status=problem.status, type=problem.type, route="unmatched")
        if self.cycle is None or self.cycle.response_complete:
            correlation = correlation_of(None).decode()
            body = problem_document(problem, correlation)
            self.transport.write(
                STATUS_LINE[problem.status]
                + b"content-type: application/problem+json\r\ncache-control: no-store\r\nconnection: close\r\n"
                + b"x-correlation-id: %b\r\ncontent-length: %d\r\n\r\n%b" % (correlation.encode(), len(body), body)
            )
            self._linger()
        else:
            self.transport.close()

    def _linger(self) -> None:
        """Close once the client had the time to read the answer: closing at once would destroy it on its way."""
        if self._lingering:
            return
        self._lingering = True
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begin a request; one that may have a body is told that the connection ends when it is answered before the body."""
        app = _parting(app if cycle.scope["method"] == "GET" else _ending(app, cycle), cycle)
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for one; keep the connection only if the request was read to its end."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.pipeline:
            self.flow.resume_reading()
            self._start_asgi_task(*self.pipeline.pop())
        elif self.cycle.more_body:
            self._linger()
        else:
            self.flow.resume_reading()
            # One timer looks again when it ends, instead of one that is set and cancelled for each request.
            self._idle_since = self.loop.time()
            if self._idle_end is None:
                self._idle_end = self.loop.call_later(self.timeout_keep_alive, self._idle_too_long)

    def _idle_too_long(self) -> None:
        self._idle_end = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_end = self.loop.call_later(left, self._idle_too_long)
        else:
            self.transport.close()

    def _should_upgrade_to_ws(self) -> bool:
        return False


def _parting(app: ASGI3Application, cycle: RequestResponseCycle) -> ASGI3Application:
    """`app`, for which a client that leaves before it has read its answer is no fault."""

    async def parting_app(scope: Any, receive: Any, send: Any) -> None:
        async def out(message: Any) -> None:
            try:
                await send(message)
            except RuntimeError:
                # The socket was closed between two writes, of which uvicorn is told a moment later.
                if not cycle.transport.is_closing():
                    raise
                cycle.disconnected = True

        await app(scope, receive, out)

    return parting_app


def _ending(app: ASGI3Application, cycle: RequestResponseCycle) -> ASGI3Application:
    async def closing_app(scope: Any, receive: Any, send: Any) -> None:
        ends = False

        async def out(message: Any) -> None:
            nonlocal ends
            if message["type"] == "http.response.start":
                ends = cycle.more_body
                if ends:
                    message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            elif ends:
                cycle.keep_alive = True  # or uvicorn would close at once, and the answer be lost with the rest of the body
            await send(message)

        await app(scope, receive, out)

    return closing_app

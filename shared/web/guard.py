"""Checks bodies before a route reads them: size, time, media type, and strict JSON.

FastAPI's own parser accepts NaN and UTF-16 and fails on a lone surrogate, and uvicorn limits neither the size nor the time of a
body. So the bytes of every body are counted here, whatever its media type.
"""

from __future__ import annotations

import asyncio
import codecs
import io
from typing import Any

from shared.errors import Guidance, Malformed, Problem, TooLarge, Unavailable, UnsupportedMedia
from shared.jsontext import check, checked_apart
from shared.languages import Bilingual, bilingual
from shared.quotas import Quota
from shared.spreadsheets import XLSX, save_as_xlsx
from shared.web.load_limit import UNKNOWN_SECONDS, Slot
from shared.web.routes import ANY, INTRODUCTION, JSON, UNKNOWN, BodySpec, Route

SLOWEST = 16_384
"""Bytes a second: the least average speed of a body."""


class TooSlow(Problem):
    """The body did not arrive in time."""

    status = 408
    type = "too-slow"
    title = "The body did not arrive in time"
    guidance = Guidance(
        "Send it again over a better connection, or less at once.",
        "Dữ liệu đến quá chậm",
        "Tiêu đề hoặc nội dung không đến kịp.",
        "Gửi lại qua đường truyền tốt hơn, hoặc gửi ít hơn mỗi lần.",
    )


class TooManyBodies(Unavailable):
    """The bodies in memory leave no room for another."""

    type = "too-many-bodies"
    title = "Too much is being sent at once"
    guidance = Guidance(
        "Try again in a moment, or send less at once.",
        "Đang nhận quá nhiều dữ liệu",
        "Các nội dung đang nhận đã chiếm hết chỗ.",
        "Thử lại sau giây lát, hoặc gửi ít hơn mỗi lần.",
    )


class Guard:
    """ASGI layer: reads JSON bodies whole and checks them, and counts and times bodies that a route reads as they arrive."""

    def __init__(self, app: Any, *, limit: int, together: int, idle_seconds: float) -> None:
        """`limit`: bytes of one body held in memory; `together`: of all; `idle_seconds`: how long a body may send nothing."""
        self._app = app
        self._limit = limit
        self._together = together
        self._quota = Quota("bodies", together, "content-bytes")
        self._idle_seconds = idle_seconds
        self._held = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on, or raise a `Problem`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]:
            raise Malformed(
                Bilingual("The address holds the character U+0000. Remove it.", "Địa chỉ chứa ký tự U+0000. Xóa ký tự đó.")
            )
        headers = dict(scope["headers"])
        slot: Slot | None = scope.get("state", {}).get("slot")
        length = headers.get(b"content-length", b"0")
        if b"transfer-encoding" not in headers and not length.strip(b"0"):
            if slot is not None:
                slot.work()
            await self._app(scope, receive, send)
            return
        route: Route | None = scope["route"]
        if route is None or route.body is None:
            if slot is not None:
                slot.work()
            await self._app(scope, _Nothing(receive), send)
            return
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise UnsupportedMedia(
                Bilingual(
                    "Compressed bodies are not accepted. Send it without Content-Encoding.",
                    "Không nhận nội dung nén. Gửi lại không kèm Content-Encoding.",
                )
            )
        media_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower().decode("latin-1")
        if media_type not in route.body.media_types and ANY not in route.body.media_types:
            wanted = ", ".join(sorted(route.body.media_types))
            raise UnsupportedMedia(
                bilingual(
                    "The Content-Type {given} is not accepted here. Send {wanted}.{workbook}",
                    "Content-Type {given} không được nhận. Gửi {wanted}.{workbook}",
                    given=media_type or Bilingual("is missing and", "bị thiếu,"),
                    wanted=wanted,
                    workbook=save_as_xlsx(media_type if XLSX in route.body.media_types else ""),
                )
            )
        limit = self._limit if route.body.limit is None else route.body.limit
        arriving = Arriving(receive, limit, self._idle_seconds, slot)
        if not length.isdigit() or int(length[:15]) > limit:
            raise arriving.too_large()
        if not route.body.streamed and (media_type == JSON or ANY in route.body.media_types):
            room = _Room(self)
            try:
                # Not by a name: this frame would hold it for as long as the route works.
                await self._app(scope, _Whole(await self._checked(scope, arriving, route.body, room), receive), send)
            finally:
                room.give_back()
        else:
            if slot is not None:
                slot.upload()  # the route itself reads it
            await self._app(scope, arriving, send)

    async def _checked(self, scope: Any, arriving: Arriving, declared: BodySpec, room: _Room) -> bytes:
        # It gives its bytes away without a copy, which joining pieces does not.
        held = io.BytesIO()
        more = True
        asked_at = INTRODUCTION if declared.introduced is not None and scope["state"]["principal"] is None else None
        while more:
            message = await arriving()
            if message["type"] == "http.disconnect":
                raise Malformed(
                    Bilingual(
                        "The connection closed before the body was complete.", "Kết nối bị đóng trước khi nhận đủ nội dung."
                    )
                )
            room.take(len(message.get("body", b"")))
            held.write(message.get("body", b""))
            more = message.get("more_body", False)
            size = held.tell()
            # The beginning is looked at when it has doubled, so that single bytes cost no more than the whole.
            if asked_at is not None and ((size > INTRODUCTION and size >= asked_at) or not more):
                assert declared.introduced is not None
                known = await declared.introduced(scope, _unmarked(held)) if size <= UNKNOWN else False
                # A small body, as of a login, is read of anyone, in a place of those who are not known.
                if size > INTRODUCTION and (known is False or (known is None and not more)):
                    scope["state"]["unknown"] = True
                    return b""
                asked_at = None if known else 2 * size
        if arriving.slot is not None:
            arriving.slot.work()
        body = _unmarked(held)
        if body and declared.apart:
            return checked_apart(body, max_tokens=declared.tokens)
        if body:
            check(body, max_tokens=declared.tokens)
        return body

    def hold(self, size: int) -> None:
        """Count bytes in memory, with a negative `size` bytes that were released; raises `TooManyBodies`."""
        if size > 0 and self._held + size > self._together:
            raise TooManyBodies(
                Bilingual(
                    "Other requests fill the memory for bodies. Try again in a moment, or send less at once.",
                    "Các yêu cầu khác đã chiếm hết bộ nhớ nhận nội dung. Thử lại sau giây lát, hoặc gửi ít hơn.",
                ),
                headers=self._quota.refusal(1),
            )
        self._held += size


class _Room:
    """What one body takes of the room that all share, given back when its route has answered."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._taken = 0

    def take(self, size: int) -> None:
        self._guard.hold(size)
        self._taken += size

    def give_back(self) -> None:
        self._guard.hold(-self._taken)
        self._taken = 0


def _unmarked(held: io.BytesIO) -> bytes:
    """What was held, without the byte order mark that some software begins its JSON with and no JSON has."""
    return held.getvalue().removeprefix(codecs.BOM_UTF8)


class Arriving:
    """A body's messages, counted and timed: an ASGI `receive`."""

    def __init__(self, receive: Any, limit: int, idle_seconds: float, slot: Slot | None = None) -> None:
        """`limit` in bytes, `idle_seconds` in seconds; `slot` knows whether the sender is known."""
        self._receive = receive
        self.slot = slot
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._size = 0
        self._waited = 0.0
        self._complete = False

    async def __call__(self) -> Any:
        """The next message; raises `TooLarge` and `TooSlow`."""
        if self._complete:
            return await self._receive()  # only the end of the connection is left
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._patience()) as reading:
                if self.slot is not None:
                    self.slot.reading = reading
                message = await self._receive()
        except TimeoutError as error:
            raise TooSlow(
                Bilingual(
                    "The body came too slowly or stopped. Send it again, or less at once.",
                    "Nội dung đến quá chậm hoặc bị ngừng. Gửi lại, hoặc gửi ít hơn.",
                )
            ) from error
        finally:
            if self.slot is not None:
                self.slot.reading = None
        self._waited += clock() - began
        self._size += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._size > self._limit:
            raise self.too_large()
        return message

    def _patience(self) -> float:
        """Seconds until the next piece must be here; of a sender who is not known, until the whole beginning."""
        if self.slot is not None and not self.slot.known:
            return max(
                0.0, min(self._idle_seconds, UNKNOWN_SECONDS) + max(self._size - INTRODUCTION, 0) / SLOWEST - self._waited
            )
        return min(self._idle_seconds, self._idle_seconds + self._size / SLOWEST - self._waited)

    def too_large(self) -> TooLarge:
        """The refusal."""
        return TooLarge(
            bilingual(
                "The body is larger than the {n} bytes that are accepted here. Send it in parts.",
                "Nội dung lớn hơn {n} byte. Chia nhỏ rồi gửi.",
                n=self._limit,
            )
        )


class _Nothing:
    """An ASGI `receive` for a route that takes no body: what is sent all the same is dropped unread, and soon ends it."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._given = False
        self._left = SLOWEST

    async def __call__(self) -> Any:
        if not self._given:
            self._given = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while self._left > 0:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                break
            self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"}


class _Whole:
    """A body that is here already: an ASGI `receive` that gives it once and does not keep it."""

    def __init__(self, body: bytes, receive: Any) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Any:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

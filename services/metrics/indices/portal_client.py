"""The addresses at which a portal publishes scores: asked once at a time, and read within bounds.

Nothing is repeated here: when a failure is tried again is stored with the pull, so that it outlives the process.
"""

from __future__ import annotations

import asyncio
import codecs
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

import httpx
import msgspec

from shared.languages import Bilingual, bilingual
from shared.settings import ScoresEndpoint

CONNECT_SECONDS, READ_SECONDS, CALL_SECONDS = 30.0, 120.0, 180.0
"""To connect, between two pieces of a response, and in all."""
MAX_BYTES = 16 * 1024 * 1024
"""Of a response, unpacked."""


class PullFailed(Exception):
    """The portal published nothing that can be read; `error` says what happened and what to do."""

    def __init__(self, error: Bilingual, *, retry_after: float | None = None) -> None:
        """`retry_after`: seconds that the portal asks to wait."""
        super().__init__(error.en)
        self.error = error
        self.retry_after = retry_after


class PublishingPortal:
    """A client of these addresses. They stand in the operator's settings, and are called as they stand there."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "motcua"},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def read(self, endpoint: ScoresEndpoint, body: Mapping[str, object]) -> bytes:
        """The JSON that is published, whatever it is called, without its byte order mark. Raises `PullFailed`."""
        request = self._client.build_request(
            "POST", endpoint.url, content=msgspec.json.encode(body), headers={"Content-Type": "application/json"}
        )
        try:
            async with asyncio.timeout(CALL_SECONDS):
                response = await self._client.send(request, stream=True)
                try:
                    _check(response, endpoint.name)
                    content = await _content(response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException) as error:
            raise PullFailed(
                bilingual(
                    "The address {name} did not answer in time. It is asked again by itself.",
                    "Địa chỉ {name} không trả lời kịp. Hệ thống sẽ tự hỏi lại.",
                    name=endpoint.name,
                )
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
            raise PullFailed(
                bilingual(
                    "The connection to the address {name} fails ({error}). Check its url in PUBLISHED_SCORES, and the network.",
                    "Không kết nối được tới địa chỉ {name} ({error}). Kiểm tra url trong PUBLISHED_SCORES và mạng.",
                    name=endpoint.name,
                    error=type(error).__name__,
                )
            ) from error
        text = content.removeprefix(codecs.BOM_UTF8).strip()
        if text.startswith(b"<"):
            raise PullFailed(
                bilingual(
                    "The address {name} answers with a page for people, as portals do during maintenance. It is asked again.",
                    "Địa chỉ {name} trả về trang web thay cho dữ liệu, thường do đang bảo trì. Hệ thống sẽ hỏi lại.",
                    name=endpoint.name,
                )
            )
        return text


def _check(response: httpx.Response, name: str) -> None:
    status = response.status_code
    if status == 200:
        return
    if status == 429 or status >= 500 or status == 408:
        raise PullFailed(
            bilingual(
                "The address {name} answers {status}. It is asked again by itself.",
                "Địa chỉ {name} trả lời {status}. Hệ thống sẽ tự hỏi lại.",
                name=name,
                status=status,
            ),
            retry_after=_retry_after(response),
        )
    raise PullFailed(
        bilingual(
            "The address {name} answers {status}. Check its url and body in PUBLISHED_SCORES.",
            "Địa chỉ {name} trả lời {status}. Kiểm tra url và body trong PUBLISHED_SCORES.",
            name=name,
            status=status,
        )
    )


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds of `Retry-After`; a date is counted by the portal's own clock where it shows it."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        date = response.headers.get("date")
        start = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return max((parsedate_to_datetime(value) - start).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


async def _content(response: httpx.Response) -> bytes:
    """Its bytes, counted as they arrive and as they unpack."""
    packed = response.headers.get("content-encoding", "").strip().lower() == "gzip"
    unpack = zlib.decompressobj(31) if packed else None
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        one = chunk if unpack is None else unpack.decompress(chunk, MAX_BYTES - size + 1)
        size += len(one)
        if size > MAX_BYTES:
            raise PullFailed(
                Bilingual(
                    f"The response is larger than {MAX_BYTES} bytes, and was not read. Check url and body in PUBLISHED_SCORES.",
                    f"Câu trả lời lớn hơn {MAX_BYTES} byte nên không đọc. Kiểm tra url và body trong PUBLISHED_SCORES.",
                )
            )
        chunks.append(one)
    if unpack is not None and not unpack.eof:
        raise zlib.error("cut off")
    return b"".join(chunks)

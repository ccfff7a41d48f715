"""The addresses at which a portal publishes scores: asked once at a time, and read within bounds.

Nothing is repeated here: when a failure is tried again is stored with the pull, so that it outlives the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

import httpx
import msgspec

from shared.languages import Bilingual, bilingual
from shared.portal_responses import ResponseFault, is_page, read_response, retry_after
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
                    encoding = response.headers.get("content-encoding", "")
                    content = await read_response(response.aiter_raw(), encoding, MAX_BYTES)
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
        except ResponseFault as fault:
            raise PullFailed(_fault(fault, endpoint.name)) from fault
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PullFailed(
                bilingual(
                    "The connection to the address {name} fails ({error}). Check its url in PUBLISHED_SCORES, and the network.",
                    "Không kết nối được tới địa chỉ {name} ({error}). Kiểm tra url trong PUBLISHED_SCORES và mạng.",
                    name=endpoint.name,
                    error=type(error).__name__,
                )
            ) from error
        if is_page(content):
            raise PullFailed(
                bilingual(
                    "The address {name} answers with a page for people, as portals do during maintenance. It is asked again.",
                    "Địa chỉ {name} trả về trang web thay cho dữ liệu, thường do đang bảo trì. Hệ thống sẽ hỏi lại.",
                    name=endpoint.name,
                )
            )
        return content.strip()


def _fault(fault: ResponseFault, name: str) -> Bilingual:
    if fault.kind == "too_large":
        return bilingual(
            "The response of the address {name} is larger than {n} bytes, and was not read. Check its url and body in"
            " PUBLISHED_SCORES.",
            "Câu trả lời của địa chỉ {name} lớn hơn {n} byte nên không đọc. Kiểm tra url và body trong PUBLISHED_SCORES.",
            name=name,
            n=MAX_BYTES,
        )
    return bilingual(
        "The response of the address {name} is packed in a way that was not asked for, broken or cut off. It is asked again by"
        " itself.",
        "Câu trả lời của địa chỉ {name} bị nén theo cách không được yêu cầu, bị hỏng hoặc bị cắt. Hệ thống sẽ tự hỏi lại.",
        name=name,
    )


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
            retry_after=retry_after(response.headers, datetime.now(UTC)),
        )
    raise PullFailed(
        bilingual(
            "The address {name} answers {status}. Check its url and body in PUBLISHED_SCORES.",
            "Địa chỉ {name} trả lời {status}. Kiểm tra url và body trong PUBLISHED_SCORES.",
            name=name,
            status=status,
        )
    )

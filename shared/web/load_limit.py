"""Limits the requests that a process works on at a time; more are refused before they cost anything."""

from __future__ import annotations

from typing import Any

from shared.errors import Unavailable
from shared.languages import bilingual
from shared.quotas import Quota
from shared.web.routes import Route


class LoadLimit:
    """ASGI layer: at most `max_requests` at a time. Keyless routes always respond; event streams have limits of their own."""

    def __init__(self, app: Any, *, max_requests: int) -> None:
        """`max_requests` of this process."""
        self._app = app
        self._max_requests = max_requests
        self._quota = Quota("requests-in-work", max_requests)
        self._in_work = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on, or raise `Unavailable`."""
        route: Route | None = scope.get("route")
        if scope["type"] != "http" or (route is not None and (route.keyless or route.long_lived)):
            await self._app(scope, receive, send)
            return
        if self._in_work >= self._max_requests:
            raise Unavailable(
                bilingual(
                    "This process works on {n} requests already. Try again in a second.",
                    "Máy chủ đang xử lý {n} yêu cầu. Thử lại sau một giây.",
                    n=self._max_requests,
                ),
                headers=self._quota.refusal(1),
            )
        self._in_work += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_work -= 1

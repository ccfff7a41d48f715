"""Methods that no route declares: HEAD as GET without the body, OPTIONS with the methods in `Allow`, the others with 405."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from shared.errors import MethodNotAllowed, NotFound
from shared.languages import bilingual
from shared.web.routes import Routes, is_long_lived


class Methods:
    """ASGI layer: responds to OPTIONS and to methods that an address does not have."""

    def __init__(self, app: Any, *, routes: Routes) -> None:
        """`routes` are the application's."""
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on what has a route, or raise `MethodNotAllowed`; what has no address at all is left to FastAPI."""
        if scope["type"] != "http" or scope["route"] is not None or not (methods := self._routes.methods_at(scope)):
            if scope["type"] == "http" and scope["method"] == "OPTIONS":
                raise NotFound(
                    bilingual(
                        "There is nothing at {path}. See /docs for what there is.",
                        "Không có địa chỉ {path}. Xem /docs.",
                        path=scope["path"],
                    )
                )
            await self._app(scope, receive, send)
            return
        allow = {"Allow": ", ".join(methods)}
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=allow)(scope, receive, send)
            return
        raise MethodNotAllowed(
            bilingual(
                "{method} is no method of {path}. It has {allow}; see /docs.",
                "{path} không nhận phương thức {method}. Các phương thức có: {allow}; xem /docs.",
                method=scope["method"],
                path=scope["path"],
                allow=allow["Allow"],
            ),
            headers=allow,
        )


async def respond_to_head(app: Callable[[Any, Any, Any], Awaitable[None]], scope: Any, receive: Any, send: Any) -> None:
    """Answer a HEAD request by the GET of its address: the same status and headers, and no body.

    A route with a long-lived response is told at once that the client is gone.
    """
    ended = False

    async def out(message: Any) -> None:
        nonlocal ended
        if message["type"] != "http.response.body":
            await send(message)
        elif not ended and not message.get("more_body", False):
            ended = True
            await send({"type": "http.response.body", "body": b""})

    async def received() -> Any:
        return {"type": "http.disconnect"} if is_long_lived(asked) else await receive()

    asked = {**scope, "method": "GET"}
    await app(asked, received, out)
    if not ended:
        await send({"type": "http.response.body", "body": b""})

"""The door: whoever has no valid key is answered before anything of the body is read, and no header means two things."""

from __future__ import annotations

from typing import Any

from shared.access import Access, Principal, key_of
from shared.errors import Malformed, Unauthorised
from shared.web.routes import Route

_ONCE = frozenset({b"authorization", b"x-api-key", b"content-type", b"content-length", b"content-encoding", b"host"})
"""Headers that two readers would read differently if they came twice."""


class Door:
    """ASGI layer: lets in who shows a valid key, and everyone where a route is keyless or learns the key from the body."""

    def __init__(self, app: Any) -> None:
        """The application's `state.access` knows the keys."""
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on with `scope["state"]["principal"]`, or raise `Unauthorised` or `Malformed`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _ONCE and name in headers:
                raise Malformed(f"The header {name.decode()} was sent twice. Send it once.")
            headers[name] = value
        route: Route | None = scope["route"]
        # OPTIONS reaches no route: it is answered with what the documents tell everyone.
        if (route is None or not route.keyless) and scope["method"] != "OPTIONS":
            scope["state"]["principal"] = await self._principal(scope, headers, route)
        await self._app(scope, receive, send)

    async def _principal(self, scope: Any, headers: dict[bytes, bytes], route: Route | None) -> Principal | None:
        access: Access = scope["app"].state.access
        try:
            return await access.principal(key_of(headers))
        except Unauthorised:
            if route is not None and route.body is not None and route.body.introduced is not None:
                return None  # who it is stands in the body, which is taken in small portions until it is known
            raise

"""Authentication by key or ticket, before the body is read; repeated headers that could be read in two ways are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.access.principals import Access, Principal, key_of
from shared.errors import Malformed, Unauthorised
from shared.languages import Bilingual, bilingual
from shared.web.routes import Route
from shared.web.tickets import Tickets, cut_off

_ONCE = frozenset({b"authorization", b"x-api-key", b"content-type", b"content-length", b"content-encoding", b"host"})
"""Headers that may be sent once only: readers differ in which of two they take."""


class Authentication:
    """ASGI layer: requires a valid key or ticket, unless the route is keyless or finds the key in the body."""

    def __init__(self, app: Any, *, tickets: Tickets) -> None:
        """The application's `state.access` knows the keys, `tickets` what may stand in place of one in the query."""
        self._app = app
        self._tickets = tickets

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on with `scope["state"]["principal"]`, or raise `Unauthorised` or `Malformed`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _ONCE and name in headers:
                raise Malformed(
                    bilingual(
                        "The header {name} was sent twice. Send it once.",
                        "Tiêu đề {name} được gửi hai lần. Chỉ gửi một lần.",
                        name=name.decode(),
                    )
                )
            headers[name] = value
        route: Route | None = scope["route"]
        # OPTIONS reaches no route: it is answered with what the documents tell everyone.
        if (route is None or not route.keyless) and scope["method"] != "OPTIONS":
            scope["state"]["principal"] = await self._principal(scope, headers, route)
        await self._app(scope, receive, send)

    async def _principal(self, scope: Any, headers: dict[bytes, bytes], route: Route | None) -> Principal | None:
        access: Access = scope["app"].state.access
        given, ticket = key_of(headers), cut_off(scope)
        if ticket is not None:
            if given is not None:
                raise Malformed(
                    Bilingual("A key and a ticket were sent. Send one of them.", "Yêu cầu có cả khóa và vé. Chỉ gửi một thứ.")
                )
            last_event_id = headers.get(b"last-event-id", b"").decode("latin-1")
            return await self._tickets.admit(access, scope, ticket, last_event_id, datetime.now(UTC))
        try:
            return await access.principal(given)
        except Unauthorised:
            if route is not None and route.body is not None and route.body.introduced is not None:
                return None  # who it is stands in the body, which is taken in small portions until it is known
            raise

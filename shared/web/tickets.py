"""Tickets: short-lived credentials in the address, for EventSource and plain links, which cannot send headers.

A ticket names a key, an end and an address or path, signed with the operator's SESSION_SECRET, which is in no database, and
with the stored hash of the key's secret. Nothing is stored: all processes of a service that share the secret accept it, and
it is void as soon as its key is. It can be used several times until its end, since single use would need shared state; so it
is short-lived, for reads only, and allows no more than its key. `?ticket=` is removed before a route or a log sees the query.

An event stream that was opened with a ticket can be reopened while it runs: the ids of its events hold tickets that browsers
send back in `Last-Event-ID`; they are accepted together with the first ticket only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode

import msgspec
from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.datastructures import QueryParams

from shared.access.dependencies import any_key
from shared.access.principals import Access, Principal
from shared.errors import Forbidden, Invalid, Unauthorised, Unavailable
from shared.fields import Line
from shared.languages import Bilingual, bilingual
from shared.settings import MIN_SECRET_LENGTH, Service
from shared.web.operations import Router, operation
from shared.web.queries import require_known
from shared.web.responses import json_response
from shared.web.routes import Route, Routes

_PARAMETER = b"ticket="
_TICKET = re.compile(r"([0-9a-f]{1,32})\.([1-9][0-9]{0,10})\.(a|e|p[1-9])\.([0-9a-f]{64})")
ADDRESS, EVENT = "a", "e"
"""What a ticket is for, beside `p` and the number of a path's first parts: one address, or one event stream once more."""
RECONNECT_SECONDS = 60
"""For how long the last id of an event stream can reopen it; a quiet stream sends one each 15 s."""


class TicketClaim(NamedTuple):
    """The parts of a ticket, to be trusted only once its signature was checked."""

    key_id: str
    expires: int
    """Seconds since 1970."""
    reach: str
    signature: str


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets of a service."""

    service: Service
    secret: str
    seconds: int
    """How long a ticket is valid."""

    def issue(self, key_id: str, secret_hash: bytes, reach: str, subject: bytes, now: datetime) -> tuple[str, datetime]:
        """A new ticket of a key and its end; raises `Unavailable` without a secret to sign with."""
        if len(self.secret) < MIN_SECRET_LENGTH:
            raise Unavailable(
                bilingual(
                    "No tickets are given here: the operator has to set SESSION_SECRET, the same for all processes of this"
                    " service, to at least {n} random characters.",
                    "Dịch vụ chưa cấp vé: người vận hành cần đặt SESSION_SECRET, giống nhau cho mọi tiến trình của dịch vụ,"
                    " gồm ít nhất {n} ký tự ngẫu nhiên.",
                    n=MIN_SECRET_LENGTH,
                )
            )
        seconds = max(self.seconds, RECONNECT_SECONDS) if reach == EVENT else self.seconds
        expires = int((now + timedelta(seconds=seconds)).timestamp())
        signature = self._signature(key_id, secret_hash, expires, reach, subject)
        return f"{key_id}.{expires}.{reach}.{signature}", datetime.fromtimestamp(expires, UTC)

    async def admit(self, access: Access, scope: Any, ticket: str, last_event_id: str, now: datetime) -> Principal:
        """The principal of the key of a ticket that is valid for this request; raises `Unauthorised`.

        `scope["query_string"]` is without the ticket already. An event stream finds in `scope["state"]["renew"]` what makes the
        next ids of its events.
        """
        route: Route | None = scope["route"]
        claim = _parse_claim(ticket)
        holder = None
        if claim is not None and scope["method"] == "GET" and route is not None and not route.keyless:
            holder = await access.holder(claim.key_id)
        if claim is None or holder is None or route is None or claim.reach == EVENT:
            raise _refusal()
        subject = subject_of(claim.reach, scope["path"], scope["query_string"].decode("latin-1"))
        if claim.reach != ADDRESS and scope["path"].count("/") <= int(claim.reach[1:]):
            raise _refusal()  # it opens what is below the path, and not the path
        if not self._holds(claim, holder.secret_hash, subject):
            raise _refusal()
        if route.long_lived and claim.reach == ADDRESS:
            scope["state"]["renew"] = lambda: self.issue(claim.key_id, holder.secret_hash, EVENT, subject, datetime.now(UTC))[0]
        if now.timestamp() >= claim.expires:
            renewed = _parse_claim(last_event_id.partition(".")[2]) if "renew" in scope["state"] else None
            if (
                renewed is None
                or (renewed.key_id, renewed.reach) != (claim.key_id, EVENT)
                or now.timestamp() >= renewed.expires
                or not self._holds(renewed, holder.secret_hash, subject)
            ):
                raise _refusal()
        if holder.use_is_due:
            await access.used(claim.key_id)
        return holder.principal

    def _holds(self, claim: TicketClaim, secret_hash: bytes, subject: bytes) -> bool:
        own = self._signature(claim.key_id, secret_hash, claim.expires, claim.reach, subject)
        return len(self.secret) >= MIN_SECRET_LENGTH and hmac.compare_digest(claim.signature, own)

    def _signature(self, key_id: str, secret_hash: bytes, expires: int, reach: str, subject: bytes) -> str:
        said = (b"ticket", self.service.encode(), key_id.encode(), str(expires).encode(), reach.encode(), secret_hash, subject)
        return hmac.new(self.secret.encode(), b"\0".join(said), hashlib.sha256).hexdigest()


def _parse_claim(ticket: str) -> TicketClaim | None:
    match = _TICKET.fullmatch(ticket)
    return TicketClaim(match[1], int(match[2]), match[3], match[4]) if match is not None else None


def _refusal() -> Unauthorised:
    return Unauthorised(
        Bilingual(
            "This ticket is not for this address, has ended, or its key has. Get a new one: POST /v1/tickets.",
            "Vé này không dùng cho địa chỉ này, hoặc vé hay khóa của nó đã hết hạn. Lấy vé mới: POST /v1/tickets.",
        ),
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def subject_of(reach: str, path: str, query: str) -> bytes:
    """What a ticket with `reach` is signed for, of a request's decoded path and its query without the ticket."""
    if reach.startswith("p"):
        return "/".join([*path.split("/")[: int(reach[1:]) + 1], ""]).encode()
    return f"{path}?{urlencode(parse_qsl(query, keep_blank_values=True))}".encode()


def cut_off(scope: Any) -> str | None:
    """Remove the ticket from the query of a request and return it; empty, which is no valid ticket, where there are several."""
    query: bytes = scope["query_string"]
    if _PARAMETER not in query:
        return None
    parts = query.split(b"&")
    given = [part for part in parts if part.startswith(_PARAMETER)]
    scope["query_string"] = b"&".join(part for part in parts if not part.startswith(_PARAMETER))
    return given[0].removeprefix(_PARAMETER).decode("latin-1") if len(given) == 1 else "" if given else None


def renewal_of(scope: Any) -> Callable[[], str] | None:
    """What makes the tickets in an event stream's ids; None when it was opened with a key."""
    found: Callable[[], str] | None = scope["state"].get("renew")
    return found


class TicketOrder(BaseModel):
    """The address, or the path, that a ticket is ordered for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"address": "/v1/watch?province=30"}})

    address: Annotated[Line, Field(min_length=2, max_length=4_000, pattern=r"^/[^#]*$")] | None = Field(
        default=None, description="Path and query of one GET, as it will be asked without the ticket"
    )
    prefix: Annotated[Line, Field(min_length=2, max_length=400, pattern=r"^/v1/[^?#]*/$")] | None = Field(
        default=None, description="In place of an address: a path that ends in a slash; the ticket opens each GET below it"
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> TicketOrder:
        if (self.address is None) == (self.prefix is None):
            raise ValueError(Bilingual("Give either an address or a prefix.", "Ghi `address` hoặc `prefix`, không ghi cả hai."))
        return self


class IssuedTicket(msgspec.Struct, frozen=True):
    """A ticket of the key that ordered it."""

    ticket: str
    """For the parameter `ticket` of the query."""
    url: str | None
    """The address with the ticket; null where a prefix was asked for."""
    expires_at: datetime
    """The request has to come before; what it began goes on, and an event stream may be opened again while it runs."""


router = Router("tickets")


@router.post("/tickets", status_code=201, summary="A ticket for one read, where no header can be sent", response_class=Response)
@operation(
    response=IssuedTicket,
    example=IssuedTicket(
        "8d1f0c2b9a8e.1798761600.a." + "5d" * 32,
        "/v1/watch?province=30&ticket=8d1f0c2b9a8e...",
        datetime(2027, 1, 1, tzinfo=UTC),
    ),
    problems=(Unavailable,),
)
async def make_ticket(request: Request, order: TicketOrder, principal: Annotated[Principal, Depends(any_key)]) -> Response:
    """For EventSource and plain links: it allows the GET that was named, or each below the prefix, with the rights of the key.

    It is good for a minute at most, for as many reads as one likes, and ends at once when its key is revoked. An address
    takes its parameters in the order in which they were named.
    """
    access: Access = request.app.state.access
    routes: Routes = request.app.state.routes
    tickets: Tickets = request.app.state.tickets
    if order.address is not None:
        path, _, query = order.address.partition("?")
        path, reach = unquote(path), ADDRESS
        route = routes.find({"method": "GET", "path": path})
        found = [route] if route is not None else []
        if any(part.startswith("ticket=") for part in query.split("&")):
            raise Invalid(Bilingual("The address holds a ticket already. Leave it out.", "Địa chỉ đã có vé. Bỏ vé đó đi."))
    else:
        assert order.prefix is not None
        path, query = unquote(order.prefix).rstrip("/"), ""
        reach = f"p{path.count('/')}"
        found = routes.below(path)
    named = [route for route in found if not route.keyless]
    if not named or path.count("/") > 9:
        raise Invalid(
            bilingual(
                "There is nothing to read with a key at {address}. See /docs for what there is.",
                "Không có dữ liệu cần khóa ở {address}. Xem /docs.",
                address=order.address or order.prefix,
            )
        )
    for one in named:
        if order.address is not None and one.parameters is not None:
            require_known(QueryParams(query), one.parameters)
    if not any(principal.scopes.intersection(route.scopes) for route in named):
        raise Forbidden(
            bilingual(
                "This key may not read {address}. Ask for a key that has one of the scopes {scopes}.",
                "Khóa này không được đọc {address}. Xin khóa có một trong các phạm vi {scopes}.",
                address=order.address or order.prefix,
                scopes=", ".join(sorted({scope for route in named for scope in route.scopes})),
            )
        )
    holder = await access.holder(principal.key_id)
    if holder is None:
        raise Unauthorised(Bilingual("This key has just been revoked or has expired.", "Khóa này vừa bị thu hồi hoặc hết hạn."))
    ticket, expires_at = tickets.issue(
        principal.key_id, holder.secret_hash, reach, subject_of(reach, path, query), datetime.now(UTC)
    )
    url = f"{order.address}{'&' if '?' in order.address else '?'}ticket={ticket}" if order.address is not None else None
    return json_response(IssuedTicket(ticket, url, expires_at), status=201)

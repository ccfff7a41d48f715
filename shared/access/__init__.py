"""API keys and their scopes: who may do what at a service.

A key reads `mc_<id>_<secret>`; the database holds only the SHA-256 of the secret, which has 256 bits of its own, so no slow
hash is needed. Each service keeps its keys in its own schema, because each may run on a server of its own.

`python -m shared.access --service ingest --name portal --scopes events:write --days 365` makes one and prints it once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Protocol, TypeVar

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy.dialects import postgresql as pg

from shared import tables
from shared.database import Connection, Database
from shared.errors import Forbidden, Invalid, Malformed, NotFound, Unauthorised, no_province
from shared.languages import Bilingual, bilingual
from shared.logs import logger
from shared.settings import Service
from shared.spelling import SCOPE, unknown_name
from shared.statements import Statement, parameter

log = logger("access")


class OfProvince(Protocol):
    """A stored row that names its province."""

    @property
    def province(self) -> str:
        """The province it belongs to."""


Row = TypeVar("Row", bound=OfProvince)

SCOPES = {
    "feed:read": "read the feed of dossier versions and the catalogue",
    "events:write": "send dossier events and files",
    "dossiers:read": "look at single dossiers, their history and deadlines",
    "sources:manage": "connect sources, start pulls, replay quarantine, reconcile",
    "catalogue:write": "change agencies, procedures, calendars and policies",
    "figures:read": "read KPIs and open figures",
    "figures:write": "enter manual inputs and assessments, set alerts",
    "notices:read": "read inspections and notices",
    "notices:write": "prepare inspections and draft notices",
    "notices:issue": "approve and issue notices",
    "keys:manage": "make and revoke keys",
    "ops:read": "run and read consistency checks, read alerts and the state of the machinery",
}


AGENCY_SCOPES: dict[Service, frozenset[str]] = {
    "ingest": frozenset(),
    "metrics": frozenset({"figures:read", "figures:write"}),
    "notices": frozenset(),
}
"""Scopes that a key bound to agencies may have: at least one route that requires them restricts its response to agencies."""

Agencies = Literal["enforced", "refused"]
"""How a route treats keys that are bound to agencies: `enforced`, it restricts itself to them; `refused`, 403."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a valid key, with what the key allows."""

    key_id: str
    name: str
    scopes: frozenset[str]
    province: str | None
    """The only province it may see; None: all."""
    agencies: tuple[str, ...] | None
    """Roots of the agency subtrees it may see; None: all."""

    def demand(self, scope: str, *, agencies: Agencies = "refused") -> None:
        """Raise `Forbidden` unless the key has `scope`, and for a key bound to agencies unless the route enforces that."""
        if scope not in self.scopes:
            raise Forbidden(
                bilingual(
                    "This key lacks the scope {scope} ({what}). Ask for a key that has it.",
                    "Khóa này thiếu phạm vi {scope}. Xin người vận hành khóa có phạm vi này.",
                    scope=scope,
                    what=SCOPES[scope],
                )
            )
        if self.agencies is not None and agencies == "refused":
            raise Forbidden(
                Bilingual(
                    "This key is bound to agencies, and this concerns the whole province. Ask for a key without them.",
                    "Khóa này chỉ dùng cho một số cơ quan, còn yêu cầu này áp dụng cho cả tỉnh. Xin khóa của cả tỉnh.",
                )
            )

    def demand_province(self, province: str) -> None:
        """Raise `no_province`, as for a province that does not exist, unless the key may see `province`."""
        if self.province not in (None, province):
            log.info("refused", key=self.key_id, province=province)
            raise no_province(province)

    def visible(self, row: Row | None, missing: str | Bilingual) -> Row:
        """`row`, if it exists and the key may see its province.

        Otherwise raises `NotFound` with the detail `missing`: the same for rows that do not exist and for those of other
        provinces, so that ids reveal nothing.
        """
        if row is not None:
            if self.province in (None, row.province):
                return row
            log.info("refused", key=self.key_id, province=row.province)
        raise NotFound(missing)


class IssuedKey(NamedTuple):
    """A key without its secret, as it can be listed."""

    id: str
    name: str
    scopes: list[str]
    province: str | None
    agencies: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class _StoredKey(NamedTuple):
    id: str
    secret_hash: bytes
    name: str
    scopes: list[str]
    province: str | None
    agencies: list[str] | None
    seconds_left: float | None


class _Statements:
    """Statements on the keys of one service."""

    def __init__(self, service: Service) -> None:
        table = tables.api_key(sa.MetaData(schema=service))
        c = table.c
        key_id = parameter("key_id", sa.Text)
        # Of the clock of the database: services on several machines let a key in until the same moment.
        now = sa.func.now()
        valid = sa.and_(c.revoked_at.is_(None), sa.or_(c.expires_at.is_(None), c.expires_at > now))
        seconds_left = sa.cast(sa.extract("epoch", c.expires_at - now), sa.Double).label("seconds_left")
        self.find = Statement(
            sa.select(c.id, c.secret_hash, c.name, c.scopes, c.province, c.agencies, seconds_left).where(c.id == key_id, valid),
            _StoredKey,
        )
        self.valid = Statement(sa.select(c.id).where(c.id == sa.any_(parameter("ids", pg.ARRAY(sa.Text))), valid), str)
        self.with_scopes = Statement(
            sa.select(c.id).where(c.id == key_id, valid, c.scopes.contains(parameter("scopes", pg.ARRAY(sa.Text)))), str
        )
        self.list = Statement(
            sa.select(*(c[name] for name in IssuedKey._fields)).order_by(c.created_at.desc(), c.id), IssuedKey
        )
        given = (c.id, c.secret_hash, c.name, c.scopes, c.province, c.agencies, c.expires_at)
        self.insert = Statement[None](
            sa.insert(table).values({column: parameter(column.name, column.type) for column in given})
        )
        self.revoke = Statement[None](
            sa.update(table)
            .where(c.id == key_id, c.revoked_at.is_(None))
            .values(revoked_at=parameter("now", sa.DateTime(timezone=True)))
        )


_statements = cache(_Statements)


class Access:
    """Checks keys against the table of one service and caches the result for a few seconds."""

    def __init__(self, database: Database, service: Service, *, seconds: float) -> None:
        """Keys are read from `<service>.api_key` and cached for `seconds`: a revocation takes effect after that."""
        self._database = database
        self._find = _statements(service).find
        self._seconds = seconds
        self._known: dict[str, tuple[float, Principal]] = {}

    def remembered(self, key: str, now: float) -> Principal | None:
        """The principal of a key that is in the cache, without a query; `now` is `time.monotonic()`."""
        entry = self._known.get(key)
        return entry[1] if entry is not None and entry[0] > now else None

    async def principal(self, key: str | None) -> Principal:
        """The principal of `key`; raises `Unauthorised` when the key is missing, unknown, expired or revoked."""
        if not key:
            raise Unauthorised(
                Bilingual(
                    "Send a key in the header 'Authorization: Bearer mc_...'.",
                    "Gửi khóa trong tiêu đề 'Authorization: Bearer mc_...'.",
                ),
                headers={"WWW-Authenticate": "Bearer"},
            )
        known = self.remembered(key, time.monotonic())
        if known is not None:
            return known
        parts = key.split("_", 2)
        row = None
        if len(parts) == 3 and parts[0] == "mc" and key.isascii() and len(key) < 200 and "\0" not in key:
            async with self._database.connection() as connection:
                row = await self._find.first(connection, key_id=parts[1])
        if row is None or not hmac.compare_digest(row.secret_hash, _hash(parts[2])):
            raise Unauthorised(
                Bilingual(
                    "This key is unknown here, expired or revoked. Ask the operator for a new one.",
                    "Khóa không tồn tại, đã hết hạn hoặc đã bị thu hồi. Xin người vận hành khóa mới.",
                ),
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        principal = _principal_of(row)
        if len(self._known) > 10_000:
            self._known.clear()
        left = row.seconds_left
        self._known[key] = (time.monotonic() + (self._seconds if left is None else min(self._seconds, left)), principal)
        return principal

    async def holder(self, key_id: str) -> Holder | None:
        """The principal of a valid key and its stored hash; None when there is no such key now. Reads the database."""
        async with self._database.connection() as connection:
            row = await self._find.first(connection, key_id=key_id)
        return Holder(_principal_of(row), row.secret_hash) if row is not None else None


class Holder(NamedTuple):
    """The principal of a key, and the hash with which its tickets are signed."""

    principal: Principal
    secret_hash: bytes


def _principal_of(row: _StoredKey) -> Principal:
    agencies = tuple(row.agencies) if row.agencies is not None else None
    return Principal(row.id, row.name, frozenset(row.scopes), row.province, agencies)


def key_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The key in `X-API-Key` or `Authorization`, each of which was sent once at most; None where neither holds one.

    Raises `Malformed` when they hold different keys: which of them is meant cannot be known.
    """
    given = headers.get(b"x-api-key", b"").strip()
    authorization = headers.get(b"authorization", b"")
    token = authorization[7:].strip() if authorization[:7].lower() == b"bearer " else b""
    if given and token and given != token:
        raise Malformed(
            Bilingual(
                "Two different keys were sent, in Authorization and in X-API-Key. Send one of them.",
                "Yêu cầu có hai khóa khác nhau, trong Authorization và trong X-API-Key. Chỉ gửi một khóa.",
            )
        )
    return (given or token).decode("latin-1") or None


_bearer = HTTPBearer(auto_error=False, description="A key of the form mc_<id>_<secret>")


async def any_key(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Principal:
    """Dependency: the principal of any valid key, which the layer `Authentication` has checked already."""
    access: Access = request.app.state.access
    checked: Principal | None = request.scope.get("state", {}).get("principal")
    return checked or await access.principal(key_of(dict(request.scope["headers"])))


def require(scope: str, *others: str, agencies: Agencies = "refused") -> Callable[..., Coroutine[Any, Any, Principal]]:
    """Dependency: the principal of a key with `scope` or one of the `others`; raises `Forbidden` for other keys.

    Keys that are bound to agencies pass only where the route declares that it has them `enforced`.
    """
    if unknown := {scope, *others} - set(SCOPES):
        raise ValueError(f"unknown scopes {sorted(unknown)}")

    async def principal(found: Annotated[Principal, Depends(any_key)]) -> Principal:
        found.demand(
            next((one for one in others if one in found.scopes and scope not in found.scopes), scope), agencies=agencies
        )
        return found

    principal.scopes = (scope, *others)  # type: ignore[attr-defined]  # for the documents
    return principal


async def create_key(
    connection: Connection,
    service: Service,
    *,
    name: str,
    scopes: list[str],
    province: str | None = None,
    agencies: list[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Store a new key and return it; it cannot be read again later.

    None for `province` and `agencies` is all of them, for `expires_at` never; nothing empty means that. Raises `Invalid`.
    """
    _demand_sound(name, scopes, province, agencies)
    if agencies is not None and (unbound := sorted(set(scopes) - AGENCY_SCOPES[service])):
        raise Invalid(
            f"{service} enforces no agencies for {', '.join(unbound)}. Bind the key to a province alone, or leave these out."
        )
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise Invalid("The key would have expired already.")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32).replace("_", "-")
    await _statements(service).insert.run(
        connection,
        id=key_id,
        secret_hash=_hash(secret),
        name=name,
        scopes=sorted(scopes),
        province=province,
        agencies=agencies,
        expires_at=expires_at,
    )
    return f"mc_{key_id}_{secret}"


async def revoke_key(connection: Connection, service: Service, key_id: str, now: datetime) -> bool:
    """Revoke a key; whether there was one that was not revoked."""
    return bool(await _statements(service).revoke.run(connection, key_id=key_id, now=now))


async def list_keys(connection: Connection, service: Service) -> list[IssuedKey]:
    """Every key of a service, the newest first."""
    return await _statements(service).list.all(connection)


async def valid_keys(connection: Connection, service: Service, ids: list[str]) -> set[str]:
    """Those of these keys that are neither revoked nor expired."""
    return set(await _statements(service).valid.all(connection, ids=ids))


async def has_scopes(connection: Connection, service: Service, key_id: str, scopes: list[str]) -> bool:
    """Whether this is a valid key that has all of these scopes."""
    return await _statements(service).with_scopes.first(connection, key_id=key_id, scopes=scopes) is not None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


_PROVINCE = re.compile(r"[A-Za-z0-9_-]{1,16}")
_AGENCY = re.compile(r"[^\x00-\x1f~,\s]{1,64}")


def _demand_sound(name: str, scopes: list[str], province: str | None, agencies: list[str] | None) -> None:
    """Raise `Invalid` for values that cannot be meant: an empty one must never allow more than a given one."""
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise Invalid("Say in 1 to 100 characters who the key is for.")
    for one in scopes:
        if one not in SCOPES:
            raise Invalid(unknown_name(SCOPE, one, SCOPES))
    if not scopes:
        raise Invalid(f"The key has no scopes. Known: {', '.join(sorted(SCOPES))}.")
    if province is not None and not _PROVINCE.fullmatch(province):
        raise Invalid(f"{province!r} is no province: 1 to 16 letters, digits, '_' and '-'. Leave it out for all provinces.")
    if agencies is not None and not agencies:
        raise Invalid("The list of agencies is empty. Leave it out for all agencies.")
    for one in agencies or ():
        if not _AGENCY.fullmatch(one):
            raise Invalid(f"{one!r} is no code of an agency.")
    for listed in (scopes, agencies or []):
        if len(set(listed)) < len(listed):
            raise Invalid(f"{', '.join(sorted({one for one in listed if listed.count(one) > 1}))} is listed twice.")

"""Principals: who a request comes from, found by its key, and what that one may see and do."""

from __future__ import annotations

import asyncio
import hmac
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, TypeVar

from shared.access.keys import StoredKey, secret_hash_of, statements
from shared.access.lookups import Lookups
from shared.access.scopes import SCOPES, Agencies
from shared.database import Database, unavailability
from shared.errors import Forbidden, Malformed, NotFound, Unauthorised, no_province
from shared.languages import Bilingual, bilingual
from shared.logs import logger
from shared.settings import Service

log = logger("access")


class OfProvince(Protocol):
    """A stored row that names its province."""

    @property
    def province(self) -> str | None:
        """The province it belongs to; None: only keys of all provinces may see it."""


Row = TypeVar("Row", bound=OfProvince)


def folded_name(name: str) -> str:
    """A person's name by which it is compared: however its letters, accents and spaces were typed."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


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
    person: bool = False
    """It is one person, of this name; else a program, or several people."""

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


class Access:
    """Checks keys against the table of one service and caches the result for a few seconds."""

    def __init__(self, database: Database, service: Service, *, seconds: float) -> None:
        """Keys are read from `<service>.api_key` and cached for `seconds`: a revocation takes effect after that."""
        self._database = database
        self._find = statements(service).find
        self._use = statements(service).use
        self._seconds = seconds
        self._known: dict[str, tuple[float, Principal]] = {}
        self._under_way: dict[str, asyncio.Task[Principal | None]] = {}
        self.lookups = Lookups(database)
        """Connections for look-ups of keys that anyone may have sent."""

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
        # Requests that come together with one key wait for one look-up, and whoever leaves does not end it for the others.
        looking = self._under_way.get(key)
        if looking is None:
            looking = self._under_way[key] = asyncio.create_task(self._find_principal(key))
            looking.add_done_callback(lambda _: self._under_way.pop(key))
        found = await asyncio.shield(looking)
        if found is None:
            raise Unauthorised(
                Bilingual(
                    "This key is unknown here, expired or revoked. Ask the operator for a new one.",
                    "Khóa không tồn tại, đã hết hạn hoặc đã bị thu hồi. Xin người vận hành khóa mới.",
                ),
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        return found

    async def _find_principal(self, key: str) -> Principal | None:
        parts = key.split("_", 2)
        row = None
        if len(parts) == 3 and parts[0] == "mc" and key.isascii() and len(key) < 200 and "\0" not in key:
            # A key that was good before does not wait behind those of strangers.
            connecting = self._database.connection() if key in self._known else self.lookups.connection()
            async with connecting as connection:
                row = await self._find.first(connection, key_id=parts[1])
        if row is None or not hmac.compare_digest(row.secret_hash, secret_hash_of(parts[2])):
            self._known.pop(key, None)
            return None
        if row.use_is_due:
            await self.used(row.id)
        principal = _principal_of(row)
        if len(self._known) > 10_000:
            self._known.clear()
        left = row.seconds_left
        self._known[key] = (time.monotonic() + (self._seconds if left is None else min(self._seconds, left)), principal)
        return principal

    async def holder(self, key_id: str) -> Holder | None:
        """The principal of a valid key and its stored hash; None when there is no such key now. Reads the database."""
        async with self.lookups.connection() as connection:
            row = await self._find.first(connection, key_id=key_id)
        return Holder(_principal_of(row), row.secret_hash, row.use_is_due) if row is not None else None

    async def used(self, key_id: str) -> None:
        """Store that a key was used now, at most once a minute; a database that cannot write stands in nobody's way."""
        try:
            async with self._database.connection() as connection:
                await self._use.run(connection, key_id=key_id, now=datetime.now(UTC))
        except Exception as error:
            if unavailability(error) is None:
                raise
            log.warning("use of a key not stored", key=key_id, error=type(error).__name__)


class Holder(NamedTuple):
    """The principal of a key, and the hash with which its tickets are signed."""

    principal: Principal
    secret_hash: bytes
    use_is_due: bool
    """As of `StoredKey`: to be stored by `Access.used` once the signature was checked."""


def _principal_of(row: StoredKey) -> Principal:
    agencies = tuple(row.agencies) if row.agencies is not None else None
    return Principal(row.id, row.name, frozenset(row.scopes), row.province, agencies, row.person)


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

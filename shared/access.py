"""Keys with scopes: who may do what at a service.

A key reads `mc_<id>_<secret>`; the database holds only the SHA-256 of the secret, which has 256 bits of its own, so no slow
hash is needed. Each service keeps its keys in its own schema, because each may run on a server of its own.

`python -m shared.access --service ingest --name portal-hai-duong --scopes events:write` makes one and prints it once.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import secrets
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from shared.database import Connection, Database
from shared.errors import Forbidden, Invalid, NotFound, Unauthorised, no_stream
from shared.logs import logger
from shared.settings import SERVICES, Service, settings

log = logger("access")
Row = TypeVar("Row", bound=Mapping[str, Any])

SCOPES = {
    "feed:read": "read the feed of dossier versions and the catalogue",
    "events:write": "send dossier events and files",
    "dossiers:read": "look at single dossiers, their history and deadlines",
    "sources:manage": "connect sources, start pulls, replay quarantine, reconcile",
    "catalogue:write": "change agencies, procedures, calendars and policies",
    "figures:read": "read KPIs and open figures",
    "figures:write": "enter evidence and assessments, set alerts",
    "notices:read": "read inspections and notices",
    "notices:write": "prepare inspections and draft notices",
    "notices:issue": "approve and issue notices",
    "keys:manage": "make and revoke keys",
    "ops:read": "read proofs, alerts and the state of the machinery",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, as far as the key tells."""

    key_id: str
    name: str
    scopes: frozenset[str]
    stream: str | None
    """The only stream it may see; None: all."""
    agencies: tuple[str, ...] | None
    """Roots of the agency subtrees it may see; None: all."""

    def demand(self, scope: str) -> None:
        """Raise `Forbidden` unless the key has `scope`."""
        if scope not in self.scopes:
            raise Forbidden(f"This key lacks the scope {scope} ({SCOPES[scope]}). Ask for a key that has it.")

    def demand_stream(self, stream: str) -> None:
        """Raise `no_stream` unless the key may see `stream`: the answer for a stream that there is not."""
        if self.stream not in (None, stream):
            log.info("refused", key=self.key_id, stream=stream)
            raise no_stream(stream)

    def visible(self, row: Row | None, missing: str) -> Row:
        """`row`, a thing of the stream `row["stream"]`, if there is one and the key may see it.

        Otherwise `NotFound` with `missing`: what is not there and what is another's are answered alike, so that no id
        tells whose it is.
        """
        if row is not None and self.stream in (None, row["stream"]):
            return row
        if row is not None:
            log.info("refused", key=self.key_id, stream=row["stream"])
        raise NotFound(missing)


class Access:
    """Checks keys against one service's table and remembers the answer for a moment."""

    def __init__(self, database: Database, service: Service, *, seconds: float) -> None:
        """Keys are read from `<service>.api_key` and believed for `seconds`: a revocation takes at most so long."""
        self._database = database
        self._service = service
        self._seconds = seconds
        self._known: dict[str, tuple[float, Principal]] = {}

    def remembered(self, key: str) -> Principal | None:
        """The principal of a key checked a moment ago, without asking the database."""
        entry = self._known.get(key)
        return entry[1] if entry is not None and entry[0] > time.monotonic() else None

    def believed_until(self, key: str) -> float:
        """Until when (`time.monotonic`) a key checked a moment ago needs no other check; 0 when it needs one now."""
        entry = self._known.get(key)
        return entry[0] if entry is not None else 0.0

    async def principal(self, key: str | None) -> Principal:
        """The principal of `key`; raises `Unauthorised` when there is none."""
        if not key:
            raise Unauthorised(
                "Send a key in the header 'Authorization: Bearer mc_...'.", headers={"WWW-Authenticate": "Bearer"}
            )
        known = self.remembered(key)
        if known is not None:
            return known
        parts = key.split("_", 2)
        row = None
        if len(parts) == 3 and parts[0] == "mc" and key.isascii() and len(key) < 200 and "\0" not in key:
            async with self._database.connection() as connection:
                row = await connection.fetchrow(
                    "SELECT id, secret_hash, name, scopes, stream, agencies FROM "
                    f"{self._service}.api_key WHERE id = $1 AND revoked_at IS NULL "
                    "AND (expires_at IS NULL OR expires_at > now())",
                    parts[1],
                )
        if row is None or not hmac.compare_digest(row["secret_hash"], _hash(parts[2])):
            raise Unauthorised(
                "This key is unknown here, expired or revoked. Ask the operator for a new one.",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        principal = Principal(
            key_id=row["id"],
            name=row["name"],
            scopes=frozenset(row["scopes"]),
            stream=row["stream"],
            agencies=tuple(row["agencies"]) if row["agencies"] is not None else None,
        )
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[key] = (time.monotonic() + self._seconds, principal)
        return principal


def key_of(authorization: str | None, x_api_key: str | None) -> str | None:
    """The key in a request's headers."""
    if x_api_key:
        return x_api_key
    if authorization and authorization[:7].lower() == "bearer ":
        return authorization[7:].strip()
    return None


_bearer = HTTPBearer(auto_error=False, description="A key of the form mc_<id>_<secret>")


def require(scope: str) -> Callable[..., Coroutine[Any, Any, Principal]]:
    """A dependency that lets only keys with `scope` pass and gives the principal."""
    if scope not in SCOPES:
        raise ValueError(f"unknown scope {scope}")

    async def principal(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Principal:
        access: Access = request.app.state.access
        found = await access.principal(key_of(request.headers.get("authorization"), request.headers.get("x-api-key")))
        found.demand(scope)
        return found

    return principal


async def create_key(
    connection: Connection,
    service: Service,
    *,
    name: str,
    scopes: list[str],
    stream: str | None = None,
    agencies: list[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Store a new key and return it; it cannot be read again later."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise Invalid(f"Unknown scopes {unknown}. Known: {', '.join(sorted(SCOPES))}.")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32).replace("_", "-")
    await connection.execute(
        f"INSERT INTO {service}.api_key (id, secret_hash, name, scopes, stream, agencies, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        key_id,
        _hash(secret),
        name,
        sorted(set(scopes)),
        stream,
        agencies,
        expires_at,
    )
    return f"mc_{key_id}_{secret}"


async def revoke_key(connection: Connection, service: Service, key_id: str) -> bool:
    """Make a key worthless from now on; say whether there was one."""
    status: str = await connection.execute(
        f"UPDATE {service}.api_key SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL", key_id
    )
    return status.endswith("1")


def table(service: Service) -> str:
    """The DDL of the key table, for the service's first migration."""
    return f"""
    CREATE TABLE {service}.api_key (
        id text PRIMARY KEY,
        secret_hash bytea NOT NULL,
        name text NOT NULL,
        scopes text[] NOT NULL,
        stream text,
        agencies text[],
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        revoked_at timestamptz
    )"""


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.access", description="Make or revoke a key of a service.")
    parser.add_argument("--service", choices=SERVICES, required=True)
    parser.add_argument("--name", help="who the key is for")
    parser.add_argument("--scopes", help="comma-separated: " + ", ".join(SCOPES))
    parser.add_argument("--stream", help="the only province the key may see")
    parser.add_argument("--agencies", help="comma-separated roots of the subtrees the key may see")
    parser.add_argument("--days", type=int, help="days until it expires")
    parser.add_argument("--revoke", metavar="ID", help="revoke the key with this id instead")
    words = parser.parse_args()
    database = Database(settings().database_of(words.service), size=1)
    try:
        async with database.transaction() as connection:
            if words.revoke:
                found = await revoke_key(connection, words.service, words.revoke)
                print(f"{words.revoke} revoked" if found else f"no valid key {words.revoke}")
                return 0 if found else 1
            if not words.name or not words.scopes:
                parser.error("--name and --scopes are needed to make a key")
            print(
                await create_key(
                    connection,
                    words.service,
                    name=words.name,
                    scopes=words.scopes.split(","),
                    stream=words.stream,
                    agencies=words.agencies.split(",") if words.agencies else None,
                    expires_at=datetime.now(UTC) + timedelta(days=words.days) if words.days else None,
                )
            )
            return 0
    except Invalid as error:
        parser.error(error.detail)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))

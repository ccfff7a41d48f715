"""The first keys and the passwords of the services' roles, made once and stored in the data folder (`keys.json`, mode 600)."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path

import asyncpg

from shared.access.keys import create_key, has_scopes
from shared.access.scopes import SCOPES
from shared.database import Connection, Database
from shared.settings import SERVICES, Service

# ALTER ROLE takes no parameters, so the database itself writes and quotes the statement.
_SET_PASSWORD = "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)"


class RolesClosed(Exception):
    """The database's owner may not set the passwords of the services' roles; the message tells what to do."""


@dataclass
class Keys:
    """Keys and passwords of the services and of the operator."""

    metrics_at_ingest: str = ""
    """The key of metrics at ingest: reads the feed."""
    notices_at_metrics: str = ""
    """The key of notices at metrics: reads figures."""
    operator: dict[Service, str] = field(default_factory=dict)
    """A key with all scopes for each service."""
    role_passwords: dict[Service, str] = field(default_factory=dict)
    session_secret: str = ""
    """Signs tickets and the sessions of the national format; in no database."""
    trial_password: str = ""
    """Of the certificates for trials, which are made at the first start."""


def open_keys(owner_url: str, path: Path, *, roles: Collection[Service]) -> Keys:
    """The keys stored at `path`; those that the database does not know are made anew and stored.

    The roles of the services in `roles` get the passwords stored there; raises `RolesClosed` where the owner may not set them.
    The file has mode 600.
    """
    keys = Keys(**json.loads(path.read_text())) if path.exists() else Keys()
    asyncio.run(_complete(keys, owner_url, path, roles))
    return keys


async def _complete(keys: Keys, owner_url: str, path: Path, roles: Collection[Service]) -> None:
    database = Database(owner_url, size=1)
    try:
        async with database.transaction() as tx:
            keys.metrics_at_ingest = await _valid(tx, "ingest", keys.metrics_at_ingest, "metrics", ["feed:read"])
            keys.notices_at_metrics = await _valid(tx, "metrics", keys.notices_at_metrics, "notices", ["figures:read"])
            for service in SERVICES:
                keys.operator[service] = await _valid(tx, service, keys.operator.get(service, ""), "operator", list(SCOPES))
                if service in roles:
                    await _set_password(tx, service, keys.role_passwords.setdefault(service, secrets.token_hex(16)))
            keys.session_secret = keys.session_secret or secrets.token_urlsafe(32)
            keys.trial_password = keys.trial_password or secrets.token_urlsafe(16)
            _write(keys, path)  # before the commit, or a failed write would leave keys in the database that nobody has
    finally:
        await database.close()


async def _set_password(tx: Connection, service: Service, password: str) -> None:
    try:
        statement = await tx.fetchval(_SET_PASSWORD, f"motcua_{service}", password)
        await tx.execute(statement)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedObjectError) as error:
        raise RolesClosed(
            f"the account in DATABASE_URL may not make the role motcua_{service} or give it a password: set"
            f" {service.upper()}_DATABASE_URL to the URL of a role that may use the schema {service}, and so for each service"
        ) from error


async def _valid(tx: Connection, service: Service, key: str, name: str, scopes: list[str]) -> str:
    if key and await has_scopes(tx, service, key.split("_")[1], scopes):
        return key
    return await create_key(tx, service, name=name, scopes=scopes)


def _write(keys: Keys, path: Path) -> None:
    unfinished = path.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(keys), file, indent=1)
    unfinished.replace(path)

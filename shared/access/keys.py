"""Keys in the database: made, listed, revoked, found.

A key reads `mc_<id>_<secret>`; the database holds only the SHA-256 of the secret, which has 256 bits of its own, so no slow
hash is needed. Each service keeps its keys in its own schema, because each may run on a server of its own.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from shared import tables
from shared.access.scopes import AGENCY_SCOPES, SCOPES
from shared.database import Connection
from shared.errors import Invalid
from shared.settings import Service
from shared.spelling import SCOPE, unknown_name
from shared.statements import Statement, parameter


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
    last_used_at: datetime | None
    """To the minute; None: never."""
    person: bool
    """It is the key of one person, whose name it has."""


class StoredKey(NamedTuple):
    """A valid key as it is stored, with the seconds until it expires (None: it never does)."""

    id: str
    secret_hash: bytes
    name: str
    scopes: list[str]
    province: str | None
    agencies: list[str] | None
    seconds_left: float | None
    use_is_due: bool
    """Its last use was stored more than a minute ago, or never."""
    person: bool


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
        use_is_due = _use_is_due(c.last_used_at, now)
        self.find = Statement(
            sa.select(
                c.id,
                c.secret_hash,
                c.name,
                c.scopes,
                c.province,
                c.agencies,
                seconds_left,
                use_is_due.label("use_is_due"),
                c.person,
            ).where(c.id == key_id, valid),
            StoredKey,
        )
        # Whoever comes second does not wait: the first stores the same.
        same, used_at = table.alias(), parameter("now", sa.DateTime(timezone=True))
        free = (
            sa.select(same.c.id)
            .where(same.c.id == key_id, _use_is_due(same.c.last_used_at, used_at))
            .with_for_update(skip_locked=True)
        )
        self.use = Statement[None](sa.update(table).where(c.id == free.scalar_subquery()).values(last_used_at=used_at))
        self.valid = Statement(sa.select(c.id).where(c.id == sa.any_(parameter("ids", pg.ARRAY(sa.Text))), valid), str)
        self.with_scopes = Statement(
            sa.select(c.id).where(c.id == key_id, valid, c.scopes.contains(parameter("scopes", pg.ARRAY(sa.Text)))), str
        )
        self.list = Statement(
            sa.select(*(c[name] for name in IssuedKey._fields)).order_by(c.created_at.desc(), c.id), IssuedKey
        )
        given = (c.id, c.secret_hash, c.name, c.scopes, c.province, c.agencies, c.expires_at, c.person)
        self.insert = Statement[None](
            sa.insert(table).values({column: parameter(column.name, column.type) for column in given})
        )
        self.revoke = Statement[None](
            sa.update(table)
            .where(c.id == key_id, c.revoked_at.is_(None))
            .values(revoked_at=parameter("now", sa.DateTime(timezone=True)))
        )


def _use_is_due(last_used_at: sa.ColumnElement[datetime], now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    return sa.or_(last_used_at.is_(None), last_used_at < now - timedelta(minutes=1))


statements = cache(_Statements)


async def create_key(
    connection: Connection,
    service: Service,
    *,
    name: str,
    scopes: list[str],
    province: str | None = None,
    agencies: list[str] | None = None,
    expires_at: datetime | None = None,
    person: bool = False,
) -> str:
    """Store a new key and return it; it cannot be read again later.

    None for `province` and `agencies` is all of them, for `expires_at` never; nothing empty means that. `person`: it is the key
    of one person, and `name` is that person's: what must be decided by people is decided with such keys. Raises `Invalid`.
    """
    _demand_sound(name, scopes, province, agencies)
    if agencies is not None and (unbound := sorted(set(scopes) - AGENCY_SCOPES[service])):
        raise Invalid(
            f"{service} enforces no agencies for {', '.join(unbound)}. Bind the key to a province alone, or leave these out."
        )
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise Invalid("The key would have expired already.")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32).replace("_", "-")
    await statements(service).insert.run(
        connection,
        id=key_id,
        secret_hash=secret_hash_of(secret),
        name=name,
        scopes=sorted(scopes),
        province=province,
        agencies=agencies,
        expires_at=expires_at,
        person=person,
    )
    return f"mc_{key_id}_{secret}"


async def revoke_key(connection: Connection, service: Service, key_id: str, now: datetime) -> bool:
    """Revoke a key; whether there was one that was not revoked."""
    return bool(await statements(service).revoke.run(connection, key_id=key_id, now=now))


async def list_keys(connection: Connection, service: Service) -> list[IssuedKey]:
    """Every key of a service, the newest first."""
    return await statements(service).list.all(connection)


async def valid_keys(connection: Connection, service: Service, ids: list[str]) -> set[str]:
    """Those of these keys that are neither revoked nor expired."""
    return set(await statements(service).valid.all(connection, ids=ids))


async def has_scopes(connection: Connection, service: Service, key_id: str, scopes: list[str]) -> bool:
    """Whether this is a valid key that has all of these scopes."""
    return await statements(service).with_scopes.first(connection, key_id=key_id, scopes=scopes) is not None


def secret_hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


_PROVINCE = re.compile(r"[A-Za-z0-9_-]{1,16}")
"""Also one that there was before codes were of two digits."""


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

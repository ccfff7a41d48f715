"""The schema of notices: its metadata, and the tables that every service has.

Each capability declares its own in its `tables.py`. The migrations make them all, and a test holds both equal.
"""

from __future__ import annotations

import sqlalchemy as sa

from shared import tables
from shared.tables import attach_ddl

METADATA = sa.MetaData(schema="notices")

heartbeat = tables.heartbeat(METADATA)
"""Signs of life of the service's workers."""
api_key = tables.api_key(METADATA)
"""The keys of the service."""
idempotency = tables.idempotency(METADATA)
"""Answers given under an Idempotency-Key."""

_REFUSE_CHANGE = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION notices.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of %%.%% are never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END
        $$
    """
)
_IMMUTABLE = sa.DDL(  # type: ignore[no-untyped-call]
    "CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON %(fullname)s"
    " FOR EACH STATEMENT EXECUTE FUNCTION notices.refuse_change()"
)
attach_ddl(METADATA, "before_create", _REFUSE_CHANGE)


_REFUSE_TRUNCATE = sa.DDL(  # type: ignore[no-untyped-call]
    """
        CREATE FUNCTION notices.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '%%.%% is never emptied: it holds what was issued', TG_TABLE_SCHEMA, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END
        $$
    """
)
_NEVER_TRUNCATED = sa.DDL(  # type: ignore[no-untyped-call]
    "CREATE TRIGGER never_truncated BEFORE TRUNCATE ON %(fullname)s"
    " FOR EACH STATEMENT EXECUTE FUNCTION notices.refuse_truncate()"
)
attach_ddl(METADATA, "before_create", _REFUSE_TRUNCATE)


def refuse_truncate(table: sa.Table) -> None:
    """The database refuses to empty a table whose triggers look at each row: they are not asked then."""
    attach_ddl(table, "after_create", _NEVER_TRUNCATED)


def make_immutable(table: sa.Table) -> None:
    """The database refuses to change or delete rows of a table."""
    attach_ddl(table, "after_create", _IMMUTABLE)

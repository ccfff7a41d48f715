"""Tables that every service has in its schema: keys, heartbeats, stored responses, and the version of the schema."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

PROVINCE_CODE = sa.Text(collation="C")
"""The key of a province, in a column `province`: compared by its bytes in all tables, whatever the database's language is, so
that they can be joined and spread by it."""


def attach_ddl(target: sa.Table | sa.MetaData, when: Literal["before_create", "after_create"], statement: sa.DDL) -> None:
    """Run a statement when the tables are created, for what SQLAlchemy Core cannot express."""
    sa.event.listen(target, when, statement)


def api_key(metadata: sa.MetaData) -> sa.Table:
    """Keys by id; of the secret only its hash."""
    return sa.Table(
        "api_key",
        metadata,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("province", PROVINCE_CODE),
        sa.Column("agencies", pg.ARRAY(sa.Text)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True), comment="to the minute; null: never"),
        sa.Column("person", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )


def schema_version(metadata: sa.MetaData) -> sa.Table:
    """The version of the schema: one row, which the migrations keep; made by alembic and not by us."""
    return sa.Table("schema_version", metadata, sa.Column("version_num", sa.String(32), primary_key=True))


def heartbeat(metadata: sa.MetaData) -> sa.Table:
    """The last heartbeat of each worker process and of each of its loops."""
    return sa.Table(
        "heartbeat",
        metadata,
        sa.Column("worker", sa.Text, primary_key=True),
        sa.Column("loop", sa.Text, primary_key=True, comment="empty: the worker process itself"),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alive_until", sa.DateTime(timezone=True), nullable=False, comment="silent when nothing newer came by then"),
        postgresql_with={"fillfactor": 50},
    )


def idempotency(metadata: sa.MetaData) -> sa.Table:
    """Responses to requests with an `Idempotency-Key`, inserted in the transaction of their effect (`shared.idempotency`)."""
    table = sa.Table(
        "idempotency",
        metadata,
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("idempotency_key", sa.Text, primary_key=True),
        sa.Column("request_digest", sa.LargeBinary, nullable=False),
        sa.Column("response", pg.JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    sa.Index("idempotency_age", table.c.created_at)
    return table

"""Sources, how far they have been read, and their pulls."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

source = sa.Table(
    "source",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column(
        "province", PROVINCE_CODE, sa.ForeignKey("ingest.province.province", name="source_province_fkey"), nullable=False
    ),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("settings", pg.JSONB, nullable=False),
    sa.Column("secret", sa.Text),
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("every_seconds", sa.Double, nullable=False),
    sa.Column("place", pg.JSONB),
    sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("lease_by", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("breaker", pg.JSONB),
    sa.Column("total", sa.BigInteger),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
)

pull = sa.Table(
    "pull",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("source", sa.Text, sa.ForeignKey(source.c.name, name="pull_source_fkey"), nullable=False),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("since", sa.DateTime(timezone=True)),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'running'")),
    sa.Column("pages", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("calls", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("served", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("accepted", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("known", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("superseded", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("quarantined", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("proof", sa.Text),
    sa.Column("last_error", sa.Text),
    sa.Column("failure", sa.Text),
    sa.CheckConstraint("served = (accepted + known + superseded + quarantined)", name="pull_check"),
    sa.CheckConstraint("state IN ('running', 'complete', 'interrupted', 'failed')", name="pull_state_check"),
)
sa.Index("pull_source", pull.c.source, pull.c.id.desc())

offer = sa.Table(
    "offer",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("source", sa.Text, sa.ForeignKey(source.c.name, name="offer_source_fkey"), nullable=False),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("taken_at", sa.DateTime(timezone=True)),
    sa.Column("answered_at", sa.DateTime(timezone=True)),
    sa.Column("procedures", pg.JSONB),
    sa.Column("failure", sa.Text),
)

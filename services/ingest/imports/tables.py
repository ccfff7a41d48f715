"""Imports of files: how far each has come. The files themselves are not kept."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

import_ = sa.Table(
    "import",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("source", sa.Text, sa.ForeignKey("ingest.source.name", name="import_source_fkey"), nullable=False),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'running'")),
    sa.Column("arrived", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("row_count", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("accepted", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("known", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("superseded", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("quarantined", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("head_digest", sa.LargeBinary),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("last_error", sa.Text),
    sa.Column("lines", sa.BigInteger),
    sa.Column("skipped_lines", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("skipped", pg.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("head_size", sa.Integer),
    sa.Column("dismissed_at", sa.DateTime(timezone=True)),
    sa.Column("dismissed_by", sa.Text),
    sa.Column("dismissed_for", sa.Text),
    sa.CheckConstraint("row_count = (accepted + known + superseded + quarantined)", name="import_check"),
    sa.CheckConstraint("lines = (row_count + skipped_lines)", name="import_lines_check"),
    sa.CheckConstraint("state IN ('running', 'complete', 'interrupted', 'failed')", name="import_state_check"),
)
sa.Index("import_source", import_.c.source, import_.c.id.desc())

"""Checks that were asked for, and what they found."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.sources.tables import source
from services.ingest.tables import METADATA

source_check = sa.Table(
    "source_check",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column(
        "source", sa.Text, sa.ForeignKey(source.c.name, name="source_check_source_fkey", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("taken_at", sa.DateTime(timezone=True)),
    sa.Column("responded_at", sa.DateTime(timezone=True)),
    sa.Column("result", pg.JSONB),
)

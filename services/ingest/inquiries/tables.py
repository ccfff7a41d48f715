"""Inquiries that were ordered, and what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.sources.tables import source
from services.ingest.tables import METADATA

inquiry = sa.Table(
    "inquiry",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("source", sa.Text, sa.ForeignKey(source.c.name, name="inquiry_source_fkey", ondelete="CASCADE"), nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("taken_at", sa.DateTime(timezone=True)),
    sa.Column("responded_at", sa.DateTime(timezone=True)),
    sa.Column("response", pg.JSONB),
    sa.CheckConstraint("topic IN ('check', 'procedures')", name="inquiry_topic_check"),
)

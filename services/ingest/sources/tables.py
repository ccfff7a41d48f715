"""Sources and how far each has been read."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

host_turn = sa.Table(
    "host_turn",
    METADATA,
    sa.Column("host", sa.Text, primary_key=True),
    sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
    prefixes=["UNLOGGED"],
)
"""When the next call to a host may leave. Written with each call: what a crash of the database takes is only a pause."""
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
    sa.Column("cursor", pg.JSONB),
    sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("lease_by", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("breaker", pg.JSONB),
    sa.Column("total", sa.BigInteger),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("expected_every_seconds", sa.Double),
    sa.Column("reading", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("retired_at", sa.DateTime(timezone=True)),
    sa.Column("reserved_until", sa.DateTime(timezone=True)),
    sa.Column("read_by", sa.BigInteger),
    sa.Column("reread_since", sa.DateTime(timezone=True)),
    sa.Column("sent_again_at", sa.DateTime(timezone=True)),
    sa.Column("sent_again_by", sa.Text),
    sa.Column("sent_again_for", sa.Text),
    sa.Column("retired_by", sa.Text),
    sa.Column("retired_for", sa.Text),
    sa.Column("dismissed_at", sa.DateTime(timezone=True)),
    sa.Column("dismissed_by", sa.Text),
    sa.Column("dismissed_for", sa.Text),
    sa.Column("dismissed_reading", sa.BigInteger),
)

digest_key = sa.Table("digest_key", METADATA, sa.Column("key", sa.LargeBinary, nullable=False))
"""One row: the random key of the digests by which what is withheld of records is known again."""

"""Records that could not be read, with the reason."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

quarantine = sa.Table(
    "quarantine",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("fields", pg.JSONB, nullable=False),
    sa.Column("pull", sa.BigInteger),
    sa.Column("times", sa.BigInteger, nullable=False, server_default=sa.text("1")),
    sa.Column("first_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("last_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("released_at", sa.DateTime(timezone=True)),
    sa.Column("version_at", sa.DateTime(timezone=True)),
    sa.Column("known_by", sa.LargeBinary),
    sa.Column("released_by", sa.Text),
    sa.Column("dismissed_at", sa.DateTime(timezone=True)),
    sa.Column("dismissed_by", sa.Text),
    sa.Column("dismissed_for", sa.Text),
    sa.Column("unknown", pg.JSONB),
    sa.Column("import", sa.BigInteger),
    sa.UniqueConstraint("province", "source", "digest", name="quarantine_province_source_digest_key"),
    sa.CheckConstraint("released_by IN ('read', 'replayed', 'gone')", name="quarantine_released_by_check"),
)
_OPEN = sa.text("released_at IS NULL AND dismissed_at IS NULL")
sa.Index("quarantine_open", quarantine.c.province, quarantine.c.reason, quarantine.c.id, postgresql_where=_OPEN)
sa.Index("quarantine_open_code", quarantine.c.province, quarantine.c.code, postgresql_where=_OPEN)

WAITS = sa.and_(quarantine.c.released_at.is_(None), quarantine.c.dismissed_at.is_(None))
"""Whether a record waits: nothing released it, and nobody dismissed it."""

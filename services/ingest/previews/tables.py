"""Changes of the catalogue that are looked at before they apply, and what they would do so far."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

preview = sa.Table(
    "preview",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("catalogue", sa.BigInteger, nullable=False),
    sa.Column("parts", pg.JSONB, nullable=False),
    sa.Column("upto", sa.BigInteger, nullable=False),
    sa.Column("done_to", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("counts", pg.JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("outdated", sa.Boolean, nullable=False, server_default=sa.text("false")),
)
sa.Index("preview_open", preview.c.id, postgresql_where=preview.c.finished_at.is_(None))

previewed_dossier = sa.Table(
    "previewed_dossier",
    METADATA,
    sa.Column(
        "preview",
        sa.BigInteger,
        sa.ForeignKey(preview.c.id, name="previewed_dossier_preview_fkey", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
)

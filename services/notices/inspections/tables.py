"""The tables of inspections, and of their versions that were replaced."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.tables import METADATA
from shared.tables import PROVINCE_CODE

inspection = sa.Table(
    "inspection",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("period_from", sa.Date, nullable=False),
    sa.Column("period_to", sa.Date, nullable=False),
    sa.Column("body", pg.JSONB, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("changed_at", sa.DateTime(timezone=True)),
)
sa.Index("inspection_province", inspection.c.province, inspection.c.id.desc())

inspection_version = sa.Table(
    "inspection_version",
    METADATA,
    sa.Column(
        "inspection_id",
        sa.BigInteger,
        sa.ForeignKey(inspection.c.id, name="inspection_version_inspection_id_fkey"),
        primary_key=True,
    ),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("body", pg.JSONB, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

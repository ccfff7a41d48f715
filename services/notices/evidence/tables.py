"""The tables of evidence: its versions, and its items with the versions in which each stands."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.tables import METADATA

evidence_version = sa.Table(
    "evidence_version",
    METADATA,
    sa.Column(
        "inspection_id",
        sa.BigInteger,
        sa.ForeignKey("notices.inspection.id", name="evidence_version_inspection_id_fkey"),
        primary_key=True,
    ),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("template", sa.Integer, nullable=False),
    sa.Column("inserted", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("removed", sa.Integer, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
)

evidence_item = sa.Table(
    "evidence_item",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("inspection_id", sa.BigInteger, nullable=False),
    sa.Column("item", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("body", pg.JSONB, nullable=False),
    sa.Column("first_version", sa.Integer, nullable=False),
    sa.Column("end_version", sa.Integer),
    sa.ForeignKeyConstraint(
        ["inspection_id", "first_version"],
        [evidence_version.c.inspection_id, evidence_version.c.version],
        name="evidence_item_version_fkey",
    ),
    sa.CheckConstraint("end_version > first_version", name="evidence_item_versions_check"),
)
_e = evidence_item.c
sa.Index(
    "evidence_item_current",
    _e.inspection_id,
    _e.item,
    _e.subject,
    _e.about,
    unique=True,
    postgresql_where=sa.text("end_version IS NULL"),
)
sa.Index("evidence_item_inspection", _e.inspection_id, _e.id)

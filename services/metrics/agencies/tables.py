"""Agencies and procedures as ingest's catalogue lists them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE

agency = sa.Table(
    "agency",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("agency_no", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("description", pg.JSONB, comment="not read any more: see catalogue"),
    sa.UniqueConstraint("province", "key", name="agency_province_key_key"),
)

procedure = sa.Table(
    "procedure",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name_vi", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
    comment="not read any more: see catalogue",
)

catalogue = sa.Table(
    "catalogue",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("agencies", pg.JSONB, nullable=False),
    sa.Column("procedures", pg.JSONB, nullable=False),
    comment="as it is known from a position on, to the next one that is stored; see shared.contracts.feed",
)

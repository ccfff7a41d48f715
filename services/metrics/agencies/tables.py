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
    sa.Column("description", pg.JSONB, comment="shared.agencies.Agency; NULL until the catalogue has it"),
    sa.UniqueConstraint("province", "key", name="agency_province_key_key"),
)

procedure = sa.Table(
    "procedure",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name_vi", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
)

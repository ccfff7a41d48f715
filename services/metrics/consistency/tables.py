"""Outcomes of consistency checks."""

from __future__ import annotations

import sqlalchemy as sa

from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE

consistency_check = sa.Table(
    "consistency_check",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("agency_no", sa.Integer, comment="NULL: all agencies"),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("cells", sa.BigInteger, nullable=False),
    sa.Column("differences", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
)
sa.Index("consistency_check_province", consistency_check.c.province, consistency_check.c.id)

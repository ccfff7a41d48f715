"""The row of each province, and the identity of the database that all positions belong to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

province = sa.Table(
    "province",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("head", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("numbers", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("catalogue", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("policies", pg.JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
)


epoch = sa.Table(
    "epoch",
    METADATA,
    sa.Column("epoch", sa.Uuid, nullable=False),
    comment="one row, made with the schema",
)

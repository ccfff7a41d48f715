"""What people enter because no portal counts it."""

from __future__ import annotations

import sqlalchemy as sa

from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE

manual_input = sa.Table(
    "manual_input",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("agency_no", sa.Integer, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("amount", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column(
        "position",
        sa.BigInteger,
        nullable=False,
        comment="the position of the province when it was recorded: known from there on",
    ),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    sa.CheckConstraint("amount >= 0", name="manual_input_amount_check"),
)
sa.Index("manual_input_agency", manual_input.c.province, manual_input.c.agency_no, manual_input.c.day)

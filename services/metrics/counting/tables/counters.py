"""Counters by agency and day or month, and the ledger of their changes; a column for each measure."""

from __future__ import annotations

import sqlalchemy as sa

from services.metrics.counting.measures import MEASURES
from services.metrics.tables import METADATA
from shared.tables import PROVINCE_CODE


def _measures(*, nullable: bool) -> list[sa.Column[int]]:
    return [
        sa.Column(
            one.name,
            sa.BigInteger() if one.wide else sa.Integer(),
            nullable=nullable,
            server_default=None if nullable else sa.text("0"),
        )
        for one in MEASURES
    ]


def _counters(name: str, day: str) -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column("province", PROVINCE_CODE, primary_key=True),
        sa.Column("agency_no", sa.Integer, primary_key=True),
        sa.Column(day, sa.Date, primary_key=True),
        *_measures(nullable=False),
        postgresql_with={"fillfactor": 60},
    )


agency_day = _counters("agency_day", "day")
agency_month = _counters("agency_month", "month")

ledger = sa.Table(
    "ledger",
    METADATA,
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("agency_no", sa.Integer, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    *_measures(nullable=True),
    comment="what each batch added to agency_day; NULL is 0",
)
sa.Index("ledger_agency", ledger.c.province, ledger.c.agency_no, ledger.c.position)
sa.Index("ledger_position", ledger.c.province, ledger.c.position)

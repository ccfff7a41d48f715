"""The feed: every version of every dossier."""

from __future__ import annotations

import sqlalchemy as sa

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

feed = sa.Table(
    "feed",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
)

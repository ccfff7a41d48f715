"""Words that hide a field of a dossier; those that a record waits for stand with the record in quarantine."""

from __future__ import annotations

import sqlalchemy as sa

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

unknown_word = sa.Table(
    "unknown_word",
    METADATA,
    sa.Column("province", PROVINCE_CODE, primary_key=True),
    sa.Column("code", sa.Text(collation="C"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("word", sa.Text, primary_key=True),
    sa.Column("setting", sa.Text),
    sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
)
sa.Index("unknown_word_source", unknown_word.c.province, unknown_word.c.source)

"""Names that the records of a source give to codes."""

from __future__ import annotations

import sqlalchemy as sa

from services.ingest.sources.tables import source
from services.ingest.tables import METADATA

named_code = sa.Table(
    "named_code",
    METADATA,
    sa.Column(
        "source", sa.Text, sa.ForeignKey(source.c.name, name="named_code_source_fkey", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("parent", sa.Text),
    sa.Column("sector", sa.Text),
)

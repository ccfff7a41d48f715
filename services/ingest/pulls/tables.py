"""Pulls: what each reading of a source brought, and each day of a source that sends by itself."""

from __future__ import annotations

import sqlalchemy as sa

from services.ingest.sources.tables import source
from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

pull = sa.Table(
    "pull",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("source", sa.Text, sa.ForeignKey(source.c.name, name="pull_source_fkey"), nullable=False),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("since", sa.DateTime(timezone=True)),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'running'")),
    sa.Column("pages", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("calls", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("served", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("accepted", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("known", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("superseded", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("quarantined", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("verification", sa.Text),
    sa.Column("last_error", sa.Text),
    sa.Column("failure", sa.Text),
    sa.Column("verified", sa.Boolean),
    sa.CheckConstraint("served = (accepted + known + superseded + quarantined)", name="pull_check"),
    sa.CheckConstraint("state IN ('running', 'complete', 'interrupted', 'failed')", name="pull_state_check"),
)
sa.Index("pull_source", pull.c.source, pull.c.id.desc())
sa.Index("pull_unverified", pull.c.source, pull.c.id, postgresql_where=sa.text("NOT verified"))

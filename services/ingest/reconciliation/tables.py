"""A source's own totals against ours, and the dossiers that differ."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.ingest.tables import METADATA
from shared.tables import PROVINCE_CODE

reconciliation = sa.Table(
    "reconciliation",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("source", sa.Text, sa.ForeignKey("ingest.source.name", name="reconciliation_source_fkey"), nullable=False),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("to_on", sa.Date, nullable=False),
    sa.Column("nightly_on", sa.Date),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'planned'")),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("not_before", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("lease_by", sa.Text),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("position", sa.BigInteger),
    sa.Column("totals", pg.JSONB),
    sa.Column("examined", sa.BigInteger),
    sa.Column("last_error", sa.Text),
    sa.Column("failure", sa.Text),
    sa.Column("equal", sa.Boolean),
    sa.Column("received_means", sa.Text),
    sa.Column("judged_at", sa.DateTime(timezone=True)),
    sa.Column("progress", pg.JSONB),
    sa.Column("listed", sa.LargeBinary),
    sa.Column("dismissed_at", sa.DateTime(timezone=True)),
    sa.Column("dismissed_by", sa.Text),
    sa.Column("dismissed_for", sa.Text),
    sa.UniqueConstraint("source", "nightly_on", name="reconciliation_source_nightly_on_key"),
    sa.CheckConstraint("state IN ('planned', 'running', 'complete', 'failed')", name="reconciliation_state_check"),
)
sa.Index("reconciliation_open", reconciliation.c.id, postgresql_where=sa.text("state IN ('planned', 'running')"))

difference = sa.Table(
    "difference",
    METADATA,
    sa.Column(
        "reconciliation",
        sa.BigInteger,
        sa.ForeignKey(reconciliation.c.id, name="difference_reconciliation_fkey", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("code", sa.Text(collation="C"), primary_key=True),
    sa.Column("cause", sa.Text, primary_key=True),
    sa.Column("agency", sa.Text),
    sa.Column("there", pg.JSONB),
    sa.Column("here", pg.JSONB),
    sa.Column("applied", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("remark", sa.Boolean, nullable=False, server_default=sa.text("false")),
)

"""The table of audits: their order, how far they are, and what they found."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.tables import METADATA
from shared.tables import PROVINCE_CODE

audit = sa.Table(
    "audit",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, comment="of the key; null: a key of all provinces"),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, comment="the body, until it was audited"),
    sa.Column("pages_read", sa.Integer),
    sa.Column("pages", sa.Integer),
    sa.Column("result", pg.JSONB),
    sa.Column("page", sa.Text, comment="HTML fragment"),
    sa.Column("error", pg.JSONB, comment="in both languages"),
    sa.Column("lapses", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("lease_by", sa.Text),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("figures", pg.JSONB, comment="what they mean; null before they were stored"),
    sa.CheckConstraint("state IN ('queued', 'auditing', 'audited', 'failed')", name="audit_state_check"),
    sa.CheckConstraint("state <> 'audited' OR num_nulls(result, page, ended_at) = 0", name="audit_result_check"),
    sa.CheckConstraint("(content IS NOT NULL) = (state IN ('queued', 'auditing'))", name="audit_content_check"),
)
sa.Index("audit_waiting", audit.c.id, postgresql_where=sa.text("state IN ('queued', 'auditing')"))
sa.Index("audit_age", audit.c.created_at)

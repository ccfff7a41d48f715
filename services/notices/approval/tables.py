"""The table of what people decided of notices: rows are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.tables import notice
from services.notices.tables import METADATA, make_immutable

notice_step = sa.Table(
    "notice_step",
    METADATA,
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notice.c.id, name="notice_step_notice_id_fkey"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("person", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("text_revision", sa.Integer, nullable=False),
    sa.Column("waived", pg.JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint(
        "step IN ('submit', 'return', 'approve', 'issue', 'supersede', 'withdraw')", name="notice_step_step_check"
    ),
)
make_immutable(notice_step)

"""The table of revisions of notices: each is the job that checks and renders it, too."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.drafting.tables import notice
from services.notices.tables import METADATA

notice_revision = sa.Table(
    "notice_revision",
    METADATA,
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notice.c.id, name="notice_revision_notice_id_fkey"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("author", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("made_at", sa.DateTime(timezone=True)),
    sa.Column("base", sa.Integer, nullable=False),
    # the revision whose composed text and figures it has: its own number, or that of the draft or regeneration before
    sa.Column("as_of", sa.Text),
    sa.Column("confirmed", pg.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    sa.Column("confirmed_reason", sa.Text),
    sa.Column("edits", pg.JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("composed", pg.JSONB),
    sa.Column("pinned", pg.JSONB),
    sa.Column("figures", pg.JSONB),
    sa.Column("document", pg.JSONB),
    sa.Column("checks", pg.JSONB),
    sa.Column("outcomes", pg.JSONB),
    sa.Column("position", sa.BigInteger),
    sa.Column("inspection_version", sa.Integer),
    sa.Column("evidence_version", sa.Integer),
    sa.Column("step", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("lapses", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("lease_by", sa.Text),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.CheckConstraint("origin IN ('draft', 'edit', 'regeneration')", name="notice_revision_origin_check"),
    sa.CheckConstraint("state IN ('queued', 'making', 'made', 'failed')", name="notice_revision_state_check"),
    sa.CheckConstraint(
        "state <> 'made' OR num_nulls(document, checks, made_at) = 0"
        " AND (base <> number OR num_nulls(composed, pinned, figures) = 0)",
        name="notice_revision_made_check",
    ),
)
sa.Index("notice_revision_waiting", notice_revision.c.due_at, postgresql_where=sa.text("state IN ('queued', 'making')"))
sa.Index(
    "notice_revision_pending",
    notice_revision.c.notice_id,
    unique=True,
    postgresql_where=sa.text("state IN ('queued', 'making')"),
)

"""The tables of notices, with their figures, of their renderings, and of batches of them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.notices.tables import METADATA
from shared.tables import PROVINCE_CODE, attach_ddl

notice = sa.Table(
    "notice",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column(
        "inspection_id", sa.BigInteger, sa.ForeignKey("notices.inspection.id", name="notice_inspection_id_fkey"), nullable=False
    ),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'queued'")),
    sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("as_of", sa.Text),
    sa.Column("position", sa.BigInteger),
    sa.Column("pinned", pg.JSONB),
    sa.Column("figures", pg.JSONB),
    sa.Column("document", pg.JSONB),
    sa.Column("checks", pg.JSONB),
    sa.Column("error", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("drafted_at", sa.DateTime(timezone=True)),
    sa.Column("lapses", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("confirmed", pg.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    sa.Column("confirmed_reason", sa.Text),
    sa.Column("lease_by", sa.Text),
    sa.Column("inspection_version", sa.Integer),
    sa.Column("evidence_version", sa.Integer),
    sa.Column("text_revision", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("pending_revision", sa.Integer),
    sa.Column("ordered_position", sa.BigInteger),
    sa.Column("followed_revision", sa.Integer),
    sa.CheckConstraint(
        "state IN ('queued', 'drafting', 'failed') OR num_nulls(position, pinned, figures, document, checks, drafted_at) = 0",
        name="notice_check",
    ),
    sa.CheckConstraint(
        "state IN ('queued', 'drafting', 'draft', 'failed', 'in_review', 'approved', 'issued', 'superseded', 'withdrawn')",
        name="notice_state_check",
    ),
)
sa.Index("notice_waiting", notice.c.due_at, postgresql_where=sa.text("state IN ('queued', 'drafting')"))
sa.Index("notice_province", notice.c.province, notice.c.id.desc())
sa.Index("notice_inspection", notice.c.inspection_id)

notice_batch = sa.Table(
    "notice_batch",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("province", PROVINCE_CODE, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("without_inspection", pg.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
)
batch_notice = sa.Table(
    "batch_notice",
    METADATA,
    sa.Column("batch_id", sa.BigInteger, sa.ForeignKey(notice_batch.c.id, name="batch_notice_batch_id_fkey"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notice.c.id, name="batch_notice_notice_id_fkey"), nullable=False),
    sa.Column("existing", sa.Boolean, nullable=False),
)

notice_counts = sa.Table(
    "notice_counts",
    METADATA,
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notice.c.id, name="notice_counts_notice_id_fkey"), primary_key=True),
    sa.Column("counts", sa.Text, nullable=False),
    comment="what the figures of a notice are summed of, as it is attached when it is issued",
)

rendering = sa.Table(
    "rendering",
    METADATA,
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notice.c.id, name="rendering_notice_id_fkey"), primary_key=True),
    sa.Column("format", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("format IN ('docx', 'pdf', 'xlsx')", name="rendering_format_check"),
)
sa.Index("rendering_digest", rendering.c.digest)
# STORAGE ('content', b'e')

# PDF, DOCX and XLSX do not shrink further.
_EXTERNAL = sa.DDL("ALTER TABLE notices.rendering ALTER COLUMN content SET STORAGE EXTERNAL")  # type: ignore[no-untyped-call]
attach_ddl(rendering, "after_create", _EXTERNAL)

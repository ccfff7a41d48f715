"""Which feed a stream follows: another one under the same address is noticed before anything of it is counted."""

from alembic import op

revision = "metrics_0008"
down_revision = "metrics_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE metrics.stream
        ADD COLUMN epoch text,
        ADD COLUMN digest text,
        ADD COLUMN restored text,
        ADD COLUMN restored_at timestamptz,
        ADD COLUMN resyncs integer NOT NULL DEFAULT 0
    """)
    op.execute("COMMENT ON COLUMN metrics.stream.epoch IS 'of the feed that is counted'")
    op.execute("COMMENT ON COLUMN metrics.stream.digest IS 'of the version at `position` there; NULL: not told yet'")
    op.execute("COMMENT ON COLUMN metrics.stream.restored IS 'why the feed is not the one that was counted; NULL: it is'")

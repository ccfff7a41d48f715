"""What ingest says of its feeds, asked by the API: a worker that stands still does not write what it is measured by."""

from alembic import op

revision = "metrics_0009"
down_revision = "metrics_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE metrics.ingest_head (
        stream text PRIMARY KEY,
        head bigint,
        epoch text NOT NULL,
        position bigint NOT NULL,
        behind_since timestamptz,
        worker_silent boolean NOT NULL,
        worker_since timestamptz,
        asked_at timestamptz NOT NULL,
        known_until timestamptz NOT NULL
    ) WITH (fillfactor = 50)
    """)
    op.execute("COMMENT ON COLUMN metrics.ingest_head.head IS 'NULL: ingest does not have the stream'")
    op.execute("COMMENT ON COLUMN metrics.ingest_head.position IS 'what was counted when it was asked'")
    op.execute("COMMENT ON COLUMN metrics.ingest_head.worker_since IS 'last sign of life of the silent worker of ingest'")
    op.execute("COMMENT ON COLUMN metrics.ingest_head.known_until IS 'not known any more when nothing newer came by then'")
    op.execute("ALTER TABLE metrics.alert_rule DROP CONSTRAINT alert_rule_kind_check, ADD COLUMN reason text")
    op.execute("""
    ALTER TABLE metrics.alert_rule
        ADD CONSTRAINT alert_rule_kind_check CHECK (kind IN ('kpi', 'silence', 'incomplete'))
    """)
    op.execute("COMMENT ON COLUMN metrics.alert_rule.reason IS 'kind incomplete: which reason'")
    op.execute("CREATE UNIQUE INDEX alert_rule_reason ON metrics.alert_rule (stream, reason)")

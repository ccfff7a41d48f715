"""Outcomes of the running proof."""

from alembic import op

revision = "metrics_0002"
down_revision = "metrics_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE metrics.proof (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text NOT NULL,
        agency_no integer,
        position bigint NOT NULL,
        cells bigint NOT NULL,
        differences bigint NOT NULL,
        seconds double precision NOT NULL,
        checked_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """)
    op.execute("COMMENT ON COLUMN metrics.proof.agency_no IS 'NULL: all agencies'")
    op.execute("CREATE INDEX proof_stream ON metrics.proof (stream, id)")

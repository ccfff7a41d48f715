"""Signs of life of the workers and of their loops."""

from alembic import op

revision = "ingest_0007"
down_revision = "ingest_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE ingest.heartbeat (
        worker text NOT NULL,
        loop text NOT NULL,
        beat_at timestamptz NOT NULL,
        alive_until timestamptz NOT NULL,
        PRIMARY KEY (worker, loop)
    ) WITH (fillfactor = 50)
    """)
    op.execute("COMMENT ON COLUMN ingest.heartbeat.loop IS 'empty: the worker process itself'")
    op.execute("COMMENT ON COLUMN ingest.heartbeat.alive_until IS 'silent when nothing newer came by then'")

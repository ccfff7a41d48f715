"""Signs of life of the workers and of their loops."""

from alembic import op

revision = "notices_0003"
down_revision = "notices_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE notices.heartbeat (
        worker text NOT NULL,
        loop text NOT NULL,
        beat_at timestamptz NOT NULL,
        alive_until timestamptz NOT NULL,
        PRIMARY KEY (worker, loop)
    ) WITH (fillfactor = 50)
    """)
    op.execute("COMMENT ON COLUMN notices.heartbeat.loop IS 'empty: the worker process itself'")
    op.execute("COMMENT ON COLUMN notices.heartbeat.alive_until IS 'silent when nothing newer came by then'")

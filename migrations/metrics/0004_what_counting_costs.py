"""How many batches were counted and how long that took, for Prometheus."""

from alembic import op

revision = "metrics_0004"
down_revision = "metrics_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE metrics.stream
        ADD COLUMN batches bigint NOT NULL DEFAULT 0,
        ADD COLUMN counting_seconds double precision NOT NULL DEFAULT 0
    """)

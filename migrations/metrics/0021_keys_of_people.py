"""A key may be that of one person: what people must decide is decided with such keys."""

from alembic import op

revision = "metrics_0021"
down_revision = "metrics_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE metrics.api_key ADD COLUMN person boolean NOT NULL DEFAULT false")

"""A key may be that of one person: what people must decide is decided with such keys."""

from alembic import op

revision = "ingest_0037"
down_revision = "ingest_0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.api_key ADD COLUMN person boolean NOT NULL DEFAULT false")

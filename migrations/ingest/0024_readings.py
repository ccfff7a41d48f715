"""Events bear the revision of the settings by which they were read: a corrected reading wins over the one before."""

from alembic import op

revision = "ingest_0024"
down_revision = "ingest_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.source ADD COLUMN reading bigint NOT NULL DEFAULT 0")

"""A decision about a day says whether its published text was seen; those that a province entered itself were."""

from alembic import op

revision = "ingest_0016"
down_revision = "ingest_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.day_override ADD COLUMN verified boolean NOT NULL DEFAULT true")

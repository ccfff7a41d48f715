"""A source of which nothing comes any more is retired: its silence made every answer incomplete for ever."""

from alembic import op

revision = "ingest_0029"
down_revision = "ingest_0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.source ADD COLUMN retired_at timestamptz")

"""A redating counts what it did to dossiers as a preview counts what it would do: due dates, judgements, agencies."""

from alembic import op

revision = "ingest_0027"
down_revision = "ingest_0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.redating ADD COLUMN counts jsonb NOT NULL DEFAULT '{}'::jsonb")

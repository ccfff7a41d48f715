"""An import says how many lines its file has, and which of them hold no dossier: together with its rows they add up."""

from alembic import op

revision = "ingest_0022"
down_revision = "ingest_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE ingest.import
            ADD COLUMN lines bigint,
            ADD COLUMN skipped_lines bigint NOT NULL DEFAULT 0,
            ADD COLUMN skipped jsonb NOT NULL DEFAULT '{}'::jsonb,
            ADD CONSTRAINT import_lines_check CHECK (lines = (row_count + skipped_lines))
        """
    )

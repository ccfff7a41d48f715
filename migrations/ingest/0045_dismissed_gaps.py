"""What a reconciliation found at a source that is retired stays a reason until somebody dismisses it."""

from alembic import op

revision = "ingest_0045"
down_revision = "ingest_0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE ingest.reconciliation
            ADD COLUMN dismissed_at timestamptz, ADD COLUMN dismissed_by text, ADD COLUMN dismissed_for text
        """
    )

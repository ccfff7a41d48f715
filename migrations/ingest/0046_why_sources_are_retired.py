"""Who retired a source and why; what nobody proved of it stays a reason until somebody dismisses it."""

from alembic import op

revision = "ingest_0046"
down_revision = "ingest_0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE ingest.source
            ADD COLUMN retired_by text, ADD COLUMN retired_for text,
            ADD COLUMN dismissed_at timestamptz, ADD COLUMN dismissed_by text, ADD COLUMN dismissed_for text,
            ADD COLUMN dismissed_reading bigint
        """
    )

"""A reconciliation says whether it is equal, tells remarks from differences, and goes on where it was cut off."""

from alembic import op

revision = "ingest_0030"
down_revision = "ingest_0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE ingest.reconciliation
            ADD COLUMN equal boolean,
            ADD COLUMN received_means text,
            ADD COLUMN judged_at timestamptz,
            ADD COLUMN progress jsonb,
            ADD COLUMN listed bytea
        """
    )
    op.execute("ALTER TABLE ingest.difference ADD COLUMN remark boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE ingest.source ADD COLUMN reserved_until timestamptz")
    op.execute(
        """
        UPDATE ingest.reconciliation SET equal = NOT EXISTS (
            SELECT FROM jsonb_array_elements(totals) AS agency WHERE NOT (agency->>'equal')::boolean
        ) WHERE state = 'complete'
        """
    )
    op.execute(
        """
        UPDATE ingest.difference SET remark = true
        WHERE there IS NULL AND cause IN ('status_contradicts_steps', 'date_shifted')
        """
    )

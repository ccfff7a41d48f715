"""Checks of sources and readings of their catalogues of procedures are one kind of thing: inquiries."""

from alembic import op

revision = "ingest_0042"
down_revision = "ingest_0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nobody waits for what was asked before the upgrade.
    op.execute("DROP TABLE ingest.source_check, ingest.offer")
    op.execute(
        """
        CREATE TABLE ingest.inquiry (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            source text NOT NULL REFERENCES ingest.source ON DELETE CASCADE,
            topic text NOT NULL CHECK (topic IN ('check', 'procedures')),
            requested_at timestamptz NOT NULL DEFAULT now(),
            taken_at timestamptz,
            responded_at timestamptz,
            response jsonb
        )
        """
    )

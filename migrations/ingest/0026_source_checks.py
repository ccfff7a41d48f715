"""A source is tried by the worker for whoever asks at the API: what works of it, and which setting to change."""

from alembic import op

revision = "ingest_0026"
down_revision = "ingest_0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.source_check (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            source text NOT NULL REFERENCES ingest.source ON DELETE CASCADE,
            requested_at timestamptz NOT NULL DEFAULT now(),
            taken_at timestamptz,
            responded_at timestamptz,
            result jsonb
        )
        """
    )

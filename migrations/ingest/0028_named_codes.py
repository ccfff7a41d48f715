"""Names that records give to codes of agencies and procedures are stored, so that proposals for the catalogue have them."""

from alembic import op

revision = "ingest_0028"
down_revision = "ingest_0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.named_code (
            source text NOT NULL REFERENCES ingest.source ON DELETE CASCADE,
            kind text NOT NULL,
            code text NOT NULL,
            name text NOT NULL,
            parent text,
            sector text,
            PRIMARY KEY (source, kind, code)
        )
        """
    )

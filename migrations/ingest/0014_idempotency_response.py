"""What a request with an Idempotency-Key was answered is called its response: a column is renamed, no row is touched."""

from alembic import op

revision = "ingest_0014"
down_revision = "ingest_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.idempotency RENAME COLUMN answer TO response")
    # From PostgreSQL 18 on NOT NULL is a constraint with a name.
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_constraint
                    WHERE connamespace = 'ingest'::regnamespace AND conname = 'idempotency_answer_not_null') THEN
                ALTER TABLE ingest.idempotency RENAME CONSTRAINT idempotency_answer_not_null TO idempotency_response_not_null;
            END IF;
        END $$
        """
    )

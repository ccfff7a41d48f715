"""Answers given under an Idempotency-Key, kept for a week with the effect they tell of."""

from alembic import op

revision = "ingest_0002"
down_revision = "ingest_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE ingest.idempotency (
        key_id text NOT NULL,
        idempotency_key text NOT NULL,
        body_digest bytea NOT NULL,                -- the same key with another body is a mistake of the sender's
        answer jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key_id, idempotency_key)
    )""")
    op.execute("CREATE INDEX idempotency_age ON ingest.idempotency (created_at)")

"""Requests under an Idempotency-Key are remembered as ingest does, for a week; keys used until now are not known any more."""

from alembic import op

revision = "notices_0007"
down_revision = "notices_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE notices.idempotency (
        key_id text NOT NULL,
        idempotency_key text NOT NULL,             -- its SHA-256
        request_digest bytea NOT NULL,             -- the same key with another request is a mistake of the sender's
        answer jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key_id, idempotency_key)
    )""")
    op.execute("CREATE INDEX idempotency_age ON notices.idempotency (created_at)")
    op.execute("ALTER TABLE notices.inspection DROP COLUMN request_key, DROP COLUMN request_digest")
    op.execute("ALTER TABLE notices.notice DROP COLUMN request_key, DROP COLUMN request_digest")

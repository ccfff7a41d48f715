"""A request under an Idempotency-Key is known by its method, address and body: digests of bodies alone tell nothing."""

from alembic import op

revision = "ingest_0012"
down_revision = "ingest_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A repeat of a request that is forgotten has no second effect either: its events are known.
    op.execute("DROP TABLE ingest.idempotency")
    op.execute("""
    CREATE TABLE ingest.idempotency (
        key_id text NOT NULL,
        idempotency_key text NOT NULL,             -- its SHA-256
        request_digest bytea NOT NULL,             -- the same key with another request is a mistake of the sender's
        answer jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key_id, idempotency_key)
    )""")
    op.execute("CREATE INDEX idempotency_age ON ingest.idempotency (created_at)")

"""A source names a secret of the sources' own namespace; the worker, which alone holds them, asks for catalogues."""

from alembic import op

revision = "ingest_0006"
down_revision = "ingest_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.source RENAME COLUMN secret_env TO secret")
    # The old names are of another namespace: each source is given its secret anew, by someone who knows which one it is.
    op.execute("UPDATE ingest.source SET secret = NULL")
    op.execute("""
    CREATE TABLE ingest.offer (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source text NOT NULL REFERENCES ingest.source,
        asked_at timestamptz NOT NULL DEFAULT now(),
        taken_at timestamptz,                      -- by a worker; one that dies leaves the caller to ask again
        answered_at timestamptz,
        procedures jsonb,                          -- what the source's own catalogue says; null: it could not be read
        failure text                               -- why, as a category
    )""")

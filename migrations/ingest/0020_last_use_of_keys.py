"""A key tells when it was last used; scopes that no route demanded are taken from stored keys, lest they mean more one day."""

from alembic import op

revision = "ingest_0020"
down_revision = "ingest_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.api_key ADD COLUMN last_used_at timestamptz")
    op.execute("COMMENT ON COLUMN ingest.api_key.last_used_at IS 'to the minute; null: never'")
    op.execute(
        """
        UPDATE ingest.api_key SET scopes = array_remove(array_remove(scopes, 'notices:issue'), 'keys:manage')
        WHERE scopes && ARRAY['notices:issue', 'keys:manage']
        """
    )

"""What figures lack: a source that sends may say how often, and a pull whether nothing was skipped."""

from alembic import op

revision = "ingest_0019"
down_revision = "ingest_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.source ADD COLUMN expected_every_seconds double precision")
    op.execute("ALTER TABLE ingest.pull ADD COLUMN verified boolean")
    op.execute("UPDATE ingest.pull SET verified = false WHERE verification LIKE 'not proven%'")
    op.execute("CREATE INDEX pull_unverified ON ingest.pull (source, id) WHERE NOT verified")

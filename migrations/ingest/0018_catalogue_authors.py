"""A version of the catalogue states who made it and why."""

from alembic import op

revision = "ingest_0018"
down_revision = "ingest_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.ruleset ADD COLUMN decided_by text, ADD COLUMN note text")
    op.execute("COMMENT ON COLUMN ingest.ruleset.decided_by IS 'name of the key; NULL: not known, or nobody asked'")

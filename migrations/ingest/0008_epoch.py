"""The feed says which database it comes from, so that one that was exchanged is noticed."""

from alembic import op

revision = "ingest_0008"
down_revision = "ingest_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE ingest.epoch (epoch uuid NOT NULL)")
    # A backup has that of its origin, a new database another.
    op.execute("COMMENT ON TABLE ingest.epoch IS 'one row, made with the schema'")
    op.execute("INSERT INTO ingest.epoch (epoch) VALUES (gen_random_uuid())")

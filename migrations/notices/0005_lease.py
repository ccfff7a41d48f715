"""A notice that is being made is leased as the sources of ingest are: until when, and by whom."""

from alembic import op

revision = "notices_0005"
down_revision = "notices_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.notice RENAME COLUMN leased_until TO lease_until")
    op.execute("ALTER TABLE notices.notice ADD COLUMN lease_by text")

"""What tells whether an order is one that was made before: the figures it was reviewed on, and the notice that it follows."""

from alembic import op

revision = "notices_0024"
down_revision = "notices_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.notice ADD COLUMN ordered_position bigint, ADD COLUMN followed_revision integer")

"""A key may be that of one person: what people must decide is decided with such keys."""

from alembic import op

revision = "notices_0018"
down_revision = "notices_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.api_key ADD COLUMN person boolean NOT NULL DEFAULT false")

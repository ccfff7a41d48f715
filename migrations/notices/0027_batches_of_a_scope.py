"""A batch may be ordered of all agencies of a scope: it names those that have no inspection of its period."""

from alembic import op

revision = "notices_0027"
down_revision = "notices_0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.notice_batch ADD COLUMN without_inspection text[] NOT NULL DEFAULT '{}'")

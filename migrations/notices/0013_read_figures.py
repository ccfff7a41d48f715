"""What the figures of an audited document mean is stored, so that they can be compared with ours."""

from alembic import op

revision = "notices_0013"
down_revision = "notices_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.audit ADD COLUMN figures jsonb")
    op.execute("COMMENT ON COLUMN notices.audit.figures IS 'what they mean; null before they were stored'")

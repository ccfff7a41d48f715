"""Issued files are found by their digests."""

from alembic import op

revision = "notices_0021"
down_revision = "notices_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX rendering_digest ON notices.rendering (digest)")

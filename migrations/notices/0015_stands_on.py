"""A notice tells on which versions of its inspection and of the evidence it stands."""

from alembic import op

revision = "notices_0015"
down_revision = "notices_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.notice ADD COLUMN inspection_version integer, ADD COLUMN evidence_version integer")

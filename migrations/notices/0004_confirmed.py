"""What whoever ordered a notice confirmed of its figures, and why.

A version must work with the release before it: add first, remove one release later.
"""

from alembic import op

revision = "notices_0004"
down_revision = "notices_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    ALTER TABLE notices.notice
        ADD COLUMN confirmed text[] NOT NULL DEFAULT '{}',   -- kinds of services.notices.caveats
        ADD COLUMN confirmed_because text
    """)

"""How often a worker died over a notice, so that one that ends every worker ends itself.

A version must work with the release before it: add first, remove one release later.
"""

from alembic import op

revision = "notices_0002"
down_revision = "notices_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.notice ADD COLUMN lapses integer NOT NULL DEFAULT 0")

"""Why a pull or a reconciliation failed, in a word: whoever may not manage sources sees that much and no more."""

from alembic import op

revision = "ingest_0009"
down_revision = "ingest_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.pull ADD COLUMN failure text")
    op.execute("ALTER TABLE ingest.reconciliation ADD COLUMN failure text")

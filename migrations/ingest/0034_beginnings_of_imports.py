"""How much of a file came before it was cut off in its beginning: by that it is known again, and no other taken for it."""

from alembic import op

revision = "ingest_0034"
down_revision = "ingest_0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.import ADD COLUMN head_size integer")

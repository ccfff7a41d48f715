"""All processes that call a host keep its rate and its `Retry-After` together."""

from alembic import op

revision = "ingest_0033"
down_revision = "ingest_0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE UNLOGGED TABLE ingest.host_turn (host text PRIMARY KEY, next_at timestamptz NOT NULL)")

"""Quarantine shows what waits: records leave it when they are read cleanly later, or when somebody dismisses them."""

from alembic import op

revision = "ingest_0025"
down_revision = "ingest_0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE ingest.quarantine
            ADD COLUMN version_at timestamptz,
            ADD COLUMN known_by bytea,
            ADD COLUMN released_by text,
            ADD COLUMN dismissed_at timestamptz,
            ADD COLUMN dismissed_by text,
            ADD COLUMN dismissed_for text,
            ADD CONSTRAINT quarantine_released_by_check CHECK (released_by IN ('read', 'replayed', 'gone'))
        """
    )
    op.execute("UPDATE ingest.quarantine SET released_by = 'replayed' WHERE released_at IS NOT NULL")
    op.execute("DROP INDEX ingest.quarantine_open")
    waits = "WHERE released_at IS NULL AND dismissed_at IS NULL"
    op.execute(f"CREATE INDEX quarantine_open ON ingest.quarantine (province, reason, id) {waits}")
    op.execute(f"CREATE INDEX quarantine_open_code ON ingest.quarantine (province, code) {waits}")

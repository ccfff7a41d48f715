"""Which definition of the counters a province was counted by: of another one it is counted anew, without being told to."""

from alembic import op

revision = "metrics_0024"
down_revision = "metrics_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE metrics.province ADD COLUMN counted_by text")
    op.execute(
        "COMMENT ON COLUMN metrics.province.counted_by IS 'revision of the definition of counters and ledger; NULL: not known'"
    )

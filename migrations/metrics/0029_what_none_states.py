"""What no source states is told from no: of papers used again, of results with a code, of papers at receipt and of steps."""

from alembic import op

revision = "metrics_0029"
down_revision = "metrics_0028"
branch_labels = None
depends_on = None

COUNTERS = (
    *("intake_to_digitise_stated", "received_reuse_stated", "received_in_full_stated"),
    *("ended_steps_told", "open_steps_told"),
)


def upgrade() -> None:
    # No row is rewritten: what was stored before stays a yes or a no until its dossier changes or is dated anew.
    op.execute("ALTER TABLE metrics.dossier_version ALTER COLUMN reused DROP NOT NULL, ALTER COLUMN result_coded DROP NOT NULL")
    for column in ("reused", "result_coded"):
        op.execute(f"COMMENT ON COLUMN metrics.dossier_version.{column} IS 'NULL: no source states it'")
    op.execute("ALTER TABLE metrics.ledger " + ", ".join(f"ADD COLUMN {counter} integer" for counter in COUNTERS))
    added = ", ".join(f"ADD COLUMN {counter} integer NOT NULL DEFAULT 0" for counter in COUNTERS)
    for table in ("agency_day", "agency_month"):
        op.execute(f"ALTER TABLE metrics.{table} {added}")

"""What no source tells of requests for papers, and of when it told of an end, is told from none and from in time."""

from alembic import op

revision = "metrics_0030"
down_revision = "metrics_0029"
branch_labels = None
depends_on = None

COUNTERS = ("supplements_stated", "ended_sync_stated")


def upgrade() -> None:
    # No row is rewritten: what was stored before stays a number or a no until its dossier is dated anew.
    op.execute(
        "ALTER TABLE metrics.dossier_version ALTER COLUMN supplements DROP NOT NULL, ALTER COLUMN synced_late DROP NOT NULL"
    )
    op.execute("COMMENT ON COLUMN metrics.dossier_version.supplements IS 'NULL: no source tells whether papers were asked for'")
    op.execute("COMMENT ON COLUMN metrics.dossier_version.synced_late IS 'NULL: its source never told of it before its end'")
    op.execute("ALTER TABLE metrics.ledger " + ", ".join(f"ADD COLUMN {counter} integer" for counter in COUNTERS))
    added = ", ".join(f"ADD COLUMN {counter} integer NOT NULL DEFAULT 0" for counter in COUNTERS)
    for table in ("agency_day", "agency_month"):
        op.execute(f"ALTER TABLE metrics.{table} {added}")

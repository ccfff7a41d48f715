"""Contradictory dossiers are counted, and each version says what contradicts what and by which source."""

from alembic import op

revision = "metrics_0014"
down_revision = "metrics_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE metrics.dossier_version ADD COLUMN contradictions text[], ADD COLUMN contradiction_sources text[]")
    op.execute("COMMENT ON COLUMN metrics.dossier_version.contradictions IS 'kinds; NULL: it does not contradict itself'")
    op.execute("COMMENT ON COLUMN metrics.dossier_version.contradiction_sources IS 'the source of each of them'")
    op.execute("ALTER TABLE metrics.ledger ADD COLUMN ended_contradictory integer, ADD COLUMN open_contradictory integer")
    for table in ("agency_day", "agency_month"):
        op.execute(
            f"ALTER TABLE metrics.{table} ADD COLUMN ended_contradictory integer NOT NULL DEFAULT 0,"
            " ADD COLUMN open_contradictory integer NOT NULL DEFAULT 0"
        )

"""Whether a source states of papers, result and payment what the index counts: what none states is not no."""

from alembic import op

revision = "metrics_0028"
down_revision = "metrics_0027"
branch_labels = None
depends_on = None

FLAGS = ("intake_stated", "result_stated", "fee_stated")
COUNTERS = ("received_intake_stated", "fee_due_stated", "result_stated", "resolved_digitised_stated")


def upgrade() -> None:
    added = ", ".join(f"ADD COLUMN {flag} boolean NOT NULL DEFAULT false" for flag in FLAGS)
    op.execute(f"ALTER TABLE metrics.dossier_version {added}")
    op.execute("ALTER TABLE metrics.ledger " + ", ".join(f"ADD COLUMN {counter} integer" for counter in COUNTERS))
    added = ", ".join(f"ADD COLUMN {counter} integer NOT NULL DEFAULT 0" for counter in COUNTERS)
    for table in ("agency_day", "agency_month"):
        op.execute(f"ALTER TABLE metrics.{table} {added}")

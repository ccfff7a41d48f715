"""The end by decision 766, which the province's policy does not move; what no source states of a dossier is not no."""

from alembic import op

revision = "metrics_0026"
down_revision = "metrics_0025"
branch_labels = None
depends_on = None

KINDS = ("civil_month", "civil_quarter", "civil_year", "legal_month", "legal_quarter", "legal_half", "legal_year")
COUNTERS = (
    *("ended_766", "received_unjudged", "ended_unjudged", "received_storage_stated", "received_verified_stated"),
    *(f"twice_in_{kind}" for kind in KINDS),
    "due_next_766",
)


def upgrade() -> None:
    for flag in ("from_storage", "account_verified"):
        op.execute(f"ALTER TABLE metrics.dossier_version ALTER COLUMN {flag} DROP NOT NULL, ALTER COLUMN {flag} DROP DEFAULT")
        op.execute(f"COMMENT ON COLUMN metrics.dossier_version.{flag} IS 'NULL: no source states it'")
    op.execute("ALTER TABLE metrics.dossier_version ADD COLUMN index_ended_on date")
    op.execute(
        "COMMENT ON COLUMN metrics.dossier_version.index_ended_on IS"
        " 'the end by decision 766, infinity: none yet; NULL: it was not held against it'"
    )
    op.execute("ALTER TABLE metrics.ledger " + ", ".join(f"ADD COLUMN {counter} integer" for counter in COUNTERS))
    added = ", ".join(f"ADD COLUMN {counter} integer NOT NULL DEFAULT 0" for counter in COUNTERS)
    for table in ("agency_day", "agency_month"):
        op.execute(f"ALTER TABLE metrics.{table} {added}")

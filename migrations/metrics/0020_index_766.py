"""What decision 766 counts of dossiers: when they must end and whether they did, and what is stated of papers and identity."""

from alembic import op

revision = "metrics_0020"
down_revision = "metrics_0019"
branch_labels = None
depends_on = None

KINDS = ("civil_month", "civil_quarter", "civil_year", "legal_month", "legal_quarter", "legal_half", "legal_year")
COUNTERS = (
    *(f"{what}_in_{kind}" for kind in KINDS for what in ("ended", "late")),
    *("ended_late_766", "resolved_digitised", "received_digitised", "received_from_storage", "received_verified"),
    "received_online_in_full",
)
FLAGS = ("index_late", "result_coded", "from_storage", "account_verified")


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION metrics.civil_end(unit text, day date) RETURNS date IMMUTABLE PARALLEL SAFE LANGUAGE sql
        RETURN (CASE unit
            WHEN 'month' THEN date_trunc('month', day::timestamp) + interval '1 month'
            WHEN 'quarter' THEN date_trunc('quarter', day::timestamp) + interval '3 months'
            WHEN 'half' THEN date_trunc('year', day::timestamp)
                + CASE WHEN extract(month FROM day) > 6 THEN interval '1 year' ELSE interval '6 months' END
            ELSE date_trunc('year', day::timestamp) + interval '1 year' END)::date - 1
        """
    )
    op.execute(
        """
        CREATE FUNCTION metrics.legal_end(unit text, day date) RETURNS date IMMUTABLE PARALLEL SAFE LANGUAGE sql
        RETURN date_trunc('month', metrics.civil_end(unit, (day - 14 + interval '1 month')::date)::timestamp)::date + 13
        """
    )
    flags = ", ".join(f"ADD COLUMN {flag} boolean NOT NULL DEFAULT false" for flag in FLAGS)
    op.execute(f"ALTER TABLE metrics.dossier_version ADD COLUMN index_due_on date, {flags}")
    op.execute(
        "COMMENT ON COLUMN metrics.dossier_version.index_due_on IS"
        " 'last day on time by decision 766; NULL: it cannot be late by its dates'"
    )
    op.execute("ALTER TABLE metrics.ledger " + ", ".join(f"ADD COLUMN {counter} integer" for counter in COUNTERS))
    added = ", ".join(f"ADD COLUMN {counter} integer NOT NULL DEFAULT 0" for counter in COUNTERS)
    for table in ("agency_day", "agency_month"):
        op.execute(f"ALTER TABLE metrics.{table} {added}")

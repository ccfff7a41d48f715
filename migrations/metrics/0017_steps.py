"""Steps of the internal process and misrouted dossiers are counted; the cause `misrouted` has counters of its own."""

from alembic import op

revision = "metrics_0017"
down_revision = "metrics_0016"
branch_labels = None
depends_on = None

COLUMNS = {
    **dict.fromkeys(
        (
            "overdue_misrouted",
            "late_misrouted",
            "ended_misrouted",
            "steps_ended",
            "steps_timed",
            "steps_overdue",
        ),
        "integer",
    ),
    "step_minutes_over": "bigint",
}


def upgrade() -> None:
    op.execute(
        "ALTER TABLE metrics.dossier_version ADD COLUMN misrouted boolean NOT NULL DEFAULT false, ADD COLUMN step_days date[],"
        " ADD COLUMN step_minutes integer[], ADD COLUMN step_departments text[], ADD COLUMN step_names text[]"
    )
    for column, comment in (
        ("step_days", "when each step of its internal process ended; NULL: none is told"),
        ("step_minutes", "office minutes over the time of each; NULL: no time is told"),
        ("step_departments", "the department of each; NULL: not known"),
        ("step_names", "the name of each; NULL: not known"),
    ):
        op.execute(f"COMMENT ON COLUMN metrics.dossier_version.{column} IS '{comment}'")
    op.execute(
        "CREATE INDEX dossier_version_steps ON metrics.dossier_version (province, agency_no, ended_on)"
        " WHERE step_days IS NOT NULL"
    )
    op.execute("ALTER TABLE metrics.ledger " + ", ".join(f"ADD COLUMN {column} {kind}" for column, kind in COLUMNS.items()))
    added = ", ".join(f"ADD COLUMN {column} {kind} NOT NULL DEFAULT 0" for column, kind in COLUMNS.items())
    for table in ("agency_day", "agency_month"):
        op.execute(f"ALTER TABLE metrics.{table} {added}")

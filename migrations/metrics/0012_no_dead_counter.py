"""The counter `timed_with_limit` goes: no KPI ever read it."""

from alembic import op

revision = "metrics_0012"
down_revision = "metrics_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("agency_day", "agency_month", "ledger"):
        op.execute(f"ALTER TABLE metrics.{table} DROP COLUMN timed_with_limit")

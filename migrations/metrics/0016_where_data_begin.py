"""Where a province's data begin: a period that begins before is no period without dossiers."""

from alembic import op

revision = "metrics_0016"
down_revision = "metrics_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE metrics.province ADD COLUMN first_on date")
    op.execute(
        """
        UPDATE metrics.province AS p SET first_on = (
            SELECT min(d.day) FROM metrics.agency_day AS d WHERE d.province = p.province
            AND d.received_online + d.received_counter + d.received_post + d.received_unstated > 0
        )
        """
    )
    op.execute(
        "COMMENT ON COLUMN metrics.province.first_on IS 'the first day on which a dossier was received, as far as is known'"
    )

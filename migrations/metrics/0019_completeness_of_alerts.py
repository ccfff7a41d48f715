"""An alert of a KPI says why its figure was not complete when it opened: missing dossiers looked like late ones."""

from alembic import op

revision = "metrics_0019"
down_revision = "metrics_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE metrics.alert ADD COLUMN incomplete text[]")
    op.execute(
        "COMMENT ON COLUMN metrics.alert.incomplete IS 'kinds of reasons when it opened; NULL: it is of no figure, or older'"
    )

"""Assessments are known from a position on, and published counts keep their decimals."""

from alembic import op

revision = "metrics_0025"
down_revision = "metrics_0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE metrics.assessment ADD COLUMN position bigint NOT NULL DEFAULT 0")
    op.execute(
        "COMMENT ON COLUMN metrics.assessment.position IS"
        " 'the position of the province when it was recorded: known from there on'"
    )
    op.execute(
        "ALTER TABLE metrics.published_score ALTER COLUMN numerator TYPE double precision,"
        " ALTER COLUMN denominator TYPE double precision"
    )

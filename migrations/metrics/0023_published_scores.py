"""Scores of decision 766 as the national portal publishes them, each with its day."""

from alembic import op

revision = "metrics_0023"
down_revision = "metrics_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE metrics.published_score (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            province text COLLATE "C" NOT NULL,
            scope text NOT NULL,
            since date NOT NULL,
            until date NOT NULL,
            code text NOT NULL,
            unit text,
            numerator bigint,
            denominator bigint,
            points double precision,
            out_of double precision,
            published_on date NOT NULL,
            recorded_by text NOT NULL,
            recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
    )
    op.execute("COMMENT ON COLUMN metrics.published_score.unit IS 'code by the portal; NULL: the scope itself'")
    op.execute("COMMENT ON COLUMN metrics.published_score.points IS 'NULL: none was published'")
    op.execute("CREATE INDEX published_score_scope ON metrics.published_score (province, scope, since, until)")

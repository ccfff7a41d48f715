"""Published scores are pulled from addresses in the settings: when each is asked next, and since when it fails."""

from alembic import op

revision = "metrics_0027"
down_revision = "metrics_0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE metrics.published_pull (
            province text COLLATE "C" NOT NULL,
            endpoint text NOT NULL,
            since date NOT NULL,
            until date NOT NULL,
            next_at timestamptz,
            pulled_at timestamptz,
            scores integer,
            failures integer NOT NULL,
            failing_since timestamptz,
            error_vi text,
            error_en text,
            PRIMARY KEY (province, endpoint, since, until)
        )
        """
    )
    for column, comment in (
        ("endpoint", "its name in the settings"),
        ("next_at", "NULL: when somebody orders it"),
        ("pulled_at", "when scores were read last"),
        ("scores", "how many were read then"),
        ("failures", "in a row, since then"),
    ):
        op.execute(f"COMMENT ON COLUMN metrics.published_pull.{column} IS '{comment}'")
    op.execute("CREATE INDEX published_pull_next ON metrics.published_pull (next_at)")

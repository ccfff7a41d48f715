"""Points that people enter, thresholds that are watched, and when they were crossed."""

from alembic import op

revision = "metrics_0003"
down_revision = "metrics_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE metrics.assessment (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text NOT NULL,
        scope text NOT NULL,
        index text NOT NULL,
        component text NOT NULL,
        since date NOT NULL,
        until date NOT NULL,
        points double precision NOT NULL CHECK (points >= 0),
        basis text NOT NULL,
        entered_by text NOT NULL,
        entered_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """)
    op.execute("CREATE INDEX assessment_scope ON metrics.assessment (stream, scope, index, since, until)")
    op.execute("""
    CREATE TABLE metrics.alert_rule (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('kpi', 'silence')),
        kpi text,
        scope text[] NOT NULL DEFAULT '{}',
        each_agency boolean NOT NULL DEFAULT false,
        days integer NOT NULL DEFAULT 30,
        above double precision,
        below double precision,
        minimum integer NOT NULL DEFAULT 0,
        made_by text NOT NULL,
        made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at timestamptz
    )
    """)
    op.execute("COMMENT ON COLUMN metrics.alert_rule.above IS 'kind silence: hours without a new position'")
    op.execute("""
    CREATE TABLE metrics.alert (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        rule bigint NOT NULL REFERENCES metrics.alert_rule,
        stream text NOT NULL,
        agency text,
        value double precision,
        position bigint NOT NULL,
        opened_at timestamptz NOT NULL,
        closed_at timestamptz
    )
    """)
    op.execute("COMMENT ON COLUMN metrics.alert.agency IS 'unit key, where the rule watches each agency for itself'")
    op.execute("CREATE UNIQUE INDEX alert_open ON metrics.alert (rule, coalesce(agency, '')) WHERE closed_at IS NULL")
    op.execute("CREATE INDEX alert_stream ON metrics.alert (stream, id)")

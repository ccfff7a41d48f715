"""Petitions are events of their own: what became of each, from which position on."""

from alembic import op

revision = "metrics_0022"
down_revision = "metrics_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE metrics.petition (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            province text COLLATE "C" NOT NULL,
            code text NOT NULL,
            agency_no integer NOT NULL,
            subject text NOT NULL,
            received_on date NOT NULL,
            passed_on date,
            refused_on date,
            supplement_requested_on date,
            handled_on date,
            published_on date,
            liked boolean,
            repeated boolean NOT NULL,
            late boolean NOT NULL,
            late_from date NOT NULL,
            position bigint NOT NULL,
            recorded_by text NOT NULL,
            recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
    )
    op.execute("COMMENT ON COLUMN metrics.petition.liked IS 'NULL: nobody rated it'")
    op.execute(
        "COMMENT ON COLUMN metrics.petition.position IS"
        " 'the position of the province when it was recorded: known from there on'"
    )
    op.execute("CREATE INDEX petition_code ON metrics.petition (province, code, id)")
    op.execute("CREATE INDEX petition_agency ON metrics.petition (province, agency_no, received_on)")

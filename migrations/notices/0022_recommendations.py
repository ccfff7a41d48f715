"""Recommendations of issued notices are a list: whom each asks, what was answered, how that was judged."""

from alembic import op

revision = "notices_0022"
down_revision = "notices_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE notices.recommendation (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT recommendation_pkey PRIMARY KEY,
            notice_id bigint NOT NULL CONSTRAINT recommendation_notice_id_fkey REFERENCES notices.notice,
            province text COLLATE "C" NOT NULL,
            scope text NOT NULL,
            key text NOT NULL,
            agency text,
            code text NOT NULL,
            name text NOT NULL,
            text text NOT NULL,
            deadline date,
            state text NOT NULL DEFAULT 'open'
                CONSTRAINT recommendation_state_check CHECK (state IN ('open', 'answered', 'done', 'not_accepted')),
            CONSTRAINT recommendation_key UNIQUE NULLS NOT DISTINCT (notice_id, key, agency)
        )
        """
    )
    op.execute("CREATE INDEX recommendation_province ON notices.recommendation (province, id DESC)")
    op.execute(
        """
        CREATE TABLE notices.recommendation_step (
            recommendation_id bigint NOT NULL
                CONSTRAINT recommendation_step_recommendation_id_fkey REFERENCES notices.recommendation,
            number integer NOT NULL,
            step text NOT NULL CONSTRAINT recommendation_step_step_check CHECK (step IN ('answer', 'accept', 'decline')),
            text text,
            dated date,
            reference text,
            key_id text NOT NULL,
            name text NOT NULL,
            taken_at timestamptz NOT NULL,
            CONSTRAINT recommendation_step_pkey PRIMARY KEY (recommendation_id, number)
        )
        """
    )
    op.execute(
        "CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON notices.recommendation_step"
        " FOR EACH STATEMENT EXECUTE FUNCTION notices.refuse_change()"
    )

"""Notices are reviewed and approved by people: their states, and what was decided, by whom, when and why."""

from alembic import op

revision = "notices_0019"
down_revision = "notices_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notices.notice DROP CONSTRAINT notice_check, DROP CONSTRAINT notice_state_check")
    op.execute(
        """
        ALTER TABLE notices.notice
            ADD CONSTRAINT notice_check CHECK (
                state IN ('queued', 'drafting', 'failed')
                OR num_nulls(position, pinned, figures, document, checks, drafted_at) = 0
            ),
            ADD CONSTRAINT notice_state_check CHECK (
                state IN (
                    'queued', 'drafting', 'draft', 'failed', 'in_review', 'approved', 'issued', 'superseded', 'withdrawn'
                )
            )
        """
    )
    op.execute(
        """
        CREATE FUNCTION notices.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of %.% are never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TABLE notices.notice_step (
            notice_id bigint NOT NULL CONSTRAINT notice_step_notice_id_fkey REFERENCES notices.notice,
            number integer NOT NULL,
            step text NOT NULL CONSTRAINT notice_step_step_check CHECK (
                step IN ('submit', 'return', 'approve', 'issue', 'supersede', 'withdraw')
            ),
            state text NOT NULL,
            key_id text NOT NULL,
            name text NOT NULL,
            person boolean NOT NULL,
            reason text,
            text_revision integer NOT NULL,
            waived jsonb NOT NULL DEFAULT '[]',
            decided_at timestamptz NOT NULL,
            CONSTRAINT notice_step_pkey PRIMARY KEY (notice_id, number)
        )
        """
    )
    op.execute(
        "CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON notices.notice_step"
        " FOR EACH STATEMENT EXECUTE FUNCTION notices.refuse_change()"
    )

"""Audits of any notice are stored: ordered, followed and read through the API."""

from alembic import op

revision = "notices_0012"
down_revision = "notices_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE notices.audit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            province text COLLATE "C",
            key_id text NOT NULL,
            state text NOT NULL CONSTRAINT audit_state_check CHECK (state IN ('queued', 'auditing', 'audited', 'failed')),
            title text,
            content_type text NOT NULL,
            content bytea,
            pages_read integer,
            pages integer,
            result jsonb,
            page text,
            error jsonb,
            lapses integer NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT now(),
            ended_at timestamptz,
            lease_by text,
            lease_until timestamptz,
            CONSTRAINT audit_result_check CHECK (state <> 'audited' OR num_nulls(result, page, ended_at) = 0),
            CONSTRAINT audit_content_check CHECK ((content IS NOT NULL) = (state IN ('queued', 'auditing')))
        )
        """
    )
    op.execute("CREATE INDEX audit_waiting ON notices.audit (id) WHERE state IN ('queued', 'auditing')")
    op.execute("CREATE INDEX audit_age ON notices.audit (created_at)")
    op.execute("COMMENT ON COLUMN notices.audit.province IS 'of the key; null: a key of all provinces'")
    op.execute("COMMENT ON COLUMN notices.audit.content IS 'the body, until it was audited'")
    op.execute("COMMENT ON COLUMN notices.audit.page IS 'HTML fragment'")
    op.execute("COMMENT ON COLUMN notices.audit.error IS 'in both languages'")
